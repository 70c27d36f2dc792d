"""Processes over one PostgreSQL database together keep to a platform's limits, and use them."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.contracts.rates import Limit
from tests.storage.rates.sharing import Process, Server, Town, run

APP = Limit("app", 50, 1.0)
APP_MINUTE = Limit("app", 1000, 60.0)
CHAT = Limit("chat", 5, 1.0)
ONE = Limit("operation", 1)
PAIR = Limit("pair", 44, 264.0, drains=True)


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(
    ("limits", "count", "seconds"),
    [((CHAT,), 120, 23), ((APP,), 750, 14), ((APP_MINUTE,), 2400, 62), ((APP, APP_MINUTE), 1500, 72)],
)
@pytest.mark.parametrize("processes", [1, 3])
def test_a_limit_is_kept_and_used(
    postgres_url: str, processes: int, limits: tuple[Limit, ...], count: int, seconds: int
) -> None:
    servers = [Server(limit) for limit in limits]

    async def call() -> None:
        await asyncio.gather(*(server.call() for server in servers))

    async def story(town: Town) -> None:
        own = [town.process(timedelta(seconds=1000 * number)) for number in range(processes)]
        await asyncio.gather(*(each.send(call, count // processes, *limits) for each in own))

    run(postgres_url, story)
    assert [server.refused for server in servers] == [0] * len(servers)
    allowed = min(limit.count * (1 + (seconds - 1) // limit.seconds) for limit in limits)
    assert sum(at < seconds for at in servers[0].arrived) >= 0.95 * min(count, allowed)


def test_an_operation_for_one_is_exclusive_and_everybodys_turn_comes(postgres_url: str) -> None:
    server, done = Server(ONE, jitter=0.2), list[int]()

    async def story(town: Town) -> None:
        async def work(process: Process, number: int) -> None:
            async def call() -> None:
                await server.call()
                done.append(number)

            await process.send(call, 30, ONE)

        await asyncio.gather(*(work(town.process(), number) for number in range(3)))

    run(postgres_url, story)
    assert server.most_under_way == 1
    assert set(done[:15]) == {0, 1, 2}


def test_a_call_longer_than_the_lease_keeps_its_slot_while_its_process_lives(postgres_url: str) -> None:
    async def story(town: Town) -> float:
        one, other = town.process(), town.process()

        async def long() -> None:
            await asyncio.sleep(45)

        calling = asyncio.create_task(one.send(long, 1, ONE))
        await asyncio.sleep(1)
        async with other.buckets.admit(ONE):
            began = now()
        await calling
        return began

    assert 45 <= run(postgres_url, story) <= 46


def test_what_a_dead_process_had_comes_back_after_its_lease(postgres_url: str) -> None:
    async def story(town: Town) -> float:
        dead, other = town.process(), town.process()
        server = Server(CHAT)
        await dead.send(server.call, 4, CHAT)
        dead.is_cut_off = True
        await other.send(server.call, 5, CHAT)
        assert server.refused == 0
        return now()

    assert 10 < run(postgres_url, story) < 12.5


def test_a_process_cut_off_from_the_database_begins_no_calls_when_its_lease_may_end(postgres_url: str) -> None:
    async def story(town: Town) -> None:
        stopped, other = town.process(), town.process()
        server = Server(CHAT)
        await stopped.send(server.call, 3, CHAT)
        stopped.is_cut_off = True
        late = asyncio.create_task(stopped.send(server.call, 20, CHAT))
        await other.send(server.call, 60, CHAT)
        stopped.is_cut_off = False
        await late
        assert (server.refused, len(server.arrived)) == (0, 83)

    run(postgres_url, story)


def test_an_idle_process_keeps_nothing(postgres_url: str) -> None:
    async def story(town: Town) -> tuple[float, int]:
        idle, other = town.process(), town.process()
        server = Server(APP)
        await idle.send(server.call, 50, APP)
        await asyncio.sleep(3)
        rounds, began = idle.rounds, now()
        await other.send(server.call, 50, APP)
        took = now() - began
        await asyncio.sleep(30)
        return took, idle.rounds - rounds

    took, rounds = run(postgres_url, story)
    assert took < 0.5
    assert rounds == 0


def test_a_pause_told_to_one_process_holds_for_all(postgres_url: str) -> None:
    async def story(town: Town) -> tuple[float, float]:
        told, other, third = town.process(), town.process(timedelta(hours=1)), town.process()
        server = Server(CHAT, jitter=0)
        sending = asyncio.create_task(other.send(server.call, 100, CHAT))
        await asyncio.sleep(3)
        told.buckets.pause(CHAT.key, timedelta(seconds=7))
        await asyncio.sleep(0.5)
        before = len(server.arrived)
        await asyncio.sleep(6.4)
        assert len(server.arrived) == before
        await third.send(server.call, 1, CHAT)
        first = now()
        await sending
        return first, min(at for at in server.arrived if at > 4)

    assert run(postgres_url, story) == pytest.approx((10, 10), abs=1.1)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_burst_that_drains_is_shared(postgres_url: str, processes: int) -> None:
    server = Server(PAIR, jitter=0.3)

    async def story(town: Town) -> float:
        own = [town.process() for _ in range(processes)]
        await asyncio.gather(*(each.send(server.call, 64 // processes, PAIR) for each in own))
        return now()

    assert 120 <= run(postgres_url, story) <= 123
    assert server.refused == 0


@settings(
    max_examples=8,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    limit=st.builds(Limit, st.uuids().map(str), st.integers(1, 4), st.sampled_from((0.5, 1.0)), st.booleans()),
    jitter=st.floats(0, 2),
    lost=st.sampled_from((0.0, 0.2)),
    skew=st.integers(-5000, 5000),
)
def test_neither_delays_nor_lost_answers_make_an_exact_server_refuse(
    postgres_url: str, limit: Limit, jitter: float, lost: float, skew: int
) -> None:
    server = Server(limit, jitter=jitter)

    async def story(town: Town) -> None:
        own = [town.process(), town.process(timedelta(seconds=skew))]
        for each in own:
            each.lost_answers = lost
        await asyncio.gather(*(each.send(server.call, 5, limit) for each in own))

    run(postgres_url, story)
    assert (server.refused, len(server.arrived)) == (0, 10)


def test_a_caller_that_goes_away_leaves_its_turn_to_the_next(postgres_url: str) -> None:
    async def story(town: Town) -> float:
        process, server = town.process(), Server(CHAT)
        async with process.buckets.admit(ONE):
            impatient = asyncio.create_task(process.send(server.call, 1, CHAT, ONE))
            await asyncio.sleep(1)
            impatient.cancel()
        await process.send(server.call, 5, CHAT, ONE)
        return now()

    assert run(postgres_url, story) < 2


def test_a_window_is_not_forgotten_while_its_caller_waits_for_another(postgres_url: str) -> None:
    async def story(town: Town) -> float:
        process, server = town.process(), Server(CHAT)
        async with process.buckets.admit(ONE):
            waiting = asyncio.create_task(process.send(server.call, 1, ONE, CHAT))
            for number in range(600):
                async with process.buckets.admit(Limit(f"chat {number}", 5, 1.0)):
                    await asyncio.sleep(0.1)
        await waiting
        return now()

    assert run(postgres_url, story) < 120


def test_idle_windows_are_forgotten(postgres_url: str) -> None:
    async def story(town: Town) -> int:
        process = town.process()
        for number in range(600):
            async with process.buckets.admit(Limit(f"chat {number}", 5, 1.0)):
                await asyncio.sleep(0.1)
        return len(process.buckets)

    assert run(postgres_url, story) <= 512
