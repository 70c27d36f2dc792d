"""The pages of shipping: what is planned, under way, unclear or refused, and one shipment with its log."""

from collections.abc import Sequence
from typing import get_args
from urllib.parse import quote

from bot.contracts.cards import Card
from bot.contracts.errors import NotFoundError, UserInputError
from bot.contracts.pages import Listing, Looking
from handlers.orders.pages import shops_seen
from handlers.orders.ports import OrdersDeps
from handlers.orders.results import TaskSeen
from handlers.orders.task_cards import LOGGED, task_card, task_table
from storage.database import Reader
from storage.orders import tasks
from storage.orders.store import list_lines
from storage.people.store import names_by_id

TASKS = "/shipping"
TASK = "/shipping/{order}"
_VIEWS: Sequence[tasks.TaskView] = get_args(tasks.TaskView)
_MOST_LINES = 500


async def list_page_of_tasks(looking: Looking, *, deps: OrdersDeps) -> Listing:
    """A part of the shipments in one view that the person may see. Raises: UserInputError for no view."""
    view = next((each for each in _VIEWS if each == (looking.view or _VIEWS[0])), None)
    if view is None:
        raise UserInputError(detail="no such view")
    wanted = tasks.WantedTasks(view=view, text=looking.text, shops=shops_seen(looking.person))
    async with deps.database.read() as reader:
        found = await tasks.list_tasks(reader, wanted, first=looking.first, most=looking.most)
        names = await _names(reader)
    views = [TaskSeen(shipment=each.shipment, order=each.order, names=names) for each in found.tasks]
    return Listing(
        table=task_table(views, found.total, looking.words),
        links=tuple(f"{TASKS}/{quote(each.order.key, safe='')}" for each in found.tasks),
        views=tuple((each, looking.words(f"orders.task.view.{each}")) for each in _VIEWS),
        goes_on=found.goes_on,
    )


async def show_task(looking: Looking, *, deps: OrdersDeps) -> Card:
    """One shipment with its log; buttons only for who may see to it. Raises: NotFoundError, also for a hidden one."""
    async with deps.database.read() as reader:
        task = await tasks.load_task(reader, looking.named["order"])
        if task is None or not looking.person.may("viewer", store_id=task.order.account):
            number = looking.named["order"].rpartition("/")[2]
            raise NotFoundError(code="order_unknown", values={"text": number[:80]})
        lines = await list_lines(reader, task.order.key, limit=_MOST_LINES)
        names = await _names(reader)
    log = tuple(line for line in lines if line.kind in LOGGED)
    card = task_card(TaskSeen(shipment=task.shipment, order=task.order, lines=log, names=names), looking.words)
    return card if looking.person.may("operator", store_id=task.order.account) else card.without_actions()


async def _names(reader: Reader) -> dict[str, str]:
    return await names_by_id(reader)
