"""闲管家 as orders need it: what is asked of it, and it as a bridge that takes commands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.contracts.errors import UpstreamRejected
from handlers.orders.translating import OTHERS, company_of
from integrations.goofish.models import Company, Order, Parcel, Pulled
from integrations.marketplace.commands import CommandAnswer, Reply, Ship


class Goofish(Protocol):
    """What the open platform is asked. Every method raises UpstreamError."""

    async def list_orders(self, since: datetime, until: datetime) -> Pulled[Order]: ...

    async def order_detail(self, order_no: str) -> Order: ...

    async def ship(self, parcel: Parcel) -> None: ...

    async def change_price(self, order_no: str, *, price_fen: int) -> None: ...

    async def list_companies(self) -> Pulled[Company]: ...


class GoofishBridge:
    """Commands to 闲管家, which ships parcels and nothing else, and knows no id of a command.

    So the order is asked for before anything is done: what was told before a lost answer shows there.
    """

    def __init__(self, platform: Goofish) -> None:
        self._platform = platform
        self._companies: Sequence[Company] = ()

    async def command(self, command: Ship | Reply) -> CommandAnswer:
        """What became of it. Raises: UpstreamUnclear if it may have been done; the same may be given again."""
        if isinstance(command, Reply):
            return _rejected("no_chat")
        if not command.waybill_no:
            return _rejected("only_parcels")
        try:
            return await self._ship(command)
        except UpstreamRejected as error:
            return _rejected(error.values.get("reason") or error.platform_code)

    async def _ship(self, command: Ship) -> CommandAnswer:
        order = await self._platform.order_detail(command.order_id)
        if order.waybill_no and order.state in ("shipped", "completed"):
            is_ours = order.waybill_no.casefold() == command.waybill_no.casefold()
            return CommandAnswer(result="done") if is_ours else _rejected("shipped_with_another_number")
        if order.state != "paid":
            return _rejected(f"not_to_ship {order.order_status}")
        if order.refund not in ("none", "closed"):
            return _rejected("refund_requested")
        code, name = await self._company(command.express_code)
        if not code:
            return _rejected(f"unknown_company {command.express_code}")
        parcel = Parcel(
            order_no=command.order_id,
            waybill_no=command.waybill_no,
            express_code=code,
            express_name=name if code in OTHERS else "",
        )
        await self._platform.ship(parcel)
        return CommandAnswer(result="accepted")

    async def _company(self, express_code: str) -> tuple[str, str]:
        """The platform's own word for a company; its table is read once, and again for what was not in it."""
        found = company_of(self._companies, express_code)
        if not found[0] or found[0] in OTHERS:
            self._companies = (await self._platform.list_companies()).rows
            found = company_of(self._companies, express_code)
        return found


def _rejected(reason: str) -> CommandAnswer:
    return CommandAnswer(result="rejected", reason=reason)
