"""Samples written after the platform's pages: the simulator must push and answer alike, and we must understand them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.channels.feishu.events import event_from_envelope
from bot.contracts.events import Event
from integrations.feishu.client import FeishuClient
from integrations.feishu.simulator import App, Envelopes, FeishuSimulator, Pressed, Said
from tests.integrations.feishu.contents import a_text
from tests.integrations.http.fakes import SteppingClock

SAMPLES = Path(__file__).parent / "samples"
MADE = Envelopes(SteppingClock(), App())
PUSHED = {
    "message": MADE.message(Said(text="补货", chat_id="oc_1", sender_id="ou_1", is_group=True, parent_id="om_0")),
    "card_action": MADE.press(
        Pressed(
            message_id="om_1",
            chat_id="oc_1",
            sender_id="ou_1",
            value={"token": "t"},
            name="submit0",
            form={"f1_number_qty": "1"},
        )
    ),
    "bot_added": MADE.member("oc_1", "ou_1", added=True),
    "entered": MADE.entered("oc_1", "ou_1"),
    "menu": MADE.menu("ou_1", "stores"),
}


def sample(name: str, part: str) -> Any:
    return orjson.loads((SAMPLES / f"{name}.json").read_bytes())[part]


def fields(value: Any) -> Any:
    """The names and types in ``value`` at every depth; of a list, its first item's."""
    match value:
        case dict():
            return {name: fields(item) for name, item in value.items()}
        case list():
            return [fields(value[0])] if value else []
        case _:
            return type(value).__name__


def event_of(name: str) -> Event:
    event = event_from_envelope(
        sample(name, "pushed"), bot_open_id="ou_sample", now=datetime(2026, 11, 22, tzinfo=UTC), event_id="E1"
    )
    assert event is not None
    return event


@pytest.mark.parametrize("name", sorted(PUSHED))
def test_the_simulator_pushes_what_the_platform_pushes(name: str) -> None:
    assert fields(PUSHED[name]) == fields(sample(name, "pushed"))


@pytest.mark.parametrize(
    ("name", "kind", "chat_id"),
    [
        ("message", "message", "oc_sample"),
        ("card_action", "action", "oc_sample"),
        ("bot_added", "joined", "oc_sample"),
        ("entered", "entered", "oc_sample"),
        ("menu", "menu", "ou_sample"),
    ],
)
def test_every_sample_is_understood(name: str, kind: str, chat_id: str) -> None:
    event = event_of(name)
    assert (event.kind, event.chat_id, event.sender_id) == (kind, chat_id, "ou_sample")


def test_the_sample_message_is_for_the_bot() -> None:
    event = event_of("message")
    assert (event.text, event.addressed, event.parent_id) == ("补货 SKU-9", True, "om_root")
    assert event.keys == ("ev-sample", "om_sample")


async def test_the_simulator_answers_with_the_documented_fields(
    client: FeishuClient, simulator: FeishuSimulator
) -> None:
    message_id = await client.send("oc_1", a_text())
    sent = {"data": simulator.messages.by_id[message_id].wire()}
    assert sample("sent", "answer")["data"].keys() <= sent["data"].keys()


def test_the_simulator_refuses_and_lists_permissions_with_the_documented_fields(simulator: FeishuSimulator) -> None:
    simulator.grants.withheld = {"im:message:send_as_bot"}
    refused = simulator.grants.refuses("send")
    assert refused is not None
    assert fields(refused.body) == fields(sample("scope_missing", "answer"))
    assert fields(simulator.grants.answer().body) == fields(sample("scopes", "answer"))


@pytest.mark.parametrize("name", ["token", "sent", "bot_info", "scope_missing", "scopes"])
def test_every_sample_names_its_source(name: str) -> None:
    assert sample(name, "source").startswith(("Reference section", "Document "))
