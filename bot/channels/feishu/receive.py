"""What Feishu delivers to a challenge answer, an event or a refusal. Pure: no network, no storage, no clock.

At the webhook the order is fixed: size, signature over the raw bytes, freshness, decryption, token, app. What an
envelope means is said in ``events``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.channels.feishu.events import event_from_envelope, event_from_legacy_card
from bot.channels.json_body import Body, Unreadable, part, read_object, text
from bot.contracts.events import Event
from integrations.feishu.signing import EventKey, UnreadableCiphertext, same_secret, verifies_legacy_card

LONGEST_BODY = 1024 * 1024
_LONGEST_UNSIGNED = 64 * 1024  # only url checks and legacy card callbacks come without our SHA-256
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What is needed to judge a delivery. ``bot_open_id`` is empty until the platform has named it.

    ``window``: the platform pushes again for up to 7.1 h, perhaps under the first timestamp.
    """

    key: EventKey
    verification_token: str
    app_id: str
    bot_open_id: str = ""
    window: timedelta = timedelta(hours=8)

    def __post_init__(self) -> None:
        if not (self.verification_token and self.app_id):
            raise ValueError("without a verification token and an app id anybody could be Feishu")


@dataclass(frozen=True, slots=True)
class Challenge:
    """The url check of the developer console: answer 200 with ``{"challenge": answer}`` within a second."""

    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not ours or not readable: answer ``status`` with no detail; ``reason`` is for the log and the metrics."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """One request, as it came in."""

    body: bytes
    timestamp: str
    nonce: str
    signature: str
    inbound: Inbound
    now: datetime
    event_id: str

    def is_ours(self) -> bool:
        return self.inbound.key.verifies(self.signature, self.timestamp, self.nonce, self.body)

    def is_our_legacy_card(self) -> bool:
        token = self.inbound.verification_token
        return verifies_legacy_card(self.signature, token, self.timestamp, self.nonce, self.body)

    def is_fresh(self) -> bool:
        if not (self.timestamp.isascii() and self.timestamp.isdigit() and len(self.timestamp) <= 11):
            return False
        written = datetime.fromtimestamp(int(self.timestamp), UTC)
        return self.now - self.inbound.window <= written <= self.now + _AHEAD


def receive(
    body: bytes, headers: Mapping[str, str], inbound: Inbound, *, now: datetime, event_id: str
) -> Challenge | Event | Refused:
    """Judge one webhook delivery; ``event_id`` becomes the id of the event, if it is one. Never raises.

    Note: ``headers`` must look names up without regard to case, as aiohttp's do.
    """
    if len(body) > LONGEST_BODY:
        return Refused(413, "too_large")
    delivery = _Delivery(
        body=body,
        timestamp=headers.get("X-Lark-Request-Timestamp", ""),
        nonce=headers.get("X-Lark-Request-Nonce", ""),
        signature=headers.get("X-Lark-Signature", ""),
        inbound=inbound,
        now=now,
        event_id=event_id,
    )
    return _receive_signed(delivery) if delivery.is_ours() else _receive_unsigned(delivery)


def receive_clear(payload: bytes, app_id: str, bot_open_id: str, *, now: datetime, event_id: str) -> Event | Refused:
    """Judge what came over the long connection: clear and unsigned, because the connection is the app's own."""
    if len(payload) > LONGEST_BODY:
        return Refused(413, "too_large")
    try:
        opened = read_object(payload)
    except Unreadable:
        return Refused(400, "unreadable")
    if _app_of(opened) != app_id:
        return Refused(401, "wrong_app")
    event = event_from_envelope(opened, bot_open_id=bot_open_id, now=now, event_id=event_id)
    return event or Refused(400, "unreadable")


def _receive_signed(delivery: _Delivery) -> Challenge | Event | Refused:
    if not delivery.is_fresh():
        return Refused(401, "not_fresh")
    try:
        opened = _open(read_object(delivery.body), delivery.inbound.key)
    except (Unreadable, UnreadableCiphertext):
        return Refused(400, "unreadable")
    if opened.get("type") == "url_verification":
        return _answer_url_check(opened, delivery.inbound)
    return _judge(opened, delivery)


def _open(outer: Body, key: EventKey) -> Body:
    # only the decrypted object counts: plaintext siblings of ``encrypt`` are nobody's word
    encrypted = outer.get("encrypt")
    if not isinstance(encrypted, str):
        raise Unreadable
    return read_object(key.decrypt(encrypted))


def _answer_url_check(opened: Body, inbound: Inbound) -> Challenge | Refused:
    if not same_secret(text(opened, "token"), inbound.verification_token):
        return Refused(401, "wrong_token")
    return Challenge(text(opened, "challenge"))


def _judge(opened: Body, delivery: _Delivery) -> Event | Refused:
    inbound = delivery.inbound
    header = part(opened, "header") if "schema" in opened else opened
    if not same_secret(text(header, "token"), inbound.verification_token):
        return Refused(401, "wrong_token")
    if _app_of(opened) != inbound.app_id:
        return Refused(401, "wrong_app")
    event = event_from_envelope(opened, bot_open_id=inbound.bot_open_id, now=delivery.now, event_id=delivery.event_id)
    return event or Refused(400, "unreadable")


def _app_of(opened: Body) -> str:
    return text(part(opened, "header" if "schema" in opened else "event"), "app_id")


def _receive_unsigned(delivery: _Delivery) -> Challenge | Event | Refused:
    """Two things need no SHA-256: an encrypted url check, and a legacy card callback with its own SHA-1."""
    if len(delivery.body) > _LONGEST_UNSIGNED:
        return Refused(401, "unsigned")
    try:
        outer = read_object(delivery.body)
        if "encrypt" not in outer:
            return _receive_legacy_card(outer, delivery)
        opened = _open(outer, delivery.inbound.key)
    except (Unreadable, UnreadableCiphertext):
        return Refused(401, "unsigned")
    if opened.get("type") == "url_verification":
        return _answer_url_check(opened, delivery.inbound)
    return Refused(401, "unsigned")


def _receive_legacy_card(outer: Body, delivery: _Delivery) -> Event | Refused:
    is_card = "schema" not in outer and "open_message_id" in outer and "action" in outer
    if not (is_card and delivery.is_our_legacy_card()):
        return Refused(401, "unsigned")
    if not delivery.is_fresh():
        return Refused(401, "not_fresh")
    return event_from_legacy_card(outer, signature=delivery.signature, now=delivery.now, event_id=delivery.event_id)
