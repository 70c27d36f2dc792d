"""Samples written after the vendor's pages: our models must parse them, and the simulator must answer alike."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest

from bot.contracts.feature import JsonValue
from integrations.lingxing.client import DAILY_SALES, FBA_STOCK, ORDERS, PRODUCTS, RESTOCK, SELLERS
from integrations.lingxing.models import (
    AmazonOrder,
    DailySales,
    FbaStock,
    Product,
    Pulled,
    RestockSuggestion,
    Row,
    Seller,
    fit,
    sorted_out,
)
from integrations.lingxing.session import Endpoint, Session
from integrations.lingxing.simulator import LingxingSimulator
from tests.integrations.lingxing.builders import a_product, a_stock, a_suggestion, an_order, sales

_R = TypeVar("_R", bound=Row)
SAMPLES = Path(__file__).parent / "samples"
MODELS: dict[str, type[Row]] = {
    "sellers": Seller,
    "fba_stock": FbaStock,
    "restock": RestockSuggestion,
    "daily_sales": DailySales,
    "products": Product,
    "orders": AmazonOrder,
}
MAY_BE_EMPTY = {"fba_storage_quantity_list", "item_list", "suggest_sm_list", "error_details", "asin_principal_list"}
ASKED: list[tuple[Endpoint, dict[str, JsonValue]]] = [
    (SELLERS, {}),
    (FBA_STOCK, {"sid": "136"}),
    (RESTOCK, {"sid_list": ["136"], "data_type": 2, "mode": 0}),
    (DAILY_SALES, {"sid": 136, "start_date": "2026-11-20", "end_date": "2026-11-21"}),
    (PRODUCTS, {}),
    (ORDERS, {"sid_list": [136], "start_date": "2026-11-22", "end_date": "2026-11-23", "date_type": 2}),
]


def sample(name: str) -> Any:
    """The answer in a sample file."""
    return orjson.loads((SAMPLES / f"{name}.json").read_bytes())["answer"]


def fitted(model: type[_R], rows: list[Any]) -> Pulled[_R]:
    return sorted_out(fit(model, row) for row in rows)


def fields(value: Any) -> Any:
    """The names in ``value`` at every depth; of a list, its first item's."""
    match value:
        case dict():
            return {name: fields(item) for name, item in value.items() if name not in MAY_BE_EMPTY}
        case [first, *_]:
            return [fields(first)]
        case _:
            return None


@pytest.mark.parametrize("name", MODELS)
def test_every_row_of_a_sample_is_understood(name: str) -> None:
    rows = sample(name)["data"]
    pulled = fitted(MODELS[name], rows)
    assert (len(pulled.rows), pulled.quarantined) == (len(rows), ())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_says_where_its_fields_come_from(path: Path) -> None:
    assert len(orjson.loads(path.read_bytes())["source"]) > 20


@pytest.mark.parametrize(("endpoint", "parameters"), ASKED, ids=lambda value: getattr(value, "operation", ""))
async def test_the_simulator_answers_with_the_fields_of_the_sample(
    session: Session, simulator: LingxingSimulator, endpoint: Endpoint, parameters: dict[str, JsonValue]
) -> None:
    simulator.add_stock(a_stock())
    simulator.add_suggestion(a_suggestion())
    simulator.add_product(a_product())
    simulator.add_sales(136, sales(date(2026, 11, 20), days=2))
    simulator.put_order(an_order("111-1234567-1234567"))
    answer = await session.once(endpoint, {**parameters, "length": endpoint.length} if endpoint.length else {})
    assert fields(answer) == fields(sample(endpoint.operation))


def test_a_shared_stock_counts_its_children_only() -> None:
    shared = fitted(RestockSuggestion, sample("restock")["data"]).rows[1]
    assert [leaf.basic_info.sid for leaf in shared.leaves] == ["139", "140"]


def test_the_same_figure_is_understood_as_number_and_as_text() -> None:
    row = {**sample("daily_sales")["data"][0], "volume": "4.0", "amount": 67.96}
    assert fitted(DailySales, [row]).quarantined[0].reason.startswith("volume:")
    understood = fitted(DailySales, [{**row, "volume": 4.0}]).rows[0]
    assert (understood.volume, understood.amount) == (4, Decimal("67.96"))


def test_an_unknown_figure_stays_unknown() -> None:
    row = {**sample("fba_stock")["data"][0], "afn_fulfillable_quantity": None}
    assert fitted(FbaStock, [row]).rows[0].afn_fulfillable_quantity is None


def test_a_figure_that_is_not_named_puts_its_row_aside_with_the_reason() -> None:
    good, bad = sample("fba_stock")["data"]
    del bad["afn_fulfillable_quantity"]
    pulled = fitted(FbaStock, [good, bad])
    assert len(pulled.rows) == 1
    assert pulled.quarantined[0].reason == "afn_fulfillable_quantity: Field required"


def test_a_row_put_aside_shows_nothing_of_fields_we_do_not_know() -> None:
    pulled = fitted(Seller, [{"sid": 1, "contact": "somebody@example.com"}, "nonsense"])
    assert orjson.loads(pulled.quarantined[0].row) == {"sid": 1, "contact": "…"}
    assert pulled.quarantined[1].row == "a str instead of an object"
