"""What is to be written in the next commit together with whatever else arrives now."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.jobs.engine import GroupWrite
from bot.jobs.trial import tried
from storage.database import Transaction


@dataclass(slots=True)
class Arrival:
    """One item whose sender waits until it is on disk."""

    write: GroupWrite[Any, Any]
    item: Any
    answered: asyncio.Future[Any]

    def answer(self, answer: object) -> None:
        """Let the sender go on, with an error if ``answer`` is one."""
        with contextlib.suppress(asyncio.InvalidStateError):  # the sender may have gone
            if isinstance(answer, BaseException):
                self.answered.set_exception(answer)
            else:
                self.answered.set_result(answer)


async def write_arrivals(tx: Transaction, arrivals: Sequence[Arrival], *, careful: bool) -> list[Any]:
    """Write all arrivals, together where possible; an answer may be the exception of that one arrival.

    Raises: what one of them raised if not ``careful`` (see ``tried``), or the database's error if it takes nothing now.
    """
    groups: dict[GroupWrite[Any, Any], list[int]] = {}
    for index, arrival in enumerate(arrivals):
        groups.setdefault(arrival.write, []).append(index)
    answers: list[Any] = [None] * len(arrivals)
    for write, indexes in groups.items():
        items = [arrivals[index].item for index in indexes]
        for index, answer in zip(indexes, await _write_group(tx, write, items, careful=careful), strict=True):
            answers[index] = answer
    return answers


async def _write_group(
    tx: Transaction, write: GroupWrite[Any, Any], items: Sequence[Any], *, careful: bool
) -> Sequence[Any]:
    answers = await tried(tx, lambda: write(tx, items), careful=careful)
    if not isinstance(answers, Exception):
        return answers
    if len(items) == 1:
        return [answers]
    # One item spoils the group: write each alone, so that only the culprit fails.
    return [(await _write_group(tx, write, [item], careful=careful))[0] for item in items]
