"""What may fail without taking its transaction along."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from storage.database import Transaction, cannot_write, stood_in_the_way

Outcome = TypeVar("Outcome")


async def tried(tx: Transaction, act: Callable[[], Awaitable[Outcome]], *, careful: bool) -> Outcome | Exception:
    """What ``act`` returns, or its exception, with which all that it wrote is undone.

    Only a ``careful`` transaction pays for that, with two more questions to the database each time.
    Raises: the exception itself if not careful (run the whole transaction again, carefully), or if the database
    takes nothing now, or if another's transaction stood in the way.
    """
    if not careful:
        return await act()
    try:
        async with tx.savepoint():
            return await act()
    except Exception as error:
        if cannot_write(error) or stood_in_the_way(error):
            raise
        return error
