"""The stock that a service would remember, had it run through the world's last weeks."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.cli.world.model import Offer, World
from bot.contracts.quantities import Msku, StoreId
from storage.catalog.rows import StockDay

REMEMBERED_DAYS = 100


def remembered_stock(world: World, store_id: StoreId, today: date) -> Iterator[StockDay]:
    """A store's stock at the end of each of the last days before its own ``today``; an offer's since it opened."""
    for offer in world.offers:
        if str(offer.shop.sid) == store_id:
            yield from _days(offer, today - timedelta(days=world.days))


def _days(offer: Offer, first_day: date) -> Iterator[StockDay]:
    ends = list(enumerate(zip(offer.on_hand, offer.under_way, strict=True)))
    for number, (on_hand, under_way) in ends[-REMEMBERED_DAYS:]:
        day = first_day + timedelta(days=number)
        if day < offer.opened_on:
            continue
        moving = on_hand // 12
        yield StockDay(
            store_id=StoreId(str(offer.shop.sid)),
            msku=Msku(offer.msku),
            stock_date_marketplace=day,
            fulfillable=on_hand - moving,
            reserved_transfers=0,
            reserved_processing=moving,
            inbound_working=0,
            inbound_shipped=under_way,
            inbound_receiving=0,
        )
