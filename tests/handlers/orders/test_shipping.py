"""Which value goes for an order, and what stops it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.errors import UserInputError
from bot.contracts.orders import RefundState
from handlers.orders.shipping import (
    BUT_TIME,
    KeyStock,
    Situation,
    checks,
    delay,
    effective,
    ended_by,
    first_stop,
    may_plan,
    pool_for,
    read_changes,
    read_company,
    read_number,
    same_variant,
    share_of,
    wait_after,
)
from storage.orders.rows import Channel, Hold, KeyPool, OrderStatus, Shipment, ShipmentState, ShippingSetting
from tests.storage.orders.builders import NOW, an_order

AUTO = ShippingSetting(mode="auto", express_code="SF", delay_from=30, delay_to=90)
GOOD = Situation(order=an_order(), effective=effective([AUTO], an_order()), now=NOW, free_waybills=1)
VIRTUAL = an_order(delivery_kind="virtual", quantity=3)
POOL = KeyPool(id="P", account_id="", item_id="900000000001", variant="")
PLANNED = Shipment(order_key="k", state="planned", run_at=NOW, changed_at=NOW)


def stop_of(**changed: object) -> str:
    """The name of the first rule that stops an otherwise good order, "" if none does."""
    stop = first_stop(checks(replace(GOOD, **changed)), ignoring=BUT_TIME)  # type: ignore[arg-type]
    return stop.name if stop else ""


def test_an_order_that_nothing_speaks_against_goes_out() -> None:
    assert stop_of() == ""
    assert may_plan(checks(GOOD))


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"order": an_order(status="shipped")}, "paid"),
        ({"order": an_order(refund="requested")}, "refund"),
        ({"shipment": replace(PLANNED, state="unclear")}, "under_way"),
        ({"effective": effective([AUTO, ShippingSetting(item_id="9", variant="白")], an_order())}, "known_variant"),
        ({"effective": effective([], an_order())}, "mode"),
        ({"holds": (Hold(scope="all", person_id="P", set_at=NOW),)}, "held"),
        ({"channel": Channel(source="s", account_id="a", status="risk_control", status_at=NOW)}, "channel"),
        ({"has_bridge": False}, "bridge"),
        ({"order": an_order(delivery_kind="virtual")}, "keys"),
        ({"order": an_order(delivery_kind="virtual"), "keys": KeyStock(pool=POOL, own=0, free=0)}, "keys"),
        ({"order": VIRTUAL, "keys": KeyStock(pool=replace(POOL, held_since=NOW), own=3)}, "keys"),
        ({"effective": effective([replace(AUTO, stock=0)], an_order())}, "stock"),
        ({"effective": effective([ShippingSetting(mode="auto")], an_order())}, "company"),
        ({"free_waybills": 0}, "waybill"),
        ({"shipment": replace(PLANNED, state="refused", error="closed", waybill_no="SF1")}, "error"),
    ],
)
def test_the_first_rule_that_is_not_passed_stops_it(changed: dict[str, object], name: str) -> None:
    assert stop_of(**changed) == name


def test_its_time_must_have_come() -> None:
    planned = replace(GOOD, shipment=replace(PLANNED, run_at=NOW + timedelta(seconds=1)))
    stop = first_stop(checks(planned))
    assert stop is not None
    assert stop.name == "time"
    assert first_stop(checks(replace(planned, now=NOW + timedelta(seconds=1)))) is None


def test_the_lowest_level_that_says_something_counts_for_each_value() -> None:
    chosen = effective(
        [
            AUTO,
            ShippingSetting(account_id="shop-a", mode="manual"),
            ShippingSetting(item_id="900000000001", express_code="YTO"),
            ShippingSetting(item_id="900000000001", variant="黑色128g", mode="shadow"),
        ],
        an_order(),
    )
    assert (chosen.mode, chosen.express_code, chosen.delay_from) == ("shadow", "YTO", 30)
    assert chosen.levels == {
        "mode": "variant",
        "express_code": "item",
        "delay_from": "default",
        "delay_to": "default",
        "template": "built_in",
        "stock": "built_in",
        "low_stock": "built_in",
    }


def test_shadow_is_planned_only_if_nothing_else_stops_it() -> None:
    shadow = effective([replace(AUTO, mode="shadow")], an_order())
    assert may_plan(checks(replace(GOOD, effective=shadow)))
    assert not may_plan(checks(replace(GOOD, effective=shadow, free_waybills=0)))


@given(st.floats(0, 1), st.integers(0, 1000), st.integers(0, 1000))
def test_the_wait_is_within_its_window(share: float, first: int, more: int) -> None:
    chosen = effective([replace(AUTO, delay_from=first, delay_to=first + more)], an_order())
    assert timedelta(seconds=first) <= delay(chosen, share) <= timedelta(seconds=first + more)
    assert 0 <= share_of(an_order()) < 1


@pytest.mark.parametrize(
    ("status", "refund", "state"),
    [
        ("closed", "none", "cancelled"),
        ("refunded", "refunded", "cancelled"),
        ("paid", "requested", None),  # it may be withdrawn: then the platform's refusal counts again
        ("shipped", "none", "confirmed"),
    ],
)
def test_a_refused_shipment_ends_with_its_order(
    status: OrderStatus, refund: RefundState, state: ShipmentState | None
) -> None:
    assert ended_by(an_order(status=status, refund=refund), replace(PLANNED, state="refused")) == state


def test_waits_grow_and_end() -> None:
    waits = [wait_after(tries) for tries in range(7)]
    assert waits[-1] is None
    assert waits[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]


@pytest.mark.parametrize(("one", "other"), [("黑色 128G", "黑色128g"), ("ＸＬ", "xl"), ("", " ")])
def test_variants_are_the_same_however_they_are_spaced(one: str, other: str) -> None:
    assert same_variant(one, other)


def test_a_setting_is_changed_by_what_is_named() -> None:
    changed = read_changes(ShippingSetting(item_id="9"), "规格=黑色 128G 方式=自动 延迟=30-60 公司=顺丰快递")
    assert changed == ShippingSetting(
        item_id="9", variant="黑色 128G", mode="auto", delay_from=30, delay_to=60, express_code="SF"
    )


@pytest.mark.parametrize("text", ["", "自动", "方式=", "延迟=x", "延迟=90-30", "公司=", "乱写 方式=自动"])
def test_a_setting_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(UserInputError):
        read_changes(ShippingSetting(), text)


@pytest.mark.parametrize("text", ["=1+1", "+SF123456", "@SUM(A1)", "12345", "单号123456"])
def test_what_is_no_number_is_refused_formulas_too(text: str) -> None:
    with pytest.raises(UserInputError):
        read_number(text)


def test_companies_are_known_by_name_and_code() -> None:
    assert [read_company(each) for each in ("顺丰", "圆通速递", "sf")] == ["SF", "YTO", "SF"]


def test_an_order_of_virtual_goods_needs_a_key_for_each_piece_and_no_company() -> None:
    bare = effective([ShippingSetting(mode="auto")], VIRTUAL)
    assert stop_of(order=VIRTUAL, effective=bare, keys=KeyStock(pool=POOL, own=1, free=2)) == ""
    assert stop_of(order=VIRTUAL, effective=bare, keys=KeyStock(pool=POOL, own=1, free=1)) == "keys"


def test_what_is_counted_off_for_an_order_does_not_lack() -> None:
    empty = effective([replace(AUTO, stock=0)], an_order())
    assert stop_of(effective=empty, shipment=replace(PLANNED, taken=1)) == ""
    assert empty.counted_at == replace(AUTO, stock=0)


def test_the_nearest_pool_serves_an_order_and_none_is_guessed() -> None:
    of_shop = replace(POOL, id="S", account_id="shop-a")
    of_other = replace(POOL, id="O", account_id="shop-b")
    of_variant = replace(POOL, id="V", variant="黑色128g")
    assert pool_for([POOL, of_shop, of_other], an_order()) == of_shop
    assert pool_for([of_other], an_order()) is None
    assert pool_for([POOL, of_variant], an_order()) == of_variant
    assert pool_for([POOL, of_variant], an_order(sku_text="白色")) is None


def test_template_and_counts_are_set_and_left_to_the_level_above() -> None:
    changed = read_changes(ShippingSetting(), "模板=你好 {keys} 库存=7，低库存＝３")
    assert (changed.template, changed.stock, changed.low_stock) == ("你好 {keys}", 7, 3)
    assert read_changes(changed, "template=above stock=上级 low_stock=上级") == ShippingSetting()


@pytest.mark.parametrize("text", ["库存=-1", "库存=多", "低库存=1.5", "stock="])
def test_a_count_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserInputError):
        read_changes(ShippingSetting(), text)
