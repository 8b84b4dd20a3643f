"""Which language: asked first, and changed at any time."""

from __future__ import annotations

from conversations.events import Profiled
from conversations.messages import Choice
from conversations.state import Frame
from conversations.turn import Turn
from locales import LOCALES, text
from nlu.normalize import skeleton


class Language:
    """One tap, or the language's name typed."""

    name = "language"
    prefix = "lang"

    def prompt(self, turn: Turn, frame: Frame) -> None:
        """Ask in all languages at once, since none is known yet."""
        words = [text(locale, "language.ask") for locale in LOCALES]
        choices = [Choice(text(locale, "language.name"), f"lang:{locale}") for locale in LOCALES]
        turn.say("\n".join(words), choices, columns=3)

    def receive(self, turn: Turn, frame: Frame) -> bool:
        """Take a pressed button or a typed name; anything else is not ours."""
        chosen = turn.tapped("lang") or self._typed(turn)
        if chosen not in LOCALES:
            return False
        turn.state.locale = chosen
        turn.emit(Profiled({"locale": chosen}))
        if not frame.data.get("first"):
            turn.say(turn.t("language.changed"))
        turn.close()
        return True

    def _typed(self, turn: Turn) -> str:
        typed = skeleton(turn.typed)
        names = {locale: text(locale, "language.typed") for locale in LOCALES}
        for locale, spellings in names.items():
            if typed and typed in {skeleton(spelling) for spelling in spellings.split(",")}:
                return locale
        return ""
