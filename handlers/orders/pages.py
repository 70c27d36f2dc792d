"""The pages of orders: a view of them to leaf through, and all about one, with what can be done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args
from urllib.parse import quote

from bot.contracts.cards import Action, Card
from bot.contracts.errors import NotFoundError, UserInputError
from bot.contracts.feature import Person, Words
from bot.contracts.pages import Listing, Looking
from handlers.common.visible import stores_seen
from handlers.orders.cards import order_card, page_table
from handlers.orders.commands import view_of
from handlers.orders.ports import OrdersDeps
from handlers.orders.rules import fingerprint_of
from storage.matters.rows import Matter
from storage.matters.store import find_unsettled
from storage.orders.lists import View, Wanted, list_orders
from storage.orders.rows import LINGXING
from storage.orders.store import load_order

LIST = "/orders"
ONE = "/orders/{order}"
_VIEWS: Sequence[View] = get_args(View)
_MOST_LINES = 200


async def list_page(looking: Looking, *, deps: OrdersDeps) -> Listing:
    """A part of the orders in one view that the person may see. Raises: UserInputError for no view."""
    view = next((each for each in _VIEWS if each == (looking.view or _VIEWS[0])), None)
    if view is None:
        raise UserInputError(detail="no such view")
    wanted = Wanted(view=view, text=looking.text, shops=shops_seen(looking.person))
    async with deps.database.read() as reader:
        found = await list_orders(reader, wanted, first=looking.first, most=looking.most)
    return Listing(
        table=page_table(found.orders, found.total, looking.words, looking.now),
        links=tuple(f"{LIST}/{quote(order.key, safe='')}" for order in found.orders),
        views=tuple((each, looking.words(f"orders.view.{each}")) for each in _VIEWS),
        goes_on=found.goes_on,
    )


def shops_seen(person: Person) -> tuple[tuple[str, str], ...] | None:
    """Sources and accounts of the shops that the person may see; None for all."""
    seen = stores_seen(person)
    if seen is None:
        return None
    named = (store_id.partition(":") for store_id in sorted(seen))
    return tuple((source, account_id) if colon else (LINGXING, source) for source, colon, account_id in named)


async def show_order(looking: Looking, *, deps: OrdersDeps) -> Card:
    """One order with its story; buttons only for who may see to it. Raises: NotFoundError, also for a hidden one."""
    async with deps.database.read() as reader:
        order = await load_order(reader, looking.named["order"])
        if order is None or not looking.person.may("viewer", store_id=order.account):
            nearest = (looking.words("orders.command.list"),)
            number = looking.named["order"].rpartition("/")[2]
            raise NotFoundError(code="order_unknown", values={"text": number[:80]}, nearest=nearest)
        view = await view_of(reader, order, deps, most_lines=_MOST_LINES)
        matter = await find_unsettled(reader, fingerprint_of(order))
    card = order_card(view, looking.words, looking.now)
    if not looking.person.may("operator", store_id=order.account):
        return card.without_actions()
    return replace(card, actions=(*card.actions, *_of_matter(matter, looking.words))) if matter else card


def _of_matter(matter: Matter, words: Words) -> tuple[Action, ...]:
    """What can be done about the matter that waits for somebody to see to the order."""
    names = ("settle", "help", "show") if matter.state == "taken" else ("take", "settle", "help", "show")
    labels = {"show": words("matters.button.show", number=matter.number)}
    return tuple(
        Action(labels.get(name) or words(f"matters.button.{name}"), words(f"matters.command.{name}", n=matter.number))
        for name in names
    )
