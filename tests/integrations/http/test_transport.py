"""What a call becomes when the platform is slow, absent, busy, broken or somebody else."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import structlog

from bot.contracts.errors import (
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from integrations.http.answers import Response
from integrations.http.routes import ProxyPolicy, Timeouts
from integrations.http.simulation import Weather
from integrations.http.transport import Transport
from tests.integrations.http.fakes import Echo, HurriedClock, SteppingClock

SILENT = "http://127.0.0.1:9"
"""Nobody listens there."""


async def asked(transport: Transport, *, idempotent: bool = True, **parts: Any) -> Response:
    return await transport.call("echo", "POST", "/echo/a", idempotent=idempotent, **parts)


async def test_json_goes_out_byte_for_byte(transport: Transport, echo: Echo) -> None:
    await asked(transport, body='{"b":1, "a":"补货"}'.encode())
    assert echo.calls[0].body == {"b": 1, "a": "补货"}


async def test_every_character_of_a_query_is_encoded_once(transport: Transport) -> None:
    query = {"sign": "a+b/c=", "note": "补 货&x=%2B"}
    assert (await asked(transport, query=query)).json["query"] == query


async def test_a_form_arrives_as_fields(transport: Transport) -> None:
    assert (await asked(transport, form={"secret": "a+/="})).json["body"] == {"secret": "a+/="}


async def test_the_platforms_request_id_is_kept(transport: Transport, echo: Echo) -> None:
    echo.reply_headers = {"X-Tt-Logid": "log-1"}
    assert (await asked(transport)).request_id == "log-1"


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_is_unavailable_for_reading(transport: Transport, echo: Echo, status: int) -> None:
    echo.next_answer(status=status)
    with pytest.raises(UpstreamUnavailable) as caught:
        await asked(transport)
    assert caught.value.code == "upstream_unavailable"


TROUBLE = {
    "server error": Weather(status=502),
    "page": Weather(html=True),
    "lost answer": Weather(drop=True, handled=True),
    "lost request": Weather(drop=True),
}


@pytest.mark.parametrize("weather", TROUBLE.values(), ids=TROUBLE)
async def test_a_write_without_an_answer_is_unclear(transport: Transport, echo: Echo, weather: Weather) -> None:
    echo.set_weather(weather)
    with pytest.raises(UpstreamUnclear):
        await asked(transport, idempotent=False)


async def test_a_slow_answer_is_a_write_that_may_have_happened() -> None:
    async with Echo(HurriedClock()) as echo:
        echo.delay(seconds=1000, times=1)
        transport = Transport("echo", echo.base_url, clock=HurriedClock())
        with pytest.raises(UpstreamUnclear) as caught:
            await asked(transport, idempotent=False, timeout_seconds=0.05)
        await transport.close()
    assert caught.value.detail == "SocketTimeoutError"


async def test_a_write_that_never_left_is_not_unclear(clock: SteppingClock) -> None:
    transport = Transport("echo", SILENT, clock=clock)
    with pytest.raises(UpstreamUnavailable) as caught:
        await asked(transport, idempotent=False)
    await transport.close()
    assert caught.value.code == "upstream_unavailable"


async def test_a_page_with_a_client_error_means_a_wrong_path(transport: Transport, echo: Echo) -> None:
    echo.set_weather(Weather(html=True, status=405))
    with pytest.raises(UpstreamContractError):
        await asked(transport)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"Retry-After": "Sun, 22 Nov 2026 03:00:30 GMT"}, 30.0),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "1e30"}, 1.0),
        ({"Retry-After": "soon"}, 1.0),
        ({"Retry-After": "86400"}, 3600.0),
        ({"x-ogw-ratelimit-reset": "2", "Retry-After": "9"}, 2.0),
        ({}, 1.0),
    ],
)
async def test_a_429_says_how_long_to_wait(
    transport: Transport, echo: Echo, header: dict[str, str], seconds: float
) -> None:
    echo.reply_headers = header
    echo.set_weather(Weather(status=429, handled=True))
    with pytest.raises(UpstreamRateLimited) as caught:
        await asked(transport)
    assert caught.value.retry_after == timedelta(seconds=seconds)


async def test_a_client_error_with_json_is_left_to_the_judge(transport: Transport, echo: Echo) -> None:
    echo.set_weather(Weather(status=400, body={"code": 99}))
    response = await asked(transport)
    assert (response.status, response.json) == (400, {"code": 99})


async def test_what_the_judge_raises_is_the_outcome_of_the_call(echo: Echo, clock: SteppingClock) -> None:
    told: list[tuple[str, str, str]] = []

    def judge(response: Response) -> None:
        raise response.call.misfit("no")

    transport = Transport("echo", echo.base_url, clock=clock, judge=judge, observer=lambda *call: told.append(call[:3]))
    with pytest.raises(UpstreamContractError):
        await asked(transport)
    await transport.close()
    assert told == [("echo", "echo", "upstream_contract")]


async def test_success_and_failure_are_both_observed(echo: Echo, clock: SteppingClock) -> None:
    told: list[tuple[str, str, str, float]] = []
    transport = Transport("echo", echo.base_url, clock=clock, observer=lambda *call: told.append(call))
    await asked(transport)
    echo.next_answer(status=500)
    with pytest.raises(UpstreamUnavailable):
        await asked(transport)
    await transport.close()
    assert [call[2] for call in told] == ["ok", "upstream_unavailable"]


async def test_no_log_line_holds_a_secret(echo: Echo, clock: SteppingClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: dict[str, Any] = {
        "query": {"access_token": "hush"},
        "headers": {"Authorization": "Bearer hush"},
        "body": b'{"a":"hush"}',
    }
    with structlog.testing.capture_logs() as lines:
        transport = Transport("echo", echo.base_url, clock=clock)
        await asked(transport, **secrets)
        echo.drop_connection()
        with pytest.raises(UpstreamError):
            await asked(transport, **secrets)
        await transport.close()
    assert len(lines) == 2
    assert "hush" not in str(lines) + caplog.text


async def test_no_traceback_holds_a_secret(clock: SteppingClock) -> None:
    async with listening(b"SSH-2.0-somebody-else\r\n") as url:
        transport = Transport("echo", url, clock=clock)
        with pytest.raises(UpstreamUnavailable) as caught:
            await asked(transport, query={"access_token": "hush"})
        await transport.close()
    assert "access_token=" not in "".join(traceback.format_exception(caught.value))


async def test_an_upload_that_nobody_takes_ends(clock: SteppingClock) -> None:
    async with listening(None) as url:
        transport = Transport(
            "echo", url, clock=clock, timeouts=Timeouts(connect=0.1, read=0.1, bytes_per_second=1024**3)
        )
        with pytest.raises(UpstreamUnclear) as caught:
            async with asyncio.timeout(60):
                await asked(transport, idempotent=False, body=bytes(20 * 1024**2))
        await transport.close()
    assert caught.value.detail == "TimeoutError"


async def test_who_asks_while_it_closes_is_answered(transport: Transport) -> None:
    await asked(transport)
    closing = asyncio.create_task(transport.close())
    await asyncio.sleep(0)
    assert (await asked(transport)).status == 200
    await closing


async def test_a_closed_transport_opens_again(transport: Transport) -> None:
    await asked(transport)
    await transport.close()
    assert (await asked(transport)).status == 200


async def test_calls_share_pooled_connections(transport: Transport, echo: Echo) -> None:
    await asyncio.gather(*(asked(transport) for _ in range(20)))
    assert echo.done == 20


@asynccontextmanager
async def listening(answer: bytes | None) -> AsyncIterator[str]:
    """Somebody who says the same to everybody and hangs up; with None, one who takes nothing and says nothing."""

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)
        if answer is None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
        else:
            writer.write(answer)
            writer.close()

    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in taken:
        writer.transport.abort()


class Relay:
    """A forward proxy that may refuse; it passes plain HTTP on by its absolute address."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.passed = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Relay":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1] if self._server is not None else 9
        return f"http://user:hush@127.0.0.1:{port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.passed += 1
        await reader.readuntil(b"\r\n\r\n")
        status = b"407 Proxy Authentication Required" if self.refuses else b"200 OK"
        body = b'{"via":"relay"}'
        writer.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with Relay() as relay:
        yield relay


async def test_requests_go_through_the_relay(relay: Relay, clock: SteppingClock) -> None:
    transport = Transport("echo", "http://platform.invalid", clock=clock, proxy=ProxyPolicy(url=relay.url))
    assert (await asked(transport)).json == {"via": "relay"}
    await transport.close()


async def test_a_failing_relay_is_named_and_nothing_goes_out_directly(echo: Echo, clock: SteppingClock) -> None:
    transport = Transport("echo", echo.base_url, clock=clock, proxy=ProxyPolicy(url=SILENT))
    with pytest.raises(UpstreamUnavailable) as caught:
        await asked(transport, idempotent=False)
    await transport.close()
    assert (caught.value.code, echo.done) == ("upstream_relay", 0)


async def test_a_relay_that_refuses_the_tunnel_is_named(clock: SteppingClock) -> None:
    async with Relay(refuses=True) as relay:
        transport = Transport("echo", "https://platform.invalid", clock=clock, proxy=ProxyPolicy(url=relay.url))
        with pytest.raises(UpstreamUnavailable) as caught:
            await asked(transport, idempotent=False)
        await transport.close()
    assert caught.value.code == "upstream_relay"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-somebody-else\r\n"], ids=["hangs up", "is none"])
async def test_a_relay_that_makes_no_tunnel_is_named(answer: bytes, clock: SteppingClock) -> None:
    async with listening(answer) as url:
        transport = Transport("echo", "https://platform.invalid", clock=clock, proxy=ProxyPolicy(url=url))
        with pytest.raises(UpstreamUnavailable) as caught:
            await asked(transport, idempotent=False)
        await transport.close()
    assert caught.value.code == "upstream_relay"


async def test_the_fallback_takes_over_and_the_relay_rests(relay: Relay, clock: SteppingClock) -> None:
    policy = ProxyPolicy(url=SILENT, fallback_url=relay.url)
    with structlog.testing.capture_logs() as lines:
        transport = Transport("echo", "http://platform.invalid", clock=clock, proxy=policy)
        await asked(transport)
        await asked(transport)
    await transport.close()
    assert [line["event"] for line in lines if line["event"].startswith("route")] == ["route_failed"]
    assert relay.passed == 2


async def test_the_direct_way_needs_permission(echo: Echo, clock: SteppingClock) -> None:
    policy = ProxyPolicy(url=SILENT, allow_direct=True)
    transport = Transport("echo", echo.base_url, clock=clock, proxy=policy, timeouts=Timeouts(connect=1.0))
    assert (await asked(transport)).status == 200
    await transport.close()


def test_a_policy_does_not_show_its_credentials() -> None:
    assert "hush" not in repr(ProxyPolicy(url="http://user:hush@relay", fallback_url="http://user:hush@other"))
