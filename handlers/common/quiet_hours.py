"""When a person wants no messages in their private chat."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``starts`` to ``ends`` on the clock on the team's wall, over midnight if ``ends`` is earlier.

    The two are never equal.
    """

    starts: time
    ends: time


def hold_until(quiet: QuietHours | None, now: datetime, zone: tzinfo) -> datetime | None:
    """Until when a message of ``now`` is held, in UTC; None: it may go out at once.

    Note: of an hour that winter time repeats only the first pass can be quiet hours' end.
    """
    if quiet is None:
        return None
    local = now.astimezone(zone)
    wall = local.time()
    over_midnight = quiet.ends < quiet.starts
    is_evening = over_midnight and wall >= quiet.starts
    is_quiet = is_evening or (wall < quiet.ends and (over_midnight or wall >= quiet.starts))
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=is_evening)
    ends_at = datetime.combine(day, quiet.ends, zone).astimezone(UTC)
    return ends_at if ends_at > now else None
