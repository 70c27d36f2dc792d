"""The page of shipping settings: every level with what goes there, changed many at once, and who changed what."""

from bot.contracts.errors import UserInputError
from bot.contracts.pages import Bulk, Listing, Looking
from handlers.orders.ports import OrdersDeps
from handlers.orders.results import SettingView
from handlers.orders.setting_cards import change_table, edit_form, setting_table, undo_form
from handlers.orders.setting_commands import changes_seen
from handlers.orders.settings import effective_at, name_of
from storage.orders import settings

SETTINGS = "/shipping-settings"
_VIEWS = ("levels", "changes")


async def list_page_of_settings(looking: Looking, *, deps: OrdersDeps) -> Listing:
    """A part of the settings or of their changes, for who sees all shops. Raises: UserInputError for no view."""
    if looking.view not in ("", *_VIEWS):
        raise UserInputError(detail="no such view")
    if not looking.person.is_for_all_stores("viewer"):
        return Listing(table=setting_table((), 0, looking.words))
    return await (_changes if looking.view == "changes" else _levels)(looking, deps)


async def _levels(looking: Looking, deps: OrdersDeps) -> Listing:
    async with deps.database.read() as reader:
        found = await settings.list_settings(reader, looking.text, first=looking.first, most=looking.most)
        known = await settings.settings_above(reader, sorted({each.item_id for each in found.settings}))
    views = [SettingView(name_of(each), each, effective_at(each, known, looking.now)) for each in found.settings]
    rows = [(view, found.titles.get(view.setting.item_id, "")) for view in views]
    bulk = Bulk(form=edit_form(looking.words), name="what", values=tuple(view.what for view in views))
    return Listing(
        table=setting_table(rows, found.total, looking.words),
        views=_labels(looking),
        bulk=bulk if looking.person.is_for_all_stores("operator") else None,
    )


async def _changes(looking: Looking, deps: OrdersDeps) -> Listing:
    async with deps.database.read() as reader:
        changes, total = await settings.list_changes(reader, first=looking.first, most=looking.most)
        seen = await changes_seen(reader, changes)
    standing = tuple("" if each.change.undone_at else each.change.batch for each in seen)
    bulk = Bulk(form=undo_form(looking.words), name="change", values=standing)
    return Listing(
        table=change_table(seen, total, looking.words),
        views=_labels(looking),
        bulk=bulk if looking.person.is_for_all_stores("operator") and any(standing) else None,
    )


def _labels(looking: Looking) -> tuple[tuple[str, str], ...]:
    return tuple((view, looking.words(f"orders.setting.view.{view}")) for view in _VIEWS)
