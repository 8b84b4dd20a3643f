"""Telegram, through python-telegram-bot: the only package that imports `telegram`."""

import os

# Durations as timedelta, which python-telegram-bot will make the default.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from bots.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
