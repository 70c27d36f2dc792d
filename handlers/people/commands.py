"""绑定, 启用, 登录 and 语言."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.contracts.errors import ConflictError, NotAllowedError, UserInputError
from bot.contracts.feature import Asking, Grant, Person, Reply, rest, word
from handlers.people.cards import (
    enabled_card,
    language_card,
    language_chosen_card,
    paired_card,
    sign_in_card,
    wrong_code_card,
)
from handlers.people.ports import PeopleDeps
from storage.database import Transaction
from storage.people import store
from storage.people.grants import grant_roles
from storage.sign_in.store import LINK_LIFETIME, create_link

_LANGUAGES: Final = {"zh": "zh", "中文": "zh", "chinese": "zh", "en": "en", "英文": "en", "english": "en"}


class _Sender(NamedTuple):
    channel: str
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class BindArgs:
    """``name``: what a new person wants to be called; not every channel tells it."""

    code: str = word(longest=64)
    name: str = rest(default="", longest=40)


async def pair(args: BindArgs, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """Spend a pairing code: the sender becomes a known person.

    Wrong codes are counted; after the last try one warning is given, then there is silence for an hour.
    Raises: ConflictError if the sender is known already, or somebody else spends the code first.
    """
    if asking.person.id:
        raise ConflictError(code="already_paired", values={"name": asking.person.name})
    sender = _Sender(asking.channel, asking.sender_id, asking.sender_name)
    async with deps.database.read() as reader:
        left = await store.pairing_tries_left(reader, sender.channel, sender.external_id, now=asking.now)
        found = await store.find_pairing_code(reader, code=args.code, now=asking.now) if left > 0 else None
        known = await store.person_by_id(reader, found.person_id) if found and found.person_id else None

    async def count_wrong(tx: Transaction) -> None:
        await store.record_wrong_code(tx, sender.channel, sender.external_id, now=asking.now)

    if found is None:
        cards = (wrong_code_card(max(0, left - 1), asking.words),) if left >= 0 else ()
        return Reply(cards, (count_wrong,))
    name = args.name or sender.name or sender.external_id
    person = known or Person(id=deps.new_id(), name=name, grants=(Grant(found.role),))

    async def spend(tx: Transaction) -> None:
        if not await store.use_pairing_code(tx, code=args.code, now=asking.now):
            raise ConflictError(code="code_used")
        if known is None:
            await store.add_person(tx, person_id=person.id, name=person.name, now=asking.now)
            await grant_roles(tx, person_id=person.id, roles=[found.role], by="code", now=asking.now)
        await store.add_identity(tx, person_id=person.id, channel=sender.channel, external_id=sender.external_id)

    return Reply((paired_card(person, asking.words),), (spend,), person)


async def enable_group(_args: object, asking: Asking) -> Reply:
    """Let the bot act in this group."""

    async def enable(tx: Transaction) -> None:
        await store.set_chat_enabled(
            tx, asking.channel, asking.chat_id, enabled=True, by=asking.person.id, now=asking.now
        )

    return Reply((enabled_card(asking.words),), (enable,))


async def sign_in(_args: object, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """A single-use link to the console, bound to the person who asks."""
    token = deps.new_token()

    async def create(tx: Transaction) -> None:
        await create_link(tx, person_id=asking.person.id, token=token, now=asking.now)

    minutes = int(LINK_LIFETIME.total_seconds() // 60)
    return Reply((sign_in_card(f"{deps.console_url}/sign-in/{token}", minutes, asking.words),), (create,))


@dataclass(frozen=True, slots=True)
class LanguageArgs:
    """``language``: zh or en, or its name; empty to be shown the present one."""

    language: str = word(default="", longest=20)


async def choose_language(args: LanguageArgs, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """Answer in this language from now on: the person, or in a group everybody there.

    Raises: UserInputError for another language; NotAllowedError if anybody but an administrator sets a group's.
    """
    if not args.language:
        return Reply((language_card(asking.words),))
    language = _LANGUAGES.get(args.language.lower())
    if language is None:
        raise UserInputError(detail="a language that has no texts")
    is_group = asking.chat_kind == "group"
    if is_group and not asking.person.has("admin"):
        raise NotAllowedError(code="role_missing", values={"role": "admin"})

    async def remember(tx: Transaction) -> None:
        by = asking.person.id
        if is_group:
            await store.set_chat_language(tx, asking.channel, asking.chat_id, language=language, by=by, now=asking.now)
        else:
            await store.set_language(tx, person_id=by, language=language)

    return Reply((language_chosen_card(deps.words(language), is_group=is_group),), (remember,))
