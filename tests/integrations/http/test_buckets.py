"""Rate windows against a server that counts exactly, over a network that delays as it likes."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.http.buckets import Limit, ProcessBuckets
from tests.integrations.http.virtual import LoopClock, run

CHAT = Limit("chat 1", 5, 1.0)
APP_SECOND = Limit("app", 50, 1.0)
APP_MINUTE = Limit("app", 1000, 60.0)


class Server:
    """Counts arrivals in exact sliding windows, at the end of a network with delays of up to ``jitter`` seconds."""

    def __init__(self, *limits: Limit, jitter: float, seed: int = 1) -> None:
        self._windows: dict[Limit, deque[float]] = {limit: deque() for limit in limits}
        self._jitter = jitter
        self._random = Random(seed)
        self.arrived: list[float] = []
        self.refused = 0

    async def call(self, *limits: Limit) -> None:
        await asyncio.sleep(self._random.uniform(0, self._jitter))
        self._arrive(limits)
        await asyncio.sleep(self._random.uniform(0, self._jitter))

    def _arrive(self, limits: tuple[Limit, ...]) -> None:
        now = asyncio.get_running_loop().time()
        self.arrived.append(now)
        for limit in limits:
            window = self._windows.setdefault(limit, deque())
            while window and now - window[0] >= limit.seconds:
                window.popleft()
            self.refused += len(window) >= limit.count
            window.append(now)

    def rate(self, seconds: float) -> float:
        """Arrivals per second until ``seconds``."""
        return sum(at < seconds for at in self.arrived) / seconds


async def send(buckets: ProcessBuckets, server: Server, count: int, *limits: Limit) -> None:
    async def one() -> None:
        async with buckets.admit(*limits):
            await server.call(*limits)

    await asyncio.gather(*(one() for _ in range(count)))


def test_a_chat_gets_nearly_its_whole_rate_and_no_refusal() -> None:
    server = Server(CHAT, jitter=0.015)
    run(send(ProcessBuckets(LoopClock()), server, 300, CHAT))
    assert server.refused == 0
    assert server.rate(50) >= 0.97 * 5


def test_an_app_gets_nearly_its_whole_rate_and_no_refusal() -> None:
    server = Server(APP_SECOND, APP_MINUTE, jitter=0.015)
    run(send(ProcessBuckets(LoopClock()), server, 3000, APP_SECOND, APP_MINUTE))
    assert server.refused == 0
    assert server.rate(140) >= 0.97 * 3000 / 140


def test_many_chats_share_the_apps_rate() -> None:
    server = Server(jitter=0.015)

    async def story() -> None:
        buckets = ProcessBuckets(LoopClock())
        chats = [Limit(f"chat {number}", 5, 1.0) for number in range(40)]
        await asyncio.gather(*(send(buckets, server, 25, chat, APP_SECOND, APP_MINUTE) for chat in chats))

    run(story())
    assert server.refused == 0
    assert server.rate(20) >= 0.97 * 50


def test_one_chats_backlog_does_not_hold_up_another() -> None:
    async def story() -> float:
        buckets, server = ProcessBuckets(LoopClock()), Server(jitter=0.001)
        backlog = asyncio.create_task(send(buckets, server, 100, CHAT, APP_SECOND))
        await asyncio.sleep(2)
        started = asyncio.get_running_loop().time()
        await send(buckets, server, 1, Limit("chat 2", 5, 1.0), APP_SECOND)
        waited = asyncio.get_running_loop().time() - started
        backlog.cancel()
        return waited

    assert run(story()) < 0.1


@settings(max_examples=30)
@given(
    count=st.integers(1, 6),
    seconds=st.sampled_from((0.5, 1.0, 3.0)),
    jitter=st.floats(0, 2),
    seed=st.integers(0, 1000),
)
def test_no_network_makes_an_exact_server_refuse(count: int, seconds: float, jitter: float, seed: int) -> None:
    limit = Limit("any", count, seconds)
    server = Server(limit, jitter=jitter, seed=seed)
    run(send(ProcessBuckets(LoopClock()), server, 40, limit))
    assert server.refused == 0


def test_slots_limit_what_is_under_way() -> None:
    under_way: list[int] = []

    async def story() -> None:
        buckets, inside = ProcessBuckets(LoopClock()), [0]

        @contextmanager
        def counted() -> Iterator[None]:
            inside[0] += 1
            under_way.append(inside[0])
            yield
            inside[0] -= 1

        async def one() -> None:
            async with buckets.admit(Limit("path", 3)):
                with counted():
                    await asyncio.sleep(1)

        await asyncio.gather(*(one() for _ in range(10)))

    run(story())
    assert max(under_way) == 3


def test_callers_are_served_in_the_order_they_came() -> None:
    served: list[int] = []

    async def story() -> None:
        buckets = ProcessBuckets(LoopClock())

        async def one(number: int) -> None:
            async with buckets.admit(Limit("path", 1)):
                served.append(number)

        await asyncio.gather(*(one(number) for number in range(20)))

    run(story())
    assert served == list(range(20))


def test_a_pause_the_server_asked_for_is_kept() -> None:
    async def story() -> float:
        buckets = ProcessBuckets(LoopClock())
        buckets.pause("chat 1", timedelta(seconds=7))
        buckets.pause("chat 1", timedelta(seconds=2))
        async with buckets.admit(CHAT):
            return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(7)


def test_a_call_that_failed_gives_its_place_back() -> None:
    async def story() -> None:
        buckets = ProcessBuckets(LoopClock())
        with pytest.raises(ZeroDivisionError):
            async with buckets.admit(Limit("path", 1)):
                raise ZeroDivisionError
        async with buckets.admit(Limit("path", 1)):
            pass

    run(story())


def test_a_caller_that_goes_away_leaves_its_turn_to_the_next() -> None:
    async def story() -> float:
        buckets = ProcessBuckets(LoopClock())
        slow = Limit("slow", 1, 10.0)
        await send(buckets, Server(jitter=0), 1, slow)
        impatient = asyncio.create_task(send(buckets, Server(jitter=0), 1, slow))
        await asyncio.sleep(1)
        impatient.cancel()
        async with buckets.admit(slow):
            return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(10, abs=0.1)


def test_a_window_counts_for_all_though_one_of_its_callers_waits_for_another() -> None:
    async def story() -> int:
        buckets, server, one = ProcessBuckets(LoopClock()), Server(CHAT, jitter=0), Limit("operation", 1)
        async with buckets.admit(one):
            waiting = asyncio.create_task(send(buckets, server, 1, one, CHAT))
            for number in range(600):
                async with buckets.admit(Limit(f"chat {number + 2}", 5, 1.0)):
                    await asyncio.sleep(0.1)
            await send(buckets, server, 5, CHAT)
        await waiting
        return server.refused

    assert run(story()) == 0


def test_idle_windows_are_forgotten() -> None:
    async def story() -> int:
        buckets = ProcessBuckets(LoopClock())
        for number in range(5000):
            await asyncio.sleep(0.1)
            async with buckets.admit(Limit(f"chat {number}", 5, 1.0)):
                pass
        return len(buckets)

    assert run(story()) <= 512


def test_a_clock_set_back_does_not_stop_the_sending() -> None:
    class TurnedBack(LoopClock):
        back = timedelta()

        def now(self) -> datetime:
            return super().now() - self.back

    async def story() -> float:
        clock = TurnedBack()
        buckets = ProcessBuckets(clock)
        await send(buckets, Server(jitter=0), 5, CHAT)
        clock.back = timedelta(hours=1)
        await send(buckets, Server(jitter=0), 5, CHAT)
        return asyncio.get_running_loop().time()

    assert run(story()) < 2


def test_the_same_windows_in_another_order_do_not_block_each_other() -> None:
    async def story() -> int:
        buckets, server = ProcessBuckets(LoopClock()), Server(jitter=0.01)
        one, other = Limit("a", 1, 1.0), Limit("b", 1, 1.0)
        await asyncio.gather(send(buckets, server, 10, one, other), send(buckets, server, 10, other, one))
        return len(server.arrived)

    assert run(asyncio.wait_for(story(), 60)) == 20


class Draining:
    """A server that takes a burst and then one call an interval, at the end of a network that delays."""

    def __init__(self, count: int, interval: float) -> None:
        self._count, self._interval = count, interval
        self._level = self._seen_at = 0.0
        self._random = Random(1)
        self.refused = 0

    async def call(self) -> None:
        await asyncio.sleep(self._random.uniform(0, 0.3))
        now = asyncio.get_running_loop().time()
        self._level = max(0.0, self._level - (now - self._seen_at) / self._interval) + 1
        self._seen_at = now
        self.refused += self._level > self._count
        await asyncio.sleep(self._random.uniform(0, 0.3))


@pytest.mark.parametrize(("calls", "seconds"), [(44, 0), (45, 6), (64, 120)])
def test_a_burst_that_drains_is_followed_by_one_call_an_interval(calls: int, seconds: float) -> None:
    server, limit = Draining(44, 6.0), Limit("pair", 44, 264.0, drains=True)

    async def one(buckets: ProcessBuckets) -> None:
        async with buckets.admit(limit):
            await server.call()

    async def story() -> float:
        buckets = ProcessBuckets(LoopClock())
        await asyncio.gather(*(one(buckets) for _ in range(calls)))
        return asyncio.get_running_loop().time()

    assert seconds <= run(story()) <= seconds + 2
    assert server.refused == 0
