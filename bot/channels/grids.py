"""Tables in a terminal: side by side where they fit, else one entry below the other. Codes and figures never wrap."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text as Line

_GAP = 2
_NARROWEST_TITLE = 4
_WRAPS_FROM = 24  # cells as wide as this hold sentences


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells under titles; ``right`` says of each column whether it holds figures. Units: terminal cells."""

    titles: tuple[Line, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[Line, ...], ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for titles in (self.titles, tuple(map(_folded, self.titles))):
            widths = self._widths(titles)
            if sum(widths) <= options.max_width - self._gaps:
                yield self._grid(titles, widths)
                return
        widest = widths.index(max(widths))
        left = options.max_width - self._gaps - (sum(widths) - widths[widest])
        if left < _WRAPS_FROM:
            yield from self._listed()
        else:
            yield self._grid(titles, [*widths[:widest], left, *widths[widest + 1 :]])

    @property
    def _gaps(self) -> int:
        return _GAP * (len(self.titles) - 1)

    def _widths(self, titles: tuple[Line, ...]) -> list[int]:
        """How wide each column is if nothing in it wraps."""
        columns = zip(titles, *self.rows, strict=True)
        return [max(cell_len(line) for cell in column for line in cell.plain.split("\n")) for column in columns]

    def _grid(self, titles: tuple[Line, ...], widths: list[int]) -> Grid:
        grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for title, is_right, width in zip(titles, self.right, widths, strict=True):
            grid.add_column(title, justify="right" if is_right else "left", width=width, overflow="fold")
        for row in self.rows:
            grid.add_row(*row)
        return grid

    def _listed(self) -> Iterator[RenderableType]:
        for first, *others in self.rows:
            yield Line.assemble(first, style="bold")
            titled = zip(self.titles[1:], others, strict=True)
            yield Padding(Line("  ").join(Line.assemble(title, "：", cell) for title, cell in titled), (0, 0, 0, 2))


def _folded(title: Line) -> Line:
    """A long title on two lines, at a space if it has one."""
    text = title.plain
    if cell_len(text) <= _NARROWEST_TITLE:
        return title
    half = text.find(" ", len(text) // 3)
    half = half if half > 0 else (len(text) + 1) // 2
    return Line(f"{text[:half]}\n{text[half:].lstrip()}", title.style)
