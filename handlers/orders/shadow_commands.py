"""影子报告: what shadow mode would have shipped, beside what people did."""

from datetime import timedelta

from bot.contracts.feature import Asking, NoArgs, Reply
from handlers.orders.ports import OrdersDeps
from handlers.orders.rehearsals import DAYS, ShadowResult, report, shadow_card
from storage.orders.rehearsals import list_rehearsals

_MOST = 5000
_MOST_ROWS = 200


async def show_rehearsals(_args: NoArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Per item how often shadow mode would have shipped, and what people did with the same orders."""
    async with deps.database.read() as reader:
        found = await list_rehearsals(reader, since=asking.now - timedelta(days=DAYS), limit=_MOST)
    items = report(each for each in found if asking.person.may("viewer", store_id=each.account))
    shown = items if asking.whole else items[:_MOST_ROWS]
    return Reply((shadow_card(shown, asking.words),), result=ShadowResult(items))
