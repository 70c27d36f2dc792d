"""Raw webhook body to events, or a refusal. Pure: no network, no storage, no clock.

The order is fixed: size, signature over the raw bytes, then reading. What an item means is said in ``events``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.json_body import Body, Unreadable, part, parts, read_object, text
from bot.channels.whatsapp.events import Writing, event_from_message, event_from_status
from bot.contracts.clock import NewId
from bot.contracts.events import Event
from integrations.whatsapp.signing import SIGNATURE_HEADER, AppSecret, same_secret

LONGEST_BODY = 3_670_016
"""3.5 MiB; the platform's own limit is 3 MB."""
_OBJECT = "whatsapp_business_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What is needed to judge a delivery."""

    secret: AppSecret
    verify_token: str
    phone_number_id: str

    def __post_init__(self) -> None:
        if not (self.verify_token and self.phone_number_id):
            raise ValueError("without a verify token and a phone number id anybody's webhook could be ours")


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything one delivery tells of our number, in order; ``ignored`` names what else was in it, for the metrics."""

    events: tuple[Event, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Not ours or not readable: answer ``status`` with no detail; ``reason`` is for the log and the metrics."""

    status: int
    reason: str


def verified_challenge(query: Mapping[str, str], inbound: Inbound) -> str | None:
    """What to echo to the check of the webhook; None if it did not come from our dashboard."""
    if query.get("hub.mode") != "subscribe":
        return None
    if not same_secret(query.get("hub.verify_token", ""), inbound.verify_token):
        return None
    return query.get("hub.challenge")


def receive(
    body: bytes, headers: Mapping[str, str], inbound: Inbound, *, now: datetime, new_id: NewId
) -> Batch | Refused:
    """Judge one webhook delivery; every event gets an id of its own. Never raises.

    Note: ``headers`` must look names up without regard to case, as aiohttp's do.
    """
    if len(body) > LONGEST_BODY:
        return Refused(413, "too_large")
    if not inbound.secret.verifies(headers.get(SIGNATURE_HEADER, ""), body):
        return Refused(401, "unsigned")
    try:
        envelope = read_object(body)
    except Unreadable:
        return Refused(400, "unreadable")
    if text(envelope, "object") != _OBJECT:
        return Batch((), ("object",))
    events: list[Event] = []
    ignored: list[str] = []
    for change in (change for entry in parts(envelope, "entry") for change in parts(entry, "changes")):
        if reason := _foreign(change, inbound):
            ignored.append(reason)
            continue
        found = _events(part(change, "value"), now, new_id)
        events += [event for event in found if event is not None]
        ignored += ["item" for event in found if event is None]
    return Batch(tuple(events), tuple(ignored))


def _foreign(change: Body, inbound: Inbound) -> str:
    """Why a change is not for us, empty if it is."""
    if text(change, "field") != "messages":
        return "field"
    number_id = text(part(part(change, "value"), "metadata"), "phone_number_id")
    return "" if number_id == inbound.phone_number_id else "number"


def _events(value: Body, now: datetime, new_id: NewId) -> list[Event | None]:
    """Every message and status of a change; None for one without an id to know it again by."""
    contacts = parts(value, "contacts")
    messages = [event_from_message(Writing(each, contacts, now), new_id()) for each in parts(value, "messages")]
    return messages + [event_from_status(each, now, new_id()) for each in parts(value, "statuses")]
