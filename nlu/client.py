"""What the platform asks about free text: Rasa's answer in time, or keywords in its place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Any

import aiohttp
import structlog

from nlu import keywords, slots
from nlu.credential import server_token
from nlu.gazetteer import gazetteer
from nlu.normalize import MAX_CHARACTERS, canonical
from nlu.understanding import Understanding
from settings import Settings

log = structlog.get_logger()

FAILURES = 3
"""Failures in a row after which Rasa is left alone for a while."""
PAUSE = 10.0
"""Seconds that Rasa is left alone; then one message tries it again."""
RANKING = 5


@dataclass
class Breaker:
    """Stops asking a server that fails: opens after `FAILURES` in a row, for `PAUSE` seconds."""

    failures: int = 0
    closed_at: float = 0.0

    def allows(self, now: float) -> bool:
        """Whether the server may be asked; lets one attempt through after each pause."""
        if self.failures < FAILURES:
            return True
        if now < self.closed_at:
            return False
        self.closed_at = now + PAUSE
        return True

    def note(self, succeeded: bool, now: float) -> None:
        """Count a success or failure."""
        self.failures = 0 if succeeded else self.failures + 1
        if self.failures >= FAILURES:
            self.closed_at = now + PAUSE


class NluClient:
    """Understands free text; never raises, never waits past the deadline, logs no text."""

    def __init__(self, settings: Settings) -> None:
        self._url = (settings.nlu_url or f"http://127.0.0.1:{settings.nlu_port}").rstrip("/")
        self._settings = settings
        self._deadline = settings.nlu_deadline
        self._breaker = Breaker()
        self._http: aiohttp.ClientSession | None = None

    async def understand(self, text: str, locale: str = "mn", within: str = "") -> Understanding:
        """What `text` means; `within` is the code of the citizen's own place, if known."""
        clipped = text[:MAX_CHARACTERS].encode("utf-8", "ignore").decode("utf-8")
        parsed, facts = await asyncio.gather(
            self._parse(clipped), asyncio.to_thread(_facts, clipped, within)
        )
        if parsed is None:
            ranking, source, model = keywords.rank(clipped), "keywords", keywords.MODEL
        else:
            ranking, source, model = _ranking(parsed), "rasa", str(parsed.get("model_id", ""))
        intent, confidence = ranking[0] if ranking else ("", 0.0)
        return Understanding(intent, confidence, ranking, model=model, source=source, **facts)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http:
            await self._http.close()
            self._http = None

    async def _parse(self, text: str) -> dict[str, Any] | None:
        """Rasa's answer, or None when there is none in time."""
        if not canonical(text) or not self._breaker.allows(monotonic()):
            return None
        try:
            async with asyncio.timeout(self._deadline):
                answer = await self._ask(text)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._breaker.note(False, monotonic())
            log.debug("nlu did not answer", error=type(error).__name__)
            return None
        self._breaker.note(True, monotonic())
        return answer

    async def _ask(self, text: str) -> dict[str, Any]:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {server_token(self._settings)}"}
            )
        async with self._http.post(f"{self._url}/model/parse", json={"text": text}) as answer:
            answer.raise_for_status()
            parsed = await answer.json()
        return _checked(parsed)


def _checked(parsed: Any) -> dict[str, Any]:
    """The answer if it holds a ranking; raises ValueError otherwise."""
    try:
        if _ranking(parsed):
            return dict(parsed)
    except (KeyError, TypeError):
        pass
    raise ValueError("no ranking in the answer")


def _ranking(parsed: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """The likeliest intents of Rasa's answer."""
    return tuple(
        (str(item["name"]), float(item["confidence"]))
        for item in parsed["intent_ranking"][:RANKING]
    )


def _facts(text: str, within: str) -> dict[str, Any]:
    """Places, year, sector and facility that the text names."""
    sure: list[str] = []
    unsure: list[str] = []
    for mention in gazetteer().find(text, _known(within)):
        (sure if len(mention.codes) == 1 else unsure).extend(mention.codes)
    return {
        "places": tuple(dict.fromkeys(sure)),
        "ambiguous": tuple(dict.fromkeys(unsure)),
        "year": slots.year(text),
        "sector": slots.sector(text),
        "facility": slots.facility(text),
    }


def _known(code: str) -> str | None:
    """`code` if it is a place's."""
    try:
        return gazetteer().place(code).code
    except KeyError:
        return None
