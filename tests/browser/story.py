"""The demo's people and windows around a service whose clock a test moves, with a browser in front of it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext

from bot.app import App
from bot.channels.web import TEAM_CHAT
from bot.cli.demo import MAIL_ADDRESSES, PEOPLE, WHATSAPP_NUMBERS
from bot.cli.demo_pages.routes import demo_guests
from bot.cli.platforms import Platforms
from bot.cli.world.lingxing import fill_lingxing
from bot.settings import load_settings
from integrations.email.simulator import EmailSimulator
from integrations.feishu.simulator import FeishuSimulator
from integrations.lingxing.simulator import LingxingSimulator
from integrations.marketplace.simulator import MarketplaceSimulator
from integrations.sms.simulator import SmsSimulator
from integrations.wecom.simulator import WeComSimulator
from integrations.whatsapp.simulator import WhatsAppSimulator
from storage.matters.ladder import set_alarm_chat
from storage.matters.rows import Silence
from storage.matters.silences import set_silence
from storage.matters.store import change_matter, load_matter
from storage.people.store import set_chat_enabled
from storage.sign_in.store import create_link
from tests.browser.conftest import free_port
from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.stage import Stage, one_store

_KEY = bytes(range(32))


@dataclass(slots=True, kw_only=True)
class Story:
    """A stage that is told in the web chat, with everything that the demo shows."""

    stage: Stage
    people: dict[str, str]
    market: MarketplaceSimulator

    async def control(self, what: str, body: dict[str, Any]) -> None:
        """Tell the simulated Lingxing something, over HTTP as anybody could."""
        url = f"{self.stage.lingxing.base_url}/_control/{what}"
        async with ClientSession() as session, session.post(url, json=body) as answer:
            assert answer.ok

    async def note(self, number: int, text: str) -> None:
        """A colleague notes something elsewhere."""
        async with self.stage.app.database.begin() as tx:
            matter = await load_matter(tx, number)
            assert matter is not None
            by = self.people["林掌柜"]
            await change_matter(tx, matter, "noted", now=self.stage.clock.now(), person_id=by, text=text)

    async def until_calm(self) -> None:
        """Returns once what was wrong is seen to be away."""

        async def is_calm() -> bool:
            return bool(await self.stage.rows("SELECT 1 FROM matters WHERE clear_since IS NOT NULL"))

        await self.stage.until_true(is_calm)

    async def sign_in(self, browser: Browser, name: str, **device: Any) -> BrowserContext:
        """A browser in which this person is signed in."""
        token = secrets.token_urlsafe(16)
        async with self.stage.app.database.begin() as tx:
            await create_link(tx, person_id=self.people[name], token=token, now=self.stage.clock.now())
        context = await browser.new_context(locale="zh-CN", device_scale_factor=1.5, **device)
        page = await context.new_page()
        await page.goto(f"{self.stage.url}/sign-in/{token}")
        await page.get_by_role("button").click()
        await page.locator("[name=text]").last.wait_for()
        await page.close()
        return context


@asynccontextmanager
async def told(database_url: str, folder: Path) -> AsyncIterator[Story]:
    """One store, pulled; matters are told in the team's web chat."""
    clock = StoryClock()
    feishu, whatsapp, lingxing = FeishuSimulator(clock), WhatsAppSimulator(clock), LingxingSimulator(clock)
    market = MarketplaceSimulator(clock, jitter=lambda: 0.0)
    fill_lingxing(one_store(MORNING.date()), lingxing)
    platforms = Platforms(
        simulators={
            "feishu": feishu,
            "whatsapp": whatsapp,
            "lingxing": lingxing,
            "email": EmailSimulator(clock),
            "wecom": WeComSimulator(clock),
            "sms": SmsSimulator(clock),
            "marketplace": market,
        }
    )
    async with AsyncExitStack() as open_:
        for simulator in platforms.simulators.values():
            await open_.enter_async_context(simulator)
        own = {"DATABASE_URL": database_url, "ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_PORT": str(free_port())}
        settings = load_settings(own | platforms.settings())
        names = {open_id: name for name, _, open_id in PEOPLE}
        app = App(settings, (_KEY,), clock, guests=demo_guests(platforms, names))
        stage = Stage(
            settings=settings, clock=clock, feishu=feishu, whatsapp=whatsapp, lingxing=lingxing, app=app, port=0
        )
        story = Story(stage=stage, people=await _invite(app, clock), market=market)
        await stage.open_doors()
        platforms.write_to(stage.url)
        open_.push_async_callback(app.stop)
        await stage.until(lambda: bool(lingxing.calls_of("daily_sales")))
        await stage.quiet()
        yield story


async def _invite(app: App, clock: StoryClock) -> dict[str, str]:
    """The demo's team; their ids by name."""
    people = {}
    for (name, role, open_id), number, address in zip(PEOPLE, WHATSAPP_NUMBERS, MAIL_ADDRESSES, strict=True):
        known = [f"feishu:{open_id}", f"sms:+{number}", f"email:{address}"]
        people[name] = (await app.administration.add_user(name, [role], known))["id"]
    async with app.database.begin() as tx:
        await set_chat_enabled(tx, "web", TEAM_CHAT, enabled=True, by="", now=clock.now())
        await set_alarm_chat(tx, "web", TEAM_CHAT, wanted=True, by="", now=clock.now())
        for what in ("stockout:", "authorisation:", "late_data", "silent"):  # no part of any story
            ends_at = clock.now() + timedelta(days=300)
            silence = Silence(fingerprint=what, ends_at=ends_at, reason="-", person_id="", set_at=clock.now())
            await set_silence(tx, silence)
    return people
