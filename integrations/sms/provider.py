"""What we ask of a provider of text messages. One kind is in ``client``; another needs these three methods."""

from dataclasses import dataclass
from typing import Literal, Protocol

PLATFORM = "sms"
LONGEST = 201
"""UTF-16 units of one message: three parts of 67, as the networks cut what holds more than plain Latin letters."""

State = Literal["accepted", "sent", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a message got. ``reason`` is the provider's code for a failure."""

    state: State
    reason: str = ""


class SmsProvider(Protocol):
    """Every method raises UpstreamError."""

    async def send(self, to: str, text: str, *, key: str) -> str:
        """Hand over a text of at most ``LONGEST`` units for a number of 5 to 15 digits with its country; its id there.

        Again under the same ``key``, within a day, nothing is sent twice.
        Raises: UpstreamRejected for a number that cannot be one, or that the provider refuses.
        """
        ...

    async def progress(self, message_id: str) -> Progress:
        """What became of a message."""
        ...

    async def check(self) -> None:
        """A cheap call that needs valid credentials."""
        ...
