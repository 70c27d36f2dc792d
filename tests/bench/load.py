"""A load generator for webhooks: prepared requests over raw keep-alive connections, as fast or as timed."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import orjson

from bot.contracts.clock import SystemClock
from integrations.feishu.simulator import App, Envelopes, Push, Said
from integrations.marketplace.signing import Signer, split_secrets
from integrations.marketplace.simulator import DEMO_ACCOUNTS, DEMO_GOODS, DEMO_SECRET, DEMO_SOURCE, Goods, MarketOrder

CHATS = 200
COMMAND_EVERY = 10
"""Every tenth message is a command in a private chat; the others are talk in groups."""
COMMANDS = ("帮助", "店铺", "状态")


@dataclass(frozen=True, slots=True)
class Request:
    """One prepared webhook. ``message_id`` is set for commands: an answer quoting it must appear."""

    raw: bytes
    message_id: str = ""


@dataclass(slots=True)
class Sent:
    """What happened to a request; times are ``time.time()`` seconds."""

    status: int
    began: float
    answered: float
    request: Request


@dataclass(slots=True)
class Outcome:
    sent: list[Sent] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        return sum(each.status == 200 for each in self.sent)


def prepare(count: int, prefix: str, sender_id: str) -> list[Request]:
    """``count`` signed messages over ``CHATS`` chats."""
    envelopes = Envelopes(SystemClock(), App(), prefix=prefix)
    return [_request(envelopes, number, sender_id) for number in range(count)]


def _request(envelopes: Envelopes, number: int, sender_id: str) -> Request:
    chat = number % CHATS
    if number % COMMAND_EVERY:
        said = Said(
            text="今天发货多少", chat_id=f"oc_group_{chat}", sender_id=sender_id, is_group=True, mentions_bot=False
        )
        return Request(_raw(envelopes.sealed(envelopes.message(said))))
    text = COMMANDS[number // COMMAND_EVERY % len(COMMANDS)]
    envelope = envelopes.message(Said(text=text, chat_id=f"oc_private_{chat}", sender_id=sender_id))
    return Request(_raw(envelopes.sealed(envelope)), envelope["event"]["message"]["message_id"])


def prepare_orders(count: int, prefix: str) -> list[Request]:
    """``count`` signed events about as many orders that were just paid."""
    signer, goods = Signer(split_secrets(DEMO_SECRET)), DEMO_GOODS
    return [_order_event(signer, goods[number % len(goods)], f"{prefix}-{number}") for number in range(count)]


def _order_event(signer: Signer, goods: Goods, order_id: str) -> Request:
    now = SystemClock().now()
    order = MarketOrder(
        order_id=order_id,
        account_id=DEMO_ACCOUNTS[0],
        goods=goods,
        sku_text=goods.variants[0],
        quantity=1,
        buyer_id=f"buyer-{order_id}",
        chat_id=f"chat-{order_id}",
        modified_at=now,
    )
    body = orjson.dumps(order.after("pay", now).told("pay"))
    headers = {**signer.sign(f"msg-{order_id}", int(now.timestamp()), body), "Content-Type": "application/json"}
    return Request(_raw(Push(body=body, headers=headers), f"/webhooks/orders/{DEMO_SOURCE}"))


def _raw(push: Push, path: str = "/webhooks/feishu") -> bytes:
    head = {"Host": "127.0.0.1", "Content-Length": str(len(push.body)), **push.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + push.body


async def burst(port: int, requests: Sequence[Request], *, seconds: float, connections: int = 2 * CHATS) -> Outcome:
    """Send as fast as the server answers, for ``seconds`` or until the requests are used up."""
    outcome = Outcome()
    waiting = iter(requests)
    began = perf_counter()
    deadline = began + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_pour(port, waiting, outcome, deadline))
    outcome.seconds = perf_counter() - began
    return outcome


async def _pour(port: int, waiting: Iterator[Request], outcome: Outcome, deadline: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        outcome.sent.append(await _exchange(reader, writer, request))
        if perf_counter() >= deadline:
            break
    writer.close()


async def steady(port: int, requests: Sequence[Request], *, per_second: float, connections: int = 32) -> Outcome:
    """Send on a fixed timetable, whatever the server does; a late answer delays no other request."""
    outcome = Outcome()
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            await asyncio.sleep(max(0.0, began + number / per_second - perf_counter()))
            group.create_task(_once(idle, request, outcome))
    outcome.seconds = perf_counter() - began
    while not idle.empty():
        idle.get_nowait()[1].close()
    return outcome


async def _once(
    idle: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]", request: Request, outcome: Outcome
) -> None:
    reader, writer = await idle.get()
    outcome.sent.append(await _exchange(reader, writer, request))
    idle.put_nowait((reader, writer))


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request) -> Sent:
    began = _wall()
    writer.write(request.raw)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    if length:
        await reader.readexactly(length)
    return Sent(int(head[9:12]), began, _wall(), request)


def _wall() -> float:
    return SystemClock().now().timestamp()
