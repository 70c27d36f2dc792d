"""The slots of one limit that this process has leased: which are in use, which come free when, which go back."""

import asyncio
from dataclasses import dataclass, field

from bot.contracts.rates import Grant, Limit, Share

TICK_SECONDS = 0.25
_MARGIN_SECONDS = 0.005  # two machines' clocks drift apart by less than this in a minute
_FRESH_SECONDS = 0.5  # a pause that another process was told of is known after so long
_TRUSTED_SECONDS = 5.0  # half a lease, so that no call begins when its slot may soon be taken away
_HOLD_SECONDS = 1.25  # what comes free later than this goes back at once
_SHORTEST_SECONDS = 0.001


@dataclass(slots=True)
class LeasedWindow:
    """One limit's slots in this process; ``answered`` are the moments at which calls on used ones were answered.

    ``leaving`` tells for used slots given back when they may be used again, ``unused`` counts the others; both are
    told anew, and nothing else, while the last question ``is_open``: the shared row counts only what it hears first.
    ``term`` grows when the lease ran out: what began in an older term belongs to nobody here any more.
    """

    limit: Limit
    slots: int = 0
    keep: int = 0
    callers: int = 0
    under_way: int = 0
    waiting: int = 0
    asked: int = 0
    number: int = 0
    term: int = 0
    trusted_until: float = 0.0
    fresh_until: float = 0.0
    ask_at: float = 0.0
    begun: int = 0
    begun_before: int = 0
    counted_at: float = 0.0
    answered: list[float] = field(default_factory=list)
    leaving: list[float] = field(default_factory=list)
    unused: int = 0
    is_open: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def is_fresh(self, now: float) -> bool:
        """What is known of the shared row is recent enough to begin a call."""
        return now < min(self.fresh_until, self.trusted_until)

    def has_room(self, now: float) -> bool:
        self._purge(now)
        return self.under_way + len(self.answered) < min(self.slots, self.keep)

    def begin(self) -> int:
        """Use a slot. Returns the term."""
        self.under_way += 1
        self.begun += 1
        return self.term

    def undo(self, term: int) -> None:
        """The call was not made after all."""
        if term == self.term:
            self.under_way -= 1
            self.changed.set()

    def end(self, term: int, now: float) -> None:
        """The call is answered."""
        if term == self.term:
            self.under_way -= 1
            if self.limit.seconds:
                self.answered.append(now)
            self.changed.set()

    def is_shared(self) -> bool:
        """The shared row knows of this process, or should."""
        return bool(self.slots or self.leaving or self.unused or self.waiting or self.asked)

    def is_over(self) -> bool:
        """Another can use at once what is here and not under way any more."""
        return not self.limit.seconds and self.slots > max(self.keep, self.under_way)

    def should_ask(self, now: float) -> bool:
        """The shared row may have more."""
        return self.slots < self.limit.count and (now >= self.ask_at or self._wanted() > self.asked)

    def wait_seconds(self, now: float) -> float | None:
        """How long until a slot may come free, here or in the shared row; None if only an answer can free one."""
        waits = [self._free_at(at) - now for at in self.answered[:1] if not self.limit.drains]
        if self.slots < self.limit.count:
            waits.append(self.ask_at - now if self._wanted() <= self.asked else 0.0)
        return max(_SHORTEST_SECONDS, min(waits)) if waits else None

    def share(self, now: float) -> Share:
        """What to tell and to ask."""
        self._purge(now)
        if now - self.counted_at >= TICK_SECONDS:
            self.begun, self.begun_before, self.counted_at = 0, self.begun, now
        if not self.is_open:
            self._let_go(now)
        self.is_open = True
        back = tuple(max(0.0, at - now) for at in self.leaving)
        return Share(limit=self.limit, number=self.number, want=self._wanted(), unused=self.unused, back=back)

    def take(self, grant: Grant, asked: int, *, asked_at: float, now: float) -> None:
        """Have what the shared row granted."""
        if grant.is_new:
            self.term += 1
            self.under_way = 0
            self.answered = []
        self.leaving, self.unused, self.is_open = [], 0, False
        self.number, self.slots, self.keep, self.asked = grant.number, grant.slots, grant.keep, asked
        self.trusted_until = asked_at + _TRUSTED_SECONDS
        self.fresh_until = now + _FRESH_SECONDS
        self.ask_at = now + grant.ask_in
        self.changed.set()

    def forget_recent(self) -> None:
        """No more calls are expected."""
        self.waiting = self.begun = self.begun_before = 0

    def is_idle(self, now: float) -> bool:
        self._purge(now)
        return not (self.callers or self.is_shared() or self.answered)

    def _wanted(self) -> int:
        """Slots for the calls there are and for as many more as there were just now, if there were several."""
        recent = max(self.begun, self.begun_before)
        if not self.waiting and recent <= 1:
            return self.under_way
        return min(self.limit.count, self.under_way + len(self.answered) + self.waiting + recent + 1)

    def _let_go(self, now: float) -> None:
        """Give back what drains, what comes free late, what nobody needs here, and what others need as much."""
        late = [at for at in self.answered if self.limit.drains or self._free_at(at) > now + _HOLD_SECONDS]
        self.answered = self.answered[: len(self.answered) - len(late)]
        slots = self.slots - len(late)
        surplus = max(0, slots - max(self.under_way, min(self._wanted(), self.keep)))
        self.unused = max(0, min(surplus, slots - self.under_way - len(self.answered)))
        split = max(0, len(self.answered) - (surplus - self.unused))
        late += self.answered[split:]
        self.answered = self.answered[:split]
        self.leaving = [self._free_at(at) for at in late]
        self.slots -= self.unused + len(self.leaving)

    def _purge(self, now: float) -> None:
        if not self.limit.drains:
            self.answered = [at for at in self.answered if self._free_at(at) > now]

    def _free_at(self, answered_at: float) -> float:
        return answered_at + self.limit.seconds + _MARGIN_SECONDS
