"""The team's own alarm rules as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.contracts.quantities import StoreId

WatchKind = Literal["stockout", "overstock", "drop", "jump"]
"""stockout, overstock: the sellable stock lasts fewer, or more, days than the threshold; drop, jump: seven days' sales
are down, or up, by the threshold's percentage."""
WATCH_KINDS: tuple[WatchKind, ...] = ("stockout", "overstock", "drop", "jump")
WatchState = Literal["tried", "live", "paused", "ended"]
"""tried: only compared with what is stored; live: judged every quarter of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A rule of the team.

    ``store_ids`` is empty for all stores, those to come too; ``sku`` any code of a listing, empty for all. The
    condition must hold ``days_in_a_row``. ``replaces`` is the rule that ends when this one goes live.
    """

    number: int
    kind: WatchKind
    store_ids: tuple[StoreId, ...] = ()
    sku: str = ""
    threshold: int
    days_in_a_row: int = 1
    is_urgent: bool = False
    state: WatchState = "tried"
    replaces: int | None = None
    person_id: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
