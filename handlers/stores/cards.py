"""The stores and the age of their data, as a card."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.contracts.cards import Action, Block, Card, Cell, Column, Level, LevelTone, Note, Table, Text, plain
from bot.contracts.feature import Words
from handlers.common.freshness import Ages, Freshness, freshness
from storage.catalog.rows import ACCOUNT_KINDS, KINDS, Store

_STATUS: Mapping[int, tuple[str, LevelTone]] = {
    0: ("stopped", "warning"),
    1: ("normal", "good"),
    2: ("unauthorised", "bad"),
    3: ("arrears", "bad"),
}
"""Source: the seller list's ``status``. Others are shown by their number."""


def stores_card(stores: Sequence[Store], ages: Ages, words: Words, now: datetime) -> Card:
    """Every store with its marketplace, status, authorisation and how old each kind of its data is."""
    if not stores:
        return Card(
            words("stores.title"),
            "warning",
            (Text(words("stores.empty")),),
            (Action(words("stores.sync"), words("stores.sync")),),
            language=words.language,
        )
    fresh = {store: [freshness(ages, store.store_id, kind, now) for kind in KINDS] for store in stores}
    kinds = (Column(words(f"kind.{kind}"), "level") for kind in KINDS)
    titles = (Column(words(f"stores.column.{name}")) for name in ("name", "marketplace"))
    levels = (Column(words(f"stores.column.{name}"), "level") for name in ("status", "authorisation", "ads"))
    rows = tuple(_row(store, fresh[store], words) for store in stores)
    problems = _problems(fresh, words)
    needs_sync = any(each.needs_attention for store in fresh if store.status == 1 for each in fresh[store])
    return Card(
        words("stores.title"),
        "warning" if problems else "good",
        (Table((*titles, *levels, *kinds), rows[:200], len(rows)), *problems, Note(words("stores.note"))),
        (Action(words("stores.sync"), words("stores.sync")),) if needs_sync else (),
        language=words.language,
    )


def _row(store: Store, fresh: Sequence[Freshness], words: Words) -> tuple[Cell, ...]:
    place = " · ".join(part for part in (store.country, store.region) if part)
    ages = (Level(each.told(words), _tone(each)) for each in fresh)
    return (store.name, place, _status(store, words), _authorisation(store, words), _ads(store, words), *ages)


def _status(store: Store, words: Words) -> Level:
    name, tone = _STATUS.get(store.status, ("other", "neutral"))
    return Level(words(f"stores.status.{name}", code=store.status), tone)


def _authorisation(store: Store, words: Words) -> Level:
    is_void = store.status == 2
    return Level(
        words("stores.authorisation.void" if is_void else "stores.authorisation.valid"), "bad" if is_void else "good"
    )


def _ads(store: Store, words: Words) -> Cell:
    if store.has_ads is None:
        return None
    return Level(words("stores.authorisation.valid" if store.has_ads else "stores.authorisation.none"))


def _tone(fresh: Freshness) -> LevelTone:
    if fresh.error_code:
        return "bad"
    return "warning" if fresh.is_stale else "good"


def _problems(fresh: Mapping[Store, Sequence[Freshness]], words: Words) -> tuple[Block, ...]:
    """One line per matter that needs somebody, each with its next step."""
    void = [store.name for store in fresh if store.status == 2]
    arrears = [store.name for store in fresh if store.status == 3]
    pulled = {store: ages for store, ages in fresh.items() if store.status == 1}  # Lingxing has no news of the others
    failed = _named(pulled, words, lambda each: bool(each.error_code))
    stale = _named(pulled, words, lambda each: each.is_stale and not each.error_code)
    named = (("void", void), ("arrears", arrears), ("failed", failed), ("stale", stale))
    return tuple(
        Text(words(f"stores.problem.{name}", what=plain(_some(what, words)), count=len(what)))
        for name, what in named
        if what
    )


def _named(
    fresh: Mapping[Store, Sequence[Freshness]], words: Words, concerns: Callable[[Freshness], bool]
) -> list[str]:
    """The kinds of data it concerns, each with its store unless it is the whole account's."""
    names = (
        words(f"kind.{each.kind}") if each.kind in ACCOUNT_KINDS else f"{store.name} {words(f'kind.{each.kind}')}"
        for store, ages in fresh.items()
        for each in ages
        if concerns(each)
    )
    return list(dict.fromkeys(names))


def _some(what: Sequence[str], words: Words) -> str:
    shown = words("stores.separator").join(what[:8])
    return shown if len(what) <= 8 else words("stores.and_more", shown=shown, count=len(what) - 8)
