"""Samples written after the platform's pages: our models must parse them, and the simulator must write alike."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.goofish.client import DETAIL_PATH, ORDERS_PATH
from integrations.goofish.models import Order, Unreadable, read_push, read_row
from integrations.goofish.simulator import GoofishSimulator
from integrations.http.transport import Transport
from tests.integrations.goofish.clients import ORDER_NO
from tests.integrations.http.fakes import SteppingClock

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    """The answer in a sample file."""
    return orjson.loads((SAMPLES / f"{name}.json").read_bytes())["answer"]


def fields(value: Any) -> Any:
    """The names in ``value`` at every depth; of a list, its first item's."""
    match value:
        case dict():
            return {name: fields(item) for name, item in value.items()}
        case [first, *_]:
            return [fields(first)]
        case _:
            return None


async def answered(path: str, body: dict[str, Any], *, secret_is_wrong: bool = False) -> Any:
    """What the simulator answers about one order, the detail without an envelope."""
    clock = SteppingClock()
    async with GoofishSimulator(clock) as simulator:
        simulator.wraps_detail = False
        simulator.place(ORDER_NO)
        raw = orjson.dumps(body)
        query = simulator.key.query(raw + b" " * secret_is_wrong, int(clock.now().timestamp()))
        transport = Transport("goofish", simulator.base_url, clock=clock)
        answer = (await transport.call("x", "POST", path, idempotent=True, query=query, body=raw)).json
        await transport.close()
    return answer


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_says_where_its_fields_come_from(path: Path) -> None:
    assert len(orjson.loads(path.read_bytes())["source"]) > 20


@pytest.mark.parametrize("row", [sample("order_detail"), sample("orders")["data"]["list"][0]], ids=["detail", "list"])
def test_every_field_of_an_order_that_we_name_is_in_the_sample(row: dict[str, Any]) -> None:
    assert read_row(Order, row).state == "paid"
    assert Order.model_fields.keys() <= row.keys()


def test_the_push_of_the_sample_is_understood() -> None:
    assert read_push(sample("push")).event_id == "1000000000000000001-12-0-1795316398"


async def test_the_simulator_writes_with_the_fields_of_the_samples() -> None:
    listed = await answered(ORDERS_PATH, {"page_no": 1, "page_size": 100})
    assert fields(listed) == fields(sample("orders"))
    assert fields(await answered(DETAIL_PATH, {"order_no": ORDER_NO})) == fields(sample("order_detail"))
    clock = SteppingClock()
    assert fields(GoofishSimulator(clock).place(ORDER_NO).pushed(4242)) == fields(sample("push"))


async def test_the_simulator_refuses_as_the_sample_does() -> None:
    assert await answered(DETAIL_PATH, {"order_no": ORDER_NO}, secret_is_wrong=True) == sample("refused")


_VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.text())


@given(name=st.sampled_from(sorted(sample("push"))), value=_VALUES)
def test_whatever_a_push_holds_is_read_or_refused(name: str, value: object) -> None:
    assert read_or_refused({**sample("push"), name: value})


@given(name=st.sampled_from(sorted(sample("order_detail"))), value=_VALUES)
def test_whatever_an_order_holds_is_read_or_refused(name: str, value: object) -> None:
    assert order_or_refused({**sample("order_detail"), name: value})


def read_or_refused(body: dict[str, Any]) -> str:
    try:
        return read_push(body).event_id
    except Unreadable as error:
        return str(error)


def order_or_refused(row: dict[str, Any]) -> str:
    try:
        return read_row(Order, row).order_no
    except Unreadable as error:
        return str(error)
