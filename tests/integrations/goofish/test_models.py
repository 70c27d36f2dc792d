"""Orders and pushes as 闲管家 writes them, and what they mean to us."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from bot.contracts.quantities import Money
from integrations.goofish.models import PUSH_TAKEN, Order, Unreadable, read_push, read_row, read_rows
from integrations.goofish.states import order_state, refund_state

PUSH: dict[str, Any] = {
    "seller_id": 4242,
    "user_name": "demo-seller",
    "order_no": "1000000000000000001",
    "order_type": 1,
    "order_status": 12,
    "refund_status": 0,
    "modify_time": 1795316398,
    "product_id": 900000000002,
    "item_id": 900000000001,
    "address_status": 0,
}
ORDER: dict[str, Any] = {
    "order_no": "1000000000000000001",
    "order_status": 12,
    "refund_status": 0,
    "pay_amount": 1990,
    "pay_time": 1795316398,
    "consign_time": 0,
    "update_time": 1795316398,
    "receiver_name": "张三",
    "receiver_mobile": "13800000000",
    "address": "演示路 1 号",
    "buyer_nick": "小**",
    "goods": {"quantity": 2, "item_id": 900000000001, "sku_text": "黑色 128G", "title": "演示商品", "price": 995},
}


@pytest.mark.parametrize(
    ("status", "refund", "state", "refund_is"),
    [
        (11, 0, "pending_payment", "none"),
        (12, 0, "paid", "none"),
        (21, 0, "shipped", "none"),
        (22, 0, "completed", "none"),
        (23, 0, "refunded", "refunded"),
        (24, 0, "closed", "none"),
        (12, 1, "paid", "requested"),
        (21, 2, "shipped", "requested"),
        (21, 3, "shipped", "requested"),
        (12, 4, "paid", "closed"),
        (12, 5, "refunded", "refunded"),
        (22, 6, "completed", "closed"),
        (12, 8, "paid", "requested"),
        (99, 0, None, "none"),
        (12, 7, "paid", None),
    ],
)
def test_each_number_has_its_state(status: int, refund: int, state: str | None, refund_is: str | None) -> None:
    assert (order_state(status, refund), refund_state(status, refund)) == (state, refund_is)


def test_a_push_is_understood_and_known_again() -> None:
    push = read_push(PUSH)
    assert (push.order_no, push.item_id, push.state, push.refund) == (PUSH["order_no"], "900000000001", "paid", "none")
    assert push.event_id == "1000000000000000001-12-0-1795316398"
    assert read_push({**PUSH, "order_status": "12", "modify_time": "1795316398"}).event_id == push.event_id


@pytest.mark.parametrize("name", ["order_status", "refund_status", "modify_time"])
def test_another_change_is_another_event(name: str) -> None:
    assert read_push({**PUSH, name: 21}).event_id != read_push(PUSH).event_id


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"order_no": None}, "order_no"),
        ({"order_no": ""}, "order_no"),
        ({"order_no": True}, "order_no"),
        ({"order_no": 1.5}, "order_no"),
        ({"order_status": "paid"}, "order_status"),
        ({"modify_time": None}, "modify_time"),
    ],
)
def test_a_push_that_does_not_fit_is_refused_by_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Unreadable, match=f"^{field}: "):
        read_push({**PUSH, **changed})


def test_the_answer_to_a_push_is_the_documented_one() -> None:
    assert orjson.loads(PUSH_TAKEN) == {"result": "success", "msg": "接收成功"}


def test_an_order_is_understood() -> None:
    order = read_row(Order, ORDER)
    assert (order.state, order.paid, order.consign_time) == ("paid", Money(Decimal("19.90"), "CNY"), None)
    assert order.pay_time == datetime.fromtimestamp(1795316398, UTC)
    assert (order.goods.quantity, order.goods.sku_text, order.goods.item_id) == (2, "黑色 128G", "900000000001")


def test_what_is_not_told_is_not_zero() -> None:
    order = read_row(Order, {"order_no": 1000000000000000001, "order_status": 12, "goods": None, "pay_amount": None})
    assert (order.order_no, order.goods.quantity, order.paid) == ("1000000000000000001", None, None)


def test_an_order_does_not_show_people() -> None:
    shown = repr(read_row(Order, ORDER))
    assert not [word for word in ("张三", "13800000000", "演示路", "小**") if word in shown]


def test_a_row_that_does_not_fit_leaves_its_reason_and_no_value() -> None:
    pulled = read_rows(Order, [ORDER, {**ORDER, "receiver_mobile": ["13800000000"]}, "nonsense"])
    assert (len(pulled.rows), len(pulled.misfits)) == (1, 2)
    assert pulled.misfits[0].startswith("receiver_mobile: ")
    assert "138" not in "".join(pulled.misfits)
