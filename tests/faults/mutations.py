"""Deliveries that were tampered with, over every webhook: none may be accepted, none may break the service.

Two kinds: a genuine delivery of which bytes or headers were changed afterwards (nothing of it may be stored), and a
genuine signature over contents no platform would write (any answer but 5xx will do).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson
from aiohttp import ClientError, ClientSession, TCPConnector

from bot.contracts.clock import SystemClock
from bot.contracts.secret import Secret
from integrations.feishu.simulator import App as FeishuApp
from integrations.feishu.simulator import Envelopes as FeishuEnvelopes
from integrations.feishu.simulator import Pressed
from integrations.feishu.simulator import Said as FeishuSaid
from integrations.goofish import simulator as goofish
from integrations.goofish.signing import AppKey
from integrations.marketplace import simulator as marketplace
from integrations.marketplace.signing import Signer, split_secrets
from integrations.whatsapp.simulator import WhatsAppSimulator
from integrations.whatsapp.simulator.demo import App as WhatsAppApp
from integrations.whatsapp.simulator.envelopes import Envelopes as WhatsAppEnvelopes
from integrations.whatsapp.simulator.envelopes import Said as WhatsAppSaid
from tests.faults.town import Town, open_town

IN_FLIGHT = 48
ALERTS_TOKEN = "a-long-random-word"
_TOO_MUCH = 4 * 1024 * 1024
_JSON = {"Content-Type": "application/json"}
_ORDER = {
    "channel": "xianyu",
    "account_id": "shop-a",
    "order_id": "1000000000000000001",
    "status": "paid",
    "refund_status": "none",
    "modified_at": "2026-11-22T02:59:58Z",
    "item": {"item_id": "900000000001", "sku_text": "黑色 128G", "title": "演示商品", "quantity": 2},
    "amount": {"value": "19.90", "currency": "CNY"},
    "buyer": {"id": "buyer-77", "nick": "小**"},
    "chat_id": "55550001",
}
_SAID = {"account_id": "shop-a", "chat_id": "55550001", "text": "在吗", "images": [], "is_system": False}
_ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    1e308,
    "",
    "\u202e\0\ud7ff",
    "９" * 5000,
    [],
    {},
    [[[[]]]],
    {"": {"": None}},
    [None] * 300,
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a webhook."""

    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Answers:
    """How many answers there were of each kind; ``broken`` keeps a few of what got a 5xx or no answer."""

    counts: Counter[int] = field(default_factory=Counter)
    broken: list[tuple[int, Delivery]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.counts[200]

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.counts.items() if status >= 500 or not status)


class Forger:
    """Makes deliveries to every webhook and spoils them; the same for the same seed."""

    def __init__(self, random: Random) -> None:
        clock = SystemClock()
        self._random = random
        self._clock = clock
        self._marketplace = Signer(split_secrets(marketplace.DEMO_SECRET))
        self._goofish = AppKey(app_key=goofish.DEMO_APP_KEY, app_secret=Secret(goofish.DEMO_APP_SECRET))
        self._feishu = FeishuEnvelopes(clock, FeishuApp(), prefix="forged")
        self._whatsapp = WhatsAppEnvelopes(clock, WhatsAppApp(), prefix="forged")

    def tampered(self) -> Delivery:
        """A genuine delivery, changed after it was signed."""
        genuine = self._random.choice(self._signing())(self._anything())
        return self._random.choice((self._with_other_bytes, self._with_other_bytes, self._with_another_header))(genuine)

    def absurd(self) -> Delivery:
        """Genuinely signed contents that make no sense."""
        contents = self._anything()
        for _ in range(self._random.randint(1, 3)):
            self._spoil(contents)
        return self._random.choice((*self._signing(), self._from_alertmanager))(contents)

    def _signing(self) -> tuple[Callable[[Any], Delivery], ...]:
        """Who signs what is delivered."""
        return (self._from_feishu, self._from_whatsapp, self._from_marketplace, self._from_goofish)

    def _anything(self) -> Any:
        said = FeishuSaid(text="状态", chat_id="oc_forged", sender_id="ou_forged", is_group=self._random.random() < 0.5)
        pressed = Pressed(message_id="om_x", chat_id="oc_forged", sender_id="ou_forged", value={"token": "x" * 22})
        written = self._whatsapp.message(WhatsAppSaid(text="状态", sender_id="8613800000000"))
        state = self._whatsapp.status("wamid.x", "8613800000000", "read", echo="x.1.0")
        make: tuple[Callable[[], Any], ...] = (
            lambda: self._feishu.message(said),
            lambda: self._feishu.press(pressed),
            lambda: self._feishu.member("oc_forged", "ou_forged", added=True),
            lambda: self._feishu.entered("oc_forged", "ou_forged"),
            lambda: self._feishu.menu("ou_forged", "状态"),
            lambda: self._whatsapp.envelope(self._whatsapp.change(messages=[written], statuses=[state])),
            lambda: {"type": "order.paid", "timestamp": "2026-11-22T03:00:00Z", "data": deepcopy(_ORDER)},
            lambda: {"type": "message.received", "timestamp": "2026-11-22T03:00:00Z", "data": deepcopy(_SAID)},
            lambda: {"order_no": "1", "order_status": 12, "refund_status": 0, "modify_time": 1, "seller_id": 1},
            lambda: {"version": "4", "groupKey": "g", "status": "firing", "alerts": [{"status": "firing"}]},
        )
        return orjson.loads(orjson.dumps(self._random.choice(make)()))

    def _from_feishu(self, contents: Any) -> Delivery:
        push = self._feishu.sealed(contents)
        return Delivery("/webhooks/feishu", push.body, push.headers)

    def _from_whatsapp(self, contents: Any) -> Delivery:
        push = self._whatsapp.signed(contents)
        return Delivery("/webhooks/whatsapp", push.body, push.headers)

    def _from_marketplace(self, contents: Any) -> Delivery:
        body, now = orjson.dumps(contents), int(self._clock.now().timestamp())
        headers = self._marketplace.sign(f"msg_{self._random.getrandbits(64):x}", now, body)
        return Delivery(f"/webhooks/orders/{marketplace.DEMO_SOURCE}", body, {**headers, **_JSON})

    def _from_goofish(self, contents: Any) -> Delivery:
        body = orjson.dumps(contents)
        query = urlencode(self._goofish.query(body, int(self._clock.now().timestamp())))
        return Delivery(f"/webhooks/goofish?{query}", body, _JSON)

    def _from_alertmanager(self, contents: Any) -> Delivery:
        return Delivery(
            "/webhooks/alertmanager", orjson.dumps(contents), {"Authorization": f"Bearer {ALERTS_TOKEN}", **_JSON}
        )

    def _with_other_bytes(self, genuine: Delivery) -> Delivery:
        body, place = genuine.body, self._random.randrange(len(genuine.body))
        other = bytes([body[place] ^ self._random.randint(1, 255)])
        changes: tuple[Callable[[], bytes], ...] = (
            lambda: body[:place] + other + body[place + 1 :],
            lambda: body[:place],
            lambda: body[:place] + body[place:] * 2,
            lambda: body[place:] + body[:place] if place else b"",
            lambda: body + b" ",
            lambda: b"[" * 100_000,
        )
        rare = self._random.random() < 0.0005
        changed = body + b" " * _TOO_MUCH if rare else self._random.choice(changes)()
        return Delivery(genuine.path, changed, genuine.headers)

    def _with_another_header(self, genuine: Delivery) -> Delivery:
        headers = dict(genuine.headers)
        names = [each for each in headers if each != "Content-Type"]
        if not names:
            return self._with_other_bytes(genuine)
        name = self._random.choice(names)
        if self._random.random() < 0.3:
            del headers[name]
        else:
            value, place = headers[name], self._random.randrange(len(headers[name]))
            others = [sign for sign in "0123456789abcdef" if sign != value[place]]
            headers[name] = value[:place] + self._random.choice(others) + value[place + 1 :]
        return Delivery(genuine.path, genuine.body, headers)

    def _spoil(self, contents: Any) -> None:
        places = list(_places(contents))
        if not places:
            return  # all of it is gone already
        holder, key = self._random.choice(places)
        if isinstance(holder, dict) and self._random.random() < 0.2:
            del holder[key]
        else:
            holder[key] = deepcopy(self._random.choice(_ODD))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everywhere something stands within ``value``: its holder and the key there."""
    for key, inner in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


@asynccontextmanager
async def open_fortress(folder: Path, database_url: str) -> AsyncIterator[Town]:
    """The service, running, with every door open."""
    clock = SystemClock()
    also = {
        "whatsapp": WhatsAppSimulator(clock),
        "marketplace": marketplace.MarketplaceSimulator(clock),
        "goofish": goofish.GoofishSimulator(clock),
    }
    async with AsyncExitStack() as stack:
        for simulator in also.values():
            await stack.enter_async_context(simulator)
        opened = open_town(folder, database_url, also=also, ALERTMANAGER_TOKEN=ALERTS_TOKEN)
        town = await stack.enter_async_context(opened)
        await town.service.start()
        yield town


async def assault(url: str, forger: Forger, *, tampered: int, absurd: int) -> Answers:
    """Deliver so many of each kind. Of the absurd ones, being genuine, acceptance is not counted."""
    answers = await deliver_all(url, (forger.tampered() for _ in range(tampered)))
    others = await deliver_all(url, (forger.absurd() for _ in range(absurd)))
    others.counts.pop(200, None)
    answers.counts += others.counts
    answers.broken += others.broken
    return answers


async def deliver_all(url: str, deliveries: Iterator[Delivery]) -> Answers:
    """Deliver everything, ``IN_FLIGHT`` at a time."""
    answers = Answers()
    async with ClientSession(connector=TCPConnector(limit=IN_FLIGHT)) as session, asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(_pour(session, url, deliveries, answers))
    return answers


async def _pour(session: ClientSession, url: str, deliveries: Iterator[Delivery], answers: Answers) -> None:
    for each in deliveries:
        try:
            async with session.post(url + each.path, data=each.body, headers=each.headers) as answer:
                status = answer.status
        except ClientError:  # a body beyond the limit may be cut off before it was all sent
            status = 413 if len(each.body) > _TOO_MUCH else 0
        answers.counts[status] += 1
        if (status >= 500 or not status) and len(answers.broken) < 20:
            answers.broken.append((status, each))
