"""When a long connection counts as down or up again, and how long to wait before the next try. Pure rules."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Change = Literal["down", "up"]
Ending = Literal["died", "hung", "nonsense", "offline", "refused"]
"""Why a child ended: by itself or killed, silent, talking nonsense, never connected, turned away by Feishu."""

_STEADY = timedelta(seconds=30)
_PATIENCE = timedelta(minutes=1)
_TOO_MANY = 3
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=5)
_AFTER_REFUSAL = timedelta(minutes=10)  # somebody has to mend it; only the platform's own side needs no restart


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """How the connection is. ``failures`` counts children that ended since it last held for half a minute."""

    since: datetime
    """When it last changed between connected and not connected."""
    is_connected: bool = False
    failures: int = 0
    ending: Ending | None = None
    """How the last child ended, until the connection holds again."""
    is_told_down: bool = False


def heard(state: LineState, *, is_connected: bool, now: datetime) -> tuple[LineState, Change | None]:
    """After the child told whether it is connected: "up" once it held for a while, "down" once it did not."""
    since = state.since if state.is_connected == is_connected else now
    told = replace(state, since=since, is_connected=is_connected)
    if is_connected and now - since >= _STEADY:
        return LineState(since=since, is_connected=True), "up" if state.is_told_down else None
    if not is_connected and now - since >= _PATIENCE:
        return _told_down(told)
    return told, None


def ended(state: LineState, ending: Ending, now: datetime) -> tuple[LineState, Change | None]:
    """After a child ended: "down" if Feishu turned it away, or if it was not the first nor the second in a row."""
    since = now if state.is_connected else state.since
    after = replace(state, since=since, is_connected=False, failures=state.failures + 1, ending=ending)
    if ending == "refused" or after.failures >= _TOO_MANY:
        return _told_down(after)
    return after, None


def wait_after(state: LineState) -> timedelta:
    """How long to wait before the next child: twice as long each time, up to five minutes."""
    if state.ending == "refused":
        return _AFTER_REFUSAL
    doubled: timedelta = _FIRST_WAIT * 2 ** min(max(0, state.failures - 1), 10)
    return min(_LONGEST_WAIT, doubled)


def _told_down(state: LineState) -> tuple[LineState, Change | None]:
    return replace(state, is_told_down=True), None if state.is_told_down else "down"
