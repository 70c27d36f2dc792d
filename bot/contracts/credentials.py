"""What a platform lends us to prove who we are."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and, where the platform gives one, what renews it. Times are aware UTC."""

    value: str = field(repr=False)
    expires_at: datetime
    refresh_value: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None
