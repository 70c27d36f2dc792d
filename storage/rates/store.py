"""Rate limits in rows that all processes of one PostgreSQL database share. Only the server's clock counts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Row, delete, select
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.rates import Grant, Settlement, Share
from storage.database import Database, Transaction
from storage.rates.ledger import Ledger
from storage.rates.tables import rate_buckets

Shares = Mapping[str, Sequence[Share]]

_COLUMNS = ("key", "paused_until", "limits", "idle_at")
# The clock is read once the rows are ours. What a crash of the server takes back of it is a fraction of a second's
# leases, for which no call should wait for a disk.
_LOCK = """
WITH ours AS MATERIALIZED (SELECT * FROM rate_buckets WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE)
SELECT *, clock_timestamp() AS now, set_config('synchronous_commit', 'off', true) FROM ours
"""
_WRITE = """
UPDATE rate_buckets SET paused_until = new.paused_until, limits = new.limits, idle_at = new.idle_at
FROM unnest($1::text[], $2::timestamptz[], $3::json[], $4::timestamptz[]) AS new (key, paused_until, limits, idle_at)
WHERE rate_buckets.key = new.key
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_log = structlog.get_logger("rates")


class RateRows:
    """The rows as one process sees them, in which it is ``owner``: a name that no other process has."""

    def __init__(
        self, database: Database, owner: str, moment: Callable[[datetime], datetime] = lambda server: server
    ) -> None:
        """``moment`` gives tests a clock of their own, from PostgreSQL's, which is the same for all."""
        self._database = database
        self._owner = owner
        self._moment = moment

    async def settle(self, shares: Sequence[Share], pauses: Mapping[str, float]) -> Settlement | None:
        """Tell and ask in one short transaction. None if the database did not answer: it may have been done."""
        by_key: defaultdict[str, list[Share]] = defaultdict(list)
        for share in shares:
            by_key[share.limit.key].append(share)
        for key in pauses:
            by_key[key].extend(())
        try:
            while (answer := await self._settled(by_key, pauses)) is None:
                await self._add(by_key)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("rates_not_settled", error=type(error).__name__)
            return None
        return answer

    async def _settled(self, shares: Shares, pauses: Mapping[str, float]) -> Settlement | None:
        """None if some row is not there yet."""
        async with self._database.begin() as tx:
            rows = (await tx.execute_plain(_LOCK, (list(shares),))).all()
            if len(rows) < len(shares):
                return None
            now = _seconds(self._moment(max(row.now for row in rows)))
            books = [_Book.of(row, now, pauses) for row in rows]
            grants = {each.limit: book.trade(self._owner, each) for book in books for each in shares[book.key]}
            await _write(tx, [book.row() for book in books])
        return Settlement(grants, {book.key: book.paused_until - now for book in books})

    async def _add(self, keys: Iterable[str]) -> None:
        """Make rows in a transaction of their own, so that who waits for one holds no other."""
        async with self._database.begin() as tx:
            rows: list[tuple[Any, ...]] = [(key, None, {}, _EPOCH) for key in sorted(keys)]
            await tx.insert_many(rate_buckets, _COLUMNS, rows, skip_known=True)


@dataclass(slots=True)
class _Book:
    """One row, open."""

    key: str
    now: float
    paused_until: float
    idle_at: float
    limits: dict[str, Any]

    @classmethod
    def of(cls, row: Row[Any], now: float, pauses: Mapping[str, float]) -> "_Book":
        known = _seconds(row.paused_until) if row.paused_until else 0.0
        asked = now + pauses[row.key] if row.key in pauses else 0.0
        until = max(known, asked)
        return cls(row.key, now, until, max(now, until), dict(row.limits))

    def trade(self, owner: str, share: Share) -> Grant:
        name = f"{share.limit.count}/{share.limit.seconds:g}{' drains' if share.limit.drains else ''}"
        ledger = Ledger.from_json(share.limit, self.limits.pop(name, None))
        grant = ledger.trade(owner, share, self.now)
        if ledger.out or ledger.back:
            self.limits[name] = ledger.as_json()
        self.idle_at = max(self.idle_at, ledger.idle_at())
        return grant

    def row(self) -> tuple[Any, ...]:
        paused_until = _moment(self.paused_until) if self.paused_until > self.now else None
        return self.key, paused_until, self.limits, _moment(self.idle_at)


async def forget_rate_buckets(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete rows that have said nothing since ``before``. Returns how many."""
    old = select(rate_buckets.c.key).where(rate_buckets.c.idle_at < before).limit(limit)
    return (await tx.execute(delete(rate_buckets).where(rate_buckets.c.key.in_(old)))).rowcount


async def _write(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    keys, paused, limits, idle = zip(*rows, strict=True)
    await tx.execute_plain(_WRITE, (keys, paused, [orjson.dumps(each).decode() for each in limits], idle))


def _seconds(moment: datetime) -> float:
    return (moment - _EPOCH) / timedelta(seconds=1)


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
