"""What orders need."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.contracts.clock import Clock, NewId
from integrations.marketplace.commands import CommandAnswer, Reply, Ship
from storage.credentials.cipher import Cipher
from storage.database import Database


class Bridge(Protocol):
    """Where a source takes commands."""

    async def command(self, command: Ship | Reply) -> CommandAnswer:
        """What became of it; the same ``command_id`` is done once, and asked again it tells what became of it.

        Raises: UpstreamUnavailable, UpstreamRateLimited, UpstreamAuthError, UpstreamContractError.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersDeps:
    """``cipher`` opens and closes personal data; ``bridges`` are those of the sources that take commands, by name."""

    database: Database
    clock: Clock
    new_id: NewId
    cipher: Cipher
    bridges: Mapping[str, Bridge]
