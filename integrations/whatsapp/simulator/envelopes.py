"""What the platform pushes to a webhook, written and signed as it does; for the simulator and for tests."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.contracts.clock import Clock
from integrations.whatsapp.client import is_user_id
from integrations.whatsapp.signing import SIGNATURE_HEADER, AppSecret
from integrations.whatsapp.simulator.demo import App

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Push:
    """One request to a webhook."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message somebody writes.

    ``sender_id`` is a phone number or a business-scoped user id; with ``user_id`` both are known of the sender.
    ``content`` replaces the text by another type and its payload. ``quotes`` is the message it answers.
    """

    text: str = ""
    sender_id: str = ""
    user_id: str = ""
    sender_name: str = ""
    type: str = "text"
    content: Mapping[str, Any] | None = None
    quotes: str = ""
    copies: int = 1


class Envelopes:
    """One number's events. Ids count up behind ``prefix``, which keeps several makers apart."""

    def __init__(self, clock: Clock, app: App, *, prefix: str = "sim") -> None:
        self.secret = AppSecret(app.app_secret)
        self._clock = clock
        self._app = app
        self._prefix = prefix
        self._numbers = count(1)

    def message(self, said: Said) -> Item:
        """An item of ``messages`` with a new id."""
        item: Item = {
            "id": f"wamid.{self._prefix}{next(self._numbers)}",
            "timestamp": self._seconds(),
            "type": said.type,
            **_sender(said),
        }
        if said.type == "text":
            item["text"] = {"body": said.text}
        elif said.content is not None:
            item[said.type] = dict(said.content)
        if said.quotes:
            item["context"] = {"from": self._app.display_phone_number, "id": said.quotes}
        return item

    def status(self, message_id: str, recipient_id: str, status: str, *, echo: str = "", code: int = 0) -> Item:
        """An item of ``statuses``; with ``code`` one that says why it failed."""
        item: Item = {"id": message_id, "status": status, "timestamp": self._seconds()}
        item["recipient_user_id" if is_user_id(recipient_id) else "recipient_id"] = recipient_id
        if echo:
            item["biz_opaque_callback_data"] = echo
        if code:
            title = f"simulated {code}"
            details = {"details": f"{title} details"}
            item["errors"] = [{"code": code, "title": title, "message": title, "error_data": details}]
        return item

    def change(
        self, *, messages: Sequence[Item] = (), statuses: Sequence[Item] = (), name: str = "", number_id: str = ""
    ) -> Item:
        """A change of the field ``messages`` that holds all the items."""
        value: Item = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self._app.display_phone_number,
                "phone_number_id": number_id or self._app.phone_number_id,
            },
        }
        if messages:
            value["contacts"] = [_contact(each, name or self._app.person_name) for each in messages]
            value["messages"] = list(messages)
        if statuses:
            value["statuses"] = list(statuses)
        return {"field": "messages", "value": value}

    def envelope(self, *changes: Item) -> Item:
        """One entry with these changes."""
        return {
            "object": "whatsapp_business_account",
            "entry": [{"id": self._app.account_id, "changes": list(changes)}],
        }

    def signed(self, envelope: Item) -> Push:
        """The envelope in the platform's own spelling: ``\\uXXXX`` for everything beyond ASCII, and ``\\/``."""
        return self.signed_bytes(json.dumps(envelope, separators=(",", ":")).replace("/", "\\/").encode())

    def signed_bytes(self, body: bytes) -> Push:
        """Any bytes, readable or not, under the header that makes them genuine."""
        return Push(body, {"Content-Type": "application/json", SIGNATURE_HEADER: self.secret.sign(body)})

    def _seconds(self) -> str:
        return str(int(self._clock.now().timestamp()))


def _sender(said: Said) -> Item:
    if is_user_id(said.sender_id):
        return {"from_user_id": said.sender_id}
    return {"from": said.sender_id, **({"from_user_id": said.user_id} if said.user_id else {})}


def _contact(message: Item, name: str) -> Item:
    contact: Item = {"profile": {"name": name}}
    if "from" in message:
        contact["wa_id"] = message["from"]
    if "from_user_id" in message:
        contact["user_id"] = message["from_user_id"]
    return contact
