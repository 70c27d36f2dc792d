"""An interface that gives waybill numbers, over plain JSON, as a small gateway in front of any real one can offer it.

- ``POST /v1/waybills`` ``{"company": "SF", "order_id": "…", "recipient": {…}, "parcel": {…}}`` with ``Idempotency-Key``
  answers ``{"waybill_no": "…", "company": "SF"}``, the same number for the same key for ever, and charges once.
- ``POST /v1/waybills/cancel`` ``{"waybill_no": "…"}`` answers ``{"state": "cancelled"}``, also again.
- ``GET /v1/account`` answers ``{"remaining": {"SF": 120}}``: numbers left by company.

Every request is signed (``signing``). Refusals are ``{"error": {"code": "…"}}`` below 401 (key or signature), 402 (no
credit), 409 ``none_left`` (no numbers of the company), 429 with ``Retry-After``, or another 4xx (address, company); 5xx
and silence are tried again under the same key.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamRateLimited
from bot.contracts.secret import Secret
from integrations.courier.models import Parcel, Waybill
from integrations.courier.signing import KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, sign
from integrations.http.answers import Response
from integrations.http.buckets import BucketStore, Limit
from integrations.http.transport import Transport

PLATFORM = "courier"
WAYBILLS_PATH = "/v1/waybills"
CANCEL_PATH = "/v1/waybills/cancel"
ACCOUNT_PATH = "/v1/account"

_PER_SECOND = 10


class _Account(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    remaining: Mapping[str, int]


class CourierClient:
    """One account of a courier interface. Every method raises UpstreamError classes only."""

    def __init__(
        self, access_key: str, secret: Secret, transport: Transport, *, buckets: BucketStore, clock: Clock
    ) -> None:
        self._access_key = access_key
        self._secret = secret
        self._transport = transport
        self._buckets = buckets
        self._clock = clock

    async def create_waybill(self, parcel: Parcel, *, key: str) -> Waybill:
        """A number for the parcel; again under the same ``key`` the same one, so that it may always be asked again.

        Raises: UpstreamRejected with code ``courier_none_left`` if the company has none; UpstreamAuthError with code
        ``courier_credit`` if the account is empty.
        """
        response = await self._call("create_waybill", "POST", WAYBILLS_PATH, _wire(parcel), {"Idempotency-Key": key})
        try:
            waybill = Waybill.model_validate(response.json)
        except ValidationError:
            raise response.call.misfit("an answer without a waybill number", response.request_id) from None
        if waybill.company != parcel.company:
            raise response.call.misfit("a number of another company", response.request_id)
        return waybill

    async def cancel_waybill(self, waybill_no: str) -> None:
        """Take a number back that was not used; again it changes nothing."""
        await self._call("cancel_waybill", "POST", CANCEL_PATH, {"waybill_no": waybill_no})

    async def remaining(self) -> Mapping[str, int]:
        """How many numbers each company has left."""
        response = await self._call("account", "GET", ACCOUNT_PATH)
        try:
            return _Account.model_validate(response.json).remaining
        except ValidationError:
            raise response.call.misfit("an account without what remains", response.request_id) from None

    async def _call(
        self,
        operation: str,
        method: str,
        path: str,
        asked: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        body = b"" if asked is None else orjson.dumps(asked)
        timestamp = str(int(self._clock.now().timestamp()))
        signature = sign(self._secret, method=method, path=path, timestamp=timestamp, body=body)
        signed = {KEY_HEADER: self._access_key, TIME_HEADER: timestamp, SIGNATURE_HEADER: signature}
        bucket = f"{PLATFORM}:account"
        async with self._buckets.admit(Limit(bucket, _PER_SECOND, 1.0)):
            try:
                return await self._transport.call(
                    operation, method, path, idempotent=True, body=body or None, headers={**signed, **(headers or {})}
                )
            except UpstreamRateLimited as error:
                self._buckets.pause(bucket, error.retry_after)
                raise


def _wire(parcel: Parcel) -> dict[str, Any]:
    about = {"title": parcel.title, "quantity": parcel.quantity, "weight_grams": parcel.weight_grams}
    return {
        "company": parcel.company,
        "order_id": parcel.order_id,
        "recipient": asdict(parcel.recipient),
        "parcel": {name: value for name, value in about.items() if value},
    }
