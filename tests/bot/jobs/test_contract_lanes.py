"""A lane runs in order, one at a time; lanes run beside each other; a task says how many run at once."""

import asyncio
from datetime import timedelta

import pytest

from bot.contracts.errors import AssistantError, UpstreamRateLimited, UpstreamUnavailable
from bot.contracts.feature import Effect, Job
from bot.contracts.retry import RetryPolicy
from storage.database import Transaction
from tests.bot.jobs.office import QUICK, Gate, Lasting, Office, Stumbling
from tests.waiting import until

DOWN = UpstreamUnavailable("down", platform="feishu", operation="send")
BUSY = UpstreamRateLimited("busy", platform="feishu", operation="send", retry_after=timedelta(milliseconds=30))
LASTING = RetryPolicy(tries=3, first=timedelta(minutes=1), longest=timedelta(minutes=1))


async def test_a_lane_runs_in_order_and_one_at_a_time(office: Office) -> None:
    worker = office.worker(Lasting(0.002))
    await office.open(worker.task(at_once=8))
    asked = [f"k{number:02}" for number in range(30)]
    await office.ask(*asked[:15], lane="chat")
    await office.ask(*asked[15:], lane="chat")
    await worker.has_ended(30)
    assert (worker.keys, worker.most_at_once) == (asked, 1)


async def test_a_lane_that_is_busy_holds_up_no_other(office: Office) -> None:
    gate = Gate()
    slow, quick = office.worker(gate, "slow"), office.worker(name="quick")
    await office.open(slow.task(), quick.task())
    await office.ask("first", task="slow", lane="busy")
    await slow.has_started(1)
    await office.ask("waits", task="quick", lane="busy")
    await office.ask("passes", task="quick", lane="free")
    await quick.has_ended(1)
    assert quick.keys == ["passes"]
    gate.opened.set()
    await quick.has_ended(2)


async def test_lanes_keep_their_order_when_everything_is_asked_for_together(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task(at_once=4))
    await office.ask_in_lanes({f"{number:03}": f"chat {number % 7}" for number in range(120)})
    await worker.has_ended(120)
    in_lanes = [[int(key) for key in worker.keys if int(key) % 7 == lane] for lane in range(7)]
    assert in_lanes == [sorted(lane) for lane in in_lanes]


@pytest.mark.parametrize("moment", ["in the handler", "in the effect", "after the commit", "as the next loop turn"])
async def test_what_arrives_at_the_very_end_of_a_drain_still_runs(office: Office, moment: str) -> None:
    """Each job is alone in its lane: the next one arrives while the engine is about to find nothing more to do."""

    async def go_on(job: Job) -> Effect | None:
        following = f"{int(job.key) + 1:02}"
        if int(job.key) == 25:
            return None

        async def effect(tx: Transaction) -> None:
            if moment == "in the effect":
                await tx.submit("work", {}, key=following, lane="chat")
            if moment == "after the commit":
                tx.after_commit.append(lambda: ask(following))
            if moment == "as the next loop turn":
                asyncio.get_running_loop().call_soon(ask, following)

        if moment == "in the handler":
            ask(following)
        return effect

    asking = set()

    def ask(key: str) -> None:
        task = asyncio.ensure_future(office.ask(key, lane="chat"))
        asking.add(task)
        task.add_done_callback(asking.discard)

    worker = office.worker(go_on)
    await office.open(worker.task())
    await office.ask("00", lane="chat")
    await worker.has_ended(26)
    assert worker.keys == [f"{number:02}" for number in range(26)]


@pytest.mark.parametrize(
    ("holds", "error", "order"),
    [
        ("always", DOWN, ["one", "one", "two"]),
        ("always", BUSY, ["one", "one", "two"]),
        ("rate_limits", DOWN, ["one", "two", "one"]),
        ("rate_limits", BUSY, ["one", "one", "two"]),
        ("never", DOWN, ["one", "two", "one"]),
        ("never", BUSY, ["one", "two", "one"]),
    ],
)
async def test_a_task_says_whether_its_lane_waits_for_a_retry(
    office: Office, holds: str, error: AssistantError, order: list[str]
) -> None:
    worker = office.worker(Stumbling([error], "one"))
    await office.open(worker.task(holds_lane=holds))
    await office.ask("one", "two", lane="chat")
    await worker.has_ended(2)
    assert worker.keys == order


async def test_a_held_lane_is_still_held_after_a_restart(office: Office) -> None:
    worker = office.worker(Stumbling([DOWN], "one"))
    await office.open(worker.task(holds_lane="always", retry=LASTING))
    await office.ask("one", "two", lane="chat")
    await worker.has_started(1)
    await office.has_state("one", "waiting")
    await office.close()
    await office.open(worker.task(holds_lane="always", retry=LASTING))
    await office.ask("elsewhere")
    await worker.has_ended(1)
    office.clock.move(minutes=2)
    await worker.has_ended(3)
    assert worker.keys == ["one", "elsewhere", "one", "two"]


async def test_no_more_jobs_of_a_task_run_at_once_than_it_says(office: Office) -> None:
    gate = Gate()
    narrow, wide = office.worker(gate, "narrow"), office.worker(name="wide")
    await office.open(narrow.task(at_once=2), wide.task())
    await office.ask(*"abcdef", task="narrow")
    await narrow.has_started(2)
    await office.ask("w", task="wide")
    await wide.has_ended(1)
    gate.opened.set()
    await narrow.has_ended(6)
    assert narrow.most_at_once == 2


async def test_a_dead_letter_lets_its_lane_go_on(office: Office) -> None:
    worker = office.worker(Stumbling([DOWN] * QUICK.tries, "one"))
    await office.open(worker.task(holds_lane="always"))
    await office.ask("one", "two", lane="chat")
    await until(lambda: worker.keys[-1:] == ["two"])
    assert worker.keys == ["one"] * QUICK.tries + ["two"]
