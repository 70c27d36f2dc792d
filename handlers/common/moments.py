"""Times to come, as people type them."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.contracts.errors import UserInputError

LONGEST_SNOOZE = timedelta(days=366)
_DAY_BEGINS = time(9)
_LENGTH = re.compile(r"(\d{1,4})\s*(天|小时|d|h)", re.IGNORECASE)


def read_until(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The end of a snooze or silence: a date (its morning), or so many days or hours from now, in UTC.

    Raises: UserInputError for anything else, the past, and more than a year.
    """
    length = _LENGTH.fullmatch(text.strip())
    if length:
        hours = int(length[1]) * (24 if length[2] in ("天", "d", "D") else 1)
        until = now + timedelta(hours=hours)
    else:
        try:
            until = datetime.combine(date.fromisoformat(text.strip()), _DAY_BEGINS, zone).astimezone(UTC)
        except ValueError as error:
            raise UserInputError(code="matter_until", values={"text": text[:40]}) from error
    if not now < until <= now + LONGEST_SNOOZE:
        raise UserInputError(code="matter_until", values={"text": text[:40]})
    return until
