"""The texts people read: parsed once at start, filled per answer. Which sentences exist is the catalogues' business."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.contracts.feature import Words

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("zh", "en")
_UNITS = (
    ("day", timedelta(days=1), timedelta(hours=48)),
    ("hour", timedelta(hours=1), timedelta(minutes=90)),
    ("minute", timedelta(minutes=1), timedelta(seconds=90)),
    ("second", timedelta(seconds=1), timedelta(seconds=1)),
)
"""Each unit with its length and the duration from which it is used: 70 minutes say more than 1 hour."""


@dataclass(frozen=True, slots=True)
class CatalogueWords:
    """The sentences of one language, and its numbers and dates in the team's time zone."""

    language: str
    sentences: Mapping[str, str]
    timezone: tzinfo

    def __call__(self, key: str, /, **values: object) -> str:
        return self.sentences[key].format_map(values)

    def number(self, value: Decimal | float, precision: int = 0) -> str:
        from babel.numbers import format_decimal

        pattern = "#,##0." + "0" * precision if precision else "#,##0"
        return format_decimal(value, pattern, locale=_locale(self.language))

    def date(self, value: date) -> str:
        from babel.dates import format_date

        return format_date(value, "yyyy-MM-dd", locale=_locale(self.language))

    def moment(self, value: datetime) -> str:
        from babel.dates import format_datetime

        local = value.astimezone(self.timezone)
        return format_datetime(local, "yyyy-MM-dd HH:mm", locale=_locale(self.language))

    def duration(self, value: timedelta) -> str:
        for unit, size, least in _UNITS:
            if value >= least:
                count = round(value / size)
                return self(f"duration.{unit}{'' if count == 1 else 's'}", count=count)
        return self("duration.moment")


class Catalogue:
    """All sentences in all languages."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]], timezone: tzinfo) -> None:
        self._words = {language: CatalogueWords(language, own, timezone) for language, own in sentences.items()}

    def words(self, language: str) -> Words:
        """The words of ``language``. Raises: KeyError for one without a catalogue."""
        return self._words[language]


def machine_texts() -> Path:
    """The folder of the machine's own sentences."""
    return Path(__file__).parent / "texts"


def load_catalogue(folders: Iterable[Path], *, timezone: tzinfo) -> Catalogue:
    """The catalogue of every folder's ``zh.toml`` and ``en.toml`` together.

    Raises: ValueError if a key is there twice or is no sentence.
    """
    folders = tuple(folders)
    return Catalogue({language: _merged(folders, language) for language in LANGUAGES}, timezone)


def read_texts(path: Path) -> dict[str, str]:
    """The sentences of one file, by dotted key. Raises: ValueError if one is no string."""
    return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8")), "", path))


def _merged(folders: Iterable[Path], language: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for folder in folders:
        own = read_texts(folder / f"{language}.toml")
        if twice := merged.keys() & own.keys():
            raise ValueError(f"{folder / language}.toml repeats {', '.join(sorted(twice))}")
        merged |= own
    return merged


def _flat(table: Mapping[str, Any], prefix: str, path: Path) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.", path)
        elif isinstance(value, str):
            yield prefix + name, value
        else:
            raise ValueError(f"{path}: {prefix}{name} is no sentence")


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(language)
