"""A bridge's words as what was told of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.contracts.orders import OrderState
from handlers.orders.rules import BEFORE_ALL, Told
from handlers.orders.shipping import COMPANIES
from storage.orders.rows import GOOFISH, LINGXING, Buyer

if TYPE_CHECKING:
    from integrations.goofish.models import Company
    from integrations.goofish.models import Order as GoofishOrder
    from integrations.lingxing.models import AmazonOrder
    from integrations.marketplace import models

CLOCKS_APART: Final = timedelta(minutes=5)
"""How far ahead a bridge's clock is believed: one that is years ahead would make whatever it tells the last word."""

_AMAZON: Final[Mapping[str, OrderState]] = {
    "Pending": "pending_payment",
    "Unshipped": "paid",
    "PartiallyShipped": "paid",
    "Shipped": "shipped",
    "Canceled": "closed",
}
OTHERS: Final = ("other", "qita")
"""The codes of a company that is in no table, as two clients of 闲管家 know them."""


def told_of(event: models.OrderEvent, source: str, *, buyer: str, seen_at: datetime) -> Told:
    """What the event tells; ``buyer`` is encrypted already."""
    data = event.data
    return Told(
        source=source,
        account_id=data.account_id,
        order_id=data.order_id,
        at=min(event.modified_at, seen_at + CLOCKS_APART),
        seen_at=seen_at,
        state=event.state,
        refund=event.refund,
        raw_status=data.raw_status or data.status,
        item_id=data.item.item_id,
        sku_text=data.item.sku_text,
        title=data.item.title,
        quantity=data.item.quantity,
        amount=data.amount.value if data.amount else None,
        currency=data.amount.currency if data.amount else "",
        delivery_kind=event.delivery,
        chat_id=data.chat_id,
        buyer=buyer,
    )


def buyer_of(event: models.OrderEvent) -> Buyer:
    """Who bought, and where the parcel goes if the bridge tells it: personal data, to be encrypted at once."""
    buyer, to = event.data.buyer, event.data.recipient
    return {"id": buyer.id, "nick": buyer.nick, "name": to.name, "phone": to.phone, "address": to.address}


def goofish_told(order: GoofishOrder, account_id: str, *, buyer: str, seen_at: datetime) -> Told:
    """What 闲管家 tells of an order; ``buyer`` is encrypted already.

    Without a moment of its change it is as old as can be: whatever else is told counts more.
    """
    paid = order.paid
    changed_at = order.update_time or order.create_time or BEFORE_ALL
    return Told(
        source=GOOFISH,
        account_id=account_id,
        order_id=order.order_no,
        at=min(changed_at, seen_at + CLOCKS_APART),
        seen_at=seen_at,
        state=order.state,
        refund=order.refund,
        raw_status=str(order.order_status),
        item_id=order.goods.item_id,
        sku_text=order.goods.sku_text,
        title=order.goods.title,
        quantity=order.goods.quantity,
        amount=paid.amount if paid else None,
        currency=paid.currency if paid else "",
        buyer=buyer,
        waybill_no=order.waybill_no,
        express_code=order.express_code,
        paid_at=order.pay_time,
    )


def goofish_buyer(order: GoofishOrder) -> Buyer:
    """Who bought, and where the parcel goes: personal data, to be encrypted at once."""
    places = (order.prov_name, order.city_name, order.area_name, order.town_name, order.address)
    return {
        "id": order.buyer_eid,
        "nick": order.buyer_nick,
        "name": order.receiver_name,
        "phone": order.receiver_mobile,
        "address": " ".join(place for place in places if place),
    }


def amazon_told(order: AmazonOrder, *, seen_at: datetime) -> Told:
    """What Lingxing tells of an order that the store fulfils itself; several listings are named together."""
    units = [item.quantity_ordered or 0 for item in order.item_list]
    names = [item.local_name or item.seller_sku for item in order.item_list]
    has_amount = order.order_total_amount is not None and bool(order.order_total_currency_code)
    return Told(
        source=LINGXING,
        account_id=order.sid,
        order_id=order.amazon_order_id,
        at=min(order.gmt_modified_utc, seen_at + CLOCKS_APART),
        seen_at=seen_at,
        state=_AMAZON.get(order.order_status),
        raw_status=order.order_status,
        item_id=order.item_list[0].seller_sku if order.item_list else "",
        title=" + ".join(names),
        quantity=sum(units) or None,
        amount=order.order_total_amount if has_amount else None,
        currency=order.order_total_currency_code if has_amount else "",
        delivery_kind="express",
    )


def company_of(companies: Sequence[Company], express_code: str) -> tuple[str, str]:
    """The company's code and name in the platform's table: by its code, else by its name, else the line of all others
    with the company's name, as the platform wants it. The code is empty if the table has no such line."""
    name = next((name for name, code in COMPANIES.items() if code == express_code), express_code)
    same = (each for each in companies if each.express_code.casefold() == express_code.casefold())
    named = (each for each in companies if name in each.express_name)
    others = (each for each in companies if each.express_code in OTHERS)
    if (found := next(same, None) or next(named, None)) is not None:
        return found.express_code, found.express_name
    other = next(others, None)
    return (other.express_code, name) if other is not None else ("", name)
