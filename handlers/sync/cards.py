"""The living card of a run, and what else the command says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Column,
    Fact,
    Facts,
    Level,
    Note,
    Progress,
    Table,
    Text,
    plain,
)
from bot.contracts.feature import Words
from bot.contracts.quantities import StoreId
from handlers.common.freshness import NORMAL, Ages, blocked_texts, freshness
from storage.catalog.rows import ACCOUNT, ACCOUNT_KINDS, KINDS, DataKind, Store
from storage.sync.rows import Run, Step

_STORE_KINDS = tuple(kind for kind in KINDS if kind not in ACCOUNT_KINDS)
_TOLD_CODES = (
    "upstream_unavailable",
    "upstream_rejected",
    "upstream_contract",
    "upstream_auth",
    "lingxing_credentials",
    "lingxing_token",
    "lingxing_token_owner",
    "lingxing_grant",
    "lingxing_sign",
    "lingxing_clock",
    "lingxing_white_list",
)
"""Failures with a sentence of their own about what to do next."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A run with the words to tell it in."""

    run: Run
    steps: Sequence[Step]
    stores: Mapping[StoreId, Store]
    words: Words

    def cell(self, kind: DataKind, store_id: StoreId) -> Cell:
        step = next((step for step in self.steps if (step.kind, step.store_id) == (kind, store_id)), None)
        return self._level(step) if step else None

    def _level(self, step: Step) -> Level:
        match step.state:
            case "waiting":
                return Level(self.words("sync.state.waiting"))
            case "running" if step.total:
                return Level(self.words("sync.state.part", done=step.done, total=step.total), "warning")
            case "running":
                return Level(self.words("sync.state.running"), "warning")
            case "failed":
                return Level(self.words("sync.state.failed"), "bad")
            case _:
                return Level(self.words("sync.state.done", rows=step.rows), "good")

    def skipped(self) -> list[Store]:
        """Stores that were asked for but have no news at Lingxing; none if the stores could not be learnt at all."""
        if all(step.state == "failed" for step in self.steps) and self.steps:
            return []
        asked = self.run.store_ids or self.stores
        return [self.stores[each] for each in asked if each in self.stores and self.stores[each].status != NORMAL]

    def name(self, store_id: StoreId) -> str:
        if store_id == ACCOUNT:
            return self.words("sync.account")
        return self.stores[store_id].name if store_id in self.stores else store_id


def run_card(
    run: Run, steps: Sequence[Step], stores: Mapping[StoreId, Store], ages: Ages, *, words: Words, now: datetime
) -> Card:
    """How far a run got; once it ended, what it brought."""
    told = _Told(run, steps, stores, words)
    if run.ended_at is None:
        return Card(
            words("sync.title.running"), "working", (progress_of(steps, words), *_tables(told)), language=words.language
        )
    failed = [step for step in steps if step.state == "failed"]
    skipped = told.skipped()
    title = "failed" if failed else "skipped" if skipped else "done"
    again = (Action(words("sync.again"), words("sync.command")),) if failed else ()
    return Card(
        words(f"sync.title.{title}"),
        "bad" if failed and len(failed) == len(steps) else "warning" if failed or skipped else "good",
        (
            _summary(told, run.ended_at),
            *_tables(told),
            *_failures(told, failed),
            *blocked_texts(skipped, words),
            *_ages(told, ages, now),
        ),
        again,
        language=words.language,
    )


def begun_card(words: Words) -> Card:
    """The first form of the living card."""
    return Card(
        words("sync.title.running"), "working", (Progress(words("sync.progress"), 0, 0),), language=words.language
    )


def busy_card(run: Run, words: Words) -> Card:
    """Says that a run is under way already and where its end is told: this card itself does not move."""
    text = words("sync.busy", who=plain(run.asked_by), at=words.moment(run.started_at))
    stores = Action(words("sync.stores"), words("sync.stores"))
    return Card(words("sync.title.busy"), "info", (Text(text),), (stores,), language=words.language)


def off_card(words: Words) -> Card:
    """Says that the platform is not set up."""
    return Card(words("sync.title.off"), "warning", (Text(words("sync.off")),), language=words.language)


def progress_of(steps: Sequence[Step], words: Words) -> Progress:
    """How many steps are over."""
    return Progress(words("sync.progress"), sum(not step.is_open for step in steps), len(steps))


def _tables(told: _Told) -> tuple[Block, ...]:
    words = told.words
    kinds = [kind for kind in _STORE_KINDS if any(step.kind == kind for step in told.steps)]
    shops = sorted({step.store_id for step in told.steps if step.store_id != ACCOUNT}, key=told.name)
    account = [kind for kind in KINDS if kind in ACCOUNT_KINDS and any(step.kind == kind for step in told.steps)]
    facts = Facts(tuple(Fact(words(f"kind.{kind}"), _label(told.cell(kind, ACCOUNT))) for kind in account))
    columns = (Column(words("sync.store")), *(Column(words(f"kind.{kind}"), "level") for kind in kinds))
    rows = tuple((told.name(shop), *(told.cell(kind, shop) for kind in kinds)) for shop in shops[:200])
    table = (Table(columns, rows, len(shops)),) if rows else ()
    return ((facts,) if account else ()) + table


def _label(cell: Cell) -> str:
    return cell.label if isinstance(cell, Level) else ""


def _summary(told: _Told, ended_at: datetime) -> Block:
    words = told.words
    quarantined = sum(step.quarantined for step in told.steps)
    facts = (
        Fact(words("sync.rows"), words.number(sum(step.rows for step in told.steps))),
        Fact(words("sync.took"), words.duration(ended_at - told.run.started_at)),
        Fact(
            words("sync.quarantined"), words.number(quarantined), words("sync.quarantined_note") if quarantined else ""
        ),
    )
    return Facts(facts)


def _failures(told: _Told, failed: Sequence[Step]) -> tuple[Block, ...]:
    words = told.words
    by_code: dict[str, list[str]] = {}
    for step in failed:
        code = step.error_code if step.error_code in _TOLD_CODES else "other"
        by_code.setdefault(code, []).append(f"{told.name(step.store_id)} {words(f'kind.{step.kind}')}")
    return tuple(
        Text(words(f"sync.failure.{code}", what=plain(words("sync.separator").join(what[:10])), count=len(what)))
        for code, what in by_code.items()
    )


def _ages(told: _Told, ages: Ages, now: datetime) -> tuple[Block, ...]:
    """Kinds that stay too old after the run: nothing to say if all went well."""
    words = told.words
    late = [
        f"{told.name(step.store_id)} {words(f'kind.{step.kind}')} {fresh.told(words)}"
        for step in told.steps
        if step.state == "failed" and (fresh := freshness(ages, step.store_id, step.kind, now))
    ]
    return (Note(words("sync.still", ages=words("sync.separator").join(late[:20]))),) if late else ()
