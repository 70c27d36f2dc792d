"""The pages of matters: what waits, what was put off, what is over; and all about one, with what can be done."""

from collections.abc import Mapping

from bot.contracts.cards import Card
from bot.contracts.errors import UserInputError
from bot.contracts.pages import Listing, Looking
from handlers.matters.cards import table_of, whole_card
from handlers.matters.commands import find, seen
from handlers.matters.jobs import view_of
from handlers.matters.ports import MattersDeps
from handlers.matters.rules import may
from storage.matters.rows import MatterState

LIST = "/matters"
ONE = "/matters/{number}"
_COLUMNS = ("number", "title", "state", "owner", "kind", "cost", "age", "due")
_VIEWS: Mapping[str, tuple[MatterState, ...]] = {
    "open": ("open", "taken"),
    "snoozed": ("snoozed",),
    "settled": ("settled",),
}


async def list_matters(looking: Looking, *, deps: MattersDeps) -> Listing:
    """A part of the matters in one view. Raises: UserInputError for no view."""
    states = _VIEWS.get(looking.view or "open")
    if states is None:
        raise UserInputError(detail="no such view")
    async with deps.database.read() as reader:
        found = await find(reader, looking.text, states, looking, first=looking.first, most=looking.most)
    return Listing(
        table=table_of(found, _COLUMNS, looking.words, looking.now),
        links=tuple(ONE.format(number=matter.number) for matter in found.matters),
        views=tuple((view, looking.words(f"matters.view.{view}")) for view in _VIEWS),
    )


async def show_matter(looking: Looking, *, deps: MattersDeps) -> Card:
    """One matter with its whole timeline; buttons only for who may see to it. Raises: as the command."""
    async with deps.database.read() as reader:
        matter = await seen(reader, looking.named["number"], looking)
        view = await view_of(reader, matter, deps)
    card = whole_card(view, looking.words, most_lines=len(view.entries))
    return card if may(looking.person, matter, "operator") else card.without_actions()
