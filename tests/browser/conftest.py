"""The demo as its own process, and Chromium in front of it."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, StorageState, async_playwright, expect

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_SIGN_IN = "/sign-in/"


@dataclass(slots=True)
class Demo:
    """A running ``zhanggui demo`` and the session of whoever used its link."""

    address: str
    link: str
    folder: Path
    session: StorageState | None = None


@dataclass(slots=True)
class Visit:
    """One open page; ``complaints`` are what the browser wrote into its console."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def say(self, text: str) -> None:
        await self.page.locator("[name=text]").last.fill(text)
        await self.page.keyboard.press("Enter")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def installed() -> Path:
    """Where the browser is."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    return CHROMIUM


@pytest.fixture(scope="session")
def demo(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    port = free_port()
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port), "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield Demo(f"http://127.0.0.1:{port}", _sign_in_link(process), folder)
        finally:
            process.terminate()
            process.communicate(timeout=15)


def _sign_in_link(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if _SIGN_IN in line:
            return line.split()[-1]
    raise AssertionError("the demo gave no sign-in link:\n" + "".join(said))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(installed: Path) -> AsyncIterator[Browser]:
    expect.set_options(timeout=20_000)  # a busy machine is slow
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def session(demo: Demo, chromium: Browser) -> StorageState:
    """Cookies of 林掌柜, who signed in with the demo's link when the first test asked."""
    if demo.session is None:
        context = await chromium.new_context()
        page = await context.new_page()
        await page.goto(demo.link)
        await page.get_by_role("button").click()
        await page.locator("[name=text]").last.wait_for()
        demo.session = await context.storage_state()
        await context.close()
    return demo.session


@pytest_asyncio.fixture(loop_scope="session")
async def desk(demo: Demo, chromium: Browser, session: StorageState) -> AsyncIterator[Visit]:
    """The chat on a laptop. What the browser complains about fails the test, whatever else it checks."""
    async with await chromium.new_context(
        storage_state=session, viewport={"width": 1180, "height": 900}, device_scale_factor=1.5, locale="zh-CN"
    ) as context:
        visit = await open_chat(context, demo)
        yield visit
        assert visit.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def phone(demo: Demo, chromium: Browser, session: StorageState) -> AsyncIterator[Visit]:
    """The chat on a phone 390 px wide, in the dark."""
    async with await chromium.new_context(
        storage_state=session,
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        device_scale_factor=1.5,
        color_scheme="dark",
    ) as context:
        visit = await open_chat(context, demo)
        yield visit
        assert visit.complaints == []


async def open_chat(context: BrowserContext, demo: Demo, chat: str = "team") -> Visit:
    """The chat page in a new tab, listening to news."""
    visit = Visit(await context.new_page())
    visit.page.on("console", lambda message: visit.complaints.append(message.text))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    await visit.page.goto(f"{demo.address}/#{chat}")
    await visit.page.locator("#chat[data-listening]").wait_for()
    return visit
