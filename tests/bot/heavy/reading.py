"""An xlsx file taken apart with the standard library: what a reader of the format finds in it."""

import re
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def part(file: bytes, name: str = "xl/worksheets/sheet1.xml") -> ElementTree.Element:
    with ZipFile(BytesIO(file)) as archive:
        return ElementTree.fromstring(archive.read(name))


def cells(file: bytes) -> list[list[str]]:
    """Every cell of the first sheet as text."""
    return [["".join(cell.itertext()) for cell in row] for row in part(file).iter(f"{_SPACE}row")]


def formulas(file: bytes) -> int:
    return sum(1 for _ in part(file).iter(f"{_SPACE}f"))


def kinds(file: bytes) -> list[str]:
    """How each cell below the header is kept: ``inlineStr``, or ``n`` for numbers and days."""
    _, *rows = part(file).iter(f"{_SPACE}row")
    return [cell.get("t", "n") for row in rows for cell in row]


def widths(file: bytes) -> list[float]:
    return [float(column.get("width", "0")) for column in part(file).iter(f"{_SPACE}col")]


def has_frozen_header(file: bytes) -> bool:
    return any(pane.get("state") == "frozen" and pane.get("ySplit") == "1" for pane in part(file).iter(f"{_SPACE}pane"))


def sheet_name(file: bytes) -> str:
    (sheet,) = part(file, "xl/workbook.xml").iter(f"{_SPACE}sheet")
    return re.sub(r"\s+", " ", sheet.get("name", ""))
