"""What nginx, as it is shipped, repeats at another process and what it does not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.channels.whatsapp.receive import LONGEST_BODY
from tests.faults.nginx import nginx


@dataclass(slots=True)
class Doors:
    """Two that listen: whichever is asked first drops the connection when it has read the request."""

    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked.append(request.path)
        if len(self.asked) == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text="done")

    def server(self) -> TestServer:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self.answer)
        return TestServer(app, host="127.0.0.1")


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
async def nginx_url(doors: Doors) -> AsyncIterator[str]:
    async with doors.server() as one, doors.server() as other:
        addresses = [f"http://127.0.0.1:{server.port}" for server in (one, other)]
        with nginx(addresses) as url:
            yield url


@pytest.mark.parametrize(
    ("request_line", "status", "times"),
    [
        ("POST /webhooks/feishu", 200, 2),
        ("POST /sign-in/once", 502, 1),
        ("GET /chat/team", 200, 2),
        ("GET /metrics", 404, 0),
    ],
)
async def test_only_what_may_happen_twice_is_asked_of_another(
    nginx_url: str, doors: Doors, request_line: str, status: int, times: int
) -> None:
    method, path = request_line.split()
    async with ClientSession() as session, session.request(method, nginx_url + path, data=b"{}") as answer:
        assert (answer.status, doors.asked) == (status, [path] * times)


async def test_a_long_delivery_passes_whole(nginx_url: str, doors: Doors) -> None:
    path, body = "/webhooks/whatsapp", BytesIO(bytes(LONGEST_BODY))
    async with ClientSession() as session, session.post(nginx_url + path, data=body) as answer:
        assert (answer.status, doors.asked) == (200, [path, path])
