"""Where the simulated platforms listen, and whom their people write to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, web

from bot.cli.platforms import Platforms, start_platforms
from bot.contracts.clock import SystemClock

Start = Callable[..., Awaitable[Platforms]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a simulated Feishu, which ends with the test."""
    async with AsyncExitStack() as stack:

        async def started(**where: object) -> Platforms:
            run = partial(start_platforms, ("feishu",), SystemClock(), today=date(2026, 11, 22), days=100)
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
