"""An acknowledgement against a step that fires at the same moment, many times, on both databases."""

import asyncio
from collections import Counter

import pytest

from bot.contracts.feature import Effect
from handlers.matters.commands import TakeArgs, take
from storage.database import Database
from storage.matters.ladder import list_steps
from storage.matters.store import list_entries
from tests.handlers.matters.world import PRIVATE, Desk, a_desk, asking, open_with_step

RACES = 250
_AT_ONCE = 4


async def race(desk: Desk, number: int) -> str:
    """Which of the two came first; ``broken`` if the step fired after the acknowledgement."""
    (effect,) = await _taking(desk, number)
    acts = [desk.run(effect), desk.fire(number)]
    await asyncio.gather(*acts[:: 1 if number % 2 else -1])
    async with desk.database.read() as reader:
        told = [entry.kind for entry in await list_entries(reader, number) if entry.kind != "opened"]
        (step,) = await list_steps(reader, number)
    outcomes = {("fired", ("told", "taken")): "told", ("cancelled", ("taken",)): "stopped"}
    return outcomes.get((step.state, tuple(told)), "broken")


async def all_races(desk: Desk, numbers: list[int]) -> Counter[str]:
    """How they ended, a few at a time."""
    outcomes = Counter[str]()
    for start in range(0, len(numbers), _AT_ONCE):
        outcomes.update(await asyncio.gather(*(race(desk, n) for n in numbers[start : start + _AT_ONCE])))
    return outcomes


async def _taking(desk: Desk, number: int) -> tuple[Effect, ...]:
    return (await take(TakeArgs(str(number)), asking(), deps=desk.deps)).effects


@pytest.mark.timeout(300)
async def test_no_step_fires_after_an_acknowledgement(database: Database) -> None:
    async with a_desk(database) as desk:
        async with database.begin() as tx:
            numbers = [await open_with_step(tx, f"race:{each}", PRIVATE) for each in range(RACES)]
        outcomes = await all_races(desk, numbers)
    assert outcomes["told"] + outcomes["stopped"] == RACES
    assert outcomes["stopped"] > 0
    assert len(desk.work.messages) == outcomes["told"]


async def test_a_step_that_is_looked_at_twice_fires_once(database: Database) -> None:
    async with a_desk(database) as desk:
        async with database.begin() as tx:
            number = await open_with_step(tx, "twice", PRIVATE)
        await asyncio.gather(*(desk.fire(number) for _ in range(5)))
    assert [message.key for message in desk.work.messages] == ["matter:1:feishu:ou_1"]
