"""Matters found by what they say, a part at a time: what waits by the cost of waiting, what is over by its age."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, case, cast, exists, func, literal, or_, select

from storage.database import Reader
from storage.matters.rows import Matter, MatterState, Sought, Wanted
from storage.matters.tables import matter_entries, matters

WAITING: tuple[MatterState, ...] = ("open", "taken", "snoozed")
_COST = matters.c.cost_per_day
_MOST_DIGITS = 9


async def find_matters(
    reader: Reader, wanted: Wanted, *, first: int = 0, most: int | None = None
) -> tuple[tuple[Matter, ...], int]:
    """Those from ``first`` on, at most ``most`` of them, and how many there are in all.

    What costs most per day of waiting goes first, then what is urgent, then what is or was due first. Amounts of two
    currencies cannot be compared: the currency that most of them have goes first. Not known is not 0: it stands behind
    every amount. Where settled ones are wanted too, the newest goes first.
    """
    conditions = _conditions(reader, wanted)
    by_currency = select(matters.c.currency, func.count(), func.count(_COST)).where(*conditions)
    counts = (await reader.execute(by_currency.group_by(matters.c.currency))).all()
    ranks = _ranks({currency: known for currency, _, known in counts}, wanted)
    rows = await reader.execute(select(matters).where(*conditions).order_by(*ranks).offset(first).limit(most))
    return tuple(Matter(**row._mapping) for row in rows), sum(every for _, every, _ in counts)


async def one_of_each_kind(reader: Reader) -> tuple[Matter, ...]:
    """The newest matter of every kind there is."""
    newest = select(func.max(matters.c.number)).group_by(matters.c.kind)
    rows = await reader.execute(select(matters).where(matters.c.number.in_(newest)).order_by(matters.c.kind))
    return tuple(Matter(**row._mapping) for row in rows)


def _conditions(reader: Reader, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [matters.c.state.in_(wanted.states)]
    if wanted.store_ids is not None:
        conditions.append(matters.c.store_id.in_(wanted.store_ids))
    return [*conditions, *(_names(reader, sought) for sought in wanted.words)]


def _names(reader: Reader, sought: Sought) -> ColumnElement[bool]:
    """True for a matter of whose number, details, kind, owner or timeline the word is a part."""
    each = func.json_each if reader.dialect == "sqlite" else func.json_each_text
    details = each(matters.c.details).table_valued("key", "value")
    lines = matter_entries.c.matter == matters.c.number, matter_entries.c.text.icontains(sought.text, autoescape=True)
    return or_(
        matters.c.number == _number(sought.text),
        matters.c.kind.in_(sought.kinds),
        matters.c.owner_id.in_(sought.owner_ids),
        exists().where(details.c.value.icontains(sought.text, autoescape=True)).correlate(matters),
        exists().where(*lines).correlate(matters),
    )


def _number(text: str) -> int:
    """The number that is meant; 0, which no matter has, if it is none."""
    digits = text.lstrip("#＃")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else 0


def _ranks(amounts: Mapping[str, int], wanted: Wanted) -> Sequence[ColumnElement[Any]]:
    """By what they are ordered; ``amounts`` tells of how many in each currency the cost is known."""
    if "settled" in wanted.states:
        return (matters.c.number.desc(),)
    is_unknown = _COST.is_(None)
    usual = case(amounts, value=matters.c.currency, else_=0) if amounts else literal(0)
    return (
        is_unknown,
        case((is_unknown, 0), else_=usual).desc(),
        case((is_unknown, ""), else_=matters.c.currency),
        cast(_COST, Float).desc(),
        matters.c.is_urgent.desc(),
        matters.c.due_at.is_(None),
        matters.c.due_at,
        matters.c.number,
    )
