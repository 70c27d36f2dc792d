"""A listing's FBA units, and how Lingxing would write them down.

Source: reference section 8.2 for the field names; figures without meaning for us are zero.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_AGES = (
    *("0_to_30", "31_to_60", "61_to_90", "0_to_90", "91_to_180"),
    *("181_to_270", "271_to_330", "271_to_365", "331_to_365", "365_plus"),
)
_PRICED = (
    *("available_total", "afn_fulfillable_quantity", "reserved_fc_transfers", "reserved_fc_processing"),
    *("reserved_customerorders", "quantity", "afn_unsellable_quantity", "afn_inbound_working_quantity"),
    *("afn_inbound_shipped_quantity", "afn_inbound_receiving_quantity", "stock_up_num", "afn_researching_quantity"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Units of one listing at FBA. ``shared_with`` (store id, name, units) makes it a shared European warehouse."""

    sid: int
    warehouse: str
    asin: str
    msku: str
    fnsku: str
    local_sku: str
    product_name: str
    channel: str = "AMAZON_NA"
    fulfillable: int = 0
    transfers: int = 0
    processing: int = 0
    customer_orders: int = 0
    unsellable: int = 0
    inbound_working: int = 0
    inbound_shipped: int = 0
    inbound_receiving: int = 0
    researching: int = 0
    unit_price: Decimal = Decimal("0.00")
    shared_with: tuple[tuple[int, str, int], ...] = ()

    def wire(self) -> dict[str, Any]:
        shared = bool(self.shared_with)
        row: dict[str, Any] = {
            "name": self.warehouse,
            "storage_type_name": "",
            "seller_group_name": ",".join(name for _, name, _ in self.shared_with),
            "sid": 0 if shared else self.sid,
            "asin": self.asin,
            "asin_principal_list": [],
            "product_name": self.product_name,
            "small_image_url": "",
            "seller_sku": self.msku,
            "fnsku": self.fnsku,
            "sku": self.local_sku,
            "category_text": "",
            "cid": 0,
            "product_brand_text": "",
            "bid": 0,
            "share_type": 2 if shared else 0,
            **self._units(),
            **{f"inv_age_{age}_days": 0 for age in _AGES},
            **{f"inv_age_{age}_price": "0.00" for age in _AGES},
            **self._health(),
            "fba_storage_quantity_list": [
                {"sid": sid, "name": name, "quantity_for_local_fulfillment": units}
                for sid, name, units in self.shared_with
            ],
        }
        prices = {f"{name}_price": str(row[name] * self.unit_price) for name in _PRICED}
        return {**row, **prices, "total_price": float(row["total"] * self.unit_price)}

    def _units(self) -> dict[str, int]:
        sellable = self.fulfillable + self.transfers + self.processing
        inbound = self.inbound_working + self.inbound_shipped + self.inbound_receiving
        return {
            "total": sellable + self.customer_orders + self.unsellable + inbound + self.researching,
            "available_total": sellable + inbound,
            "afn_fulfillable_quantity": self.fulfillable,
            "reserved_fc_transfers": self.transfers,
            "reserved_fc_processing": self.processing,
            "reserved_customerorders": self.customer_orders,
            "quantity": 0,
            "afn_unsellable_quantity": self.unsellable,
            "afn_inbound_working_quantity": self.inbound_working,
            "afn_inbound_shipped_quantity": self.inbound_shipped,
            "afn_inbound_receiving_quantity": self.inbound_receiving,
            "stock_up_num": self.inbound_shipped,
            "afn_researching_quantity": self.researching,
            "total_fulfillable_quantity": sellable,
        }

    def _health(self) -> dict[str, Any]:
        return {
            "recommended_action": "",
            "sell_through": 0.0,
            "estimated_excess_quantity": 0.0,
            "estimated_storage_cost_next_month": 0.0,
            "fba_minimum_inventory_level": 0.0,
            "fba_inventory_level_health_status": "",
            "historical_days_of_supply": 0.0,
            "historical_days_of_supply_price": "0.00",
            "low_inventory_level_fee_applied": "",
            "fulfillment_channel": self.channel,
            "cg_price": str(self.unit_price),
            "cg_transport_costs": "",
            "warehouse_damaged_quantity": 0,
            "customer_damaged_quantity": 0,
            "carrier_damaged_quantity": 0,
            "distributor_damaged_quantity": 0,
            "defective_quantity": self.unsellable,
            "expired_quantity": 0,
        }
