"""What a suite of faults found: a row of the table for people, figures for scripts, and how far it has come."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from rich.console import Console
from rich.table import Table

from tests.bench.report import Figure

_STEP = 10  # rounds from one line of progress to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One suite over one database. ``lost`` and ``doubled`` must be 0, whatever a suite means by them."""

    name: str
    rounds: int
    events: int
    lost: int
    doubled: int
    note: str = ""
    seconds: float = 0


@dataclass(slots=True)
class Outcome:
    """What a suite found; suites that show more than one row are added up."""

    rows: list[Row] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.rows + other.rows, self.figures + other.figures)


def show(outcome: Outcome) -> None:
    """The table, then the lines."""
    console, table = Console(), Table(title="Faults")
    for title in ("suite", "rounds", "events", "lost", "doubled", "seconds", "how"):
        table.add_column(title, justify="left" if title in ("suite", "how") else "right")
    for row in outcome.rows:
        counts = (row.rounds, row.events, row.lost, row.doubled, round(row.seconds))
        table.add_row(row.name, *(f"{count:,}" for count in counts), row.note)
    console.print(table)
    for each in outcome.figures:
        print(f"BENCH {each.name} {each.value:.6g} goal {each.goal} {each.target:g}")  # noqa: T201


def progress(name: str, rounds: int) -> Callable[[int], None]:
    """Tells now and then how many rounds of ``name`` are done."""
    began = monotonic()

    def told(done: int) -> None:
        if done % _STEP == 0 or done == rounds:
            tell(f"{name}: {done} of {rounds} rounds in {monotonic() - began:.0f} s")

    return told


def tell(line: str) -> None:
    """To standard error: the table goes to standard output."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def tell_wrong(name: str, **found: Sequence[object]) -> None:
    """Every single thing that went wrong, for who looks into it."""
    for what, each in found.items():
        if each:
            tell(f"{name}: {what}: {list(each)}")
