"""What subscriptions need."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from bot.contracts.clock import Clock
from bot.contracts.feature import Asking, Words
from bot.contracts.standing import Carried, StandingOrder
from storage.database import Database, Reader


class Gate(Protocol):
    """Where command lines pass the same check as typed ones."""

    async def check(self, line: str, asking: Asking) -> str:
        """The line in its canonical form, if it only reads and answers this person here.

        Raises: NotFoundError, UserInputError, NotAllowedError, or what the command raises.
        """
        ...

    async def run(self, order: StandingOrder) -> Carried:
        """The answer of this moment. Raises: UpstreamUnavailable; whatever is a bug."""
        ...

    async def failed(self, reader: Reader, order: StandingOrder, error: BaseException) -> Carried:
        """What to say of an order that could not be run at all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionsDeps:
    """``zone`` is the team's; ``language`` that of people who chose none."""

    database: Database
    gate: Gate
    clock: Clock
    words: Callable[[str], Words]
    zone: tzinfo
    language: str
