"""What the alarms ask of restocking: what will sell out before an order placed now can arrive."""

import asyncio
from collections.abc import Sequence

from handlers.restock.policy import RestockPolicy
from handlers.restock.rules import RestockLine, by_urgency, plan_line
from storage.catalog.rows import ListingFacts, Store
from storage.catalog.store import list_facts, list_stores
from storage.database import Reader
from storage.matters.rows import NewMatter

_NORMAL = 1
_MOST_NAMES = 5


async def stockouts_ahead(reader: Reader, *, policy: RestockPolicy) -> Sequence[NewMatter] | None:
    """One per store that has such SKUs, its most urgent by name; None while no listing could be planned."""
    stores = [store for store in await list_stores(reader) if store.status == _NORMAL and store.is_listed]
    facts = await list_facts(reader, [store.store_id for store in stores])
    return await asyncio.to_thread(_stockouts, stores, facts, policy)


def _stockouts(
    stores: Sequence[Store], facts: Sequence[ListingFacts], policy: RestockPolicy
) -> Sequence[NewMatter] | None:
    lines = sorted((plan_line(each, policy) for each in facts), key=by_urgency)
    if all(line.urgency == "unknown" for line in lines):
        return None
    found = []
    for store in stores:
        urgent = [line for line in lines if line.facts.listing.store_id == store.store_id and _sells_out(line)]
        if urgent:
            found.append(_matter(store, urgent))
    return found


def _sells_out(line: RestockLine) -> bool:
    return line.urgency in ("stockout", "urgent")


def _matter(store: Store, lines: Sequence[RestockLine]) -> NewMatter:
    names = "、".join(line.facts.listing.msku for line in lines[:_MOST_NAMES])
    details = {"store": store.name, "count": str(len(lines)), "skus": names}
    return NewMatter(
        kind="stockout", fingerprint=f"stockout:{store.store_id}", details=details, store_id=store.store_id
    )
