"""The scorecard on python-telegram-bot: ConversationHandler with PicklePersistence.

Shaped after the project's own examples `persistentconversationbot` and `customwebhookbot`: one
named, persistent ConversationHandler, a fallback for what fits no state, answers in user_data.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from benchmarks.peers import script

LANGUAGE, CONSENT, ASKING = range(3)
Buttons = list[tuple[str, str]]


async def say(update: Update, text: str, buttons: Buttons) -> None:
    if update.callback_query:
        await update.callback_query.answer()
    row = [InlineKeyboardButton(label, callback_data=payload) for payload, label in buttons]
    await update.effective_chat.send_message(text, reply_markup=InlineKeyboardMarkup([row]))


async def ask(update: Update, number: int, before: str = "") -> int:
    buttons = [(script.payload(number, answer), answer) for answer in script.ANSWERS]
    await say(update, before + script.question(number), buttons)
    return ASKING


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data.clear()
    await say(update, script.LANGUAGE, list(script.LANGUAGES))
    return LANGUAGE


async def language(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    chosen = context.user_data["language"] = update.callback_query.data
    await say(update, script.CONSENT[chosen], [("yes", script.YES[chosen])])
    return CONSENT


async def consent(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["answers"] = []
    return await ask(update, 0)


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    answers = context.user_data["answers"]
    number, _, value = update.callback_query.data[1:].partition(":")
    if int(number) != len(answers):  # a button of an earlier question
        return await ask(update, len(answers))
    answers.append(value)
    if len(answers) < len(script.QUESTIONS):
        return await ask(update, len(answers))
    await say(update, script.thanks(context.user_data["language"], answers), [])
    return ConversationHandler.END


async def wrong(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    before = script.WRONG[context.user_data["language"]] + "\n"
    return await ask(update, len(context.user_data["answers"]), before)


def application() -> Application:
    """`PEER_INTERVAL` is PicklePersistence's update_interval in seconds (its default is 60)."""
    persistence = PicklePersistence(
        os.environ["PEER_FILE"], update_interval=float(os.environ["PEER_INTERVAL"])
    )
    here = os.environ["PEER_TELEGRAM"]
    app = (
        Application.builder()
        .token(os.environ["PEER_TOKEN"])
        .base_url(f"{here}/bot")
        .base_file_url(f"{here}/file/bot")
        .persistence(persistence)
        .build()
    )
    app.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                LANGUAGE: [CallbackQueryHandler(language, "^(mn|en)$")],
                CONSENT: [CallbackQueryHandler(consent, "^yes$")],
                ASKING: [
                    CallbackQueryHandler(answer, "^q"),
                    MessageHandler(filters.TEXT & ~filters.COMMAND, wrong),
                ],
            },
            fallbacks=[CommandHandler("start", start)],
            name="scorecard",
            persistent=True,
        )
    )
    return app


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    asyncio.set_event_loop(asyncio.new_event_loop())
    application().run_webhook(
        listen="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        url_path="webhook",
        secret_token=os.environ["PEER_SECRET"],
        webhook_url=f"http://127.0.0.1:{os.environ['PEER_PORT']}/webhook",
    )
