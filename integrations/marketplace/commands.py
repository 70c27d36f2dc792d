"""Commands to a marketplace's bridge and its answers, as they travel.

``{"type": "ship", "command_id": "…", "data": {…}}``, signed like an event with ``webhook-id`` = ``command_id``, is
answered by ``{"result": "accepted"}`` (it will be tried, an event tells of it), ``{"result": "done"}``, or
``{"result": "rejected", "reason": "…", "retryable": false}``. The bridge does a command once, however often it comes,
and answers it again as it did before; ``retryable`` says that a new command may ask for the same.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.contracts.orders import DeliveryKind

CommandType = Literal["ship", "reply"]
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ship:
    """Tell the marketplace that the goods are on their way: a parcel's number, or for virtual goods what was sent.

    Without ``content`` virtual goods were sent another way, and only the order is marked.
    """

    command_id: str
    account_id: str
    order_id: str
    kind: DeliveryKind
    content: str = field(default="", repr=False)
    waybill_no: str = ""
    express_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Write in a buyer's chat."""

    command_id: str
    account_id: str
    chat_id: str
    text: str = field(repr=False)


class CommandAnswer(BaseModel):
    """What became of a command. ``reason`` is the bridge's own word for a refusal."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    result: Literal["accepted", "done", "rejected"]
    reason: Annotated[str, AfterValidator(lambda text: text[:_LONGEST_REASON])] = ""
    retryable: bool = False


def body_of(command: Ship | Reply) -> bytes:
    """The JSON text that is signed and sent, the same on every try; what is empty is left out."""
    match command:
        case Ship():
            data = {
                "account_id": command.account_id,
                "order_id": command.order_id,
                "kind": command.kind,
                "content": command.content,
                "waybill_no": command.waybill_no,
                "express_code": command.express_code,
            }
        case Reply():
            data = {"account_id": command.account_id, "chat_id": command.chat_id, "text": command.text}
    told = {name: value for name, value in data.items() if value}
    return orjson.dumps({"type": type_of(command), "command_id": command.command_id, "data": told})


def type_of(command: Ship | Reply) -> CommandType:
    return "ship" if isinstance(command, Ship) else "reply"
