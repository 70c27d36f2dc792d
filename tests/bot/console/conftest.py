"""A console nobody is signed in to."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.console.world import Browser, World, open_world


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with open_world(sqlite_url) as world:
        yield world


@pytest.fixture
async def browser(world: World) -> Browser:
    """王伟's browser."""
    return await world.browser()
