"""Keys from files: what is read, and what is refused with its row."""

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from handlers.orders.key_files import LONGEST_KEY, MOST_BYTES, MOST_KEYS, KeyProblem, read_keys


def a_sheet(rows: list[list[object]], *, in_memory: bool = True) -> bytes:
    """A spreadsheet with these cells; texts that begin with = are formulas."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": in_memory, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


_WHOLE = a_sheet([["A1"], ["B2"]])


FAR_ROWS = b"".join(b'<row r="%d"><c r="A%d"><v>7</v></c></row>' % (n, n) for n in range(9_000, 900_000, 9_000))
"""Few rows, far apart: what lies between them counts too."""


def edited(name: str, old: bytes, new: bytes) -> bytes:
    """The same spreadsheet with something else in one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_WHOLE)) as whole, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for each in whole.namelist():
            raw = whole.read(each)
            made.writestr(each, re.sub(old, new, raw) if each == name else raw)
    return file.getvalue()


def problems(name: str, content: bytes) -> list[tuple[str, int]]:
    return [(each.code, each.row) for each in read_keys(name, content).problems]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("keys.txt", b"AAAA-1\r\nBBBB 2\r\n\r\n"),
        ("keys.txt", "\ufeffAAAA-1\nBBBB 2".encode()),
        ("keys.txt", "AAAA-1\nBBBB 2".encode("utf-16")),
        ("keys.csv", "卡号,密码\nAAAA-1,\nBBBB,2\n".encode("gb18030")),
        ("keys.xlsx", a_sheet([["Card_No", "PWD"], ["AAAA-1"], ["BBBB", "2"]])),
        ("KEYS", a_sheet([["AAAA-1"], ["BBBB", "", 2], [""]])),
    ],
)
def test_a_file_has_one_key_per_line_or_row(name: str, content: bytes) -> None:
    read = read_keys(name, content)
    assert (read.keys, read.problems) == (("AAAA-1", "BBBB 2"), ())


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"A1\n\nB2\n", [("empty", 2)]),
        ("a.txt", b"A1\n=1+1\n", [("formula", 2)]),
        ("a.csv", b"A1,x\nB2,=CMD()\n", [("formula", 2)]),
        ("a.txt", b"A1\nB2\nA1\n", [("twice", 3)]),
        ("a.txt", b"A1\nB\x002\n", [("odd", 2)]),
        ("a.txt", b"A1\n" + b"x" * (LONGEST_KEY + 1), [("too_long", 2)]),
        ("a.txt", b"\n" * 3, [("nothing", 0)]),
        ("a.txt", b"\n".join(b"%d" % n for n in range(MOST_KEYS + 1)), [("too_many", 0)]),
        ("a.txt", b"x" * (MOST_BYTES + 1), [("too_many", 0)]),
        ("a.txt", b"\x81\xff\xff", [("unreadable", 0)]),
        ("a.xlsx", b"no spreadsheet", [("unreadable", 0)]),
        ("a.xlsx", edited("xl/workbook.xml", rb"<sheet .*?/>", b""), [("unreadable", 0)]),
        ("a.xlsx", edited("xl/worksheets/sheet1.xml", rb"</sheetData>", FAR_ROWS + b"</sheetData>"), [("too_many", 0)]),
        ("a.xlsx", a_sheet([["A1"], ["=1+1"]]), [("formula", 2)]),
        ("a.xlsx", a_sheet([["A1"], [12345678901234567890]]), [("inexact", 2)]),
        ("a.xlsx", a_sheet([["A1"], [""], ["B2"], ["A1"]]), [("empty", 2), ("twice", 4)]),
    ],
)
def test_what_is_wrong_is_named_with_its_row(name: str, content: bytes, expected: list[tuple[str, int]]) -> None:
    assert problems(name, content) == expected


def test_a_second_key_names_the_first() -> None:
    assert read_keys("a.txt", b"A1\nA1").problems == (KeyProblem("twice", 2, other=1),)


def test_a_short_number_of_a_sheet_is_a_key_as_it_stands() -> None:
    assert read_keys("a.xlsx", a_sheet([[1234567890], ["0012"]])).keys == ("1234567890", "0012")


@given(st.integers(0, len(_WHOLE) - 1))
def test_a_spreadsheet_that_was_cut_off_is_refused_not_half_read(end: int) -> None:
    assert read_keys("a.xlsx", _WHOLE[:end]).keys == ()


_KEY = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)


@given(st.lists(_KEY, min_size=1, max_size=20, unique=True))
def test_texts_and_sheets_hold_the_same_keys(keys: list[str]) -> None:
    keys = [f"k{key}" for key in keys]
    assert read_keys("a.txt", "\n".join(keys).encode()).keys == tuple(keys)
    assert read_keys("a.xlsx", a_sheet([[key] for key in keys])).keys == tuple(keys)


def test_a_sheet_that_breaks_off_behind_good_rows_is_refused_whole() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 2_000))
    content = edited("xl/worksheets/sheet1.xml", b"<sheetData>.*", b"<sheetData>" + rows)
    assert read_keys("a.xlsx", content).problems == (KeyProblem("unreadable"),)
