"""A figure with its goal; a table for people and one line per figure for scripts."""

from dataclasses import dataclass
from operator import eq, ge, le
from typing import Literal

from rich.console import Console
from rich.table import Table

_COMPARE = {">=": ge, "<=": le, "==": eq}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. ``note`` says how."""

    name: str
    value: float
    goal: Literal[">=", "<=", "=="]
    target: float
    note: str = ""

    @property
    def is_reached(self) -> bool:
        return bool(_COMPARE[self.goal](self.value, self.target))


def show(figures: list[Figure]) -> None:
    """The table, then the lines."""
    console = Console()
    table = Table(title="Benchmarks")
    for title in ("figure", "value", "goal", "reached", "how"):
        table.add_column(title)
    for each in figures:
        mark = "yes" if each.is_reached else "NO"
        table.add_row(each.name, f"{each.value:.4g}", f"{each.goal} {each.target:g}", mark, each.note)
    console.print(table)
    for each in figures:
        print(f"BENCH {each.name} {each.value:.4g} goal {each.goal} {each.target:g}")  # noqa: T201
