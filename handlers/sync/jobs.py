"""Pulling as durable work: one job per kind and store, a run that joins them, a card that tells of the run."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from bot.contracts.errors import AssistantError, UpstreamAuthError, UpstreamError
from bot.contracts.feature import PATIENT, Effect, Job
from bot.contracts.messages import Message
from bot.contracts.quantities import StoreId
from bot.contracts.retry import Retry, decide_retry
from handlers.sync import translating
from handlers.sync.cards import run_card
from handlers.sync.ports import LANE, PLATFORM, CatalogSource, Progress, SyncDeps
from handlers.sync.rules import last_closed_day, open_day, sales_days, sales_windows_due, steps_after_sellers
from integrations.lingxing import models
from storage.catalog import pulled as catalog
from storage.catalog.rows import ACCOUNT, DataKind, SyncAge
from storage.catalog.sales import pulled_days
from storage.catalog.stock_days import store_stock_day
from storage.catalog.store import age_of, list_ages, list_stores, record_failure, record_pull
from storage.database import Transaction
from storage.sync import store as runs
from storage.sync.rows import Run, Step

START, PULL, SHOW = "sync.start", "sync.pull", "sync.show"
RETRY = PATIENT
ABANDONED_AFTER = timedelta(hours=6)
"""A run that has not ended by then is no longer waited for."""
_KEEP_RUNS = timedelta(days=14)
_SHOW_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Brought:
    """What one pull brought: how many rows, and those that did not fit."""

    rows: int
    quarantined: tuple[models.Quarantined, ...]


async def start_run(job: Job, *, deps: SyncDeps) -> Effect | None:
    """A schedule's turn: begin a run for the kinds in the payload."""
    if deps.source is None:
        return None
    kinds = cast(list[DataKind], job.payload["kinds"])
    run = Run(run_id=job.key, kinds=tuple(kinds), store_ids=(), started_at=deps.clock.now())

    async def effect(tx: Transaction) -> None:
        await runs.forget_runs(tx, run.started_at - _KEEP_RUNS)
        await begin_run(tx, run)

    return effect


async def begin_run(tx: Transaction, run: Run) -> None:
    """Store the run and submit its first pulls. The stores come first if they are asked for, or may not be right."""
    if not await runs.add_run(tx, run):
        return
    sellers = await age_of(tx, ACCOUNT, "sellers")
    if "sellers" in run.kinds or sellers.as_of is None or sellers.last_error_code:
        await _submit(tx, (Step(run.run_id, "sellers", ACCOUNT),))
    else:
        await _submit_rest(tx, run)
        await _end_if_done(tx, run.run_id, run.started_at)


async def pull(job: Job, *, deps: SyncDeps) -> Effect | None:
    """Pull one kind of one store and store it. Raises: UpstreamError while another try may help."""
    step = await _begin_step(job, deps)
    if step is None or deps.source is None:
        return None
    began = deps.clock.now()
    try:
        brought = await _PULLS[step.kind](deps, deps.source, step.store_id, _telling(deps, step))
    except UpstreamError as error:
        if isinstance(decide_retry(error, job.attempt, RETRY), Retry):
            raise
        return _failed(step, error, deps)
    rows = translating.quarantined_rows(PLATFORM, step.store_id, step.kind, brought.quarantined)
    await catalog.store_quarantined(deps.database, PLATFORM, step.store_id, step.kind, rows)
    age = SyncAge(step.store_id, step.kind, began, began, "", brought.rows, len(brought.quarantined))

    async def effect(tx: Transaction) -> None:
        await record_pull(tx, age)
        done = replace(step, state="done", done=step.total, rows=age.rows, quarantined=age.quarantined)
        await runs.save_step(tx, done)
        run = await runs.load_run(tx, step.run_id)
        if run is not None and step.kind == "sellers":
            await _submit_rest(tx, run)
        await _end_if_done(tx, step.run_id, deps.clock.now())

    return effect


def give_up_pull(job: Job, error: BaseException, *, deps: SyncDeps) -> Effect:
    """Close the step of a pull that cannot be done."""
    return _failed(_step_of(job), error, deps)


async def show_run(job: Job, *, deps: SyncDeps) -> Effect:
    """Renew the run's living card."""

    async def effect(tx: Transaction) -> None:
        run = await runs.load_run(tx, str(job.payload["run"]))
        if run is None:
            return
        now = deps.clock.now()
        stores = {store.store_id: store for store in await list_stores(tx)}
        steps = await runs.load_steps(tx, run.run_id)
        card = run_card(run, steps, stores, await list_ages(tx), words=deps.words(run.language), now=now)
        await tx.send(Message(key=run.reply_key, card=card))
        await runs.mark_shown(tx, run.run_id, shown_at=now, show_at=None)

    return effect


async def _begin_step(job: Job, deps: SyncDeps) -> Step | None:
    """The job's step, now running; None if it was closed meanwhile."""
    named = _step_of(job)
    async with deps.database.begin() as tx:
        step = await runs.load_step(tx, named.run_id, named.kind, named.store_id)
        if step is None or not step.is_open:
            return None
        running = replace(step, state="running")
        await runs.save_step(tx, running)
        await _plan_show(tx, step.run_id, deps.clock.now())
    return running


def _failed(step: Step, error: BaseException, deps: SyncDeps) -> Effect:
    code = error.code if isinstance(error, AssistantError) else "bug"

    async def effect(tx: Transaction) -> None:
        now = deps.clock.now()
        await record_failure(tx, step.store_id, step.kind, now, code)
        await runs.save_step(tx, replace(step, state="failed", error_code=code))
        touched = {step.run_id}
        if isinstance(error, UpstreamAuthError):  # no pull can succeed until somebody mends it
            await record_failure(tx, ACCOUNT, "sellers", now, code)
            touched.update(await runs.fail_waiting(tx, code))
        for run_id in sorted(touched):
            await _end_if_done(tx, run_id, now)

    return effect


async def _submit_rest(tx: Transaction, run: Run) -> None:
    busy = await runs.open_steps(tx, run.started_at - ABANDONED_AFTER)
    await _submit(tx, steps_after_sellers(run, await list_stores(tx), busy))


async def _submit(tx: Transaction, steps: tuple[Step, ...]) -> None:
    await runs.add_steps(tx, steps)
    for step in steps:
        payload = {"run": step.run_id, "kind": step.kind, "store": step.store_id}
        await tx.submit(PULL, payload, key=f"{step.run_id}:{step.kind}:{step.store_id}", lane=LANE)


async def _end_if_done(tx: Transaction, run_id: str, now: datetime) -> None:
    if not any(step.is_open for step in await runs.load_steps(tx, run_id)):
        await runs.end_run(tx, run_id, now)
    await _plan_show(tx, run_id, now)


async def _plan_show(tx: Transaction, run_id: str, now: datetime) -> None:
    """Have the card renewed, at least a second after it last was."""
    run = await runs.load_run(tx, run_id)
    if run is None or not run.reply_key or run.show_at is not None:
        return
    show_at = max(now, (run.shown_at or run.started_at) + _SHOW_PAUSE)
    await runs.mark_shown(tx, run_id, shown_at=run.shown_at, show_at=show_at)
    await tx.submit(SHOW, {"run": run_id}, key=f"{run_id}:show:{show_at.isoformat()}", run_at=show_at)


def _telling(deps: SyncDeps, step: Step) -> Progress:
    """Notes a step's progress, at most once a second."""
    noted = deps.clock.now()

    async def tell(done: int, total: int) -> None:
        nonlocal noted
        now = deps.clock.now()
        if now - noted < _SHOW_PAUSE:
            return
        noted = now
        async with deps.database.begin() as tx:
            await runs.save_step(tx, replace(step, done=done, total=total))
            await _plan_show(tx, step.run_id, now)

    return tell


def _step_of(job: Job) -> Step:
    payload = job.payload
    return Step(str(payload["run"]), cast(DataKind, payload["kind"]), StoreId(str(payload["store"])))


async def _pull_sellers(deps: SyncDeps, source: CatalogSource, store_id: StoreId, tell: Progress) -> _Brought:
    sellers = await source.list_sellers()
    await catalog.store_sellers(deps.database, [translating.store_row(seller) for seller in sellers.rows])
    return _Brought(len(sellers.rows), sellers.quarantined)


async def _pull_products(deps: SyncDeps, source: CatalogSource, store_id: StoreId, tell: Progress) -> _Brought:
    products = await source.list_products(tell)
    await catalog.store_products(deps.database, map(translating.product_row, products.rows))
    return _Brought(len(products.rows), products.quarantined)


async def _pull_stock(deps: SyncDeps, source: CatalogSource, store_id: StoreId, tell: Progress) -> _Brought:
    stock = await source.list_fba_stock([store_id], tell)
    listings = translating.stock_listings(store_id, stock.rows)
    await catalog.store_listings(deps.database, store_id, listings, authoritative=True)
    rows = translating.stock_rows(store_id, stock.rows)
    await catalog.store_stock(deps.database, store_id, rows)
    async with deps.database.read() as reader:
        store = next((store for store in await list_stores(reader) if store.store_id == store_id), None)
    if store is not None:
        await store_stock_day(deps.database, store_id, open_day(store, deps.clock.now()), rows)
    return _Brought(len(stock.rows), stock.quarantined)


async def _pull_suggestions(deps: SyncDeps, source: CatalogSource, store_id: StoreId, tell: Progress) -> _Brought:
    pulled = await source.list_restock_suggestions([store_id], progress=tell)
    suggestions, listings = translating.suggestion_rows(store_id, pulled.rows)
    await catalog.store_listings(deps.database, store_id, listings, authoritative=False)
    await catalog.store_suggestions(deps.database, store_id, suggestions)
    return _Brought(len(pulled.rows), pulled.quarantined)


async def _pull_sales(deps: SyncDeps, source: CatalogSource, store_id: StoreId, tell: Progress) -> _Brought:
    async with deps.database.read() as reader:
        store = next((store for store in await list_stores(reader) if store.store_id == store_id), None)
        known = await pulled_days(reader, store_id)
    if store is None:  # it left the list after this pull was asked for
        return _Brought(0, ())
    last_closed = last_closed_day(store, deps.clock.now())
    windows = sales_windows_due(last_closed, known, deps.history_days)
    rows, quarantined = 0, list[models.Quarantined]()
    for number, (start, end) in enumerate(windows):
        await tell(number, len(windows))
        pulled = await source.list_daily_sales(store_id, start, end)
        sales, listings = await asyncio.to_thread(translating.sales_rows, store_id, pulled.rows)
        await catalog.store_listings(deps.database, store_id, listings, authoritative=False)
        await catalog.store_sales(deps.database, store_id, sales_days(store_id, start, end, last_closed), sales)
        rows += len(pulled.rows)
        quarantined += pulled.quarantined
    await catalog.renew_windows(deps.database, store_id)
    return _Brought(rows, tuple(quarantined))


_PULLS: dict[DataKind, Callable[[SyncDeps, CatalogSource, StoreId, Progress], Awaitable[_Brought]]] = {
    "sellers": _pull_sellers,
    "products": _pull_products,
    "stock": _pull_stock,
    "suggestions": _pull_suggestions,
    "sales": _pull_sales,
}
