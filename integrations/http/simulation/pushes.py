"""What a platform sends to a webhook: tried again after growing waits until somebody takes it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.contracts.clock import Clock

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_GONE = 410
_PARALLEL = 32


@dataclass(frozen=True, slots=True)
class Push:
    """One attempt."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the webhook answered; status 0 for no answer."""

    status: int
    body: bytes = b""
    retry_after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Dead:
    """What nobody took in all its attempts."""

    name: str
    heard: Heard


class Pusher:
    """Posts to ``webhook_url``, which must be on loopback; without one nothing is sent.

    ``waits`` are seconds before each attempt, lengthened by up to a quarter by ``jitter`` (numbers in 0..1), and to
    what ``Retry-After`` asks. 410 stops everything. ``attempts`` counts requests, ``dead`` are the dead letters.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        waits: Sequence[float],
        deadline_seconds: float,
        jitter: Callable[[], float],
        webhook_url: str = "",
    ) -> None:
        self.webhook_url = webhook_url
        self.waits = tuple(waits)
        self.attempts = 0
        self.dead: deque[Dead] = deque(maxlen=1000)
        self.is_stopped = False
        self._clock = clock
        self._deadline = ClientTimeout(total=deadline_seconds)
        self._jitter = jitter
        self._session: ClientSession | None = None
        self._places = asyncio.Semaphore(_PARALLEL)
        self._under_way: set[asyncio.Task[Heard]] = set()

    async def deliver(self, name: str, make: Callable[[], Push], is_taken: Callable[[Heard], bool]) -> Heard:
        """Try until ``is_taken``; each attempt is made anew. The last answer."""
        heard, asked_to_wait = Heard(0), 0.0
        for wait in self.waits if self.webhook_url else ():
            await self._pause(max(wait * (1 + self._jitter() / 4), asked_to_wait))
            if self.is_stopped:
                break
            heard = await self.try_once(make())
            if is_taken(heard):
                return heard
            self.is_stopped = self.is_stopped or heard.status == _GONE
            asked_to_wait = heard.retry_after_seconds
        self.dead.append(Dead(name, heard))
        return heard

    def begin(self, name: str, make: Callable[[], Push], is_taken: Callable[[Heard], bool]) -> None:
        """Deliver in the background."""
        task = asyncio.create_task(self.deliver(name, make, is_taken))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Return when nothing is under way any more."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    async def try_once(self, push: Push) -> Heard:
        """One attempt. Raises: ValueError unless the webhook is on loopback."""
        if urlsplit(self.webhook_url).hostname not in LOOPBACK:
            raise ValueError("the webhook_url of a simulator must be on loopback")
        if self._session is None:
            self._session = ClientSession(timeout=self._deadline)
        async with self._places:
            self.attempts += 1
            return await self._post(self._session, push)

    async def close(self) -> None:
        """Give up what is under way, and hang up."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            await self._clock.sleep(seconds)

    async def _post(self, session: ClientSession, push: Push) -> Heard:
        try:
            async with session.post(
                self.webhook_url, data=push.body, headers=push.headers, params=push.query
            ) as answer:
                return Heard(answer.status, await answer.read(), _seconds(answer.headers.get("Retry-After", "")))
        except (ClientError, TimeoutError, OSError):
            return Heard(0)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
