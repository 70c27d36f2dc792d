"""The same 补货 in Feishu, WhatsApp, the web chat and a terminal, as the README shows them.

With ZHANGGUI_WRITE_SCREENSHOTS=1 its pictures are written anew; look at them then.
"""

import asyncio
import os
import sys
from io import StringIO
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from tests.browser.conftest import Demo, Visit, open_chat

pytestmark = pytest.mark.asyncio(loop_scope="session")  # one browser for all

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LATEST = ".timeline:not([hidden]) .answered:last-child"
LARGEST = 300_000
ASKED = "补货"
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
@font-face { font-family: Blocks; src: local("DejaVu Sans Mono"); unicode-range: U+2500-259F; }
body { margin: 0; padding: 22px; background: #e9e4d8; }
main { border-radius: 12px; overflow: hidden; background: #1b1e22; box-shadow: 0 10px 30px rgb(0 0 0 / 25%); }
header { display: flex; gap: 8px; padding: 12px 14px; background: #2a2e33; }
i { width: 12px; height: 12px; border-radius: 50%; background: #d9604f; }
i + i { background: #d9a441; } i + i + i { background: #5da765; }
pre { margin: 14px 18px 18px; overflow: hidden; color: #e3e0d8; }
pre { font: 15px/1.45 Blocks, "Noto Sans Mono CJK SC", monospace; }
</style>"""


def place(tmp_path: Path, name: str) -> Path:
    """Where a picture goes: beside the README if they are wanted, else nowhere that matters."""
    return (IMAGES if "ZHANGGUI_WRITE_SCREENSHOTS" in os.environ else tmp_path) / f"{name}.png"


async def expect_picture(page: Page, shown: Locator, picture: Path) -> None:
    """Take a picture of what is ``shown``, as large as a page may load."""
    await page.evaluate("document.activeElement.blur()")
    taken = await shown.screenshot(path=picture)
    assert 20_000 < len(taken) <= LARGEST


async def look(visit: Visit, demo: Demo, window: str, *, width: int, height: int) -> Page:
    """A window of the demo in which 补货 was answered."""
    page = visit.page
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(f"{demo.address}/demo/{window}")
    await page.locator("[data-window][data-listening]").wait_for()
    await visit.say(ASKED)
    return page


async def test_restock_in_feishu(desk: Visit, demo: Demo, tmp_path: Path) -> None:
    page = await look(desk, demo, "feishu", width=1060, height=1060)
    await expect(page.locator(".slip:has(table)").last.locator("tbody tr").first).to_be_visible()
    await page.locator("#thread .mine").last.evaluate("question => question.scrollIntoView()")
    await expect_picture(page, page.locator(".feishu"), place(tmp_path, "restock-feishu"))


async def test_restock_in_whatsapp(desk: Visit, demo: Demo, tmp_path: Path) -> None:
    page = await look(desk, demo, "phone", width=680, height=1020)
    await expect(page.locator("#thread .document").last).to_be_visible()
    await expect(page.locator("#thread article").last.locator(".ticks.read")).to_be_visible()
    await expect_picture(page, page.locator(".phone"), place(tmp_path, "restock-whatsapp"))


async def ask_the_web_chat(visit: Visit, demo: Demo) -> Page:
    private = await open_chat(visit.page.context, demo, "me")
    await private.say(ASKED)
    await expect(private.page.locator(LATEST).locator(".level").first).to_be_visible()
    return private.page


async def test_restock_in_the_web_chat(desk: Visit, demo: Demo, tmp_path: Path) -> None:
    page = await ask_the_web_chat(desk, demo)
    await page.set_viewport_size({"width": 1100, "height": 1060})
    await expect_picture(page, page.locator(".console"), place(tmp_path, "restock-web"))


async def test_restock_in_the_web_chat_on_a_phone(phone: Visit, demo: Demo, tmp_path: Path) -> None:
    page = await ask_the_web_chat(phone, demo)
    await expect_picture(page, page.locator(".console"), place(tmp_path, "restock-web-phone"))


async def test_restock_in_a_terminal(demo: Demo, chromium: Browser, tmp_path: Path) -> None:
    said = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "say", ASKED),
        env={**os.environ, "ZHANGGUI_DATA_DIR": str(demo.folder), "FORCE_COLOR": "1", "COLUMNS": "90"},
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await said.communicate()
    lines = [f"$ zhanggui say {ASKED}", *written.decode().splitlines()[:30], "…"]
    page = await chromium.new_page(viewport={"width": 900, "height": 800})
    await page.set_content(f"{_TERMINAL}<main><header><i></i><i></i><i></i></header><pre>{as_html(lines)}</pre></main>")
    await expect(page.locator("pre")).to_contain_text("断货")
    await expect_picture(page, page.locator("body"), place(tmp_path, "restock-terminal"))


def as_html(lines: list[str]) -> str:
    """What a terminal shows, with its colours."""
    console = Console(record=True, width=90, file=StringIO())
    console.print(Text.from_ansi("\n".join(lines)))
    return console.export_html(theme=DIMMED_MONOKAI, inline_styles=True, code_format="{code}")
