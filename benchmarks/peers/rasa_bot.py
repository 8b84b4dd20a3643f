"""The scorecard on Rasa open source 3.6: a form, rules, its Telegram channel and MongoDB.

Shaped after Rasa's documentation ("Forms", "Rules", "Tracker Stores", "Telegram"): one required
slot a question, filled from the buttons' entities, one response with buttons a slot. It needs
no action server, and only RulePolicy, which is the quickest that forms allow; free text is
understood by word counts and logistic regression instead of the slower DIET.

`python -m benchmarks.peers.rasa_bot FOLDER` writes the project and trains it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from aiogram.bot.api import TelegramAPIServer
from rasa.core.channels.telegram import TelegramInput, TelegramOutput

from benchmarks.peers import script

FORM = "scorecard_form"
SLOTS = ["language", "consent", *(f"q{n}" for n in range(len(script.QUESTIONS)))]
VERSION = "3.1"


class Telegram(TelegramInput):
    """Rasa's channel, pointed at another server than Telegram's own, which knows the webhook."""

    def get_output_channel(self) -> TelegramOutput:
        here = os.environ["PEER_TELEGRAM"]
        channel = TelegramOutput(self.access_token)
        channel.server = TelegramAPIServer(
            base=here + "/bot{token}/{method}", file=here + "/file/bot{token}/{path}"
        )
        return channel


def buttons(slot: str, choices: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"title": label, "payload": "/inform" + json.dumps({slot: value}, separators=(",", ":"))}
        for value, label in choices
    ]


def in_language(language: str, text: str, **more: Any) -> dict[str, Any]:
    condition = [{"type": "slot", "name": "language", "value": language}]
    return {"text": text, "condition": condition, **more}


def domain() -> dict[str, Any]:
    scores = [(answer, answer) for answer in script.ANSWERS]
    answers = [f"{{q{n}}}" for n in range(len(script.QUESTIONS))]
    languages = [language for language, _ in script.LANGUAGES]
    responses: dict[str, Any] = {
        "utter_ask_language": [
            {"text": script.LANGUAGE, "buttons": buttons("language", list(script.LANGUAGES))}
        ],
        "utter_ask_consent": [
            in_language(one, script.CONSENT[one], buttons=buttons("consent", [("yes", "+")]))
            for one in languages
        ],
        "utter_thanks": [in_language(one, script.thanks(one, answers)) for one in languages],
    }
    for number in range(len(script.QUESTIONS)):
        responses[f"utter_ask_q{number}"] = [
            {"text": script.question(number), "buttons": buttons(f"q{number}", scores)}
        ]
    return {
        "version": VERSION,
        "intents": ["start", "inform", "help"],
        "entities": SLOTS,
        "slots": {
            slot: {
                "type": "text",
                "influence_conversation": False,
                "mappings": [{"type": "from_entity", "entity": slot}],
            }
            for slot in SLOTS
        },
        "forms": {FORM: {"required_slots": SLOTS}},
        "responses": responses,
    }


DATA = {
    "version": VERSION,
    "nlu": [
        {"intent": "start", "examples": "- hello\n- hi\n- good day\n"},
        {"intent": "help", "examples": "- help\n- what is this\n- who are you\n"},
    ],
    "rules": [
        {
            "rule": "begin",
            "steps": [{"intent": "start"}, {"action": FORM}, {"active_loop": FORM}],
        },
        {
            "rule": "end",
            "condition": [{"active_loop": FORM}],
            "steps": [{"action": FORM}, {"active_loop": None}, {"action": "utter_thanks"}],
        },
    ],
}
CONFIG = {
    "recipe": "default.v1",
    "language": "en",
    "assistant_id": "scorecard",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "LogisticRegressionClassifier"},
        {"name": "FallbackClassifier", "threshold": 0.7},
    ],
    "policies": [{"name": "RulePolicy"}],
}


def train(folder: Path) -> None:
    """Write the project into `folder` and train its model."""
    from rasa.model_training import train as train_model
    from rasa.shared.utils.io import write_yaml

    for name, content in (("domain", domain()), ("data", DATA), ("config", CONFIG)):
        write_yaml(content, folder / f"{name}.yml")
    files = [str(folder / f"{name}.yml") for name in ("domain", "config", "data")]
    train_model(files[0], files[1], [files[2]], output=str(folder), fixed_model_name="model")


if __name__ == "__main__":
    train(Path(sys.argv[1]))
