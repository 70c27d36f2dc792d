"""Every feature, by name. A new one is a folder and a line here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bot.contracts.feature import Feature
from handlers import alerts, deliveries, ladder, matters, orders, people, restock, stores, subscriptions, sync, system
from handlers.alerts.ports import AlertsDeps
from handlers.deliveries.ports import DeliveriesDeps
from handlers.ladder.ports import LadderDeps
from handlers.matters.ports import MattersDeps
from handlers.orders.ports import OrdersDeps
from handlers.people.ports import PeopleDeps
from handlers.restock.ports import RestockDeps
from handlers.stores.ports import StoresDeps
from handlers.subscriptions.ports import SubscriptionsDeps
from handlers.sync.ports import SyncDeps
from handlers.system.ports import SystemDeps

TEXT_FOLDERS = (
    "alerts",
    "common",
    "deliveries",
    "ladder",
    "matters",
    "orders",
    "people",
    "restock",
    "stores",
    "subscriptions",
    "sync",
    "system",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDeps:
    """What all features need, one object each."""

    system: SystemDeps
    people: PeopleDeps
    stores: StoresDeps
    restock: RestockDeps
    sync: SyncDeps
    orders: OrdersDeps
    deliveries: DeliveriesDeps
    subscriptions: SubscriptionsDeps
    matters: MattersDeps
    ladder: LadderDeps
    alerts: AlertsDeps


def features(deps: FeatureDeps) -> tuple[Feature, ...]:
    """All features, in the order in which 帮助 lists their commands."""
    return (
        stores.feature(deps.stores),
        restock.feature(deps.restock),
        orders.feature(deps.orders),
        sync.feature(deps.sync),
        matters.feature(replace(deps.matters, forms=orders.FORMS)),
        ladder.feature(deps.ladder),
        alerts.feature(deps.alerts),
        subscriptions.feature(deps.subscriptions),
        system.feature(deps.system),
        people.feature(deps.people),
        deliveries.feature(deps.deliveries),
    )


def text_folders() -> Iterator[Path]:
    """Where the features' sentences are."""
    root = Path(__file__).parent
    return (root / name / "texts" for name in TEXT_FOLDERS)
