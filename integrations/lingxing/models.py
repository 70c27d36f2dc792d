"""Lingxing's own words, parsed strictly at the edge. Field names and meanings are the platform's.

Identities must be there. Figures must be named in the row but may be null: unknown is not zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from integrations.lingxing.values import Day, Listed, MaybeDay, MaybeNumber, MaybeWhole, Text, UtcMoment, Whole


class Row(BaseModel):
    """What all rows share: unknown fields are ignored, values are never guessed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


_R = TypeVar("_R", bound=Row)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that does not fit. ``row`` is its JSON text, with the values of fields we do not know left out."""

    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Pulled(Generic[_R]):
    """What one pull brought: the rows that fit, in the platform's order, and the others."""

    rows: tuple[_R, ...]
    quarantined: tuple[Quarantined, ...] = ()


class Seller(Row):
    """A store. ``status``: 0 sync stopped, 1 normal, 2 authorisation failed, 3 stopped for arrears.

    Source: reference section 8.1, 亚马逊店铺列表.
    """

    sid: Text
    mid: Text
    name: str
    seller_id: str
    region: str
    country: str
    has_ads_setting: MaybeWhole
    marketplace_id: str
    status: Whole


class SharedPart(Row):
    """One store's part of a shared warehouse."""

    sid: Text
    name: str
    quantity_for_local_fulfillment: MaybeWhole


class FbaStock(Row):
    """Units of one listing in one FBA warehouse. ``sid`` is "0" for a shared one: see ``fba_storage_quantity_list``.

    Source: reference section 8.2, FBA库存列表-v2.
    """

    name: str
    sid: Text
    share_type: Whole
    asin: str
    seller_sku: str
    fnsku: str
    sku: str
    product_name: str
    afn_fulfillable_quantity: MaybeWhole
    reserved_fc_transfers: MaybeWhole
    reserved_fc_processing: MaybeWhole
    reserved_customerorders: MaybeWhole
    afn_unsellable_quantity: MaybeWhole
    afn_inbound_working_quantity: MaybeWhole
    afn_inbound_shipped_quantity: MaybeWhole
    afn_inbound_receiving_quantity: MaybeWhole
    stock_up_num: MaybeWhole
    afn_researching_quantity: MaybeWhole
    fba_storage_quantity_list: Annotated[tuple[SharedPart, ...], Listed] = ()


class OrderItem(Row):
    """One listing of an order."""

    seller_sku: str
    quantity_ordered: MaybeWhole
    asin: str = ""
    local_name: str | None = None


class AmazonOrder(Row):
    """One order of a store. Only Amazon's own fulfilment is ``AFN``; an amount of nothing has no currency.

    Source: reference section 8.4, 亚马逊订单列表.
    """

    sid: Text
    amazon_order_id: str
    order_status: str
    order_total_amount: MaybeNumber
    order_total_currency_code: str
    fulfillment_channel: str
    is_mcf_order: MaybeWhole = None
    item_list: Annotated[tuple[OrderItem, ...], Listed]
    gmt_modified_utc: UtcMoment


class Codes(Row):
    msku: str
    fnsku: str


class RestockBasics(Row):
    """``node_type``: 1 shared-stock parent, 2 shared-stock child, 3 not shared, 4 sum over ASIN and country."""

    hash_id: str
    node_type: Whole
    sid: Text
    asin: str
    msku_fnsku_list: Annotated[tuple[Codes, ...], Listed]
    listing_opentime_list: Annotated[tuple[str, ...], Listed]
    sync_time: str


class RestockAmazon(Row):
    amazon_quantity_valid: MaybeWhole
    amazon_quantity_shipping: MaybeWhole
    amazon_quantity_shipping_plan: MaybeWhole
    afn_fulfillable_quantity: MaybeWhole
    reserved_fc_transfers: MaybeWhole
    reserved_fc_processing: MaybeWhole


class RestockChain(Row):
    sc_quantity_local_valid: MaybeWhole
    sc_quantity_oversea_valid: MaybeWhole
    sc_quantity_oversea_shipping: MaybeWhole
    sc_quantity_local_qc: MaybeWhole
    sc_quantity_purchase_plan: MaybeWhole
    sc_quantity_purchase_shipping: MaybeWhole
    sc_quantity_local_shipping: MaybeWhole


class RestockSales(Row):
    """Averages are units per day, totals units, over the last n days."""

    sales_avg_3: MaybeNumber
    sales_avg_7: MaybeNumber
    sales_avg_14: MaybeNumber
    sales_avg_30: MaybeNumber
    sales_avg_60: MaybeNumber
    sales_avg_90: MaybeNumber
    sales_total_3: MaybeWhole
    sales_total_7: MaybeWhole
    sales_total_14: MaybeWhole
    sales_total_30: MaybeWhole
    sales_total_60: MaybeWhole
    sales_total_90: MaybeWhole


class RestockAdvice(Row):
    """Lingxing's own advice; 360 sale days look like a cap, not a measurement."""

    out_stock_flag: MaybeWhole
    out_stock_date: MaybeDay
    estimated_sale_quantity: MaybeNumber
    estimated_sale_avg_quantity: MaybeNumber
    available_sale_days: MaybeNumber
    fba_available_sale_days: MaybeNumber
    quantity_sug_purchase: MaybeWhole
    quantity_sug_local_to_oversea: MaybeWhole
    quantity_sug_local_to_fba: MaybeWhole
    quantity_sug_oversea_to_fba: MaybeWhole
    sug_date_purchase: MaybeDay
    sug_date_send_local: MaybeDay


class RestockExtra(Row):
    """``restock_status``: 0 needs restock, 1 needs none."""

    restock_status: MaybeWhole


class RestockSuggestion(Row):
    """One line of the suggestion list, with its parts if it is a sum.

    Source: reference section 8.3, 查询补货列表.
    """

    basic_info: RestockBasics
    amazon_quantity_info: RestockAmazon
    scm_quantity_info: RestockChain
    sales_info: RestockSales
    suggest_info: RestockAdvice
    ext_info: RestockExtra
    item_list: Annotated[tuple["RestockSuggestion", ...], Listed] = ()

    @property
    def leaves(self) -> tuple["RestockSuggestion", ...]:
        """The lines of single listings: adding sums and their parts would count twice."""
        return self.item_list or (self,)


class DailySales(Row):
    """Units and order lines of one listing on one day of the site's calendar; Pending orders are not in ``amount``.

    Source: reference section 8.4, 店铺汇总销量.
    """

    r_date: Day
    seller_sku: str
    asin: str
    currency_code: str
    order_items: MaybeWhole
    volume: Whole
    amount: MaybeNumber


class StepPrice(Row):
    moq: MaybeWhole
    price: MaybeNumber


class Quote(Row):
    currency: str
    step_prices: Annotated[tuple[StepPrice, ...], Listed]


class SupplierQuote(Row):
    supplier_id: Text
    is_primary: Whole
    quotes: Annotated[tuple[Quote, ...], Listed]


class Product(Row):
    """A product of the warehouse. ``cg_delivery`` is its purchase lead time in days, 0 when nobody set it;
    ``status``: 0 stopped, 1 on sale, 2 in development, 3 clearance.

    Source: reference section 8.5, 本地产品列表.
    """

    id: Text
    sku: str
    product_name: str
    cg_delivery: MaybeWhole
    cg_price: MaybeNumber
    status: MaybeWhole
    supplier_quote: Annotated[tuple[SupplierQuote, ...], Listed] = ()


def fit(model: type[_R], row: Any) -> _R | Quarantined:
    """``row`` as ``model``, or set aside with the reason."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        return Quarantined(_reason(error), _redacted(model, row))


def sorted_out(rows: Iterable[_R | Quarantined]) -> Pulled[_R]:
    """Rows that fit and rows that do not, each in their order."""
    fits, others = list[_R](), list[Quarantined]()
    for row in rows:
        if isinstance(row, Quarantined):
            others.append(row)
        else:
            fits.append(row)
    return Pulled(tuple(fits), tuple(others))


def _reason(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems[:5])


def _redacted(model: type[Row], row: Any) -> str:
    if not isinstance(row, dict):
        return f"a {type(row).__name__} instead of an object"
    known = {name: value if name in model.model_fields else "…" for name, value in row.items()}
    return orjson.dumps(known).decode()
