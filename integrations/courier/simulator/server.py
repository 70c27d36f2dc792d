"""The simulated courier interface: signed requests, one number per idempotency key, none left when none is left."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.courier.client import ACCOUNT_PATH, CANCEL_PATH, WAYBILLS_PATH
from integrations.courier.signing import FRESH_FOR, KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, sign, verifies
from integrations.http.simulation import Answer, Asked, Route, Simulator

DEMO_ACCESS_KEY = "demo-courier-key"
DEMO_SECRET = "demo-courier-secret"
_DIGITS = {"SF": 12, "YTO": 13, "ZTO": 14}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenWaybill:
    """One number that was given out."""

    waybill_no: str
    company: str
    order_id: str
    key: str
    asked: Any = field(repr=False)
    at: datetime
    is_cancelled: bool = False


class CourierSimulator(Simulator):
    """``waybills`` by number is the record; ``remaining`` is how many numbers each company has left."""

    def __init__(self, clock: Clock, *, secret: str = DEMO_SECRET) -> None:
        super().__init__(clock)
        self.waybills: dict[str, GivenWaybill] = {}
        self.remaining = dict.fromkeys(_DIGITS, 1_000_000)
        self.has_credit = True
        self._secret = Secret(secret)
        self._numbers: dict[str, str] = {}

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("create_waybill", "POST", WAYBILLS_PATH, self._create),
            Route("cancel_waybill", "POST", CANCEL_PATH, self._cancel),
            Route("account", "GET", ACCOUNT_PATH, self._account),
        )

    def control_routes(self) -> tuple[Route, ...]:
        return (
            Route("waybills", "GET", "/_control/waybills", self._show_waybills),
            Route("stock", "POST", "/_control/stock", self._on_stock),
        )

    def _unsigned(self, asked: Asked) -> Answer | None:
        """401 unless key, time and signature are right."""
        timestamp = asked.headers.get(TIME_HEADER.lower(), "")
        own = sign(self._secret, method=asked.method, path=asked.path, timestamp=timestamp, body=asked.raw)
        if asked.headers.get(KEY_HEADER.lower()) != DEMO_ACCESS_KEY:
            return _refusal(401, "unknown_key")
        if not verifies(asked.headers.get(SIGNATURE_HEADER.lower(), ""), own):
            return _refusal(401, "bad_signature")
        age = self.clock.now().timestamp() - int(timestamp)
        return None if abs(age) <= FRESH_FOR.total_seconds() else _refusal(401, "stale")

    async def _create(self, asked: Asked) -> Answer:
        if refusal := self._unsigned(asked) or _incomplete(asked):
            return refusal
        key, company = asked.headers["idempotency-key"], asked.body["company"]
        if known := self.waybills.get(self._numbers.get(key, "")):
            return _told(known) if known.asked == asked.body else _refusal(409, "key_used_for_another_parcel")
        if company not in self.remaining:
            return _refusal(422, "unknown_company")
        if not self.has_credit:
            return _refusal(402, "no_credit")
        if self.remaining[company] < 1:
            return _refusal(409, "none_left")
        return _told(self._give(company, key, asked.body))

    def _give(self, company: str, key: str, body: Any) -> GivenWaybill:
        self.remaining[company] -= 1
        number = f"{company}{len(self.waybills) + 1:0{_DIGITS[company]}d}"
        self._numbers[key] = number
        given = self.waybills[number] = GivenWaybill(
            waybill_no=number, company=company, order_id=body["order_id"], key=key, asked=body, at=self.clock.now()
        )
        return given

    async def _cancel(self, asked: Asked) -> Answer:
        if refusal := self._unsigned(asked):
            return refusal
        waybill = self.waybills.get(str(asked.body.get("waybill_no")))
        if waybill is None:
            return _refusal(404, "no_such_waybill")
        self.waybills[waybill.waybill_no] = replace(waybill, is_cancelled=True)
        return Answer(body={"state": "cancelled"})

    async def _account(self, asked: Asked) -> Answer:
        return self._unsigned(asked) or Answer(body={"remaining": self.remaining})

    async def _show_waybills(self, _: Asked) -> Answer:
        return Answer(body={"waybills": list(self.waybills.values()), "remaining": self.remaining})

    async def _on_stock(self, asked: Asked) -> Answer:
        """How many numbers companies have left, as ``{"SF": 3}``."""
        self.remaining |= {str(company): int(count) for company, count in asked.body.items()}
        return Answer(body=self.remaining)


def _incomplete(asked: Asked) -> Answer | None:
    body = asked.body
    if not asked.headers.get("idempotency-key") or not isinstance(body, dict):
        return _refusal(400, "incomplete")
    recipient = body.get("recipient")
    if not isinstance(recipient, dict) or not all(recipient.get(name) for name in ("name", "phone", "address")):
        return _refusal(422, "address_incomplete")
    return None if body.get("company") and body.get("order_id") else _refusal(400, "incomplete")


def _told(waybill: GivenWaybill) -> Answer:
    return Answer(status=201, body={"waybill_no": waybill.waybill_no, "company": waybill.company})


def _refusal(status: int, code: str) -> Answer:
    return Answer(status=status, body={"error": {"code": code}})
