"""闲管家's words as ours: what an order tells, and which of its companies is meant."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from handlers.orders.rules import SHIP_WITHIN, merged
from handlers.orders.translating import company_of, goofish_buyer, goofish_told
from integrations.goofish.models import Company, Order, read_row

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PAID_AT = NOW - timedelta(hours=3)
COMPANIES = [
    Company(express_code="SF", express_name="顺丰速运"),
    Company(express_code="yuantong", express_name="圆通速递"),
    Company(express_code="other", express_name="其他"),
]


def an_order(**changed: Any) -> Order:
    told = {
        "order_no": "1",
        "order_status": 12,
        "pay_amount": "1990",
        "pay_time": int(PAID_AT.timestamp()),
        "update_time": int(NOW.timestamp()),
        "receiver_name": "张三",
        "prov_name": "浙江省",
        "city_name": "杭州市",
        "address": "演示路 1 号",
        "goods": {"quantity": 2, "item_id": 9, "title": "演示", "sku_text": "黑色"},
    }
    return read_row(Order, told | changed)


def test_the_time_to_ship_begins_with_the_payment_and_not_with_the_last_change() -> None:
    order = merged(None, goofish_told(an_order(), "shop", buyer="", seen_at=NOW))
    assert (order.paid_at, order.ship_by, order.status_at) == (PAID_AT, PAID_AT + SHIP_WITHIN, NOW)
    assert (order.quantity, order.amount, order.currency) == (2, Decimal("19.90"), "CNY")


def test_a_clock_that_is_years_ahead_is_not_believed() -> None:
    told = goofish_told(an_order(update_time=2_000_000_000), "shop", buyer="", seen_at=NOW)
    assert told.at == NOW + timedelta(minutes=5)


def test_an_address_is_one_line_of_what_is_there() -> None:
    buyer = goofish_buyer(an_order())
    assert (buyer["name"], buyer["address"]) == ("张三", "浙江省 杭州市 演示路 1 号")


def test_an_order_can_be_kept_as_text_and_read_again() -> None:
    order = an_order(cancel_time=0)
    assert read_row(Order, orjson.loads(order.model_dump_json())) == order


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("SF", ("SF", "顺丰速运")),
        ("YTO", ("yuantong", "圆通速递")),
        ("JTSD", ("other", "极兔")),
        ("ABC", ("other", "ABC")),
    ],
)
def test_a_company_is_found_by_code_or_name_else_it_is_named_among_the_others(
    code: str, found: tuple[str, str]
) -> None:
    assert company_of(COMPANIES, code) == found


def test_a_company_that_a_table_without_others_does_not_list_has_no_code() -> None:
    assert company_of(COMPANIES[:2], "ABC") == ("", "ABC")
