"""Telegram updates in the shape of https://core.telegram.org/bots/api#update."""

from __future__ import annotations

from typing import Any


def message(update_id: int, chat: int = 42, **content: Any) -> dict[str, Any]:
    """A private message of any content; a text if none is given."""
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1_760_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "Бат"},
            "from": {"id": chat, "is_bot": False, "first_name": "Бат", "language_code": "mn"},
            **(content or {"text": "Сайн уу"}),
        },
    }


def tap(update_id: int, payload: str, chat: int = 42, query: str = "77") -> dict[str, Any]:
    """A press on a button of the bot's message."""
    return {
        "update_id": update_id,
        "callback_query": {
            "id": query,
            "from": {"id": chat, "is_bot": False, "first_name": "Бат", "language_code": "mn"},
            "chat_instance": "1",
            "message": {"message_id": 1, "date": 0, "chat": {"id": chat, "type": "private"}},
            "data": payload,
        },
    }


def membership(update_id: int, before: str, after: str, chat: int = 42) -> dict[str, Any]:
    """The bot was blocked or unblocked."""
    bot = {"id": 1, "is_bot": True, "first_name": "Оноо"}
    return {
        "update_id": update_id,
        "my_chat_member": {
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "Бат"},
            "date": 1_760_000_000,
            "old_chat_member": {"user": bot, "status": before},
            "new_chat_member": {"user": bot, "status": after},
        },
    }


def in_group(update_id: int) -> dict[str, Any]:
    """Something said in a group the bot is in."""
    update = message(update_id, text="/start hello")
    update["message"]["chat"] = {"id": -100123, "type": "supergroup", "title": "Сум"}
    return update
