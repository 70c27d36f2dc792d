"""Shipping settings as a list, who changed which of them from what to what, and taking that back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, tuple_, update

from storage.database import Reader, Transaction
from storage.orders.rows import SettingChange, ShippingSetting
from storage.orders.shipping import put_setting
from storage.orders.store import begins
from storage.orders.tables import order_items, shipping_changes, shipping_settings

TOPIC = "shipping_settings"
"""Told when a setting changed, for pages that show them."""
_LEVEL = ("account_id", "item_id", "variant")
_COLUMNS = shipping_settings.c
_BY_LEVEL = tuple(_COLUMNS[name] for name in _LEVEL)


@dataclass(frozen=True, slots=True)
class FoundSettings:
    """Some of ``total`` settings, and what their items are called by number."""

    settings: tuple[ShippingSetting, ...]
    total: int
    titles: dict[str, str]


async def list_settings(reader: Reader, text: str, *, first: int, most: int) -> FoundSettings:
    """The settings from ``first`` on, the default, shops and then items: all, or those whose shop, item, variant or
    item's title ``text`` names."""
    where: Sequence[ColumnElement[bool]] = ()
    if text:
        called = select(order_items.c.item_id).where(order_items.c.title.icontains(text, autoescape=True))
        named = (column.icontains(text, autoescape=True) for column in (_COLUMNS.account_id, _COLUMNS.variant))
        where = (or_(begins(_COLUMNS.item_id, text), _COLUMNS.item_id.in_(called), *named),)
    total = (await reader.execute(select(func.count()).select_from(shipping_settings).where(*where))).scalar_one()
    ordered = select(shipping_settings).where(*where).order_by(_COLUMNS.item_id, *_BY_LEVEL)
    rows = await reader.execute(ordered.offset(first).limit(most))
    settings = tuple(ShippingSetting(**row._mapping) for row in rows)
    return FoundSettings(settings, int(total), await _titles(reader, {each.item_id for each in settings}))


async def _titles(reader: Reader, item_ids: set[str]) -> dict[str, str]:
    named = select(order_items.c.item_id, func.max(order_items.c.title)).where(order_items.c.item_id.in_(item_ids))
    return {item_id: title for item_id, title in (await reader.execute(named.group_by(order_items.c.item_id))).all()}


async def settings_above(reader: Reader, item_ids: Sequence[str]) -> tuple[ShippingSetting, ...]:
    """What is set by default, for every shop, and for these items; within a transaction locked."""
    above = select(shipping_settings).where(_COLUMNS.item_id.in_(("", *item_ids))).order_by(*_BY_LEVEL)
    if isinstance(reader, Transaction):
        above = above.with_for_update()
    rows = await reader.execute(above)
    return tuple(ShippingSetting(**row._mapping) for row in rows)


async def change_settings(
    tx: Transaction, after: Sequence[ShippingSetting], *, batch: str, by: str, at: datetime, ids: Sequence[str]
) -> None:
    """Set what goes for some levels, remembered as one change of somebody; what is so already is left out."""
    present = {_level(each): each for each in await settings_above(tx, [each.item_id for each in after])}
    for change_id, setting in zip(ids, after, strict=True):
        before = present.get(_level(setting))
        if before != setting:
            change = SettingChange(id=change_id, batch=batch, person_id=by, at=at, before=before, after=setting)
            is_counted_anew = setting.stock != (before.stock if before else None)
            await put_setting(tx, setting, with_stock=is_counted_anew)
            await tx.execute(insert(shipping_changes), _stored(change))
    tx.tell(TOPIC)


async def newest_batch(reader: Reader) -> str:
    """The change that was made last and is not taken back; empty if there is none."""
    standing = select(shipping_changes.c.batch).where(shipping_changes.c.undone_at.is_(None))
    newest = standing.order_by(shipping_changes.c.at.desc(), shipping_changes.c.id.desc()).limit(1)
    return (await reader.execute(newest)).scalar() or ""


async def list_changes(
    reader: Reader, *, batch: str = "", first: int = 0, most: int = 1000
) -> tuple[tuple[SettingChange, ...], int]:
    """Who changed what, the newest first, or all of one ``batch``, within a transaction locked; and how many."""
    where = (shipping_changes.c.batch == batch,) if batch else ()
    newest = select(shipping_changes).where(*where).order_by(shipping_changes.c.at.desc(), shipping_changes.c.id.desc())
    if isinstance(reader, Transaction):
        newest = newest.with_for_update()
    rows = (await reader.execute(newest.offset(first).limit(most))).all()
    counted = select(func.count()).select_from(shipping_changes).where(*where)
    return tuple(_change(row) for row in rows), int((await reader.execute(counted)).scalar_one())


async def put_back(
    tx: Transaction, change: SettingChange, setting: ShippingSetting | None, *, by: str, at: datetime
) -> None:
    """Take a change back: its level is as ``setting`` again, None for not set at all."""
    if setting is None:
        level = and_(*(column == part for column, part in zip(_BY_LEVEL, _level(change.after), strict=True)))
        await tx.execute(delete(shipping_settings).where(level))
    else:
        is_counted_back = change.before is None or change.before.stock != change.after.stock
        await put_setting(tx, setting, with_stock=is_counted_back)
    undone = {"undone_by": by, "undone_at": at}
    await tx.execute(update(shipping_changes).where(shipping_changes.c.id == change.id).values(undone))
    tx.tell(TOPIC)


async def load_settings(reader: Reader, levels: Sequence[ShippingSetting]) -> dict[tuple[str, ...], ShippingSetting]:
    """What is set at exactly the levels of these, by level."""
    wanted = select(shipping_settings).where(tuple_(*_BY_LEVEL).in_([_level(each) for each in levels]))
    found = [ShippingSetting(**row._mapping) for row in await reader.execute(wanted)]
    return {_level(each): each for each in found}


def _level(setting: ShippingSetting) -> tuple[str, str, str]:
    return setting.account_id, setting.item_id, setting.variant


def _stored(change: SettingChange) -> dict[str, Any]:
    values = {name: getattr(change, name) for name in ("id", "batch", "person_id", "at", "undone_by", "undone_at")}
    states = {"before": change.before, "after": change.after}
    return values | {name: orjson.dumps(asdict(each)).decode() if each else None for name, each in states.items()}


def _change(row: Row[*tuple[Any, ...]]) -> SettingChange:
    values = dict(row._mapping)
    blank = SettingChange(**values | {"before": None, "after": ShippingSetting()})
    before = ShippingSetting(**orjson.loads(values["before"])) if values["before"] else None
    return replace(blank, before=before, after=ShippingSetting(**orjson.loads(values["after"])))
