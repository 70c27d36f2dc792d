"""What every simulator can do: weather, record, control, loopback only."""

from typing import Any

import orjson
import pytest
from aiohttp import ClientSession

from bot.contracts.errors import UpstreamUnavailable
from integrations.http.simulation import Weather
from integrations.http.transport import Transport
from tests.integrations.http.fakes import Echo, SteppingClock


async def control(transport: Transport, path: str, body: Any = None) -> Any:
    method = "GET" if body is None else "POST"
    content = None if body is None else orjson.dumps(body)
    return (await transport.call("control", method, f"/_control/{path}", idempotent=True, body=content)).json


async def echoed(transport: Transport, operation: str = "POST") -> Any:
    return (await transport.call("echo", operation, "/echo/a", idempotent=True)).json


async def test_weather_strikes_its_operation_only(transport: Transport, echo: Echo) -> None:
    echo.next_answer("echo", status=503)
    await echoed(transport, "GET")
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)


async def test_weather_passes_after_its_times(transport: Transport, echo: Echo) -> None:
    echo.next_answer(status=503, times=2)
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)
    assert await echoed(transport)


async def test_weather_without_an_end_lasts_until_it_is_cleared(transport: Transport, echo: Echo) -> None:
    echo.set_weather(Weather(status=503, times=None))
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)
    echo.clear()
    assert await echoed(transport)


async def test_a_delay_takes_its_time(transport: Transport, echo: Echo, clock: SteppingClock) -> None:
    echo.delay(seconds=3)
    await echoed(transport)
    assert clock.slept == [3]


async def test_a_lost_answer_leaves_its_effect(transport: Transport, echo: Echo) -> None:
    echo.drop_connection(handled=True)
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)
    assert (echo.done, echo.calls[0].status) == (1, 0)


async def test_a_lost_request_leaves_none(transport: Transport, echo: Echo) -> None:
    echo.drop_connection()
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)
    assert (echo.done, echo.counts["echo"]) == (0, 1)


async def test_fields_drift_at_every_depth(transport: Transport, echo: Echo) -> None:
    echo.set_weather(Weather(body={"a": [{"b": 1, "c": 2}]}, rename={"b": "B", "c": ""}))
    assert await echoed(transport) == {"a": [{"B": 1}]}


async def test_weather_can_expire_tokens(transport: Transport, echo: Echo) -> None:
    echo.set_weather(Weather(expire_token=True))
    await echoed(transport)
    assert echo.tokens_expired == 1


async def test_weather_is_set_over_http(transport: Transport, echo: Echo) -> None:
    await control(transport, "weather", {"operation": "echo", "status": 503})
    with pytest.raises(UpstreamUnavailable):
        await echoed(transport)


async def test_unknown_weather_is_refused_by_name(transport: Transport) -> None:
    assert await control(transport, "weather", {"status": "rain", "wind": 3}) == {"errors": ["status", "wind"]}


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/octet-stream", ""])
async def test_weather_is_json_whatever_it_is_called(echo: Echo, content_type: str) -> None:
    url, headers = f"{echo.base_url}/_control/weather", {"Content-Type": content_type}
    async with ClientSession() as session:
        answer = await session.post(url, data=b'{"operation": "echo", "status": 503}', headers=headers)
    assert (answer.status, echo.take_weather("echo").status) == (200, 503)


@pytest.mark.parametrize("body", [b"", b"status=503", b"[503]", b'{"status": 503'])
async def test_weather_that_is_no_json_object_is_told_what_is_missing(echo: Echo, body: bytes) -> None:
    async with ClientSession() as session, session.post(f"{echo.base_url}/_control/weather", data=body) as answer:
        assert (answer.status, "JSON object" in (await answer.json())["errors"][0]) == (400, True)


async def test_calls_are_recorded_with_their_bodies(transport: Transport, clock: SteppingClock) -> None:
    await transport.call("echo", "POST", "/echo/a", idempotent=True, query={"q": "1"}, body=b'{"n":2}')
    recorded = (await control(transport, "calls"))["calls"][0]
    assert recorded == {
        "number": 1,
        "operation": "echo",
        "at": clock.now().isoformat(),
        "method": "POST",
        "path": "/echo/a",
        "query": {"q": "1"},
        "body": {"n": 2},
        "status": 200,
    }


async def test_the_record_is_read_on_from_a_number(transport: Transport) -> None:
    await echoed(transport)
    await echoed(transport)
    answer = (await transport.call("c", "GET", "/_control/calls", idempotent=True, query={"after": "1"})).json
    assert [call["number"] for call in answer["calls"]] == [2]
    assert answer["counts"] == {"echo": 2}


async def test_clearing_over_http_forgets_calls_and_weather(transport: Transport, echo: Echo) -> None:
    echo.next_answer("show", status=503)
    await echoed(transport)
    await control(transport, "clear", {})
    assert (await echoed(transport, "GET"), len(echo.calls)) == ({"query": {}, "body": None, "raw_query": ""}, 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", ""])
async def test_a_simulator_listens_on_loopback_only(host: str, clock: SteppingClock) -> None:
    with pytest.raises(ValueError, match="loopback"):
        await Echo(clock).start(host)


async def test_a_simulator_that_is_not_running_has_no_address(clock: SteppingClock) -> None:
    with pytest.raises(RuntimeError):
        _ = Echo(clock).base_url


async def test_weather_may_strike_a_share_of_the_answers_the_same_ones_every_time(clock: SteppingClock) -> None:
    struck = [struck_answers(Echo(clock)), struck_answers(Echo(clock))]
    assert struck[0] == struck[1]
    assert 70 < sum(struck[0]) < 130


def struck_answers(echo: Echo) -> list[bool]:
    """Which of a thousand answers a tenth's weather strikes."""
    echo.set_weather(Weather(status=503, times=None, share=0.1))
    return [echo.take_weather("echo").status is not None for _ in range(1000)]
