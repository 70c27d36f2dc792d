"""Rows of the simulated Lingxing with defaults, so that a test states only what matters."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from integrations.lingxing.simulator import LingxingSimulator, Order, Product, Sale, Seller, Stock, Suggestion

CHANGED_AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def a_seller(sid: int = 136, name: str = "晨星-US", status: int = 1) -> Seller:
    return Seller(
        sid=sid,
        mid=1,
        name=name,
        seller_id="A0EXAMPLE",
        account_name="chenxing",
        region="NA",
        country="美国",
        marketplace_id="ATVPDKIKX0DER",
        status=status,
    )


def a_stock(number: int = 1, sid: int = 136, fulfillable: int = 40) -> Stock:
    return Stock(
        sid=sid,
        warehouse="晨星-US美国仓",
        asin=f"B0EXAMPL{number:02d}",
        msku=f"M-{number:04d}",
        fnsku=f"X00{number:07d}",
        local_sku=f"L-{number:04d}",
        product_name="折叠水壶",
        fulfillable=fulfillable,
    )


def a_suggestion(number: int = 1, sid: int = 136, purchase_units: int = 0) -> Suggestion:
    return Suggestion(
        sid=sid,
        asin=f"B0EXAMPL{number:02d}",
        msku=f"M-{number:04d}",
        fnsku=f"X00{number:07d}",
        opened_at="2025-07-02 01:43:09 -07:00",
        sync_time="2026-11-22 10:40:00",
        purchase_units=purchase_units,
    )


def a_product(number: int = 1, lead_days: int = 15) -> Product:
    return Product(
        id=number,
        local_sku=f"L-{number:04d}",
        name="折叠水壶",
        lead_days=lead_days,
        price=Decimal("12.50"),
        moq=100,
        supplier_id=7,
    )


def sales(start: date, days: int, listings: int = 1) -> Iterator[Sale]:
    for offset in range(days):
        for number in range(1, listings + 1):
            yield Sale(start + timedelta(days=offset), f"M-{number:04d}", f"B0EXAMPL{number:02d}", "USD", 3, 2, "59.97")


def fill_stock(simulator: LingxingSimulator, listings: int) -> None:
    for number in range(1, listings + 1):
        simulator.add_stock(a_stock(number))


def fill_suggestions(simulator: LingxingSimulator, listings: int) -> None:
    for number in range(1, listings + 1):
        simulator.add_suggestion(a_suggestion(number))


def an_order(order_id: str, *, sid: int = 136, channel: str = "MFN", modified_at: datetime = CHANGED_AT) -> Order:
    return Order(
        sid=sid,
        order_id=order_id,
        msku="SAMPLE-1",
        asin="B0SAMPLE01",
        name="样品",
        channel=channel,
        modified_at=modified_at,
    )
