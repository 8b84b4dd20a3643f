"""Onoo beside what people would pick instead, on one machine with one script.

`python -m benchmarks.peers` runs the same scorecard (language, consent, ten questions, thanks)
on python-telegram-bot, aiogram, Rasa and Onoo, each in an environment of its own, against the
same quick Telegram. `script.py` is what all of them say; the folder of each peer is its bot.
"""
