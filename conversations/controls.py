"""Words that steer the conversation wherever it is: back, skip, stop, help, menu, …

They work typed in any script, misspelt, as a slash command, and in the middle of a survey.
The words themselves are in `locales/controls.yml`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from nlu.normalize import skeleton

LONGEST = 40
"""Characters: a longer text says more than a control word."""
CLOSE = 88.0
SHORTEST_FUZZY = 5

_COMMAND = re.compile(r"/(\w*)")

COMMANDS = {
    "start": "menu",
    "menu": "menu",
    "help": "help",
    "stop": "stop",
    "resume": "resume",
    "back": "back",
    "skip": "skip",
    "language": "language",
    "place": "place",
    "privacy": "privacy",
    "erase": "erase",
    "survey": "survey",
    "settings": "settings",
}


@cache
def _words() -> dict[str, str]:
    path = Path(__file__).parent.parent / "locales" / "controls.yml"
    written: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))
    return {skeleton(word): control for control, words in written.items() for word in words}


def control_in(text: str) -> str:
    """The control that `text` as a whole means, or ""."""
    text = text.strip()
    if command := _COMMAND.match(text):
        return COMMANDS.get(command[1].lower(), "")
    if not text or len(text) > LONGEST:
        return ""
    words = _words()
    key = skeleton(text)
    if key in words:
        return words[key]
    if len(key) < SHORTEST_FUZZY:
        return ""
    near = process.extractOne(key, words.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE)
    return words[near[0]] if near else ""
