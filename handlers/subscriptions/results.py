"""What subscriptions look like to programs and cards."""

from dataclasses import dataclass

from storage.subscriptions.rows import Subscription


@dataclass(frozen=True, slots=True)
class Listed:
    """A subscription with its person's name, and whether it is of the chat where it is listed."""

    subscription: Subscription
    name: str
    is_here: bool = True


@dataclass(frozen=True, slots=True)
class SubscriptionsResult:
    """All that were asked about, by number."""

    subscriptions: tuple[Listed, ...]
