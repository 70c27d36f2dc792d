"""What a person is told about a failure: what happened, what it means for them, what to do next, the reference."""

from collections.abc import Iterator, Mapping

from bot.contracts.cards import Action, Block, Card, Fact, Facts, Note, Text, Tone, plain
from bot.contracts.errors import (
    AssistantError,
    ConfigError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    StaleDataError,
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
    UserInputError,
)
from bot.contracts.feature import Words

TONES: Mapping[type[AssistantError], Tone] = {
    AssistantError: "bad",
    UserInputError: "warning",
    NotAllowedError: "warning",
    NotFoundError: "warning",
    ConflictError: "warning",
    StaleDataError: "warning",
    UpstreamError: "bad",
    UpstreamUnavailable: "bad",
    UpstreamUnclear: "bad",
    UpstreamRateLimited: "warning",
    UpstreamAuthError: "bad",
    UpstreamRejected: "warning",
    UpstreamContractError: "bad",
    ConfigError: "bad",
}
_NAMED = ("platform", "role")
"""Values that are codes with a name of their own in the catalogues."""


def explain(error: BaseException, *, words: Words, reference: str, usage: str = "", example: str = "") -> Card:
    """The card that answers with ``error``.

    The sentences are ``error.<code>.{title,meaning,next}``; a code without them is told in the words of its class,
    anything that is no ``AssistantError`` as a bug. ``usage`` and ``example`` (command lines) belong to wrong input.
    """
    known = error if isinstance(error, AssistantError) else None
    title, meaning, following = sentences(known, words)
    blocks: tuple[Block, ...] = (
        Text(plain(known.values["problem"]) if known and "problem" in known.values else meaning),
        *_details(known, words, usage, example),
        Text(following),
        Note(words("error.reference", reference=reference)),
    )
    actions = tuple(Action(line, line) for line in known.nearest) if isinstance(known, NotFoundError) else ()
    return Card(title, _tone(known), blocks, actions, language=words.language)


def _tone(error: AssistantError | None) -> Tone:
    return next((TONES[each] for each in type(error).__mro__ if each in TONES), "bad")


def sentences(error: AssistantError | None, words: Words) -> tuple[str, str, str]:
    """Title, meaning and next step of ``error``; None stands for a bug."""
    values = _values(error, words) if error else {}
    shown = {name: plain(value) for name, value in values.items()}
    for code in _codes(error):
        try:
            parts = words(f"error.{code}.meaning", **shown), words(f"error.{code}.next", **shown)
            return words(f"error.{code}.title", **values), *parts
        except KeyError:  # no such sentence, or the error lacks a value it mentions: the next code is more general
            continue
    raise KeyError("error.assistant")


def _codes(error: AssistantError | None) -> Iterator[str]:
    if error is None:
        yield "bug"
        return
    yield error.code
    for each in type(error).__mro__:
        if issubclass(each, AssistantError):
            yield each.code


def _values(error: AssistantError, words: Words) -> dict[str, str]:
    values = dict(error.values)
    for name in _NAMED:
        if name in values:
            values[name] = _name(words, f"{name}.{values[name]}", values[name])
    if isinstance(error, UpstreamRateLimited):
        values["wait"] = words.duration(error.retry_after)
    return values


def _name(words: Words, key: str, code: str) -> str:
    try:
        return words(key)
    except KeyError:
        return code


def _details(error: AssistantError | None, words: Words, usage: str, example: str) -> tuple[Facts, ...]:
    match error:
        case UserInputError():
            lines = (("error.usage", usage), ("error.example", example))
            facts = tuple(Fact(words(label), line) for label, line in lines if line)
        case ConfigError():
            facts = tuple(Fact(each.variable, each.problem, each.example) for each in error.problems)
        case _:
            facts = ()
    return (Facts(facts),) if facts else ()
