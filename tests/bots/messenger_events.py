"""Messenger webhook events: the shapes found in public test sets, with contents of our own.

Shapes after restfb/restfb (src/test/resources/json/webhooks), ker0x/messenger (tests/Mocks)
and fbsamples/messenger-platform-samples: sender ids also as numbers, events without `mid`.
"""

from __future__ import annotations

from typing import Any

from tests.world.graph import PAGE


def batch(*events: dict[str, Any], key: str = "messaging") -> dict[str, Any]:
    """A webhook body with these events, each in an entry of its own."""
    entries = [{"id": PAGE, "time": 1_760_000_000_100, key: [event]} for event in events]
    return {"object": "page", "entry": entries}


def event(sender: int | str = 987654321432, time: int = 1_760_000_000_000, **part: Any) -> Any:
    """One event of `sender` with whatever it holds."""
    return {
        "sender": {"id": sender},
        "recipient": {"id": int(PAGE)},
        "timestamp": time,
        **part,
    }


def said(text: str, mid: str = "m_a", sender: int | str = 987654321432, **more: Any) -> Any:
    """A text message."""
    return event(sender, message={"mid": mid, "seq": 51, "text": text, **more})


def chose(payload: str, title: str = "Тийм", mid: str = "m_q") -> Any:
    """A quick reply."""
    return said(title, mid, quick_reply={"payload": payload})


def attached(*attachments: dict[str, Any], mid: str = "m_f", **more: Any) -> Any:
    """A message with attachments."""
    return event(message={"mid": mid, "seq": 5, "attachments": list(attachments), **more})


def picture(url: str, **more: Any) -> dict[str, Any]:
    """A picture as an attachment."""
    return {"type": "image", "payload": {"url": url, **more}}


NO_EFFECT = {
    "echo": event(
        sender=PAGE,
        message={"mid": "m_e", "text": "Сайн уу", "is_echo": True, "app_id": 1517776481860111},
    ),
    "deleted": event(message={"mid": "m_d", "is_deleted": True}),
    "delivery": event(delivery={"mids": ["m_a"], "watermark": 1_458_668_856_253, "seq": 37}),
    "read": event(read={"watermark": 1_458_668_856_253, "seq": 38}),
    "reaction": event(
        reaction={"reaction": "smile", "emoji": "😀", "action": "react", "mid": "m_a"}
    ),
    "edit": event(message_edit={"mid": "m_a", "text": "засав", "num_edit": "3"}),
    "account linking": event(account_linking={"status": "linked", "authorization_code": "x"}),
    "policy": {
        "recipient": {"id": PAGE},
        "timestamp": 1,
        "policy-enforcement": {"action": "block", "reason": "policy"},
    },
    "thread control": event(pass_thread_control={"new_owner_app_id": 123, "metadata": "x"}),
    "payment": event(payment={"payload": "x", "amount": {"currency": "USD", "amount": "1"}}),
    "postback without payload": event(postback={"title": "TITLE"}),
    "checkbox plugin": {
        "recipient": {"id": PAGE},
        "timestamp": 1,
        "optin": {"ref": "x", "user_ref": "y"},
    },
    "no sender": {"message": {"mid": "m_n", "text": "Сайн уу"}},
    "odd sender": event(sender="<script>", message={"mid": "m_o", "text": "Сайн уу"}),
    "message of the wrong type": event(message=[1, 2]),
    "tomorrow's kind": event(brain_wave={"text": "Сайн уу"}),
}
