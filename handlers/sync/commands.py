"""Pull fresh data because somebody asks for it."""

from dataclasses import dataclass
from typing import Any

from bot.contracts.errors import ConflictError, NotFoundError
from bot.contracts.feature import Asking, Reply, rest
from handlers.common.visible import not_yours, visible
from handlers.sync.cards import begun_card, busy_card, off_card
from handlers.sync.jobs import ABANDONED_AFTER, begin_run
from handlers.sync.ports import SyncDeps
from storage.catalog.rows import KINDS, DataKind, Store
from storage.catalog.store import list_stores, stores_matching
from storage.database import Reader, Transaction
from storage.people.grants import admin_names
from storage.sync import store as runs
from storage.sync.rows import Run

_STORE_ONLY: tuple[DataKind, ...] = ("sellers", "stock", "suggestions", "sales")


@dataclass(frozen=True, slots=True)
class SyncArgs:
    """``store``: a store's name, country or id; all stores if empty."""

    store: str = rest(default="")


async def sync_now(args: SyncArgs, asking: Asking, *, deps: SyncDeps) -> Reply:
    """Begin to pull everything, or one store; the answer is the card that tells how it goes.

    Raises: NotFoundError for an unknown store; NotAllowedError for one that the person may not pull.
    """
    if deps.source is None:
        return Reply((off_card(asking.words),))
    async with deps.database.read() as reader:
        if (running := await _running(reader, asking)) is not None:
            return Reply((busy_card(running, asking.words),))
        stores = await _stores(reader, args.store, asking)
    run = Run(
        run_id=f"asked:{asking.event_id}",
        kinds=_STORE_ONLY if stores else KINDS,
        store_ids=tuple(store.store_id for store in stores),
        started_at=asking.now,
        reply_key=asking.reply_key,
        asked_by=asking.person.name,
        language=asking.words.language,
    )

    async def effect(tx: Transaction) -> None:
        running = await _running(tx, asking)
        if running is not None and running.run_id != run.run_id:
            raise ConflictError(code="sync_running", values={"who": running.asked_by})
        await begin_run(tx, run)

    return Reply((begun_card(asking.words),), (effect,))


async def _running(reader: Reader, asking: Asking) -> Run | None:
    """The run that a person asked for and that has not ended."""
    since = asking.now - ABANDONED_AFTER
    return next((run for run in await runs.open_runs(reader, since) if run.reply_key), None)


async def _stores(reader: Reader, asked: str, asking: Asking) -> tuple[Store, ...]:
    """What to pull; empty means everything."""
    if not asked and asking.person.is_for_all_stores("operator"):
        return ()
    matching = await stores_matching(reader, asked) if asked else await list_stores(reader)
    if asked and not matching:
        raise await _unknown_store(reader, asked, asking)
    if stores := visible(matching, asking.person, "operator"):
        return stores
    raise not_yours(asked or asking.words("sync.every_store"), await admin_names(reader, asking.now), asking.words)


async def _unknown_store(reader: Reader, text: str, asking: Asking) -> NotFoundError:
    command: Any = asking.words("sync.command")
    nearest = [f"{command} {store.name}" for store in visible(await list_stores(reader), asking.person, "operator")[:3]]
    return NotFoundError(code="sync_store_not_found", values={"store": text}, nearest=nearest)
