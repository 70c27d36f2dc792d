"""Pools of card keys as cards: how many there are, never what they are."""

from collections.abc import Sequence

from bot.contracts.cards import Action, Card, Cell, Column, ColumnKind, Level, Note, Table, Text
from bot.contracts.feature import Words
from storage.orders.rows import PoolStock

_COLUMNS: Sequence[tuple[str, ColumnKind]] = (
    ("item", "text"),
    ("account", "text"),
    ("free", "number"),
    ("reserved", "number"),
    ("sent", "number"),
    ("set_aside", "number"),
    ("state", "level"),
)


def pools_card(pools: Sequence[PoolStock], words: Words) -> Card:
    """The pools that were asked about."""
    title = words("orders.pools.title")
    if not pools:
        return Card(title, "info", (Text(words("orders.pools.none")),), language=words.language)
    columns = tuple(Column(words(f"orders.pools.{name}"), kind) for name, kind in _COLUMNS)
    table = Table(columns, tuple(_row(each, words) for each in pools), len(pools))
    held = [each.pool for each in pools if each.pool.held_since is not None]
    actions = tuple(
        Action(words("orders.button.reconcile", item=item), words("orders.command.reconcile", item=item))
        for item in sorted({pool.item_id for pool in held})[:3]
    )
    note = Note(words("orders.pools.held_note" if held else "orders.pools.note"))
    return Card(title, "warning" if held else "info", (table, note), actions, language=words.language)


def _row(stock: PoolStock, words: Words) -> tuple[Cell, ...]:
    pool, counts = stock.pool, stock.counts
    state = Level(words("orders.pools.open"), "good")
    if pool.held_since is not None:
        state = Level(words("orders.pools.held", at=words.moment(pool.held_since)), "bad")
    return (
        f"{pool.item_id} {pool.variant}".strip(),
        pool.account_id or words("orders.everything"),
        counts.get("free", 0),
        counts.get("reserved", 0),
        counts.get("sent", 0) + counts.get("confirmed", 0),
        counts.get("set_aside", 0),
        state,
    )


def reconciling_card(item_id: str, pools: Sequence[PoolStock], words: Words) -> Card:
    """What has to be said before keys of an item may go out again."""
    count = sum(each.counts.get("free", 0) + each.counts.get("reserved", 0) for each in pools)
    text = Text(words("orders.reconciling.text", item=item_id, count=count))
    actions = tuple(
        Action(
            words(f"orders.button.{what}"),
            words(f"orders.command.{what}", item=item_id),
            "danger" if what == "discard" else "default",
        )
        for what in ("confirm_unused", "discard")
    )
    return Card(words("orders.reconciling.title", item=item_id), "warning", (text,), actions, language=words.language)
