"""What the simulator knows, and how Lingxing would write it down.

Source: reference sections 8.1 to 8.5 for the field names; figures without meaning for us are zero.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

WINDOWS = (3, 7, 14, 30, 60, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A store; ``status`` 1 normal, 2 authorisation failed."""

    sid: int
    mid: int
    name: str
    seller_id: str
    account_name: str
    region: str
    country: str
    marketplace_id: str
    status: int = 1
    has_ads: bool = True

    def wire(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "mid": self.mid,
            "name": self.name,
            "seller_id": self.seller_id,
            "account_name": self.account_name,
            "seller_account_id": 1000 + self.sid,
            "region": self.region,
            "country": self.country,
            "has_ads_setting": int(self.has_ads),
            "marketplace_id": self.marketplace_id,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One listing's line of the suggestion list. ``sold_units`` are units in the last 3 … 90 days."""

    sid: int
    asin: str
    msku: str
    fnsku: str
    opened_at: str
    sync_time: str
    sold_units: Mapping[int, int] = field(default_factory=dict)
    daily_units: Decimal = Decimal(0)
    fulfillable: int = 0
    transfers: int = 0
    processing: int = 0
    shipping: int = 0
    shipping_plan: int = 0
    local: int = 0
    local_qc: int = 0
    purchase_plan: int = 0
    purchase_shipping: int = 0
    supply_days: int = 360
    fba_supply_days: int = 360
    stockout_on: date | None = None
    purchase_units: int = 0
    local_to_fba_units: int = 0
    cover_days: int = 0
    buy_on: date | None = None
    send_on: date | None = None

    def wire(self) -> dict[str, Any]:
        needed = self.purchase_units > 0 or self.local_to_fba_units > 0
        return {
            "basic_info": self._basics(),
            "amazon_quantity_info": {
                "amazon_quantity_valid": self.fulfillable + self.transfers + self.processing,
                "amazon_quantity_shipping": self.shipping,
                "amazon_quantity_shipping_plan": self.shipping_plan,
                "afn_fulfillable_quantity": self.fulfillable,
                "reserved_fc_transfers": self.transfers,
                "reserved_fc_processing": self.processing,
            },
            "scm_quantity_info": {
                "sc_quantity_local_valid": self.local,
                "sc_quantity_oversea_valid": 0,
                "sc_quantity_oversea_shipping": 0,
                "sc_quantity_local_qc": self.local_qc,
                "sc_quantity_purchase_plan": self.purchase_plan,
                "sc_quantity_purchase_shipping": self.purchase_shipping,
                "sc_quantity_local_shipping": 0,
            },
            "sales_info": {
                **{f"sales_avg_{days}": round(self.sold_units.get(days, 0) / days, 2) for days in WINDOWS},
                **{f"sales_total_{days}": self.sold_units.get(days, 0) for days in WINDOWS},
            },
            "suggest_info": self._advice(),
            "ext_info": {"restock_status": 0 if needed else 1, "remark": "", "star": 0, "need_flag": []},
            "item_list": [],
        }

    def _basics(self) -> dict[str, Any]:
        return {
            "hash_id": hashlib.md5(f"{self.sid}/{self.msku}".encode(), usedforsecurity=False).hexdigest(),
            "data_type": 2,
            "node_type": 3,
            "sid": str(self.sid),
            "asin": self.asin,
            "msku_fnsku_list": [{"msku": self.msku, "fnsku": self.fnsku}],
            "listing_opentime_list": [self.opened_at],
            "sync_time": self.sync_time,
        }

    def _advice(self) -> dict[str, Any]:
        gone = self.stockout_on.isoformat() if self.stockout_on else ""
        return {
            "out_stock_flag": int(self.stockout_on is not None),
            "out_stock_date": gone,
            "estimated_sale_quantity": float(round(self.daily_units * self.cover_days, 2)),
            "estimated_sale_avg_quantity": float(self.daily_units),
            "available_sale_days": self.supply_days,
            "fba_available_sale_days": self.fba_supply_days,
            "quantity_sug_purchase": self.purchase_units,
            "quantity_sug_local_to_oversea": 0,
            "quantity_sug_local_to_fba": self.local_to_fba_units,
            "quantity_sug_oversea_to_fba": 0,
            "out_stock_date_purchase": gone,
            "out_stock_date_local": gone,
            "out_stock_date_oversea": "",
            "sug_date_purchase": self.buy_on.isoformat() if self.buy_on else "",
            "sug_date_send_local": self.send_on.isoformat() if self.send_on else "",
            "sug_date_send_oversea": "",
            "suggest_sm_list": [],
        }


class Sale(NamedTuple):
    """One listing's sales of one day of the site's calendar. ``amount`` is text, as Lingxing writes it."""

    day: date
    msku: str
    asin: str
    currency: str
    units: int
    orders: int
    amount: str

    def wire(self) -> dict[str, Any]:
        return {
            "r_date": self.day.isoformat(),
            "seller_sku": self.msku,
            "asin": self.asin,
            "currency_code": self.currency,
            "order_items": self.orders,
            "volume": self.units,
            "amount": self.amount,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product of the warehouse. ``lead_days`` 0 means that nobody set it."""

    id: int
    local_sku: str
    name: str
    lead_days: int
    price: Decimal
    moq: int
    supplier_id: int
    status: int = 1

    def wire(self) -> dict[str, Any]:
        step = {"moq": self.moq, "price": str(self.price), "price_with_tax": str(self.price)}
        return {
            "id": self.id,
            "sku": self.local_sku,
            "product_name": self.name,
            "cg_delivery": self.lead_days,
            "cg_price": str(self.price),
            "status": self.status,
            "open_status": 1,
            "is_combo": 0,
            "supplier_quote": [
                {
                    "supplier_id": self.supplier_id,
                    "is_primary": 1,
                    "supplier_product_url": [],
                    "quotes": [{"currency": "CNY", "is_tax": 0, "tax_rate": "0", "step_prices": [step]}],
                }
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of a store with one listing; ``channel`` is ``AFN`` or ``MFN``."""

    sid: int
    order_id: str
    msku: str
    asin: str
    name: str
    modified_at: datetime
    status: str = "Unshipped"
    channel: str = "MFN"
    units: int = 1
    amount: str = "19.99"
    currency: str = "USD"

    def wire(self) -> dict[str, Any]:
        modified_at = self.modified_at.astimezone(UTC)
        item = {
            "asin": self.asin,
            "quantity_ordered": self.units,
            "seller_sku": self.msku,
            "local_sku": "",
            "local_name": self.name,
        }
        return {
            "sid": self.sid,
            "seller_name": f"store {self.sid}",
            "amazon_order_id": self.order_id,
            "order_status": self.status,
            "order_total_amount": self.amount,
            "order_total_currency_code": self.currency,
            "fulfillment_channel": self.channel,
            "is_return": 0,
            "is_mcf_order": 0,
            "refund_amount": "",
            "item_list": [item],
            "gmt_modified": f"{modified_at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}",
            "gmt_modified_utc": f"{modified_at:%Y-%m-%d %H:%M:%S}",
        }
