"""The platform's words as rows of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bot.contracts.quantities import Asin, LocalSku, Msku, StoreId
from handlers.sync.marketplaces import MARKETPLACES
from storage.catalog.rows import (
    STOCK_STATES,
    DailySales,
    DataKind,
    FbaStock,
    Listing,
    Product,
    Quarantined,
    RestockSuggestion,
    Store,
)

if TYPE_CHECKING:
    from integrations.lingxing import models

_SUM_NODES = (1, 4)
_SHARED_STORE = "0"


def store_row(seller: models.Seller) -> Store:
    """A store with what is known of its marketplace."""
    marketplace = MARKETPLACES.get(seller.marketplace_id)
    return Store(
        store_id=StoreId(seller.sid),
        name=seller.name,
        country=seller.country,
        region=seller.region,
        marketplace_id=seller.marketplace_id,
        status=seller.status,
        has_ads=None if seller.has_ads_setting is None else seller.has_ads_setting == 1,
        currency=marketplace.currency if marketplace else None,
        time_zone=marketplace.time_zone if marketplace else None,
    )


def product_row(product: models.Product) -> Product:
    """A product; a lead time of 0 is one that nobody set."""
    return Product(
        local_sku=LocalSku(product.sku),
        name=product.product_name or None,
        purchase_lead_days=product.cg_delivery or None,
        moq_units=_moq(product),
        status=product.status,
    )


def stock_rows(store_id: StoreId, pulled: Iterable[models.FbaStock]) -> tuple[FbaStock, ...]:
    """The store's stock, several warehouses of one listing added up.

    Of a stock shared with other stores only the part this store can sell is known; how much of what is on its way
    will be this store's is not.
    """
    own: dict[Msku, FbaStock] = {}
    shared: dict[Msku, FbaStock] = {}
    for row in pulled:
        target = shared if row.sid == _SHARED_STORE else own
        stock = _shared_part(store_id, row) if row.sid == _SHARED_STORE else _own_stock(store_id, row)
        if stock is not None:
            known = target.get(stock.msku)
            target[stock.msku] = _added(known, stock) if known else stock
    return tuple((shared | own).values())


def stock_listings(store_id: StoreId, pulled: Iterable[models.FbaStock]) -> tuple[Listing, ...]:
    """The codes that the stock rows join."""
    return tuple(
        Listing(
            store_id=store_id,
            msku=Msku(row.seller_sku),
            asin=Asin(row.asin) if row.asin else None,
            fnsku=row.fnsku or None,
            local_sku=LocalSku(row.sku) if row.sku else None,
            name=row.product_name or None,
        )
        for row in pulled
        if row.sid == store_id or any(part.sid == store_id for part in row.fba_storage_quantity_list)
    )


def suggestion_rows(
    store_id: StoreId, pulled: Iterable[models.RestockSuggestion]
) -> tuple[tuple[RestockSuggestion, ...], tuple[Listing, ...]]:
    """Lingxing's figures for single listings, and the codes they join. Sums over several listings are left out."""
    lines = [
        (Msku(line.basic_info.msku_fnsku_list[0].msku), line)
        for row in pulled
        for line in row.leaves
        if line.basic_info.node_type not in _SUM_NODES
        and line.basic_info.sid == store_id
        and len(line.basic_info.msku_fnsku_list) == 1
    ]
    suggestions = tuple(_suggestion(store_id, msku, line) for msku, line in lines)
    listings = tuple(
        Listing(
            store_id,
            msku,
            Asin(line.basic_info.asin) if line.basic_info.asin else None,
            line.basic_info.msku_fnsku_list[0].fnsku or None,
            opened_on=_first_day(line.basic_info.listing_opentime_list),
        )
        for msku, line in lines
    )
    return suggestions, listings


def sales_rows(
    store_id: StoreId, pulled: Iterable[models.DailySales]
) -> tuple[tuple[DailySales, ...], tuple[Listing, ...]]:
    """Units per listing and day, several rows of one added up, and the codes they join."""
    days: dict[tuple[Msku, date], DailySales] = {}
    asins: dict[Msku, str] = {}
    for row in pulled:
        msku = Msku(row.seller_sku)
        asins[msku] = row.asin
        known = days.get((msku, row.r_date), DailySales(store_id, msku, row.r_date, 0, 0))
        days[msku, row.r_date] = replace(
            known, units=known.units + row.volume, orders=_plus(known.orders, row.order_items)
        )
    listings = (Listing(store_id, msku, Asin(asin) if asin else None) for msku, asin in asins.items())
    return tuple(days.values()), tuple(listings)


def quarantined_rows(
    platform: str, store_id: StoreId, kind: DataKind, rows: Iterable[models.Quarantined]
) -> Iterator[Quarantined]:
    """Rows set aside, as they are stored."""
    for row in rows:
        digest = sha256(f"{row.reason}\n{row.row}".encode()).hexdigest()
        yield Quarantined(platform, store_id, kind, digest, row.reason[:500], row.row)


def _own_stock(store_id: StoreId, row: models.FbaStock) -> FbaStock | None:
    if row.sid != store_id:
        return None
    return FbaStock(
        store_id=store_id,
        msku=Msku(row.seller_sku),
        fulfillable=row.afn_fulfillable_quantity,
        reserved_transfers=row.reserved_fc_transfers,
        reserved_processing=row.reserved_fc_processing,
        reserved_orders=row.reserved_customerorders,
        inbound_working=row.afn_inbound_working_quantity,
        inbound_shipped=row.afn_inbound_shipped_quantity,
        inbound_receiving=row.afn_inbound_receiving_quantity,
        unsellable=row.afn_unsellable_quantity,
        researching=row.afn_researching_quantity,
    )


def _shared_part(store_id: StoreId, row: models.FbaStock) -> FbaStock | None:
    part = next((part for part in row.fba_storage_quantity_list if part.sid == store_id), None)
    if part is None:
        return None
    return FbaStock(store_id, Msku(row.seller_sku), part.quantity_for_local_fulfillment, is_shared=True)


def _added(one: FbaStock, other: FbaStock) -> FbaStock:
    units: dict[str, Any] = {state: _plus(getattr(one, state), getattr(other, state)) for state in STOCK_STATES}
    return replace(one, **units)


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _suggestion(store_id: StoreId, msku: Msku, line: models.RestockSuggestion) -> RestockSuggestion:
    advice, chain, status = line.suggest_info, line.scm_quantity_info, line.ext_info.restock_status
    return RestockSuggestion(
        store_id=store_id,
        msku=msku,
        purchase_units=advice.quantity_sug_purchase,
        local_to_fba_units=advice.quantity_sug_local_to_fba,
        local_to_oversea_units=advice.quantity_sug_local_to_oversea,
        oversea_to_fba_units=advice.quantity_sug_oversea_to_fba,
        daily_units=advice.estimated_sale_avg_quantity,
        supply_days=advice.available_sale_days,
        fba_supply_days=advice.fba_available_sale_days,
        stockout_on=advice.out_stock_date,
        needs_restock=None if status is None else status == 0,
        local_units=chain.sc_quantity_local_valid,
        oversea_units=chain.sc_quantity_oversea_valid,
        purchase_plan_units=chain.sc_quantity_purchase_plan,
        purchase_ordered_units=chain.sc_quantity_purchase_shipping,
        inspection_units=chain.sc_quantity_local_qc,
        local_shipping_units=chain.sc_quantity_local_shipping,
        oversea_shipping_units=chain.sc_quantity_oversea_shipping,
    )


def _first_day(opened: Iterable[str]) -> date | None:
    days = []
    for text in opened:
        try:
            days.append(date.fromisoformat(text[:10]))
        except ValueError:  # the platform does not document this text; what is no date is not known
            return None
    return min(days, default=None)


def _moq(product: models.Product) -> int | None:
    primary = [quote for quote in product.supplier_quote if quote.is_primary == 1]
    steps = (step.moq for supplier in primary for quote in supplier.quotes for step in quote.step_prices)
    return min((moq for moq in steps if moq), default=None)
