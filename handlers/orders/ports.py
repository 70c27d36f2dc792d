"""What orders need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from bot.contracts.clock import Clock, NewId
from bot.contracts.feature import Words
from bot.contracts.quantities import StoreId
from handlers.orders.goofish_ports import Goofish, GoofishBridge
from integrations.courier.models import Parcel, Waybill
from integrations.lingxing.models import AmazonOrder, Pulled
from integrations.marketplace.commands import CommandAnswer, Reply, Ship
from storage.credentials.cipher import Cipher
from storage.database import Database
from storage.orders.key_witness import KeyWitness
from storage.orders.rows import GOOFISH


class Bridge(Protocol):
    """Where a source takes commands."""

    async def command(self, command: Ship | Reply) -> CommandAnswer:
        """What became of it; the same ``command_id`` is done once, and asked again it tells what became of it.

        Raises: UpstreamUnavailable, UpstreamRateLimited, UpstreamAuthError, UpstreamContractError.
        """
        ...


class Lingxing(Protocol):
    """Where stores keep the orders that they fulfil themselves."""

    async def list_own_orders(
        self, store_ids: Sequence[StoreId], since: datetime, until: datetime
    ) -> Pulled[AmazonOrder]:
        """Those that changed on the days from ``since`` to ``until``. Raises: UpstreamError."""
        ...


class Courier(Protocol):
    """Who gives numbers for parcels."""

    async def create_waybill(self, parcel: Parcel, *, key: str) -> Waybill:
        """A number; again under the same ``key`` the same one. Raises: UpstreamError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersDeps:
    """``cipher`` opens and closes personal data; ``bridges`` are those of the sources that take commands, by name;
    ``witness`` tells whether keys were sent that the database knows nothing of."""

    database: Database
    clock: Clock
    new_id: NewId
    cipher: Cipher
    bridges: Mapping[str, Bridge]
    witness: KeyWitness
    goofish: Goofish | None = None
    courier: Courier | None = None
    lingxing: Lingxing | None = None
    """None while they are off."""
    words: Callable[[str], Words]
    zone: tzinfo = UTC


def bridges_of(told: Mapping[str, Bridge], goofish: Goofish | None) -> Mapping[str, Bridge]:
    """The bridges of ``told`` and, if it is on, 闲管家 as one."""
    return told if goofish is None else {**told, GOOFISH: GoofishBridge(goofish)}
