"""The world as Lingxing knows it: fills the simulator, with suggestions by a rule that is plausibly Lingxing's own."""

import math
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from bot.cli.world.model import Offer, World
from integrations.lingxing.simulator import LingxingSimulator, Product, Sale, Seller, Stock, Suggestion

_WINDOWS = (3, 7, 14, 30, 60, 90)
_LONGEST_SUPPLY_DAYS = 360
_FREIGHT_DAYS = 35
_COVER_DAYS = 30
_CHANNELS = {"NA": "AMAZON_NA", "EU": "AMAZON_EU", "JP": "AMAZON_JP"}


def fill_lingxing(world: World, simulator: LingxingSimulator) -> None:
    """Give ``simulator`` everything the world's company keeps in Lingxing."""
    for shop in world.shops:
        simulator.add_seller(
            Seller(
                sid=shop.sid,
                mid=shop.mid,
                name=shop.name,
                seller_id=shop.seller_id,
                account_name=shop.account_name,
                region=shop.region,
                country=shop.country,
                marketplace_id=shop.marketplace_id,
                status=shop.status,
            )
        )
        simulator.add_sales(
            shop.sid, (sale for offer in world.offers if offer.shop == shop for sale in sales_of(world, offer))
        )
    for item in world.items:
        simulator.add_product(
            Product(
                id=item.number,
                local_sku=item.local_sku,
                name=item.name,
                lead_days=item.lead_days,
                price=item.cost,
                moq=item.minimum_units,
                supplier_id=item.supplier_id,
            )
        )
    for offer in world.offers:
        simulator.add_stock(_stock(offer))
        simulator.add_suggestion(_suggestion(world, offer))


def sales_of(world: World, offer: Offer) -> Iterator[Sale]:
    """The days on which the offer sold something; about one order in eight is for two units."""
    for index, units in enumerate(offer.units):
        if units:
            day = world.first_day + timedelta(days=index)
            amount = str(offer.price * units)
            yield Sale(day, offer.msku, offer.item.asin, offer.shop.currency, units, units - units // 8, amount)


def _stock(offer: Offer) -> Stock:
    shelf = offer.shelf
    return Stock(
        sid=offer.shop.sid,
        warehouse=f"{offer.shop.name}{offer.shop.country}仓",
        asin=offer.item.asin,
        msku=offer.msku,
        fnsku=offer.fnsku,
        local_sku=offer.item.local_sku,
        product_name=offer.item.name,
        channel=_CHANNELS[offer.shop.region],
        fulfillable=shelf.fulfillable,
        transfers=shelf.transfers,
        processing=shelf.processing,
        customer_orders=shelf.customer_orders,
        unsellable=shelf.unsellable,
        inbound_working=shelf.inbound_working,
        inbound_shipped=shelf.inbound_shipped,
        inbound_receiving=shelf.inbound_receiving,
        unit_price=offer.item.cost,
    )


def _suggestion(world: World, offer: Offer) -> Suggestion:
    """Demand is weighted over 7, 14 and 30 days; buying covers lead time, freight and a month."""
    shelf, item = offer.shelf, offer.item
    sold = {days: offer.sold(days) for days in _WINDOWS}
    daily = Decimal(sold[7]) / 7 * Decimal("0.2") + Decimal(sold[14]) / 14 * Decimal("0.3") + Decimal(sold[30]) / 60
    valid = shelf.fulfillable + shelf.transfers + shelf.processing
    shipping = shelf.inbound_shipped + shelf.inbound_receiving
    amazon = valid + shipping
    owned = amazon + shelf.inbound_working + item.local_units + item.inspection_units + item.ordered_units
    cover = (item.lead_days or 15) + _FREIGHT_DAYS + _COVER_DAYS
    fba_days, all_days = _supply(amazon, daily), _supply(owned, daily)
    buys = _tens(daily * cover - owned)
    sends = min(item.local_units, _tens(daily * (_FREIGHT_DAYS + _COVER_DAYS) - amazon - shelf.inbound_working))
    runs_out = fba_days < _FREIGHT_DAYS
    return Suggestion(
        sid=offer.shop.sid,
        asin=item.asin,
        msku=offer.msku,
        fnsku=offer.fnsku,
        opened_at=f"{offer.opened_on.isoformat()} 02:15:00 -07:00",
        sync_time=f"{world.today.isoformat()} 06:30:00",
        sold_units=sold,
        daily_units=round(daily, 2),
        fulfillable=shelf.fulfillable,
        transfers=shelf.transfers,
        processing=shelf.processing,
        shipping=shipping,
        shipping_plan=shelf.inbound_working,
        local=item.local_units,
        local_qc=item.inspection_units,
        purchase_shipping=item.ordered_units,
        supply_days=all_days,
        fba_supply_days=fba_days,
        stockout_on=world.today + timedelta(days=fba_days) if runs_out else None,
        purchase_units=buys,
        local_to_fba_units=sends,
        cover_days=cover,
        buy_on=world.today if buys else None,
        send_on=world.today if sends else None,
    )


def _supply(units: int, daily: Decimal) -> int:
    return min(_LONGEST_SUPPLY_DAYS, math.floor(units / daily)) if daily else _LONGEST_SUPPLY_DAYS


def _tens(units: Decimal) -> int:
    return max(0, math.ceil(units / 10)) * 10
