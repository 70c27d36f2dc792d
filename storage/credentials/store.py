"""Access tokens that survive a restart, encrypted, with the lock of the one who renews them, over all processes."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from bot.contracts.credentials import Token
from bot.contracts.errors import UpstreamUnavailable
from storage.credentials.cipher import Cipher, UnreadableSecretError
from storage.credentials.tables import tokens
from storage.database import Database
from storage.holding import lock_within
from storage.upsert import insert_into


class StoredTokens:
    """Implements ``integrations.http.tokens.TokenStore``. A token that no key opens counts as missing."""

    def __init__(
        self, database: Database, cipher: Cipher, *, longest_renewal: timedelta = timedelta(minutes=1)
    ) -> None:
        """A process that stands still for longer than ``longest_renewal`` while it renews loses its turn."""
        self._database = database
        self._longest_renewal = longest_renewal
        self._cipher = cipher
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def load(self, platform: str, account: str) -> Token | None:
        async with self._database.read() as reader:
            row = (
                await reader.execute(select(tokens).where(tokens.c.platform == platform, tokens.c.account == account))
            ).one_or_none()
        if row is None:
            return None
        context = f"token:{platform}:{account}"
        try:
            return Token(
                value=self._cipher.decrypt(row.value, context),
                expires_at=row.expires_at,
                refresh_value=self._cipher.decrypt(row.refresh_value, context) if row.refresh_value else "",
                refresh_expires_at=row.refresh_expires_at,
            )
        except UnreadableSecretError:
            return None

    async def save(self, platform: str, account: str, token: Token) -> None:
        context = f"token:{platform}:{account}"
        values = {
            "value": self._cipher.encrypt(token.value, context),
            "refresh_value": self._cipher.encrypt(token.refresh_value, context) if token.refresh_value else "",
            "expires_at": token.expires_at,
            "refresh_expires_at": token.refresh_expires_at,
        }
        async with self._database.begin() as tx:
            statement = insert_into(tokens, tx).values(platform=platform, account=account, **values)
            await tx.execute(statement.on_conflict_do_update(index_elements=["platform", "account"], set_=values))

    async def clear(self, platform: str, account: str) -> None:
        async with self._database.begin() as tx:
            await tx.execute(delete(tokens).where(tokens.c.platform == platform, tokens.c.account == account))

    @asynccontextmanager
    async def lock(self, platform: str, account: str) -> AsyncIterator[None]:
        async with self._locks[platform, account]:
            if self._database.is_sqlite:
                yield
                return
            async with self._database.session() as session:  # the lock ends with it, also when this process dies
                limit = self._longest_renewal.total_seconds()
                await session.execute(f"SET idle_session_timeout = {round(limit * 1000)}")  # ends it for a stopped one
                if not await lock_within(session, _lock_number(platform, account), 2 * limit):
                    raise UpstreamUnavailable("another process renews it", platform=platform, operation="token")
                yield


def _lock_number(platform: str, account: str) -> int:
    """The same in every process: 64 bits of the name."""
    return int.from_bytes(sha256(f"token:{platform}:{account}".encode()).digest()[:8], signed=True)
