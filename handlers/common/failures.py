"""Failures of earlier work, as ``told`` kept them, in words for people."""

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from bot.contracts.feature import Words

_CODES = {
    each.__name__: each.code
    for each in (
        UpstreamError,
        UpstreamUnavailable,
        UpstreamUnclear,
        UpstreamRateLimited,
        UpstreamAuthError,
        UpstreamRejected,
        UpstreamContractError,
    )
}


def failure_title(code: str, platform: str, words: Words) -> str:
    """A failure's name for people, else its code."""
    try:
        return words(f"error.{code}.title", platform=words(f"platform.{platform}")) if code else ""
    except KeyError:
        return code


def failure_text(told: str, platform: str, words: Words) -> str:
    """What went wrong and what the platform said of it; a failure without words as it was logged."""
    kind, own, detail = _parts(told)
    title = failure_title(own or _CODES.get(kind, ""), platform, words)
    return words("failure.because", title=title, detail=detail) if title and detail else title or detail or kind


def failure_step(told: str, words: Words) -> str:
    """What to do about it, empty if it depends on more than is kept."""
    _, own, _ = _parts(told)
    try:
        return words(f"error.{own}.next")
    except KeyError:
        return ""


def _parts(told: str) -> tuple[str, str, str]:
    """Class, own code and words of an error."""
    name, _, detail = told.partition(":")
    kind, _, own = name.partition("/")
    return kind, own, detail.strip()
