"""What is known about orders, for cards and programs."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.orders.shipping import Check, Effective
from storage.orders.rows import Line, Order, PoolStock, SettingChange, Shipment, ShippingSetting


@dataclass(frozen=True, slots=True)
class OrdersResult:
    """The orders that were asked about, in the order shown, without their buyers."""

    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order with its timeline, oldest first. ``nick`` is the buyer's; messages can be read; ``keys`` are masked."""

    order: Order
    lines: tuple[Line, ...]
    nick: str = ""
    shipment: Shipment | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeysResult:
    """Pools of card keys, with how many keys are in which state."""

    pools: tuple[PoolStock, ...]


@dataclass(frozen=True, slots=True)
class WhyResult:
    """Why an order does not go out by itself: the first rule that stopped it (None: none does), and all of them."""

    stop: Check | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class SettingView:
    """What is set for ``what``, and what goes for it with the levels above. ``is_unseen``: an item that nothing was set
    for and nobody ordered so far."""

    what: str
    setting: ShippingSetting
    effective: Effective
    is_unseen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """A shipment with its order, its log, oldest first, and people's names by id."""

    shipment: Shipment
    order: Order
    lines: tuple[Line, ...] = ()
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """A change of a setting with the names of who made it and of who took it back."""

    change: SettingChange
    name: str
    undone_by: str
