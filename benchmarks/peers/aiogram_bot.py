"""The scorecard on aiogram 3: its FSM with its MongoDB storage, its webhook server.

Shaped after the project's documentation ("Finite State Machine", "Webhook"): a StatesGroup, a
router, `PyMongoStorage`, which replaces the deprecated motor one, and `SimpleRequestHandler`.
"""

from __future__ import annotations

import logging
import os
import sys

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseEventIsolation
from aiogram.fsm.storage.memory import DisabledEventIsolation, SimpleEventIsolation
from aiogram.fsm.storage.pymongo import PyMongoStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from benchmarks.peers import script

Buttons = list[tuple[str, str]]
router = Router()


class Scorecard(StatesGroup):
    """Where a citizen is."""

    language = State()
    consent = State()
    asking = State()


async def say(message: Message, text: str, buttons: Buttons) -> None:
    row = [InlineKeyboardButton(text=label, callback_data=payload) for payload, label in buttons]
    await message.answer(text, reply_markup=InlineKeyboardMarkup(inline_keyboard=[row]))


async def ask(message: Message, number: int, before: str = "") -> None:
    buttons = [(script.payload(number, answer), answer) for answer in script.ANSWERS]
    await say(message, before + script.question(number), buttons)


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.clear()
    await state.set_state(Scorecard.language)
    await say(message, script.LANGUAGE, list(script.LANGUAGES))


@router.callback_query(Scorecard.language, F.data.in_({"mn", "en"}))
async def language(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.update_data(language=query.data)
    await state.set_state(Scorecard.consent)
    await say(query.message, script.CONSENT[query.data], [("yes", script.YES[query.data])])


@router.callback_query(Scorecard.consent, F.data == "yes")
async def consent(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.update_data(answers=[])
    await state.set_state(Scorecard.asking)
    await ask(query.message, 0)


@router.callback_query(Scorecard.asking, F.data.startswith("q"))
async def answer(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    data = await state.get_data()
    answers = data["answers"]
    number, _, value = query.data[1:].partition(":")
    if int(number) != len(answers):  # a button of an earlier question
        await ask(query.message, len(answers))
        return
    answers.append(value)
    await state.update_data(answers=answers)
    if len(answers) < len(script.QUESTIONS):
        await ask(query.message, len(answers))
        return
    await state.set_state(None)
    await say(query.message, script.thanks(data["language"], answers), [])


@router.message(Scorecard.asking, F.text)
async def wrong(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    await ask(message, len(data["answers"]), script.WRONG[data["language"]] + "\n")


def application() -> web.Application:
    """As the documentation has it; with `PEER_CAREFUL`, the sturdiest it offers: updates of
    one citizen in order, and acknowledged only when they are handled.
    """
    careful = bool(os.environ.get("PEER_CAREFUL"))
    server = TelegramAPIServer.from_base(os.environ["PEER_TELEGRAM"])
    bot = Bot(os.environ["PEER_TOKEN"], session=AiohttpSession(api=server))
    isolation: BaseEventIsolation = SimpleEventIsolation() if careful else DisabledEventIsolation()
    storage = PyMongoStorage.from_url(os.environ["PEER_MONGODB"])
    dispatcher = Dispatcher(storage=storage, events_isolation=isolation)
    dispatcher.include_router(router)
    app = web.Application()
    SimpleRequestHandler(
        dispatcher, bot, handle_in_background=not careful, secret_token=os.environ["PEER_SECRET"]
    ).register(app, path="/webhook")
    setup_application(app, dispatcher, bot=bot)
    return app


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PEER_PORT"]), access_log=None)
