"""What just happened, told to whoever is looking right now. Nothing is kept: late readers read storage."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

Item = TypeVar("Item")


class Signal(Enum):
    """What a listener may get instead of an item."""

    MISSED = "missed"
    """Items did not come through, the listener being slow or another process having them: it should read storage."""
    CLOSED = "closed"
    """Nothing follows: the service stops."""


Listener: TypeAlias = asyncio.Queue[Item | Signal]


class Live(Generic[Item]):
    """Publish and subscribe within one process; ``bot.neighbours`` joins several.

    A listener holds at most ``room`` items in memory.
    """

    def __init__(self, *, room: int = 100) -> None:
        self._room = room
        self._listeners: defaultdict[str, set[Listener[Item]]] = defaultdict(set)
        self._closed = False
        self.on_publish: Callable[[str], None] = _nobody_else
        """Told each topic, for processes beside this one."""

    def publish(self, topic: str, item: Item) -> None:
        """Hand ``item`` to everybody listening to ``topic``, without waiting for anybody."""
        for listener in self._listeners.get(topic, ()):
            _offer(listener, item)
        self.on_publish(topic)

    def tell(self, topic: str) -> None:
        """Let everybody listening to ``topic`` read storage, in this process and beside it."""
        self.miss(topic)
        self.on_publish(topic)

    def miss(self, topic: str) -> None:
        """Tell everybody listening to ``topic`` that there was something: they should read storage."""
        for listener in self._listeners.get(topic, ()):
            _offer(listener, Signal.MISSED)

    def miss_everything(self) -> None:
        """The same for every topic."""
        for topic in tuple(self._listeners):
            self.miss(topic)

    @contextmanager
    def listen(self, *topics: str) -> Iterator[Listener[Item]]:
        """A queue that receives what is published on ``topics`` while the context is open."""
        listener: Listener[Item] = asyncio.Queue(self._room)
        for topic in topics:
            self._listeners[topic].add(listener)
        if self._closed:
            listener.put_nowait(Signal.CLOSED)
        try:
            yield listener
        finally:
            for topic in topics:
                self._leave(topic, listener)

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len({each for listeners in self._listeners.values() for each in listeners})

    def close(self) -> None:
        """Tell every listener, present and future, that nothing follows."""
        self._closed = True
        for listener in {each for listeners in self._listeners.values() for each in listeners}:
            _replace_all(listener, Signal.CLOSED)

    def _leave(self, topic: str, listener: Listener[Item]) -> None:
        self._listeners[topic].discard(listener)
        if not self._listeners[topic]:
            del self._listeners[topic]


def _nobody_else(_topic: str) -> None:
    """There is one process."""


def _offer(listener: Listener[Item], item: Item | Signal) -> None:
    if listener.full():
        _replace_all(listener, Signal.MISSED)
    else:
        listener.put_nowait(item)


def _replace_all(listener: Listener[Item], signal: Signal) -> None:
    while not listener.empty():
        listener.get_nowait()
    listener.put_nowait(signal)
