"""The rows of a spreadsheet's first sheet, read from its bytes: formulas are told from values, none is calculated."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_BYTES = 64 * 1024 * 1024  # unpacked
_PIECE_BYTES = 16 * 1024
_MOST_COLUMNS = 50
_EXACT_DIGITS = 15
_REFERENCE = re.compile(r"([A-Z]{1,3})\d+")


@dataclass(frozen=True, slots=True)
class SheetCell:
    """What stands in a cell. ``is_inexact``: a number too long for a spreadsheet, whose last digits are lost."""

    text: str
    is_formula: bool = False
    is_inexact: bool = False


def read_sheet(content: bytes) -> Iterator[tuple[int, tuple[SheetCell, ...]]]:
    """The first sheet's rows that hold anything, each with its number from 1. Raises: ValueError if it is none, also
    after some rows."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            shared = _shared(archive)
            raw = _unpacked(archive, _first_sheet(archive))
        for position, row in enumerate(_elements(raw, f"{_MAIN}row"), 1):
            cells = _cells(row, shared)
            if any(cell.text or cell.is_formula for cell in cells):
                number = row.get("r", "")
                yield int(number) if number.isdecimal() else position, cells
    except (zipfile.BadZipFile, zlib.error, KeyError, ElementTree.ParseError, RuntimeError) as error:
        raise ValueError(f"no spreadsheet: {error}") from error


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The path of the first sheet, as the workbook lists them."""
    sheet = next(_parsed(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"), None)
    wanted = sheet.get(_RELATION) if sheet is not None else None
    for relation in _parsed(archive, "xl/_rels/workbook.xml.rels"):
        if wanted is not None and relation.get("Id") == wanted:
            target = relation.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError("no sheet")


def _shared(archive: zipfile.ZipFile) -> Sequence[str]:
    """Texts that cells name by their number."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return ()
    return [_text(item) for item in _elements(_unpacked(archive, "xl/sharedStrings.xml"), f"{_MAIN}si")]


def _parsed(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(_unpacked(archive, name))


def _elements(raw: bytes, tag: str) -> Iterator[ElementTree.Element]:
    """The elements so called, each emptied once the next is asked for. Note: parsed whole, a large file stops every
    thread of the process for seconds, and takes ten times its size."""
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(("end",))
    for start in range(0, len(raw), _PIECE_BYTES):
        parser.feed(raw[start : start + _PIECE_BYTES])
        yield from _ended(parser.read_events(), tag)
    parser.close()
    yield from _ended(parser.read_events(), tag)  # some parsers keep the last ones back


def _ended(events: Iterable[tuple[object, ...]], tag: str) -> Iterator[ElementTree.Element]:
    for event in events:
        element = event[-1]
        if isinstance(element, ElementTree.Element) and element.tag == tag:
            yield element
            element.clear()


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise KeyError(name)
    with archive.open(name) as file:
        raw = file.read(_MOST_BYTES)
    if b"<!DOCTYPE" in raw:  # no spreadsheet has one; entities may blow up
        raise KeyError(name)
    return raw


def _text(item: ElementTree.Element) -> str:
    """All of a text's runs, without how it is pronounced."""
    runs = [each for each in item if each.tag != f"{_MAIN}rPh"]
    return "".join(part.text or "" for run in runs for part in run.iter(f"{_MAIN}t"))


def _cells(row: ElementTree.Element, shared: Sequence[str]) -> tuple[SheetCell, ...]:
    found: dict[int, SheetCell] = {}
    for position, cell in enumerate(row.iter(f"{_MAIN}c")):
        reference = _REFERENCE.fullmatch(cell.get("r", ""))
        column = _column(reference[1]) if reference else position
        if column < _MOST_COLUMNS:
            found[column] = _cell(cell, shared)
    return tuple(found.get(column, SheetCell("")) for column in range(max(found, default=-1) + 1))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell(cell: ElementTree.Element, shared: Sequence[str]) -> SheetCell:
    is_formula = cell.find(f"{_MAIN}f") is not None
    kind, value = cell.get("t", "n"), cell.findtext(f"{_MAIN}v") or ""
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return SheetCell("" if inline is None else _text(inline), is_formula)
    if kind == "s":
        is_listed = value.isdecimal() and int(value) < len(shared)
        return SheetCell(shared[int(value)] if is_listed else "", is_formula)
    if kind == "n":
        is_inexact = "E" in value.upper() or len(value.strip("-0").replace(".", "")) > _EXACT_DIGITS
        return SheetCell(value, is_formula, is_inexact)
    return SheetCell(value, is_formula or kind == "e")
