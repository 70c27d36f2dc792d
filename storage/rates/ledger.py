"""Who has which slots of one limit, and when those given back may be used again. Pure: the moment is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from bot.contracts.rates import Grant, Limit, Share

LEASE_SECONDS = 10.0
WANT_SECONDS = 1.0  # who has not asked again for so long waits no more
POLL_SECONDS = 0.1
TICK_SECONDS = 0.25
_BINS = 128  # moments are rounded up to so many parts of a window, which keeps the row short


@dataclass(slots=True)
class Lease:
    """The slots of one process. They are its own until ``ends``, and may be in use all that time."""

    slots: int
    number: int
    ends: float
    want: int
    granted_at: float


@dataclass(slots=True)
class Ledger:
    """One limit's slots: leased out, or back and free from a moment on; all others are free."""

    limit: Limit
    out: dict[str, Lease] = field(default_factory=dict)
    back: dict[float, int] = field(default_factory=dict)

    def trade(self, owner: str, share: Share, now: float) -> Grant:
        """Take back what ``owner`` gives back or lost, and lease it what it wants, as far as there is."""
        self._expire(now)
        lease = self.out.get(owner)
        is_new = lease is None
        if lease is None:
            lease = self.out[owner] = Lease(0, share.number, now, 0, 0.0)
        if lease.number == share.number:  # else this is told a second time: the answer to the first got lost
            lease.slots -= min(share.unused, lease.slots)
            used = share.back[: lease.slots]
            lease.slots -= len(used)
            for wait in used:
                self._put_back(now, wait)
        lease.number, lease.ends, lease.want = lease.number + 1, now + LEASE_SECONDS, share.want
        wants = self._wants(now) | {owner: self.limit.count}
        keep = shared_out(self.limit.count, wants, self._longest_without())[owner]
        more = min(keep - lease.slots, share.want - lease.slots, self._free())
        if more > 0:
            lease.slots += more
            lease.granted_at = now
        if not (lease.slots or lease.want):
            del self.out[owner]
        ask_in = self._ask_in(owner, now, has_its_part=lease.slots >= keep)
        return Grant(number=lease.number, slots=lease.slots, keep=keep, is_new=is_new, ask_in=ask_in)

    def idle_at(self) -> float:
        """From when on this says nothing any more."""
        ends = [lease.ends + self.limit.seconds for lease in self.out.values()]
        return max([0.0, *ends, *self.back])

    def as_json(self) -> dict[str, Any]:
        """For the row."""
        leases = {owner: [one.slots, one.number, one.ends, one.want, one.granted_at] for owner, one in self.out.items()}
        return {"out": leases, "back": sorted(self.back.items())}

    @classmethod
    def from_json(cls, limit: Limit, stored: Mapping[str, Any] | None) -> "Ledger":
        """As it was stored; None is one that nobody used."""
        if stored is None:
            return cls(limit)
        return cls(limit, {owner: Lease(*parts) for owner, parts in stored["out"].items()}, dict(stored["back"]))

    def _expire(self, now: float) -> None:
        """A process that did not renew may have called until its lease ended: its slots count from then.

        Nothing lies further ahead than it can, though the server's clock was set back.
        """
        for owner, lease in list(self.out.items()):
            lease.ends = min(lease.ends, now + LEASE_SECONDS)
            if lease.ends <= now:
                del self.out[owner]
                for _ in range(lease.slots):
                    self._put_back(lease.ends, self.limit.seconds)
        known, furthest = self.back, now + 2 * self.limit.seconds
        self.back = {}
        for at, count in known.items():
            if at > now:
                self.back[min(at, furthest)] = self.back.get(min(at, furthest), 0) + count

    def _put_back(self, now: float, wait: float) -> None:
        at = now
        if self.limit.drains:
            at = max([now, *self.back]) + self.limit.seconds / self.limit.count
        elif wait > 0:
            bin_seconds = max(self.limit.seconds, wait) / _BINS
            at = ceil((now + wait) / bin_seconds) * bin_seconds
        if at > now:
            self.back[at] = self.back.get(at, 0) + 1

    def _wants(self, now: float) -> dict[str, int]:
        """What each asks for; a process that does not ask any more wants nothing, whatever it has."""
        return {
            owner: lease.want if now - (lease.ends - LEASE_SECONDS) < WANT_SECONDS else 0
            for owner, lease in self.out.items()
        }

    def _free(self) -> int:
        return self.limit.count - sum(lease.slots for lease in self.out.values()) - sum(self.back.values())

    def _longest_without(self) -> list[str]:
        return sorted(self.out, key=lambda owner: (self.out[owner].granted_at, owner))

    def _ask_in(self, owner: str, now: float, *, has_its_part: bool) -> float:
        if has_its_part:
            return TICK_SECONDS
        wait = min([TICK_SECONDS, *(at - now for at in self.back)])
        others = any(name != owner and lease.slots for name, lease in self.out.items())
        return min(wait, POLL_SECONDS) if others else wait


def shared_out(count: int, wants: Mapping[str, int], first: Sequence[str]) -> dict[str, int]:
    """Nobody gets more than it wants, and nobody more than another who wants it too, but for one ``first`` in line."""
    parts: dict[str, int] = {}
    left = count
    for place, owner in enumerate(sorted(wants, key=lambda owner: (wants[owner], owner))):
        parts[owner] = min(wants[owner], left // (len(wants) - place))
        if parts[owner] < wants[owner]:  # as do all after it
            parts |= {other: parts[owner] for other in wants if other not in parts}
            break
        left -= parts[owner]
    left = count - sum(parts.values())
    for owner in first:
        if left and parts[owner] < wants[owner]:
            parts[owner] += 1
            left -= 1
    return parts
