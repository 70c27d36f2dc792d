"""What a card of this feature needs besides its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.contracts.feature import Words
from bot.contracts.quantities import StoreId
from handlers.common.freshness import Ages
from storage.catalog.rows import ListingFacts, Store


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Words, the present moment, the stores the person may see and the ages of their data."""

    words: Words
    now: datetime
    stores: Mapping[StoreId, Store]
    ages: Ages

    def store_name(self, facts: ListingFacts) -> str:
        return self.stores[facts.listing.store_id].name
