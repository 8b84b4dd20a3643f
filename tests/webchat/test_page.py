"""The chat page end to end, in Chromium on the screen of a small phone."""

from __future__ import annotations

import struct
import zlib

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import BrowserContext, Page, expect

from bots.web.frames import cleared
from conversations.messages import Choice, Incoming, Kind, Outgoing
from tests.webchat.conftest import Open
from tests.webchat.echo import SCORES, Bot

pytestmark = pytest.mark.asyncio(loop_scope="session")

expect.set_options(timeout=10_000)


def png(side: int = 64) -> bytes:
    """A plain picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x1b\x5b\x8e" * side) * side
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


async def write(page: Page, words: str) -> None:
    await page.locator("#input").fill(words)
    await page.keyboard.press("Enter")


async def joined(page: Page) -> None:
    await expect(page.get_by_role("button", name="😀 5")).to_be_visible()


async def test_first_visit_joins_once_and_shows_large_buttons(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    assert [each.kind for each in bot.delivered] == [Kind.JOIN]
    boxes = [await page.get_by_role("button", name=c.label).bounding_box() for c in SCORES]
    assert all(box and box["height"] >= 48 and box["width"] >= 44 for box in boxes)
    assert len({box["y"] for box in boxes if box}) == 1, "five scores fit side by side at 320 px"
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320


async def test_link_with_payload_joins_with_it_and_reload_does_not_again(
    bot: Bot, visit: Open
) -> None:
    page = await visit("/?c=campaign-7")
    await expect(page.get_by_text("Сайн байна уу! campaign-7")).to_be_visible()
    assert "c=" not in page.url
    await page.reload()
    await joined(page)
    await write(page, "дараагийнх")
    await expect(page.get_by_text("Хариу: дараагийнх")).to_be_visible()
    assert [each.payload for each in bot.delivered if each.kind is Kind.JOIN] == ["campaign-7"]


async def test_tap_is_marked_and_old_buttons_step_back_but_work(bot: Bot, visit: Open) -> None:
    page = await visit()
    await page.get_by_role("button", name="😐 3").click()
    await expect(page.get_by_text("Та score:3 гэж хариуллаа.")).to_be_visible()
    chosen = page.get_by_role("button", name="😐 3")
    await expect(chosen).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".choices.quiet")).to_have_count(1)
    await page.get_by_role("button", name="😀 5").click()
    await expect(page.get_by_text("Та score:5 гэж хариуллаа.")).to_be_visible()
    await expect(chosen).to_have_attribute("aria-pressed", "false")
    taps = [each.payload for each in bot.delivered if each.kind is Kind.TAP]
    assert taps == ["score:3", "score:5"]


async def test_reload_keeps_the_conversation_and_the_choice(bot: Bot, visit: Open) -> None:
    page = await visit()
    await page.get_by_role("button", name="🙂 4").click()
    await write(page, "Өвөрхангай аймаг")
    await expect(page.get_by_text("Хариу: Өвөрхангай аймаг")).to_be_visible()
    before = await page.locator("#log").inner_text()
    await page.reload()
    await expect(page.get_by_text("Хариу: Өвөрхангай аймаг")).to_be_visible()
    assert await page.locator("#log").inner_text() == before
    await expect(page.get_by_role("button", name="🙂 4")).to_have_attribute("aria-pressed", "true")
    assert len(bot.delivered) == 3


async def test_second_tab_shows_the_same_conversation(visit: Open) -> None:
    page = await visit()
    await joined(page)
    context: BrowserContext = page.context
    second = await context.new_page()
    await second.goto(page.url)
    await joined(second)
    await write(page, "хоёр цонх")
    await expect(second.get_by_text("Хариу: хоёр цонх")).to_be_visible()
    await expect(second.get_by_text("хоёр цонх", exact=True)).to_be_visible()


async def test_nothing_typed_while_the_server_is_away_is_lost_or_doubled(
    bot: Bot, visit: Open, chat: TestServer
) -> None:
    page = await visit()
    await joined(page)
    port = chat.port or 0
    await bot.channel.stop()
    await chat.close()
    await expect(page.locator("#status")).to_contain_text("Холболт тасарлаа")
    for words in ("нэг", "хоёр", "гурав"):
        await write(page, words)
    await expect(page.locator(".turn.pending")).to_have_count(3)
    again = await bot.serve(port)
    try:
        await expect(page.get_by_text("Хариу: гурав")).to_be_visible()
        await expect(page.locator(".turn.pending")).to_have_count(0)
        await expect(page.locator("#status")).to_be_hidden()
    finally:
        await bot.channel.stop()
        await again.close()
    assert bot.texts() == ["нэг", "хоёр", "гурав"]


async def test_unsent_words_survive_a_reload(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    bot.full = 10_000
    await write(page, "хадгалагдсан уу")
    await expect(page.locator(".turn.pending")).to_have_count(1)
    await page.get_by_label("Энд бичээрэй").fill("дутуу өгүүлбэр")
    bot.full = 0
    await page.reload()
    await expect(page.get_by_text("Хариу: хадгалагдсан уу")).to_be_visible()
    assert await page.get_by_label("Энд бичээрэй").input_value() == "дутуу өгүүлбэр"
    assert bot.texts() == ["хадгалагдсан уу"]
    assert [each.kind for each in bot.delivered].count(Kind.JOIN) == 1


async def test_full_inbox_is_tried_again_in_order(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    bot.full = 2
    await write(page, "эхний")
    await write(page, "дараагийн")
    await expect(page.get_by_text("Хариу: дараагийн")).to_be_visible()
    assert bot.texts() == ["эхний", "дараагийн"]


async def test_answer_lost_on_the_way_does_not_double_the_message(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    bot.trip = 2
    await write(page, "ганцхан удаа")
    await expect(page.locator(".turn.pending")).to_have_count(1)
    await expect(page.locator(".turn.pending")).to_have_count(0)
    assert bot.trip == 0
    assert bot.texts() == ["ганцхан удаа"]
    await expect(page.locator(".turn.visitor")).to_have_count(1)


async def test_typing_shows_until_the_answer(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    bot.silent = True
    await write(page, "асуулт")
    await expect(page.locator(".typing")).to_be_visible()
    await bot.channel.send(bot.addresses[0], Outgoing("Хариулт"), 0)
    await expect(page.get_by_text("Хариулт")).to_be_visible()
    await expect(page.locator(".typing")).to_be_hidden()


async def test_photo_goes_out_small_and_comes_back(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    await page.locator("#file").set_input_files(
        {"name": "зураг.png", "mimeType": "image/png", "buffer": png(2000)}
    )
    await expect(page.get_by_text("Зургийг хүлээн авлаа.")).to_be_visible()
    attachment = bot.delivered[-1].attachment
    assert attachment
    assert (attachment.mime, attachment.name) == ("image/jpeg", "зураг.jpg")
    data = bot.media[attachment.media][0]
    assert b"Exif" not in data
    image = page.locator(".onoo .picture img")
    await expect(image).to_have_js_property("complete", True)
    assert await image.evaluate("image => image.naturalWidth") == 1600


async def test_file_of_unknown_kind_is_refused_in_words(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    await page.locator("#file").set_input_files(
        {"name": "зураг.jpg.exe", "mimeType": "application/octet-stream", "buffer": b"MZ" * 99}
    )
    await expect(page.locator(".turn.refused")).to_contain_text("Ийм файл авах боломжгүй")
    await write(page, "үргэлжлүүлье")
    await expect(page.get_by_text("Хариу: үргэлжлүүлье")).to_be_visible()
    assert not bot.media


async def test_document_has_a_link(bot: Bot, visit: Open) -> None:
    bot.media["report"] = (b"%PDF-1.7", "application/pdf", "тайлан.pdf")
    bot.reply = lambda incoming: [Outgoing("Тайлан:", document="report")]
    page = await visit()
    link = page.get_by_role("link", name="Файл нээх")
    await expect(link).to_have_attribute("href", "/chat/media/report")
    async with page.expect_download() as downloading:
        await link.click()
    assert (await downloading.value).suggested_filename == "тайлан.pdf"


async def test_location_is_shared_by_a_button(bot: Bot, visit: Open) -> None:
    place = {"latitude": 47.9189, "longitude": 106.9176}
    page = await visit(geolocation=place, permissions=["geolocation"])
    await write(page, "хаана")
    await page.get_by_role("button", name="Байршлаа илгээх").click()
    await expect(page.get_by_text("Та энд байна: 47.9189, 106.9176")).to_be_visible()
    await expect(page.get_by_text("📍 Миний байршил")).to_be_visible()


async def test_location_refused_is_said_with_another_way(visit: Open) -> None:
    page = await visit(permissions=[])
    await write(page, "хаана")
    await page.get_by_role("button", name="Байршлаа илгээх").click()
    await expect(page.locator("#status")).to_contain_text("нэрийг бичээд илгээж болно")


async def test_too_long_a_message_stays_in_the_box(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    await write(page, "ө" * 8001)
    await expect(page.locator("#status")).to_contain_text("8000 тэмдэгтээс")
    assert len(await page.get_by_label("Энд бичээрэй").input_value()) == 8001
    await write(page, "ө" * 8000)
    await expect(page.get_by_text("Хариу: өө")).to_be_visible()
    assert [len(words) for words in bot.texts()] == [8000]


async def test_what_is_said_is_never_markup(bot: Bot, visit: Open) -> None:
    hostile = '<img src=x onerror="alert(1)"> <b>тод</b> https://shilendans.gov.mn.'
    bot.reply = lambda incoming: [Outgoing(hostile, (Choice("<i>товч</i>", "x"),))]
    page = await visit()
    await expect(page.get_by_role("button", name="<i>товч</i>")).to_be_visible()
    await write(page, hostile)
    await expect(page.locator(".turn.visitor .words")).to_have_text(hostile)
    assert await page.locator("#log img, #log b, #log i:not(.typing i)").count() == 0
    links = page.locator(".turn.onoo").first.get_by_role("link")
    await expect(links).to_have_attribute("href", "https://shilendans.gov.mn")


async def test_page_speaks_the_language_of_the_conversation(bot: Bot, visit: Open) -> None:
    bot.reply = lambda incoming: [Outgoing("What would you like to know about your school?")]
    page = await visit()
    await expect(page.get_by_label("Write here")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "en"
    await expect(page.locator(".turn.onoo").first).to_have_attribute("lang", "en")
    bot.reply = lambda incoming: [Outgoing("Сәлеметсіз бе! Сізге не керек?")]
    await page.get_by_label("Write here").fill("қазақша")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Осында жазыңыз")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Осында жазыңыз")).to_be_visible()


async def test_everything_is_within_reach_of_the_keyboard(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    await page.locator("#scroll").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Та score:1 гэж хариуллаа.")).to_be_visible()
    names = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        names.append(await page.evaluate("document.activeElement.id || 'button'"))
    assert names == ["button"] * 4 + ["attach", "input", "button"]


async def test_screen_readers_hear_new_messages_and_who_speaks(visit: Open) -> None:
    page = await visit()
    await joined(page)
    log = page.get_by_role("log", name="Яриа")
    await expect(log).to_have_attribute("aria-live", "polite")
    await write(page, "сонсогдож байна уу")
    await expect(page.locator(".turn.visitor .visually-hidden")).to_have_text("Та: ")
    await expect(page.locator(".turn.onoo .visually-hidden").first).to_have_text("Оноо: ")


async def test_erasure_empties_open_pages(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    await write(page, "нууц үг")
    await expect(page.get_by_text("Хариу: нууц үг")).to_be_visible()
    address = bot.addresses[0]
    bot.history.entries[address].clear()
    await bot.history.append(address, cleared("c1", bot.delivered[0].at))
    await bot.channel.send(address, Outgoing("Таны мэдээллийг устгалаа."), 0)
    await expect(page.get_by_text("Таны мэдээллийг устгалаа.")).to_be_visible()
    await expect(page.get_by_text("нууц үг")).to_have_count(0)


async def test_without_cookies_the_page_says_so(bot: Bot, visit: Open, chat: TestServer) -> None:
    page = await visit()
    await joined(page)
    await page.context.clear_cookies()
    for each in tuple(bot.channel._tabs.values()):
        for tab in tuple(each):
            await tab.socket.close()
    await expect(page.locator("#status")).to_contain_text("cookie")


def reply_with_many(incoming: Incoming) -> list[Outgoing]:
    return [Outgoing(f"Мөр {n}") for n in range(30)]


async def test_new_message_does_not_pull_a_reader_away(bot: Bot, visit: Open) -> None:
    bot.reply = reply_with_many
    page = await visit()
    await expect(page.get_by_text("Мөр 29")).to_be_visible()
    await page.evaluate("document.getElementById('scroll').scrollTop = 0")
    await bot.channel.send(bot.addresses[0], Outgoing("Хамгийн сүүлийнх"), 0)
    newer = page.get_by_role("button", name="Шинэ мессеж")
    await newer.click()
    await expect(page.get_by_text("Хамгийн сүүлийнх")).to_be_in_viewport()
    await expect(newer).to_be_hidden()


async def test_a_long_answer_is_read_from_its_start(bot: Bot, visit: Open) -> None:
    page = await visit()
    await joined(page)
    bot.reply = reply_with_many
    await write(page, "Надад бүгдийг хэл")
    await expect(page.get_by_text("Мөр 29")).to_be_attached()
    await expect(page.get_by_text("Надад бүгдийг хэл")).to_be_in_viewport()
    await expect(page.get_by_text("Мөр 0", exact=True)).to_be_in_viewport()
    await page.get_by_role("button", name="Шинэ мессеж").click()
    await expect(page.get_by_text("Мөр 29")).to_be_in_viewport()
