"""Learning from use: what was not understood is labelled by a person and becomes training data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from nlu.environment import DATA
from nlu.masking import mask
from nlu.normalize import skeleton

UNSURE = 0.5
"""Below this confidence a text is worth a person's look."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A free text from the conversation log with what it was taken for."""

    text: str
    intent: str
    confidence: float


class UnknownIntent(Exception):
    """A label that is not one of the contract's intents."""


def uncertain(items: Iterable[ReviewItem]) -> Iterator[ReviewItem]:
    """Those worth labelling, masked, each wording once and none that is in the data already."""
    seen = set(_known())
    for item in items:
        folded = skeleton(item.text)
        if folded and item.confidence < UNSURE and folded not in seen:
            seen.add(folded)
            yield ReviewItem(mask(item.text), item.intent, item.confidence)


def intents(folder: Path = DATA) -> list[str]:
    """The labels of the training data."""
    return sorted({block["intent"] for block in _blocks(folder)})


def add(text: str, intent: str, folder: Path = DATA) -> Path:
    """Append a labelled text to `reviewed/<intent>.yml`; raises UnknownIntent."""
    if intent not in intents(folder):
        raise UnknownIntent(f"no intent {intent!r} in the training data")
    path = folder / "reviewed" / f"{intent.replace('/', '.')}.yml"
    known = _examples(path)
    line = _plain(text)
    if line and line not in known:
        path.parent.mkdir(exist_ok=True)
        listed = "".join(f"    - {example}\n" for example in [*known, line])
        path.write_text(
            f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n{listed}', encoding="utf-8"
        )
    return path


def _plain(text: str) -> str:
    """A text as an example: one line, no brackets, which would mark entities."""
    return " ".join(mask(text).translate(str.maketrans("[]{}()", "      ")).split())


def _examples(path: Path) -> list[str]:
    if not path.exists():
        return []
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    lines = content["nlu"][0]["examples"].splitlines()
    return [line.removeprefix("- ").strip() for line in lines if line.strip()]


def _blocks(folder: Path) -> Iterator[dict[str, str]]:
    for path in sorted(folder.rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            if "intent" in block:
                yield block


@cache
def _known(folder: Path = DATA) -> frozenset[str]:
    """Skeletons of all training examples, as far as they carry no entity marks."""
    return frozenset(
        skeleton(line.strip().removeprefix("- "))
        for block in _blocks(folder)
        for line in block["examples"].splitlines()
        if line.strip()
    )
