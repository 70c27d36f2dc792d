"""What is known about alarms, for cards and programs."""

from dataclasses import dataclass
from typing import Literal

from handlers.alerts.rules import AlarmKind
from handlers.alerts.watching import Missing, Trial, Verdict, finding
from storage.alerts.rows import Watch
from storage.catalog.rows import Store
from storage.matters.rows import Matter, NewMatter, Silence, Step

RuleState = Literal["quiet", "open", "silenced", "unknown"]
"""quiet: nothing is wrong; open: a matter tells of it; unknown: its data are missing."""
Reason = Literal[
    "told",
    "missing",
    "not_met",
    "silenced",
    "by_hand",
    "another_cause",
    "soon",
    "acknowledged",
    "snoozed",
    "over",
    "off",
]
"""told: it was reminded of; soon: the next step's time has not come; the others stopped it."""


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A built-in rule with the matters that tell of it now."""

    kind: AlarmKind
    state: RuleState
    matters: tuple[Matter, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmsResult:
    """All rules, and all silences that last."""

    rules: tuple[RuleShown, ...]
    silences: tuple[Silence, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, in order; the first that is not ``passed`` stopped the reminder."""

    name: str
    passed: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class WhyNotResult:
    """Why nobody was told (``reason``), everything looked at, and the steps of the matter if there is one."""

    reason: Reason
    checks: tuple[Check, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule of the team finds in a store now."""

    store: Store
    outcome: Verdict | Missing


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule of the team: what it finds now if it is live, and the matters that tell of it.

    ``is_silenced`` if nobody is told of anything that it finds.
    """

    watch: Watch
    judged: tuple[Judged, ...] = ()
    matters: tuple[Matter, ...] = ()
    is_silenced: bool = False

    @property
    def findings(self) -> tuple[NewMatter, ...]:
        """One per store whose condition is met."""
        verdicts = ((each.store, each.outcome) for each in self.judged if isinstance(each.outcome, Verdict))
        found = (finding(self.watch, store, verdict) for store, verdict in verdicts)
        return tuple(each for each in found if each is not None)

    @property
    def missing(self) -> tuple[Judged, ...]:
        """Where it cannot be judged."""
        return tuple(each for each in self.judged if isinstance(each.outcome, Missing))

    @property
    def is_judged(self) -> bool:
        """True if it could be judged anywhere."""
        return len(self.missing) < len(self.judged)


@dataclass(frozen=True, slots=True)
class RulesResult:
    """The team's rules that were asked about, and how they would have done if one was tried."""

    rules: tuple[Standing, ...]
    trials: tuple[Trial, ...] = ()
