"""Telegram, through python-telegram-bot: the only package that imports `telegram`."""

from bots.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
