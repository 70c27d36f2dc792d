"""Card keys: each is in the database once, belongs to one order at most, and is only forgotten with the database."""

import hmac
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, func, insert, literal_column, select, update

from storage.credentials.cipher import Cipher, UnreadableSecretError
from storage.database import Reader, Transaction
from storage.orders.key_tables import card_keys, key_deliveries, key_marks, key_pools
from storage.orders.rows import CardKey, KeyPool, KeysAdded, KeyState, PoolStock
from storage.upsert import insert_into

_DIGEST_KEY, _DIGEST_PLACE = "digest", "key_mark:digest"
_MOST_ASKED = 400
TOPIC = "keys"
"""Told when keys were put into a pool, for pages that show them."""
_IS_FREE: ColumnElement[bool] = literal_column("state = 'free'")  # spelled as in the partial indexes
_IS_OWNED: ColumnElement[bool] = literal_column("order_key <> ''")
_KEY = tuple(column.name for column in card_keys.columns)
_SHOWN = (
    card_keys.c.id,
    card_keys.c.pool_id,
    card_keys.c.sealed,
    card_keys.c.state,
    card_keys.c.order_key,
    card_keys.c.unit_no,
)


async def pools_of(reader: Reader, item_id: str) -> tuple[KeyPool, ...]:
    """The pools of an item, of all shops and variants."""
    rows = await reader.execute(select(key_pools).where(key_pools.c.item_id == item_id))
    return tuple(KeyPool(**row._mapping) for row in rows)


async def load_pool(reader: Reader, pool_id: str) -> KeyPool | None:
    """The pool with our id, or None."""
    row = (await reader.execute(select(key_pools).where(key_pools.c.id == pool_id))).one_or_none()
    return None if row is None else KeyPool(**row._mapping)


async def make_pool(tx: Transaction, pool: KeyPool) -> KeyPool:
    """The pool at this place, which is ``pool`` if there was none."""
    await tx.execute(insert_into(key_pools, tx).values(asdict(pool)).on_conflict_do_nothing())
    place = ("account_id", "item_id", "variant")
    same = (key_pools.c[name] == getattr(pool, name) for name in place)
    return KeyPool(**(await tx.execute(select(key_pools).where(*same))).one()._mapping)


async def list_pools(reader: Reader, item_id: str = "") -> tuple[PoolStock, ...]:
    """All pools, or those of an item, with how many keys are in which state."""
    of_item = (key_pools.c.item_id == item_id,) if item_id else ()
    ordered = (key_pools.c.item_id, key_pools.c.account_id, key_pools.c.variant)
    pools = [
        KeyPool(**row._mapping) for row in await reader.execute(select(key_pools).where(*of_item).order_by(*ordered))
    ]
    counts: dict[str, dict[KeyState, int]] = {pool.id: {} for pool in pools}
    counted = select(card_keys.c.pool_id, card_keys.c.state, func.count()).group_by(
        card_keys.c.pool_id, card_keys.c.state
    )
    if item_id:
        counted = counted.where(card_keys.c.pool_id.in_(list(counts)))
    for pool_id, state, count in await reader.execute(counted):
        counts[pool_id][state] = count
    return tuple(PoolStock(pool=pool, counts=counts[pool.id]) for pool in pools)


async def count_free(reader: Reader, pool_id: str, *, most: int) -> int:
    """How many keys of the pool are free, counted no further than ``most``."""
    some = select(card_keys.c.id).where(_IS_FREE, card_keys.c.pool_id == pool_id).limit(most)
    return int((await reader.execute(select(func.count()).select_from(some.subquery()))).scalar_one())


async def add_keys(
    tx: Transaction,
    cipher: Cipher,
    pool: KeyPool,
    keys: Sequence[str],
    *,
    new_id: Callable[[], str],
    now: datetime,
    state: KeyState = "free",
) -> KeysAdded:
    """Put new keys into a pool; those that were ever in any pool are left out and named by their position."""
    secret = await _digest_key(tx, cipher, now)
    digests = [_digest(secret, key) for key in keys]
    known = await _known(tx, digests)
    rows, seen = [], set(known)
    for digest, key in zip(digests, keys, strict=True):
        if digest not in seen:
            seen.add(digest)
            key_id = new_id()
            rows.append((key_id, pool.id, digest, seal_key(cipher, key_id, key), state, "", 0, now))
    new = await tx.insert_many(card_keys, _KEY, rows, skip_known=True)
    return KeysAdded(new=new, known=tuple(n for n, digest in enumerate(digests) if digest in known))


async def set_aside(
    tx: Transaction,
    cipher: Cipher,
    pool: KeyPool,
    keys: Sequence[str],
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> KeysAdded:
    """Let keys that somebody knows as delivered never be given to anybody; those that were unknown are remembered."""
    secret = await _digest_key(tx, cipher, now)
    digests = [_digest(secret, key) for key in keys]
    for start in range(0, len(digests), _MOST_ASKED):
        mine = card_keys.c.digest.in_(digests[start : start + _MOST_ASKED])
        unsent = (mine, card_keys.c.state.in_(("free", "reserved")))
        gone = {"state": "set_aside", "order_key": "", "unit_no": 0, "changed_at": now}
        await tx.execute(update(card_keys).where(*unsent).values(gone))
    return await add_keys(tx, cipher, pool, keys, new_id=new_id, now=now, state="set_aside")


async def set_all_aside(tx: Transaction, pool: KeyPool, *, now: datetime) -> int:
    """Let nothing that is free or reserved in a pool be given to anybody. Returns how many."""
    unsent = (card_keys.c.pool_id == pool.id, card_keys.c.state.in_(("free", "reserved")))
    gone = {"state": "set_aside", "order_key": "", "unit_no": 0, "changed_at": now}
    return (await tx.execute(update(card_keys).where(*unsent).values(gone))).rowcount


async def keys_of(reader: Reader, order_key: str) -> tuple[CardKey, ...]:
    """The keys of an order, by unit."""
    mine = select(*_SHOWN).where(_IS_OWNED, card_keys.c.order_key == order_key).order_by(card_keys.c.unit_no)
    return tuple(CardKey(**row._mapping) for row in await reader.execute(mine))


async def reserve(tx: Transaction, pool: KeyPool, order_key: str, units: Sequence[int], *, now: datetime) -> bool:
    """Give the locked order one free key of the pool for each of ``units``; none at all if there are too few."""
    # One order at a time: two that each lock what the other lacks would wait for each other.
    await tx.execute(select(key_pools.c.id).where(key_pools.c.id == pool.id).with_for_update())
    free = select(card_keys.c.id).where(_IS_FREE, card_keys.c.pool_id == pool.id).order_by(card_keys.c.id)
    found = (await tx.execute(free.limit(len(units)))).scalars().all()
    if len(found) < len(units):
        return False
    for key_id, unit_no in zip(found, units, strict=True):
        given = {"state": "reserved", "order_key": order_key, "unit_no": unit_no, "changed_at": now}
        changed = await tx.execute(update(card_keys).where(card_keys.c.id == key_id, _IS_FREE).values(given))
        if changed.rowcount != 1:
            raise RuntimeError("a free key was given away beside its pool")
    return True


async def release(tx: Transaction, order_key: str, *, now: datetime, above: int = 0) -> int:
    """Free what is reserved for an order, or only units after ``above``; what may be sent stays. Returns how many."""
    mine = (_IS_OWNED, card_keys.c.order_key == order_key, card_keys.c.state == "reserved", card_keys.c.unit_no > above)
    freed = {"state": "free", "order_key": "", "unit_no": 0, "changed_at": now}
    return (await tx.execute(update(card_keys).where(*mine).values(freed))).rowcount


async def move_keys(tx: Transaction, order_key: str, came: KeyState, to: KeyState, *, now: datetime) -> int:
    """Let the order's keys that are in the state ``came`` be in the state ``to``. Returns how many."""
    mine = (_IS_OWNED, card_keys.c.order_key == order_key, card_keys.c.state == came)
    return (await tx.execute(update(card_keys).where(*mine).values(state=to, changed_at=now))).rowcount


async def hold_pools(tx: Transaction, *, now: datetime) -> int:
    """Let no key leave any pool before somebody reconciled it. Returns how many were not held yet."""
    return (await tx.execute(update(key_pools).where(key_pools.c.held_since.is_(None)).values(held_since=now))).rowcount


async def release_pool(tx: Transaction, pool_id: str) -> None:
    """Somebody said what of the pool was sent: the rest may go."""
    await tx.execute(update(key_pools).where(key_pools.c.id == pool_id).values(held_since=None))


async def put_delivery(
    tx: Transaction, cipher: Cipher, order_key: str, content: str, *, command_id: str, delivery_id: str, now: datetime
) -> None:
    """Remember what a command is about to hand to the buyer."""
    sealed = cipher.encrypt(content, f"key_delivery:{delivery_id}")
    row = {"id": delivery_id, "order_key": order_key, "command_id": command_id, "content": sealed, "at": now}
    await tx.execute(insert(key_deliveries), row)


async def load_delivery(reader: Reader, cipher: Cipher, order_key: str, command_id: str) -> tuple[str, str] | None:
    """Id and content of what a command hands over; None if it carries no keys. Raises: UnreadableSecretError."""
    same = (key_deliveries.c.order_key == order_key, key_deliveries.c.command_id == command_id)
    row = (await reader.execute(select(key_deliveries.c.id, key_deliveries.c.content).where(*same))).one_or_none()
    return None if row is None else (row.id, cipher.decrypt(row.content, f"key_delivery:{row.id}"))


async def unknown_deliveries(reader: Reader, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` that this database does not know."""
    known = select(key_deliveries.c.id).where(key_deliveries.c.id.in_(list(ids)))
    return frozenset(ids) - frozenset((await reader.execute(known)).scalars())


async def has_delivered(reader: Reader) -> bool:
    """True if keys were ever sent by this database or one that it is a copy of."""
    return (await reader.execute(select(key_deliveries.c.id).limit(1))).first() is not None


async def note_gaps(tx: Transaction, ids: Iterable[str], *, now: datetime) -> None:
    """Remember deliveries of which no more is known than that they were sent."""
    rows = [(each, "", "", "", now) for each in sorted(ids)]
    await tx.insert_many(key_deliveries, tuple(c.name for c in key_deliveries.columns), rows, skip_known=True)


async def load_mark(reader: Reader, name: str) -> str | None:
    """What was noted under a name, or None."""
    return (await reader.execute(select(key_marks.c.value).where(key_marks.c.name == name))).scalar()


async def put_mark(tx: Transaction, name: str, value: str) -> None:
    """Note something under a name."""
    noted = insert_into(key_marks, tx).values(name=name, value=value)
    await tx.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def seal_key(cipher: Cipher, key_id: str, key: str) -> str:
    """The key as it is kept."""
    return cipher.encrypt(key, f"card_key:{key_id}")


def open_key(cipher: Cipher, key: CardKey) -> str:
    """The key itself; empty if no secret key opens it any more."""
    try:
        return cipher.decrypt(key.sealed, f"card_key:{key.id}")
    except UnreadableSecretError:
        return ""


async def _digest_key(tx: Transaction, cipher: Cipher, now: datetime) -> bytes:
    """What digests are made with: drawn once, kept encrypted, so that it outlives the key that encrypts it.

    Where keys lie already and it cannot be opened, what was sent cannot be told from what is new any more: every pool
    is held.
    """
    drawn = cipher.encrypt(secrets.token_hex(32), _DIGEST_PLACE)
    await tx.execute(insert_into(key_marks, tx).values(name=_DIGEST_KEY, value=drawn).on_conflict_do_nothing())
    kept = await load_mark(tx, _DIGEST_KEY) or drawn
    try:
        return bytes.fromhex(cipher.decrypt(kept, _DIGEST_PLACE))
    except UnreadableSecretError:
        await hold_pools(tx, now=now)
        await put_mark(tx, _DIGEST_KEY, drawn)
        return bytes.fromhex(cipher.decrypt(drawn, _DIGEST_PLACE))


def _digest(secret: bytes, key: str) -> str:
    return hmac.digest(secret, key.encode(), sha256).hex()


async def _known(tx: Transaction, digests: Sequence[str]) -> frozenset[str]:
    known: set[str] = set()
    for start in range(0, len(digests), _MOST_ASKED):
        some = card_keys.c.digest.in_(digests[start : start + _MOST_ASKED])
        known |= set((await tx.execute(select(card_keys.c.digest).where(some))).scalars())
    return frozenset(known)
