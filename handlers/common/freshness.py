"""How old data is and when that is too old, in figures and in words; which data is missing, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contracts.cards import Text, plain
from bot.contracts.feature import Words
from bot.contracts.quantities import StoreId
from storage.catalog.rows import ACCOUNT, ACCOUNT_KINDS, DataKind, Store, SyncAge

STALE_AFTER: Mapping[DataKind, timedelta] = {
    "sellers": timedelta(hours=26),
    "products": timedelta(hours=26),
    "stock": timedelta(hours=3),
    "suggestions": timedelta(hours=3),
    "sales": timedelta(hours=6),
}
"""Each is its pulling rhythm with room for a missed turn."""

NORMAL = 1
_REASONS: Mapping[int, str] = {0: "stopped", 2: "void", 3: "arrears"}
"""Source: the seller list's ``status``. Others are shown by their number."""
_MOST_NAMES = 8

Ages = Mapping[tuple[StoreId, DataKind], SyncAge]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old one kind of data is: ``age`` None means it was never pulled."""

    kind: DataKind
    age: timedelta | None
    is_stale: bool
    error_code: str = ""

    @property
    def needs_attention(self) -> bool:
        """True if it is too old, or the last pull failed."""
        return self.is_stale or bool(self.error_code)

    def told(self, words: Words) -> str:
        """The age in words, marked if it is too old."""
        if self.age is None:
            return words("age.never")
        return words("age.stale" if self.is_stale else "age.ago", duration=words.duration(self.age))


def freshness(ages: Ages, store_id: StoreId, kind: DataKind, now: datetime) -> Freshness:
    """How old ``kind`` is for one store; kinds of the whole account are the same for all stores."""
    known = ages.get((ACCOUNT if kind in ACCOUNT_KINDS else store_id, kind))
    if known is None or known.as_of is None:
        return Freshness(kind, None, True, known.last_error_code if known else "")
    age = now - known.as_of
    return Freshness(kind, age, age > STALE_AFTER[kind], known.last_error_code)


def oldest(ages: Ages, store_ids: Collection[StoreId], kind: DataKind, now: datetime) -> Freshness:
    """The least fresh of several stores; never pulled counts as oldest. Raises: ValueError for no stores."""
    each = (freshness(ages, store_id, kind, now) for store_id in store_ids)
    return max(each, key=lambda fresh: timedelta.max if fresh.age is None else fresh.age)


def blocked_texts(stores: Collection[Store], words: Words) -> tuple[Text, ...]:
    """One line per reason for which Lingxing has no news of some of the stores."""
    names: dict[int, list[str]] = {}
    for store in stores:
        if store.status != NORMAL:
            names.setdefault(store.status, []).append(store.name)
    return tuple(_text(_REASONS.get(status, "other"), what, words, code=status) for status, what in names.items())


def gap_texts(
    stores: Collection[Store], kinds: Sequence[DataKind], ages: Ages, *, words: Words, now: datetime
) -> tuple[Text, ...]:
    """The lines of ``blocked_texts``, and one for what was never pulled completely although it could be."""
    never = tuple(_never_pulled(stores, kinds, ages, words, now))
    return (*blocked_texts(stores, words), *((_text("never", never, words),) if never else ()))


def _never_pulled(
    stores: Collection[Store], kinds: Sequence[DataKind], ages: Ages, words: Words, now: datetime
) -> Iterator[str]:
    for store in stores:
        gaps = [kind for kind in kinds if freshness(ages, store.store_id, kind, now).age is None]
        if gaps and store.status == NORMAL:
            yield f"{store.name} {words('gap.separator').join(words(f'kind.{kind}') for kind in gaps)}"


def _text(reason: str, names: Sequence[str], words: Words, **values: object) -> Text:
    what = plain(words("gap.joint").join(names[:_MOST_NAMES]))
    if len(names) > _MOST_NAMES:
        what = words("gap.and_more", shown=what, count=len(names) - _MOST_NAMES)
    return Text(words(f"gap.{reason}", what=what, **values))
