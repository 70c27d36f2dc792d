"""A stand-in for a marketplace and the bridge in front of it, on loopback."""

from integrations.marketplace.simulator.day import UNKNOWN_VARIANT, DayPlan, Purchase, Step, plan_day
from integrations.marketplace.simulator.demo import (
    COMPANIES,
    DEMO_ACCOUNTS,
    DEMO_COMMAND_SECRET,
    DEMO_GOODS,
    DEMO_SECRET,
    DEMO_SOURCE,
    Goods,
)
from integrations.marketplace.simulator.market import Market, Written
from integrations.marketplace.simulator.orders import Act, MarketOrder, Shipment
from integrations.marketplace.simulator.server import COMMANDS_PATH, RETRY_PLAN, MarketplaceSimulator

__all__ = [
    "COMMANDS_PATH",
    "COMPANIES",
    "DEMO_ACCOUNTS",
    "DEMO_COMMAND_SECRET",
    "DEMO_GOODS",
    "DEMO_SECRET",
    "DEMO_SOURCE",
    "RETRY_PLAN",
    "UNKNOWN_VARIANT",
    "Act",
    "DayPlan",
    "Goods",
    "Market",
    "MarketOrder",
    "MarketplaceSimulator",
    "Purchase",
    "Shipment",
    "Step",
    "Written",
    "plan_day",
]
