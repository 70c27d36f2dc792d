"""The page of card keys: how many each pool has, and where a file of them is put in. What they are is never shown."""

import asyncio

from bot.contracts.cards import Card
from bot.contracts.errors import NotAllowedError, UserInputError
from bot.contracts.pages import Listing, Looking, Uploaded
from handlers.orders.key_cards import pool_table, refused_card, taken_card, upload_form
from handlers.orders.key_files import read_keys
from handlers.orders.key_jobs import limit_of, look_back, take_in_keys
from handlers.orders.ports import OrdersDeps
from storage.orders import keys
from storage.orders.rows import KeyPool
from storage.people.acts import record_act
from storage.people.rows import Act

KEYS = "/keys"
_LONGEST_NAME = 80


async def list_page_of_keys(looking: Looking, *, deps: OrdersDeps) -> Listing:
    """The pools with how many keys are in which state, for who sees all shops."""
    may_put = looking.person.is_for_all_stores("operator")
    if not looking.person.is_for_all_stores("viewer"):
        return Listing(table=pool_table((), (), 0, looking.words))
    async with deps.database.read() as reader:
        every = await keys.list_pools(reader)
        found = [each for each in every if looking.text in f"{each.pool.item_id} {each.pool.variant}"]
        part = found[looking.first : looking.first + looking.most]
        limits = [await limit_of(reader, each.pool, deps) for each in part]
    table = pool_table(part, limits, len(found), looking.words)
    return Listing(table=table, upload=upload_form(looking.words) if may_put else None)


async def take_file(looking: Looking, file: Uploaded, *, deps: OrdersDeps) -> Card:
    """Put the keys of a file into a pool; nothing of one in which anything is wrong. Raises: NotAllowedError."""
    if not looking.person.is_for_all_stores("operator"):
        raise NotAllowedError(code="shipping_not_yours")
    item, variant, account = (file.form.get(name, "").strip() for name in ("item", "variant", "account"))
    if not (item and item.isascii() and len(item) <= _LONGEST_NAME):
        raise UserInputError(code="keys_item", values={"text": item[:_LONGEST_NAME]})
    read = await asyncio.to_thread(read_keys, file.name, file.content)  # seconds, of a large spreadsheet
    if read.problems:
        return refused_card(read.problems, looking.words)
    await look_back(deps)
    place = KeyPool(id="", account_id=account, item_id=item, variant=variant)
    async with deps.database.begin() as tx:
        added = await take_in_keys(tx, place, read.keys, deps)
        told = f"item={item} variant={variant} account={account} new={added.new}"
        await record_act(tx, _act(looking, told, deps))
        tx.tell(keys.TOPIC)
    return taken_card(item, added.new, [read.rows[position] for position in added.known], looking.words)


def _act(looking: Looking, told: str, deps: OrdersDeps) -> Act:
    return Act(
        id=deps.new_id(),
        at=looking.now,
        person_id=looking.person.id,
        channel="web",
        chat_id="",
        sender_id=looking.person.id,
        event_id="",
        command="add keys",
        arguments=told,
        outcome="answered",
    )
