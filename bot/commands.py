"""The book of commands: which one a typed line means, and its arguments."""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from bot.contracts.errors import UserInputError
from bot.contracts.feature import Command, Parameter

_BETWEEN = "，、；。！？：,;“”「」『』\u00a0\u200b\u3000"
_SEPARATORS = str.maketrans(dict.fromkeys(_BETWEEN, " "))
_SLASHES, _QUOTES = ("/", "／"), ('"', "＂")
_WORD = re.compile(r"\S+")
_CLOSE_ENOUGH = 50  # one of two signs is right
_NEARLY_AS_CLOSE = 20  # as the closest
_NUMBER = re.compile(r"[+-]?\d{1,9}天?")
_MOST_SUGGESTIONS = 3
_LONGEST_SUGGESTION = 100  # characters


@dataclass(frozen=True, slots=True)
class Call:
    """A command with the words behind it; ``tails`` are the line from each word to its end, as it was typed."""

    command: Command
    words: tuple[str, ...]
    tails: tuple[str, ...]


class CommandBook:
    """Every command under all its names. Raises: ValueError if two commands share a name."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = tuple(commands)
        self._by_name: dict[str, Command] = {}
        for command in self.commands:
            for name in command.names:
                if self._by_name.setdefault(name.lower(), command) is not command:
                    raise ValueError(f"two commands are called {name}")
        self._chinese = sorted((n for n in self._by_name if not n.isascii()), key=len, reverse=True)

    def find(self, line: str) -> Call | None:
        """The command that ``line`` calls, or None. A Chinese name needs no space behind it."""
        found = _words_with_tails(line)
        if not found:
            return None
        (typed, whole), *others = found
        words, tails = tuple(word for word, _ in others), tuple(tail for _, tail in others)
        first = typed.lower()
        if first in self._by_name:
            return Call(self._by_name[first], words, tails)
        for name in self._chinese:
            if first.startswith(name):
                glued = whole.partition(name)[2].strip()
                return Call(self._by_name[name], (typed[len(name) :], *words), (glued, *tails))
        return None

    def is_change(self, line: str) -> bool:
        """True if ``line`` calls a command that changes something."""
        call = self.find(line)
        return call is not None and call.command.risk != "read"

    def suggest(self, line: str, allowed: Sequence[Command], language: str) -> list[str]:
        """Command lines in ``language`` that ``line`` may have meant, best first, with its other words if few."""
        words = split_words(line)
        if not words:
            return []
        names = {name: command for command in allowed for name in command.names}
        close = process.extract(words[0].lower(), names.keys(), scorer=fuzz.ratio, limit=None)
        least = max([_CLOSE_ENOUGH, *(score - _NEARLY_AS_CLOSE for _, score, _ in close)])
        spelling = 0 if language == "zh" else 1
        meant = dict.fromkeys(names[name].names[spelling] for name, score, _ in close if score >= least)
        others = words[1:] if len(line) <= _LONGEST_SUGGESTION else []
        return [" ".join([name, *others]) for name in list(meant)[:_MOST_SUGGESTIONS]]


def split_words(line: str) -> list[str]:
    """The words of a typed line: full-width forms folded, a leading slash, quotes and punctuation between dropped."""
    return [word for word, _ in _words_with_tails(line)]


def _words_with_tails(line: str) -> list[tuple[str, str]]:
    """Each word, folded, with what was typed from there on."""
    bare = line.strip()
    if bare.startswith(_QUOTES) and bare.endswith(_QUOTES):
        bare = bare.strip("".join(_QUOTES))
    bare = bare.lstrip(f"{_BETWEEN} ")
    if bare.startswith(_SLASHES):
        bare = bare[1:]
    found = [(each[0], bare[each.start() :].strip()) for each in _WORD.finditer(bare.translate(_SEPARATORS))]
    return [(part, tail) for word, tail in found for part in unicodedata.normalize("NFKC", word).split()]


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING


def read_arguments(call: Call, form: Mapping[str, str] | None = None) -> object:
    """The command's ``Args`` from typed words and the fields of a form.

    A number goes to the first open number parameter it fits, once the words that are needed are there;
    ``name=value`` names its parameter.
    Raises: UserInputError saying which word is wrong and why.
    """
    given = dict(form or {})
    fields = {field.name: field for field in dataclasses.fields(call.command.args)}
    loose: list[tuple[str, str]] = []
    for word, tail in zip(call.words, call.tails, strict=True):
        name, equals, value = word.partition("=")
        if equals and name in fields:
            given[name] = value
        else:
            loose.append((word, tail))
    given |= _place(loose, {name: field for name, field in fields.items() if name not in given})
    values = {
        name: _value(name, fields[name].metadata["parameter"], text) for name, text in given.items() if name in fields
    }
    for name, field in fields.items():
        if name not in values and _is_required(field):
            raise UserInputError(code="argument_missing", values={"parameter": name})
    return call.command.args(**values)


def _place(loose: list[tuple[str, str]], fields: "dict[str, dataclasses.Field[Any]]") -> dict[str, str]:
    placed: dict[str, str] = {}
    for position, (text, tail) in enumerate(loose):
        free = [name for name in fields if name not in placed]
        kinds: dict[str, Parameter] = {name: fields[name].metadata["parameter"] for name in free}
        numbers = [name for name in free if kinds[name].kind == "number"]
        others = [name for name in free if kinds[name].kind != "number"]
        is_next_needed = bool(others) and _is_required(fields[others[0]])
        is_surplus = not _is_number(text) and any(_is_number(word) for word, _ in loose[position + 1 :])
        if numbers and not is_next_needed and (_fits(text, kinds[numbers[0]]) or not (others or is_surplus)):
            placed[numbers[0]] = text
        elif others and kinds[others[0]].kind == "rest":
            placed[others[0]] = " ".join(word for word, _ in loose[position:])
            break
        elif others and kinds[others[0]].kind == "text":
            placed[others[0]] = tail
            break
        elif others:
            placed[others[0]] = text
        else:
            raise UserInputError(code="argument_too_many", values={"value": text[:40]})
    return placed


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _number(text: str) -> int:
    return int(text.removesuffix("天"))


def _fits(text: str, parameter: Parameter) -> bool:
    return _is_number(text) and parameter.minimum <= _number(text) <= parameter.maximum


def _value(name: str, parameter: Parameter, text: str) -> str | int:
    shown = {"parameter": name, "value": text[:40]}
    if parameter.kind != "number":
        if len(text) > parameter.longest:
            raise UserInputError(code="argument_too_long", values=shown | {"longest": str(parameter.longest)})
        return text
    if not _is_number(text):
        raise UserInputError(code="argument_not_number", values=shown)
    if not _fits(text, parameter):
        limits = {"minimum": str(parameter.minimum), "maximum": str(parameter.maximum)}
        raise UserInputError(code="argument_out_of_range", values=shown | limits)
    return _number(text)
