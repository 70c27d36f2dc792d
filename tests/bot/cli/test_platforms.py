"""Where the simulated platforms listen, and whom their people write to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from functools import partial
from urllib.parse import urlsplit

import orjson
import pytest
from aiohttp import ClientSession, web

from bot.cli.platforms import Platforms, start_platforms
from bot.contracts.clock import SystemClock
from bot.settings import load_settings
from integrations.feishu.simulator.frames import decoded, encoded
from integrations.goofish.simulator import GoofishSimulator
from integrations.marketplace.simulator import MarketplaceSimulator

Start = Callable[..., Awaitable[Platforms]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a simulated platform, Feishu unless another is named, which ends with the test."""
    async with AsyncExitStack() as stack:

        async def started(*, names: tuple[str, ...] = ("feishu",), **where: object) -> Platforms:
            run = partial(start_platforms, names, SystemClock(), today=date(2026, 11, 22), days=100)
            platforms: Platforms = await run(**where)  # type: ignore[arg-type]
            stack.push_async_callback(platforms.stop)
            return platforms

        yield started


def port_of(platforms: Platforms) -> int:
    return urlsplit(platforms.settings()["FEISHU_BASE_URL"]).port or 0


async def test_a_simulator_refuses_a_port_in_use(start: Start) -> None:
    taken = port_of(await start())
    with pytest.raises(OSError, match="in use"):
        await start(port=taken)


async def test_a_simulator_of_the_demo_takes_another_port_then(start: Start) -> None:
    taken = port_of(await start())
    other = await start(port=taken, or_any=True)
    assert port_of(other) not in (0, taken)


async def test_the_wanted_port_is_taken_when_it_is_free(start: Start) -> None:
    earlier = await start()
    wanted = port_of(earlier)
    await earlier.stop()
    assert port_of(await start(port=wanted, or_any=True)) == wanted


async def test_what_people_write_reaches_the_service(start: Start) -> None:
    application, heard = web.Application(), []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.json())
        return web.json_response({})

    application.router.add_post("/webhooks/feishu", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    platforms = await start()
    platforms.write_to(f"http://127.0.0.1:{runner.addresses[0][1]}")
    async with ClientSession(platforms.settings()["FEISHU_BASE_URL"]) as session:
        answer = await session.post("/_control/say", json={"text": "店铺"})
        assert (await answer.json())["status"] == 200
    assert heard[0].keys() == {"encrypt"}
    await runner.cleanup()


async def test_orders_come_from_the_simulated_shops_with_the_settings_that_are_shown(start: Start) -> None:
    platforms = await start(names=("marketplace", "goofish", "courier"))
    settings = load_settings(platforms.settings())
    platforms.write_to("http://127.0.0.1:9")
    assert settings.goofish is not None and settings.courier is not None
    assert [(each.name, each.commands is not None) for each in settings.order_sources] == [("xianyu", True)]
    shops = platforms.simulators["marketplace"], platforms.simulators["goofish"]
    assert isinstance(shops[0], MarketplaceSimulator) and isinstance(shops[1], GoofishSimulator)
    assert shops[0].sender.webhook_url == "http://127.0.0.1:9/webhooks/orders/xianyu"
    assert shops[1].sender.webhook_url == "http://127.0.0.1:9/webhooks/goofish"


@pytest.mark.parametrize("service_url", ["http://127.0.0.1:9", ""])
async def test_what_people_write_goes_over_an_open_long_connection(start: Start, service_url: str) -> None:
    platforms = await start()
    platforms.write_to(service_url)
    settings = platforms.settings(long_connection=True)
    app = {"AppID": settings["FEISHU_APP_ID"], "AppSecret": settings["FEISHU_APP_SECRET"]}
    async with ClientSession(settings["FEISHU_BASE_URL"]) as session:
        endpoint = await (await session.post("/callback/ws/endpoint", json=app)).json()
        async with session.ws_connect(endpoint["data"]["URL"]) as connection:
            saying = asyncio.create_task(session.post("/_control/say", json={"text": "店铺"}))
            pushed = decoded(await connection.receive_bytes())
            acknowledgement = replace(pushed, payload=b'{"code": 200}')
            await connection.send_bytes(encoded(acknowledgement))
            assert (await (await saying).json())["status"] == 200
    assert orjson.loads(pushed.payload)["header"]["event_type"] == "im.message.receive_v1"


@pytest.mark.parametrize("platform", ["feishu", "whatsapp"])
async def test_people_without_a_service_are_heard_by_nobody(start: Start, platform: str) -> None:
    platforms = await start(names=(platform,))
    platforms.write_to("")
    async with ClientSession(platforms.simulators[platform].base_url) as session:
        answer = await session.post("/_control/say", json={"text": "店铺"})
        assert (answer.status, (await answer.json())["status"]) == (200, 0)


async def test_the_settings_of_a_long_connection_have_no_keys(start: Start) -> None:
    settings = (await start()).settings(long_connection=True)
    assert list(settings) == ["FEISHU_APP_ID", "FEISHU_APP_SECRET", "FEISHU_BASE_URL", "FEISHU_MODE"]
    assert settings["FEISHU_MODE"] == "long_connection"
