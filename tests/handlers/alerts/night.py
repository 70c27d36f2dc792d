"""A night of one cause, minute by minute, by the rules alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from handlers.alerts.rules import CALM, decide, returns_of
from storage.matters.rows import Matter, NewMatter

MINUTE = timedelta(minutes=1)
EVENING = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAUSE = NewMatter(kind="dead_letters", fingerprint="dead_letters", details={"count": "1"})


def a_night(minutes: Sequence[bool]) -> list[bool]:
    """The same minutes, in which the cause is never away as long as a calm takes, once it has begun."""
    away = 0
    shown = list[bool]()
    for is_firing in minutes:
        away = 0 if is_firing or away + 1 >= CALM // MINUTE else away + 1
        shown.append(away == 0 and (is_firing or any(shown)))
    return shown


@dataclass(slots=True)
class Night:
    """What was told of one cause so far."""

    matter: Matter | None = None
    opened: int = 0
    closed: int = 0
    minute: int = 0

    def lived(self, minutes: Sequence[bool]) -> "Night":
        for is_firing in minutes:
            self._live(is_firing)
        return self

    def _live(self, is_firing: bool) -> None:
        now = EVENING + self.minute * MINUTE
        self.minute += 1
        change = decide(self.matter, CAUSE if is_firing else None, now=now, is_silenced=False)
        matter = self.matter
        if change == "open":
            self.opened += 1
            self.matter = _opened(now, returns_of(matter, now))
        elif matter is not None and change == "close":
            self.closed += 1
            self.matter = replace(matter, state="settled", settled_at=matter.clear_since)
        elif matter is not None and change == "calm":
            self.matter = replace(matter, clear_since=now)
        elif matter is not None and change == "return":
            self.matter = replace(matter, clear_since=None, returns=matter.returns + 1)


def _opened(now: datetime, returns: int) -> Matter:
    return Matter(
        number=1,
        kind=CAUSE.kind,
        fingerprint=CAUSE.fingerprint,
        details=CAUSE.details,
        store_id="",
        is_urgent=False,
        due_at=None,
        cost_per_day=None,
        currency="",
        opened_at=now,
        changed_at=now,
        returns=returns,
    )
