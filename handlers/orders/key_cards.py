"""Pools of card keys as cards: how many there are, never what they are."""

from collections.abc import Sequence

from bot.contracts.cards import (
    Action,
    Card,
    Cell,
    Column,
    ColumnKind,
    Field,
    Form,
    Level,
    Note,
    Table,
    Text,
    plain,
)
from bot.contracts.feature import Words
from handlers.orders.key_files import KeyProblem
from storage.orders.rows import PoolStock

_MOST_ROWS_NAMED = 50
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


def pool_table(pools: Sequence[PoolStock], limits: Sequence[int], total: int, words: Words) -> Table:
    """Some pools; of each it is marked whether it has fewer keys than its limit."""
    columns = tuple(Column(words(f"orders.pools.{name}"), kind) for name, kind in _COLUMNS)
    rows = tuple(_marked(_row(each, words), each, limit, words) for each, limit in zip(pools, limits, strict=True))
    return Table(columns, rows, total)


def _marked(row: tuple[Cell, ...], stock: PoolStock, limit: int, words: Words) -> tuple[Cell, ...]:
    is_low = stock.pool.held_since is None and stock.counts.get("free", 0) < max(limit, 1)
    return (*row[:-1], Level(words("orders.pools.low", limit=max(limit, 1)), "warning")) if is_low else row


def upload_form(words: Words) -> Form:
    """Where a file of keys is put into a pool."""
    fields = (
        Field("item", words("orders.field.item"), required=True),
        Field("variant", words("orders.field.variant")),
        Field("account", words("orders.field.account")),
        Field("file", words("orders.field.file"), "file", required=True),
    )
    return Form(fields, Action(words("orders.button.upload"), style="primary"))


def taken_card(item_id: str, new: int, known_rows: Sequence[int], words: Words) -> Card:
    """How many keys of a file are new, and which rows were there before."""
    text = Text(words("orders.upload.taken", item=plain(item_id), new=new))
    rows = words("orders.separator").join(map(str, known_rows[:_MOST_ROWS_NAMED]))
    known = (Note(words("orders.upload.known", count=len(known_rows), rows=rows)),) if known_rows else ()
    return Card(words("orders.upload.title"), "good", (text, *known), language=words.language)


def refused_card(problems: Sequence[KeyProblem], words: Words) -> Card:
    """What is wrong with a file, row by row; nothing of it was taken."""
    said = (words(f"orders.key_problem.{each.code}", row=each.row, other=each.other) for each in problems)
    text = Text("\n".join(f"- {each}" for each in said))
    return Card(words("orders.upload.refused"), "bad", (text,), language=words.language)


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
