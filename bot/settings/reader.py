"""Typed reading that collects every problem instead of stopping at the first."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from re import Pattern
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from bot.contracts.errors import SettingProblem
from bot.contracts.secret import Secret
from bot.settings.names import SETTINGS, setting_of

Choice = TypeVar("Choice", bound=str)

_VERSION = re.compile(r"/v\d+\.\d+")
_NAMES = tuple(setting.name for setting in SETTINGS)


class Reader:
    """Reads settings by name. A wrong one is remembered and stands in as its default, so that reading goes on."""

    def __init__(self, values: Mapping[str, str], problems: Sequence[SettingProblem] = ()) -> None:
        self._values = values
        self._problems = list(problems)

    def refuse(self, name: str, problem: str) -> None:
        """Remember what is wrong with ``name``; its value never belongs into ``problem``."""
        setting = setting_of(name)
        self._problems.append(SettingProblem(name, problem, setting.example if setting else ""))

    @property
    def problems(self) -> tuple[SettingProblem, ...]:
        """Everything that was wrong so far."""
        return tuple(self._problems)

    def any_given(self, prefix: str) -> bool:
        """True if a setting whose name begins with ``prefix`` is there, as a value or as a file."""
        names = [name for name in _NAMES if name.startswith(prefix)]
        return any(self._values.get(name) or self._values.get(f"{name}_FILE") for name in names)

    def members(self, family: str) -> set[str]:
        """How the names that begin with ``family`` go on, as values or as files."""
        found = (name.removeprefix(family) for name in self._values if name.startswith(family))
        return {ending.removesuffix("_FILE") for ending in found} - {""}

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def required(self, name: str, why: str) -> str:
        """A value that must be there; ``why`` ends the sentence "is missing: …"."""
        value = self.text(name)
        if not value:
            self.refuse(name, f"is missing: {why}")
        return value

    def secret(self, name: str) -> Secret | None:
        """A secret from ``name`` or from the file ``<name>_FILE``; None if neither is given or usable."""
        value, path = self._values.get(name), self._values.get(f"{name}_FILE")
        if value is not None and path:
            self.refuse(name, f"is given twice: keep {name} or {name}_FILE")
        elif path:
            value = self._file(name, Path(path))
        if value is not None and not value.strip():
            self.refuse(name, "is empty: give it a value or remove the line")
        return Secret(value.strip()) if value and value.strip() else None

    def required_secret(self, name: str, why: str) -> Secret:
        """Like ``required``; one that was already refused is not called missing too."""
        known = len(self._problems)
        value = self.secret(name)
        if value is None and len(self._problems) == known:
            self.refuse(name, f"is missing: {why}")
        return value or Secret("")

    def boolean(self, name: str, *, default: bool) -> bool:
        match self.text(name).lower():
            case "":
                return default
            case "true" | "false" as word:
                return word == "true"
            case _:
                self.refuse(name, "is neither true nor false")
                return default

    def whole_number(self, name: str, minimum: int, maximum: int, *, default: int) -> int:
        text = self.text(name, str(default))
        if text.isascii() and text.isdigit() and len(text) <= 9 and minimum <= int(text) <= maximum:
            return int(text)
        self.refuse(name, f"is not a whole number from {minimum} to {maximum}")
        return default

    def choice(self, name: str, options: Sequence[Choice], default: Choice) -> Choice:
        """One of ``options``, in upper or lower case."""
        text = self.text(name, default)
        found = next((option for option in options if option.lower() == text.lower()), None)
        if found is None:
            self.refuse(name, f"is none of {', '.join(options)}")
        return found or default

    def base_url(self, name: str, default: str = "") -> str:
        """An address without a path, as ``https://host[:port]``."""
        text = self.text(name, default).rstrip("/")
        parts = split_url(text)
        if text and (not parts or parts.path or parts.query or parts.fragment or parts.username):
            self.refuse(name, "is not an http(s) address without a path")
        return text

    def versioned_url(self, name: str, default: str) -> str:
        """An address whose path is an API version, as ``https://host[:port]/v25.0``."""
        text = self.text(name, default).rstrip("/")
        parts = split_url(text)
        is_whole = parts and _VERSION.fullmatch(parts.path) and not (parts.query or parts.fragment or parts.username)
        if not is_whole:
            self.refuse(name, "is not an http(s) address that ends in an API version")
        return text

    def matching(self, name: str, pattern: Pattern[str], problem: str) -> str:
        """A value that may be missing; one that does not match as a whole ``problem`` is told of."""
        text = self.text(name)
        if text and not pattern.fullmatch(text):
            self.refuse(name, problem)
        return text

    def _file(self, name: str, path: Path) -> str | None:
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.refuse(name, f"cannot be read from the file that {name}_FILE names ({type(error).__name__})")
            return None


def split_url(text: str, schemes: Sequence[str] = ("http", "https")) -> SplitResult | None:
    """The parts of an address with a host and one of ``schemes``, else None."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    blank = any(character.isspace() for character in text)
    return parts if parts.scheme in schemes and parts.hostname and not blank else None
