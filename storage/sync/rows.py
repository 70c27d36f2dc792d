"""One run of pulling: what it set out to do and how far it got."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.contracts.quantities import StoreId
from storage.catalog.rows import DataKind

StepState = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One request to pull ``kinds`` for some stores (empty: all), by a person or by a schedule.

    ``reply_key`` is the living card that tells of it, empty for a schedule. ``shown_at`` is when that card was
    last renewed; ``show_at`` when it will be again, None if nothing is planned.
    """

    run_id: str
    kinds: tuple[DataKind, ...]
    store_ids: tuple[StoreId, ...]
    started_at: datetime
    reply_key: str = ""
    asked_by: str = ""
    language: str = ""
    shown_at: datetime | None = None
    show_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of one store's data within a run (``ACCOUNT`` for kinds of the whole account).

    ``done`` of ``total`` counts pages or days as they come, ``total`` 0 if unknown.
    """

    run_id: str
    kind: DataKind
    store_id: StoreId
    state: StepState = "waiting"
    done: int = 0
    total: int = 0
    rows: int = 0
    quarantined: int = 0
    error_code: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "running")
