"""Sentences, numbers and dates in the reader's language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.contracts.feature import Words
from bot.words import load_catalogue, machine_texts

SHANGHAI = ZoneInfo("Asia/Shanghai")


def folder_with(folder: Path, zh: str, en: str = "") -> Path:
    folder.mkdir()
    (folder / "zh.toml").write_text(zh, encoding="utf-8")
    (folder / "en.toml").write_text(en, encoding="utf-8")
    return folder


@pytest.fixture
def zh() -> Words:
    return load_catalogue([machine_texts()], timezone=SHANGHAI).words("zh")


@pytest.fixture
def en() -> Words:
    return load_catalogue([machine_texts()], timezone=SHANGHAI).words("en")


def test_a_sentence_is_filled_with_named_values(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "a", '[stock]\nleft = "{sku} 还有 {units} 件"')
    words = load_catalogue([folder], timezone=UTC).words("zh")
    assert words("stock.left", sku="A-{1}", units=3) == "A-{1} 还有 3 件"


def test_features_add_their_sentences_to_the_same_tables(tmp_path: Path) -> None:
    folders = (
        folder_with(tmp_path / "a", '[error.x]\ntitle = "甲"'),
        folder_with(tmp_path / "b", '[error.y]\ntitle = "乙"'),
    )
    words = load_catalogue(folders, timezone=UTC).words("zh")
    assert (words("error.x.title"), words("error.y.title")) == ("甲", "乙")


def test_an_unknown_key_is_an_error(zh: Words) -> None:
    with pytest.raises(KeyError):
        zh("no.such.sentence")


def test_an_unknown_language_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load_catalogue([], timezone=UTC).words("fr")


def test_a_sentence_written_twice_is_refused(tmp_path: Path) -> None:
    folders = folder_with(tmp_path / "a", 'x = "1"'), folder_with(tmp_path / "b", 'x = "2"')
    with pytest.raises(ValueError, match="repeats x"):
        load_catalogue(folders, timezone=UTC)


def test_something_else_than_a_sentence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.b is no sentence"):
        load_catalogue([folder_with(tmp_path / "a", "[a]\nb = 3")], timezone=UTC)


@pytest.mark.parametrize(
    ("value", "precision", "shown"),
    [(Decimal("1234567.5"), 2, "1,234,567.50"), (0, 0, "0"), (-1234, 0, "-1,234"), (2.25, 1, "2.2")],
)
def test_numbers_are_grouped_and_keep_their_precision(
    zh: Words, value: Decimal | float, precision: int, shown: str
) -> None:
    assert zh.number(value, precision) == shown


def test_a_moment_is_told_in_the_teams_time_zone(zh: Words) -> None:
    assert zh.moment(datetime(2025, 3, 1, 20, 5, tzinfo=UTC)) == "2025-03-02 04:05"


def test_a_date_is_told_as_it_is(en: Words) -> None:
    assert en.date(date(2025, 3, 1)) == "2025-03-01"


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (timedelta(seconds=5), "5 秒", "5 seconds"),
        (timedelta(seconds=1), "1 秒", "1 second"),
        (timedelta(milliseconds=999), "不到 1 秒", "less than a second"),
        (timedelta(seconds=83), "83 秒", "83 seconds"),
        (timedelta(seconds=100), "2 分钟", "2 minutes"),
        (timedelta(minutes=70), "70 分钟", "70 minutes"),
        (timedelta(hours=27), "27 小时", "27 hours"),
        (timedelta(days=45), "45 天", "45 days"),
        (timedelta(seconds=-3), "不到 1 秒", "less than a second"),
    ],
)
def test_a_duration_is_told_in_one_unit(zh: Words, en: Words, value: timedelta, chinese: str, english: str) -> None:
    assert (zh.duration(value), en.duration(value)) == (chinese, english)
