"""What in the service's state needs somebody, and the one next step for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from handlers.system.results import ChatWindow, StatusResult

SLOW_QUEUE = timedelta(seconds=30)

_UNAUTHORISED, _IN_ARREARS = 2, 3

Trouble = Literal[
    "feishu_refused",
    "feishu_disconnected",
    "dead_letters",
    "unknown_messages",
    "failed_messages",
    "unauthorised_stores",
    "stores_in_arrears",
    "late_data",
    "slow_queue",
    "failing",
    "refused",
    "no_stores",
]

Line = Literal["dead_letters", "sync"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that needs somebody; the texts name the next step, ``line`` is what to type for it, if that helps."""

    trouble: Trouble
    count: int
    line: Line | None = None


def findings(status: StatusResult) -> tuple[Finding, ...]:
    """Everything that is not as it should be, the most urgent first."""
    states = {state: _messages(status, state) for state in ("unknown", "failed")}
    oldest = status.backlog.oldest_due_at
    is_slow = oldest is not None and status.now - oldest > SLOW_QUEUE
    candidates = (
        Finding("feishu_refused", int(status.feishu_trouble == "refused")),
        Finding("feishu_disconnected", int(status.feishu_trouble == "disconnected")),
        Finding("slow_queue", status.backlog.waiting if is_slow else 0),
        Finding("refused", sum(count for _, count in status.refused)),
        Finding("failing", status.failing_count),
        Finding("unknown_messages", states["unknown"], "dead_letters"),
        Finding("failed_messages", states["failed"], "dead_letters"),
        Finding("dead_letters", status.dead_letters, "dead_letters"),
        Finding("unauthorised_stores", sum(store.status == _UNAUTHORISED for store in status.stores)),
        Finding("stores_in_arrears", sum(store.status == _IN_ARREARS for store in status.stores)),
        Finding("late_data", len(status.late), "sync"),
        Finding("no_stores", 1 if "lingxing" in status.on and not status.stores else 0, "sync"),
    )
    return tuple(finding for finding in candidates if finding.count)


def _messages(status: StatusResult, state: str) -> int:
    return sum(each.count for each in status.open_messages if each.state == state)


WINDOW = timedelta(hours=24)
_SOON = timedelta(hours=6)
_LATELY = timedelta(days=2)


def windows_to_watch(
    heard_at: Mapping[str, datetime], names: Mapping[str, str], now: datetime
) -> tuple[ChatWindow, ...]:
    """The windows of known people that close within six hours or closed within two days.

    ``heard_at`` says when each chat was last heard, ``names`` whose it is. Source: 24 hours after a person's message
    the platform takes only templates.
    """
    windows = [ChatWindow(names[chat], moment + WINDOW) for chat, moment in heard_at.items() if chat in names]
    near = [each for each in windows if -_LATELY < each.closes_at - now < _SOON]
    return tuple(sorted(near, key=lambda each: each.closes_at))
