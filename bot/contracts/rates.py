"""Rate limits, and what processes tell each other about them: how many slots each has, and which come back when."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """At most ``count`` calls of ``key`` within any ``seconds``; 0 seconds means under way at the same time.

    ``drains``: the ``count`` is a burst instead, after which room for one more comes every ``seconds / count``.
    """

    key: str
    count: int
    seconds: float = 0.0
    drains: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one process says about a limit: it wants ``want`` slots in all, and gives some back.

    ``unused``: how many it gives back as it got them. ``back``: for each used one, the seconds until it may be used
    again (what drains queues instead). ``number``: of the last answer it got.
    """

    limit: Limit
    number: int
    want: int
    unused: int = 0
    back: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """How many slots of a limit a process has now, and how many of them it may go on using (others want theirs).

    ``is_new``: it had none; what it had before ran out. ``ask_in``: seconds until asking for more makes sense.
    """

    number: int
    slots: int
    keep: int
    is_new: bool
    ask_in: float


@dataclass(frozen=True, slots=True)
class Settlement:
    """The answer of the shared rows: a grant for each limit, and for each key the seconds it is paused."""

    grants: Mapping[Limit, Grant]
    paused: Mapping[str, float]
