"""The client against the strict simulator, in all weather."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnclear,
)
from integrations.http.multipart import PNG_TYPE, XLSX_TYPE, Media
from integrations.http.simulation import Weather
from integrations.whatsapp import contents
from integrations.whatsapp.client import Number, WhatsAppClient, is_user_id
from integrations.whatsapp.contents import Choice, Template
from integrations.whatsapp.errors import BusyPairError
from integrations.whatsapp.simulator import WhatsAppSimulator
from tests.integrations.http.fakes import SteppingClock
from tests.integrations.whatsapp.clients import PERSON, opened, say

Both = tuple[WhatsAppClient, WhatsAppSimulator]
CHART = Media("chart.png", PNG_TYPE, b"\x89PNG\r\n")


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def both(clock: SteppingClock) -> AsyncIterator[Both]:
    async with opened(clock) as both:
        yield both


async def send(client: WhatsAppClient, content: contents.Content, to: str = PERSON) -> str:
    async with client.turn(to):
        return await client.send(to, content, echo="E1", quoting="wamid.q")


@pytest.mark.parametrize(
    "content",
    [
        contents.text("店铺"),
        contents.buttons("choose", [Choice("1", "yes"), Choice("2", "no")]),
        contents.choice_list("choose", "open", [Choice("1", "yes", "more")]),
        contents.template(Template("notice", "zh_CN"), ["two\n lines"]),
    ],
    ids=lambda content: content.kind,
)
async def test_a_message_arrives_with_its_echo_and_quote(both: Both, content: contents.Content) -> None:
    client, simulator = both
    message = simulator.messages[await send(client, content)]
    assert (message.kind, message.echo, message.quotes) == (content.kind, "E1", "wamid.q")


async def test_files_are_uploaded_and_sent(both: Both) -> None:
    client, simulator = both
    media_id = await client.upload(Media("补货.xlsx", XLSX_TYPE, b"PK\r\n--x"))
    await send(client, contents.document(media_id, "补货.xlsx", "all rows"))
    await send(client, contents.image(await client.upload(CHART)))
    uploaded = simulator.media[media_id]
    assert (uploaded.name, uploaded.kind, uploaded.content) == ("补货.xlsx", XLSX_TYPE, b"PK\r\n--x")
    assert [each.kind for each in simulator.messages.values()] == ["document", "image"]


@pytest.mark.parametrize(
    "media",
    [
        Media("chart.png", PNG_TYPE, bytes(5 * 1024 * 1024 + 1)),
        Media("chart.png", PNG_TYPE, b""),
        Media("list.csv", "text/csv", b"a,b"),
    ],
    ids=["too large", "empty", "type"],
)
async def test_a_file_that_is_no_use_is_refused(both: Both, media: Media) -> None:
    with pytest.raises(UpstreamRejected) as refused:
        await both[0].upload(media)
    assert refused.value.platform_code == "131053"


async def test_a_file_is_gone_after_a_month(both: Both, clock: SteppingClock) -> None:
    client, simulator = both
    media_id = await client.upload(CHART)
    await clock.sleep(timedelta(days=31).total_seconds())
    simulator.gate.heard_from(PERSON)
    with pytest.raises(UpstreamRejected) as refused:
        await send(client, contents.image(media_id))
    assert refused.value.platform_code == "131009"


async def test_a_picture_is_no_document(both: Both) -> None:
    media_id = await both[0].upload(CHART)
    with pytest.raises(UpstreamRejected) as refused:
        await send(both[0], contents.document(media_id, "chart.xlsx"))
    assert refused.value.platform_code == "131053"


async def test_what_was_uploaded_can_be_downloaded_for_five_minutes(both: Both, clock: SteppingClock) -> None:
    client, simulator = both
    headers = {"Authorization": f"Bearer {simulator.app.access_token}"}
    async with ClientSession(headers=headers) as session:
        answer = await session.get(f"{simulator.api_url}/{await client.upload(CHART)}")
        url = (await answer.json())["url"]
        found = await session.get(url)
        await clock.sleep(301)
        gone = await session.get(url)
        unknown = await session.get(f"{simulator.api_url}/media99")
        assert (found.content_type, await found.read()) == (CHART.mime_type, CHART.body)
    assert (gone.status, unknown.status) == (404, 400)


async def test_a_hidden_number_is_written_to_by_its_user_id(both: Both) -> None:
    client, simulator = both
    simulator.gate.heard_from("CN.1a2b")
    await say(client, to="CN.1a2b")
    assert simulator.calls_of("messages")[0].body["recipient"] == "CN.1a2b"


@pytest.mark.parametrize(("to", "expected"), [("CN.1a2b", True), ("US.ENT.9z", True), (PERSON, False), ("cn.1", False)])
def test_user_ids_are_told_from_numbers(to: str, expected: bool) -> None:
    assert is_user_id(to) is expected


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (0, UpstreamAuthError),
        (190, UpstreamAuthError),
        (200, UpstreamAuthError),
        (368, UpstreamAuthError),
        (131031, UpstreamAuthError),
        (100, UpstreamRejected),
        (131026, UpstreamRejected),
        (131047, UpstreamRejected),
        (999999, UpstreamRejected),
        (130429, UpstreamRateLimited),
        (80007, UpstreamRateLimited),
        (131056, BusyPairError),
        (131000, UpstreamUnclear),
    ],
)
async def test_each_code_has_its_meaning(both: Both, code: int, error: type[UpstreamError]) -> None:
    client, simulator = both
    simulator.next_code(code)
    with pytest.raises(error) as raised:
        await say(client)
    assert type(raised.value) is error
    assert str(code) in raised.value.detail


@pytest.mark.parametrize("body", [[], {"error": "x"}, {"error": {"code": "131026"}}])
async def test_an_answer_of_another_shape_is_no_refusal(both: Both, body: object) -> None:
    client, simulator = both
    simulator.set_weather(Weather(status=400, body=body))
    with pytest.raises(UpstreamContractError):
        await say(client)


async def test_a_lost_answer_is_unclear(both: Both) -> None:
    client, simulator = both
    simulator.drop_connection("messages", handled=True)
    with pytest.raises(UpstreamUnclear):
        await say(client)
    assert len(simulator.messages) == 1


async def test_an_expired_token_is_told(both: Both) -> None:
    client, simulator = both
    simulator.expire_tokens()
    with pytest.raises(UpstreamAuthError):
        await client.number()


async def test_the_number_says_who_it_is(both: Both) -> None:
    assert await both[0].number() == Number("447700900001", "掌柜")


async def test_a_backlog_to_one_person_goes_as_quickly_as_allowed_and_is_never_refused(
    both: Both, clock: SteppingClock
) -> None:
    client, simulator = both
    began = clock.now()
    await say_many(client, simulator, 44 * 4 + 1)
    allowed = (clock.now() - began) / timedelta(seconds=6)
    assert simulator.gate.refusals == {}
    assert len(simulator.messages) >= 0.95 * allowed


async def test_a_refused_pair_waits_longer_each_time_and_alone(both: Both, clock: SteppingClock) -> None:
    client, simulator = both
    simulator.next_code(131056, times=3)
    waits = [await refused_wait(client) for _ in range(3)]
    assert waits == [timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=16)]
    simulator.gate.heard_from("447700900101")
    before = clock.now()
    await say(client, to="447700900101")
    assert clock.now() == before


async def say_many(client: WhatsAppClient, simulator: WhatsAppSimulator, count: int) -> None:
    for _ in range(count):
        simulator.gate.heard_from(PERSON)
        await say(client)


async def refused_wait(client: WhatsAppClient) -> timedelta:
    with pytest.raises(UpstreamRateLimited) as refused:
        await say(client)
    return refused.value.retry_after
