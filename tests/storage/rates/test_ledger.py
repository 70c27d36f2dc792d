"""However processes trade, the slots of a limit are shared out, and never more than there are."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.rates import Limit, Share
from storage.rates.ledger import LEASE_SECONDS, Ledger, shared_out

OWNERS = ("a", "b", "c")

limits = st.builds(Limit, st.just("key"), st.integers(1, 8), st.sampled_from((0.0, 1.0, 60.0)), st.booleans())
trades = st.lists(
    st.tuples(st.sampled_from(OWNERS), st.integers(0, 10), st.integers(0, 8), st.integers(0, 8), st.floats(0, 12)),
    max_size=40,
)


@dataclass
class Holder:
    """What one process believes: how many slots it has, and until when it may."""

    number: int = 0
    slots: int = 0
    until: float = 0.0


@dataclass
class Story:
    """Trades one after the other, each against the ledger as the row keeps it."""

    limit: Limit
    now: float = 1_800_000_000.0
    stored: Any = None
    holders: dict[str, Holder] = field(default_factory=lambda: {owner: Holder() for owner in OWNERS})

    def trade(self, owner: str, want: int, unused: int, used: int) -> None:
        holder = self.holders[owner]
        unused = min(unused, holder.slots)
        back = (self.limit.seconds,) * min(used, holder.slots - unused)
        share = Share(limit=self.limit, number=holder.number, want=want, unused=unused, back=back)
        ledger = Ledger.from_json(self.limit, self.stored)
        grant = ledger.trade(owner, share, self.now)
        self.stored = ledger.as_json()
        self.holders[owner] = Holder(grant.number, grant.slots, self.now + LEASE_SECONDS)

    def tell(self, trades: list[tuple[str, int, int, int, float]]) -> None:
        for owner, want, unused, used, _ in trades:
            self.trade(owner, want, unused, used)

    def held(self) -> int:
        return sum(holder.slots for holder in self.holders.values() if self.now < holder.until)


@given(limit=limits, trades=trades)
def test_no_more_slots_are_out_than_there_are(limit: Limit, trades: list[tuple[str, int, int, int, float]]) -> None:
    story = Story(limit)

    def step(owner: str, want: int, unused: int, used: int, later: float) -> int:
        story.trade(owner, want, unused, used)
        held = story.held()
        story.now += later
        return held

    assert max((step(*each) for each in trades), default=0) <= limit.count


@given(limit=limits, trades=trades)
def test_all_slots_come_back_in_the_end(limit: Limit, trades: list[tuple[str, int, int, int, float]]) -> None:
    story = Story(limit)
    story.tell(trades)
    story.now += LEASE_SECONDS + 3 * limit.seconds
    story.holders = {"late": Holder()}
    story.trade("late", limit.count, 0, 0)
    assert story.holders["late"].slots == limit.count


@given(limit=limits, want=st.integers(1, 8), used=st.integers(0, 8))
def test_what_is_told_twice_counts_once(limit: Limit, want: int, used: int) -> None:
    story = Story(limit)
    story.trade("a", want, 0, 0)
    before = story.holders["a"]
    story.trade("a", want, 0, used)
    once = story.stored
    story.holders["a"] = before
    story.trade("a", want, 0, used)
    assert story.stored["back"] == once["back"]
    assert story.stored["out"]["a"][0] == once["out"]["a"][0]


@given(count=st.integers(0, 20), wants=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1))
def test_slots_are_shared_out_evenly(count: int, wants: dict[str, int]) -> None:
    parts = shared_out(count, wants, sorted(wants))
    unmet = [part for owner, part in parts.items() if part < wants[owner]]
    assert sum(parts.values()) == min(count, sum(wants.values()))
    assert all(part <= wants[owner] for owner, part in parts.items())
    assert all(part <= min(unmet, default=30) + 1 for part in parts.values())


def test_a_clock_set_back_does_not_keep_slots_for_ever() -> None:
    limit = Limit("key", 5, 1.0)
    story = Story(limit)
    story.trade("a", 5, 0, 0)
    story.trade("a", 0, 0, 5)
    story.now -= 3600
    story.trade("b", 0, 0, 0)
    story.now += 4
    story.trade("b", 5, 0, 0)
    assert story.holders["b"].slots == 5
