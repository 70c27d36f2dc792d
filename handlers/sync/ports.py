"""What pulling needs: the platform's side as a protocol, and the deps of this feature."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.contracts.clock import Clock
from bot.contracts.feature import Words
from bot.contracts.quantities import StoreId
from handlers.sync.rules import HISTORY_DAYS
from integrations.lingxing import models
from storage.database import Database

PLATFORM = "lingxing"
LANE = "lingxing"
"""One lane per platform account: its pulls run one after the other."""

Progress = Callable[[int, int], Awaitable[None]]
"""Told now and then: how much was received so far, how much in all (0 if unknown)."""


class CatalogSource(Protocol):
    """Where stores, stock, suggestions, sales and products come from. Every method raises UpstreamError classes."""

    async def list_sellers(self) -> models.Pulled[models.Seller]: ...

    async def list_products(self, progress: Progress | None = None) -> models.Pulled[models.Product]: ...

    async def list_fba_stock(
        self, store_ids: Sequence[StoreId], progress: Progress | None = None
    ) -> models.Pulled[models.FbaStock]: ...

    async def list_restock_suggestions(
        self, store_ids: Sequence[StoreId], mode: int = 0, data_type: int = 2, progress: Progress | None = None
    ) -> models.Pulled[models.RestockSuggestion]: ...

    async def list_daily_sales(
        self, store_id: StoreId, start: date, end: date, progress: Progress | None = None
    ) -> models.Pulled[models.DailySales]:
        """Sales from ``start`` to ``end``, both included, of the marketplace's calendar."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDeps:
    """``source`` is None while the platform is switched off; ``words`` gives the texts of a language.

    ``history_days`` of sales are kept complete.
    """

    database: Database
    source: CatalogSource | None
    clock: Clock
    words: Callable[[str], Words]
    history_days: int = HISTORY_DAYS
