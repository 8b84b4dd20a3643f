"""What every peer asks: language, consent, ten questions from 1 to 5, thanks.

Imported by every peer, so it needs nothing but Python 3.10. A button's payload names the
question it answers, as the frameworks' documentation advises.
"""

from __future__ import annotations

QUESTIONS = [
    "Opening hours kept",
    "Waiting time",
    "Staff are polite",
    "Medicines are there",
    "Rooms are clean",
    "Rooms are warm",
    "No unlawful payments",
    "Access with a wheelchair",
    "Information on rights",
    "Complaints are answered",
]
ANSWERS = ("1", "2", "3", "4", "5")
LANGUAGES = (("mn", "Монгол"), ("en", "English"))

LANGUAGE = "Монгол уу, English?"
CONSENT = {
    "mn": "Хариултыг тань хадгалж болох уу?",
    "en": "May we keep your answers?",
}
YES = {"mn": "Тийм", "en": "Yes"}
WRONG = {"mn": "1-ээс 5 хүртэлх тоог сонгоно уу.", "en": "Please choose a number from 1 to 5."}
THANKS = {"mn": "Баярлалаа!", "en": "Thank you!"}


def question(number: int) -> str:
    """The text of question `number`, counted from 0."""
    return f"{number + 1}/{len(QUESTIONS)} {QUESTIONS[number]} (1-5)"


def payload(number: int, answer: str) -> str:
    """What the button for `answer` to question `number` sends."""
    return f"q{number}:{answer}"


def thanks(language: str, answers: list[str]) -> str:
    """The last message; it repeats the answers, so that a test can see what was kept."""
    return f"{THANKS[language]} {' '.join(answers)}"
