"""``zhanggui demo``: the service over simulated platforms and one seeded world, ready to be tried."""

import asyncio
import base64
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import typer

from bot.app import App
from bot.cli.connection import DEMO_FOLDER
from bot.cli.demo_pages.routes import demo_guests
from bot.cli.lock import locked
from bot.cli.output import set_up_logs, tell
from bot.cli.platforms import PLATFORMS, Platforms, start_platforms
from bot.cli.run import prepared, start, stop_told
from bot.cli.world.model import World
from bot.cli.world.remembered import remembered_stock
from bot.cli.world.shop import SALES, keys_to_import, sell, sell_at_goofish, stock_shop
from bot.contracts.clock import SystemClock, id_source
from bot.contracts.errors import ConflictError
from bot.contracts.feature import Role
from bot.settings import Settings, load_settings, settings_of_this_process
from handlers.sync.rules import open_day
from integrations.goofish.simulator import GoofishSimulator
from integrations.marketplace.simulator import MarketplaceSimulator
from storage.catalog.replacing import chunks, put_rows
from storage.catalog.rows import KINDS, StockDay
from storage.catalog.store import list_ages, list_stores
from storage.matters.ladder import set_alarm_chat
from storage.people.store import set_chat_enabled
from storage.sign_in.store import create_link

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PEOPLE: tuple[tuple[str, Role, str], ...] = (
    ("林掌柜", "admin", "ou_demo_admin"),
    ("小陈", "operator", "ou_demo_operator"),
    ("阿芳", "viewer", "ou_demo_viewer"),
)
"""(name, role, Feishu open_id) of the demo's team; nobody real."""
WHATSAPP_NUMBERS = ("447700900100", "447700900101", "447700900102")
"""Theirs, in the same order."""
MAIL_ADDRESSES = ("lin@example.com", "chen@example.com", "fang@example.com")
FEISHU_GROUP = "oc_demo_team"
SIMULATORS_PORT = 9100
"""Where the example sender looks for the simulated Feishu; Lingxing is on the next port."""
_FIRST_PULL_LIMIT = timedelta(seconds=60)
_MARK = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo."""

    app: App
    platforms: Platforms
    people: dict[str, str]
    """Name → person id."""


async def show(*, host: str, port: int, folder: Path | None, days: int) -> int:
    """Run the demo until it is told to stop. Raises: BadParameter for a host that others could reach."""
    own = settings_of_this_process()
    if host not in LOOPBACK or own.host not in LOOPBACK:
        raise typer.BadParameter("the demo has no protection and listens on loopback only: unset ZHANGGUI_HOST")
    kept = folder or own.data_dir / DEMO_FOLDER
    settings = load_settings({"ZHANGGUI_DATA_DIR": str(kept), "LOG_LEVEL": "WARNING"})
    set_up_logs(settings)
    told = stop_told()
    with locked(kept):
        if folder is None:
            (kept / _MARK).touch()  # the folder is ours by its name
        _forget_earlier_demo(kept)
        tell("Making a sample world and pulling it from the simulated platforms …")
        async with running_demo(kept, port=port, days=days) as demo:
            await _introduce(demo, say_from="" if folder is None else f"ZHANGGUI_DATA_DIR={folder} ")
            await told.wait()
    return 0


@asynccontextmanager
async def running_demo(folder: Path, *, port: int, days: int, listening: bool = True) -> AsyncIterator[Demo]:
    """The demo's service over its platforms, with people known and the first pull done. Ends in order."""
    clock = SystemClock()
    platforms = await start_platforms(
        PLATFORMS, clock, today=clock.now().date(), days=days, port=SIMULATORS_PORT if listening else 0, or_any=True
    )
    names = {open_id: name for name, _, open_id in PEOPLE}
    app = await prepared(_settings(folder, port, platforms), guests=demo_guests(platforms, names))
    platforms.write_to(app.console_url)
    people = {}
    for (name, role, open_id), number, address in zip(PEOPLE, WHATSAPP_NUMBERS, MAIL_ADDRESSES, strict=True):
        known = [f"feishu:{open_id}", f"whatsapp:{number}", f"sms:+{number}", f"email:{address}"]
        added = await app.administration.add_user(name, [role], known)
        people[name] = added["id"]
    async with app.database.begin() as tx:
        for channel, chat_id in (("web", "team"), ("feishu", FEISHU_GROUP)):
            await set_chat_enabled(tx, channel, chat_id, enabled=True, by=people[PEOPLE[0][0]], now=clock.now())
            await set_alarm_chat(tx, channel, chat_id, wanted=True, by=people[PEOPLE[0][0]], now=clock.now())
    await start(app, listening=listening)
    try:
        await _first_pull(app)
        if platforms.world is not None:
            await _remember(app, platforms.world)
        await _open_shop(app, platforms, by=people[PEOPLE[0][0]])
        yield Demo(app=app, platforms=platforms, people=people)
    finally:
        await app.stop()
        await platforms.stop()


def _settings(folder: Path, port: int, platforms: Platforms) -> Settings:
    own = {
        "ZHANGGUI_DATA_DIR": str(folder),
        "ZHANGGUI_PORT": str(port),
        "ZHANGGUI_SECRET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "LOG_LEVEL": "WARNING",
    }
    return load_settings(own | platforms.settings())


async def _first_pull(app: App) -> None:
    """Wait until every kind of data of every store that can be pulled is there."""
    async with asyncio.timeout(_FIRST_PULL_LIMIT.total_seconds()):
        while not await _is_pulled(app):
            await app.clock.sleep(0.05)


async def _remember(app: App, world: World) -> None:
    """Keep the past days' stock of every store whose present stock was pulled, as if the service had been there."""
    async with app.database.read() as reader:
        working = [store for store in await list_stores(reader) if store.status == 1]
    days = {store.store_id: open_day(store, app.clock.now()) for store in working}
    rows = [row for store_id, today in days.items() for row in remembered_stock(world, store_id, today)]
    async with app.database.begin() as tx:
        for part in chunks(rows):
            await put_rows(tx, StockDay, part)


async def _open_shop(app: App, platforms: Platforms, *, by: str) -> None:
    """Let some orders come, unless nobody could tell of them."""
    await stock_shop(app.database, app.clock, id_source(app.clock), by=by)
    await app.administration.act(keys_to_import())
    market = platforms.simulators.get("marketplace")
    if app.console_url and isinstance(market, MarketplaceSimulator):
        sell(market, *SALES)
    goofish = platforms.simulators.get("goofish")
    if app.console_url and isinstance(goofish, GoofishSimulator):
        sell_at_goofish(goofish)


async def _is_pulled(app: App) -> bool:
    async with app.database.read() as reader:
        stores = await list_stores(reader)
        ages = await list_ages(reader)
    tried = {kind for (_, kind), age in ages.items() if age.last_tried_at is not None}
    working = [store for store in stores if store.status == 1]
    done = {store_id for (store_id, kind), age in ages.items() if kind == "sales" and age.as_of is not None}
    return bool(stores) and tried >= set(KINDS) and all(store.store_id in done for store in working)


async def _introduce(demo: Demo, *, say_from: str) -> None:
    """Print where everything is; ``say_from`` goes before ``zhanggui say`` so that it finds this demo."""
    token = secrets.token_urlsafe(32)
    now = demo.app.clock.now()
    async with demo.app.database.begin() as tx:
        await create_link(tx, person_id=demo.people[PEOPLE[0][0]], token=token, now=now)
    tell(f"掌柜 is ready: {demo.app.console_url}")
    tell(f"Sign in once with: {demo.app.console_url}/sign-in/{token}")
    tell("Type 帮助, 店铺, 补货 or 状态 in the chat. The page also shows a WhatsApp phone and a Feishu chat.")
    tell("Five orders come in: 待发货 lists them, a card's form ships one, 为什么没发货 tells why another waits.")
    tell(
        "Two more come from 闲管家: one is pushed, the other's push is lost and its list brings it within five minutes."
    )
    tell("In another terminal, from this folder:")
    tell(f"  {say_from}{_program('zhanggui')} say 店铺")
    addresses = {name: simulator.base_url for name, simulator in demo.platforms.simulators.items()}
    webhook = f"--url {demo.app.console_url}/webhooks/feishu --simulator {addresses['feishu']}"
    tell(f"  {_program('python')} examples/send_feishu_message.py 店铺 {webhook}")
    for name, address in addresses.items():
        tell(f"What the simulated {name} was asked: {address}/_control/calls")
    tell("End with Ctrl-C.")


def _program(name: str) -> str:
    """How a program of this installation is called from the working directory."""
    return os.path.relpath(Path(sys.executable).with_name(name))


def _forget_earlier_demo(folder: Path) -> None:
    """Empty the folder if a demo made it. Raises: ConflictError if it holds anything else."""
    kept = {"zhanggui.lock", _MARK}
    others = [path for path in folder.iterdir() if path.name not in kept]
    if others and not (folder / _MARK).exists():
        raise ConflictError(f"{folder} holds other files, which a demo would delete: choose an empty folder")
    (folder / _MARK).touch()
    for path in others:
        path.unlink()
