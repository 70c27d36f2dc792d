"""Which stores there are and how fresh their data is: read from storage, no platform is called."""

from dataclasses import dataclass
from datetime import timedelta

from bot.contracts.feature import Asking, NoArgs, Reply
from handlers.common.freshness import freshness
from handlers.common.visible import visible
from handlers.stores.cards import stores_card
from handlers.stores.ports import StoresDeps
from storage.catalog.rows import KINDS, Store
from storage.catalog.store import list_ages, list_stores


@dataclass(frozen=True, slots=True)
class StoreResult:
    """A store with the age of each kind of its data; None means never pulled."""

    store: Store
    ages: dict[str, timedelta | None]


@dataclass(frozen=True, slots=True)
class StoresResult:
    stores: tuple[StoreResult, ...]


async def show_stores(args: NoArgs, asking: Asking, *, deps: StoresDeps) -> Reply:
    """Every store the platform names and the person may see."""
    async with deps.database.read() as reader:
        stores, ages = visible(await list_stores(reader), asking.person), await list_ages(reader)
    result = StoresResult(
        tuple(
            StoreResult(store, {kind: freshness(ages, store.store_id, kind, asking.now).age for kind in KINDS})
            for store in stores
        )
    )
    return Reply((stores_card(stores, ages, asking.words, asking.now),), result=result)
