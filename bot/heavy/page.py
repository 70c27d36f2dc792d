"""A worksheet that writes plain cells itself: faster than xlsxwriter, which also takes a text in ``<r>`` for markup."""

from html import escape
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import Worksheet


class PlainPage(Worksheet):  # type: ignore[misc]  # the library tells no types
    """Holds texts and numbers only. The overridden method is its innermost loop."""

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        look = f' s="{cell.format._get_xf_index()}"' if cell.format else ""
        start = f'<c r="{xl_rowcol_to_cell_fast(row, col)}"{look}'
        if hasattr(cell, "string"):
            text = escape(self._escape_control_characters(cell.string), quote=False)
            self.fh.write(f'{start} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        else:
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")
