"""绑定, 启用, 登录, 语言; 授权, 撤权, 邀请; 审计."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import reduce
from typing import Final, NamedTuple

from bot.contracts.errors import ConflictError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Effect, Grant, Person, Reply, Role, rest, word
from handlers.people.cards import (
    Page,
    Shown,
    audit_card,
    enabled_card,
    invitation_card,
    language_card,
    language_chosen_card,
    paired_card,
    past_end_card,
    person_card,
    rights_card,
    sign_in_card,
    wrong_code_card,
)
from handlers.people.ports import PeopleDeps
from handlers.people.results import AuditResult
from handlers.people.rules import (
    ALL_STORES,
    HERE,
    Wanted,
    after_giving,
    check_sensible,
    given_by,
    is_widening,
    read_amount,
    read_end,
    read_page,
    read_wanted,
)
from storage.catalog.store import list_stores, stores_matching
from storage.database import Reader, Transaction
from storage.people import store
from storage.people.acts import Sought, find_acts
from storage.people.grants import give, grant_roles, grants_of, lock_lasting_admins, take
from storage.people.rows import PersonRecord
from storage.sign_in.store import LINK_LIFETIME, create_link

_ACTS_A_PAGE = 50
_MOST_ACTS = 20_000  # in a file
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

    here = person.here(asking.channel, asking.chat_id, asking.now)
    return Reply((paired_card(here, asking.words),), (spend,), person)


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
        raise UserInputError(code="unknown_language", values={"value": args.language})
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


@dataclass(frozen=True, slots=True)
class GrantArgs:
    """``limits`` as ``rules.read_wanted`` reads them; without a role the person is shown, without both everybody."""

    person: str = word(default="", longest=60)
    role: str = word(default="", longest=60)
    limits: str = rest(default="", longest=300)


@dataclass(frozen=True, slots=True)
class RevokeArgs:
    """``role``: empty for every role."""

    person: str = word(longest=60)
    role: str = rest(default="", longest=60)


async def grant_role(args: GrantArgs, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """Give a role, whole or narrowed; or show who may do what.

    Raises: UserInputError; NotFoundError for an unknown person or store; ConflictError for the last administrator, and
    for limits that would go without being named.
    """
    wanted = read_wanted(" ".join((args.person, args.role, args.limits)))
    async with deps.database.read() as reader:
        shown = await _shown(reader, asking, deps)
        if not wanted.name:
            return Reply((rights_card(await store.list_people(reader), shown),))
        record = await _person(reader, wanted.name, asking, "people.rights.grant")
        if wanted.role is None:
            if wanted.limits:
                raise UserInputError(code="grant_role", values={"value": wanted.name})
            return Reply((person_card(record, "of", shown),))
        grant = await _narrowed(reader, wanted.role, wanted.limits, asking, deps)
    person = record.person
    given = _given(person, grant, wanted, shown)
    after = replace(record, person=replace(person, grants=reduce(after_giving, given, person.grants)))

    async def change(tx: Transaction) -> None:
        if set(await grants_of(tx, person.id)) != set(person.grants):
            raise ConflictError(detail="somebody else changed them first")
        for each in given:
            await give(tx, each, person_id=person.id, by=asking.person.id, now=asking.now)

    return Reply((person_card(after, "given", shown, before=person),), (_by_an_admin(change, asking),))


def _given(person: Person, grant: Grant, wanted: Wanted, shown: Shown) -> tuple[Grant, ...]:
    """What the person is given. Raises: ConflictError if that opens what is limited now, and nobody said so."""
    given = given_by(grant, person.grants, is_end_alone=set(wanted.limits) == {"until"}, now=shown.now)
    is_said = wanted.limits.get("store", "").lower() in ALL_STORES
    if not is_said and any(is_widening(each, person.grants) for each in given):
        present = shown.roles([each for each in person.grants if each.role == grant.role])
        raise ConflictError(code="grant_widens", values={"name": person.name, "role": grant.role, "present": present})
    return given


async def revoke_role(args: RevokeArgs, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """Take a role, or every role, from a person; their unspent pairing codes are void.

    Raises: NotFoundError if the person is unknown or lacks it; ConflictError for the last administrator.
    """
    wanted = read_wanted(f"{args.person} {args.role}")
    async with deps.database.read() as reader:
        shown = await _shown(reader, asking, deps)
        record = await _person(reader, wanted.name, asking, "people.rights.revoke")
    person = record.person
    left = tuple(grant for grant in person.grants if wanted.role not in (None, grant.role))
    if wanted.limits or left == person.grants:
        raise NotFoundError(code="no_such_grant", values={"name": person.name})

    async def change(tx: Transaction) -> None:
        if not await take(tx, person_id=person.id, role=wanted.role):
            raise ConflictError(detail="somebody else took it first")
        await store.void_pairing_codes(tx, person_id=person.id, now=asking.now)

    after = replace(record, person=replace(person, grants=left))
    return Reply((person_card(after, "taken", shown),), (_by_an_admin(change, asking),))


async def invite(args: RevokeArgs, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """A pairing code for a new colleague of a role, or for another account of somebody known.

    Raises: UserInputError if someone new shall have no role; ConflictError if someone known shall have one.
    """
    wanted = read_wanted(f"{args.person} {args.role}")
    async with deps.database.read() as reader:
        known = await store.people_called(reader, wanted.name)
    if not wanted.name:
        raise UserInputError(code="invite_name")
    if wanted.limits:
        raise UserInputError(code="invite_limits")
    if not (known or wanted.role):
        raise UserInputError(code="grant_role", values={"value": wanted.name})
    if known and wanted.role:
        raise ConflictError(code="known_already", values={"name": wanted.name})
    if len(known) > 1:
        raise _several(wanted.name, known)
    person_id, code = (known[0] if known else deps.new_id()), deps.new_code()
    role = wanted.role or "viewer"

    async def change(tx: Transaction) -> None:
        if not known:
            if await store.people_called(tx, wanted.name):
                raise ConflictError(code="known_already", values={"name": wanted.name})
            await store.add_person(tx, person_id=person_id, name=wanted.name, now=asking.now)
            await grant_roles(tx, person_id=person_id, roles=[role], by=asking.person.id, now=asking.now)
        await store.add_pairing_code(tx, code=code, role=role, person_id=person_id, now=asking.now)

    minutes = int(store.CODE_LIFE.total_seconds() // 60)
    return Reply((invitation_card(wanted.name, code, minutes, asking.words),), (_by_an_admin(change, asking),))


def _by_an_admin(change: Effect, asking: Asking) -> Effect:
    """The change, if the one who asks still is an administrator and one without end is left afterwards."""

    async def effect(tx: Transaction) -> None:
        before = await lock_lasting_admins(tx)
        person = await store.person_by_id(tx, asking.person.id)
        if person is None or not person.here(asking.channel, asking.chat_id, asking.now).has("admin"):
            raise NotAllowedError(code="role_missing", values={"role": "admin"})
        await change(tx)
        if before and not await lock_lasting_admins(tx):
            raise ConflictError(code="last_admin")

    return effect


async def _shown(reader: Reader, asking: Asking, deps: PeopleDeps) -> Shown:
    return Shown(
        words=asking.words,
        now=asking.now,
        zone=deps.zone,
        store_names={each.store_id: each.name for each in await list_stores(reader)},
        chat=(asking.channel, asking.chat_id),
        in_group=asking.chat_kind == "group",
    )


async def _person(reader: Reader, name: str, asking: Asking, command: str) -> PersonRecord:
    """The person of this name or id.

    Raises: NotFoundError; ConflictError if several are called so; UserInputError for a person with no known role.
    """
    everybody = await store.list_people(reader)
    found = [each for each in everybody if name in (each.person.id, each.person.name)]
    if len(found) > 1:
        raise _several(name, [each.person.id for each in found])
    start, _, last = name.rpartition(" ")
    if not found and any(start in (each.person.id, each.person.name) for each in everybody):
        raise UserInputError(code="unknown_role", values={"value": last})
    if not found:
        near = get_close_matches(name, [each.person.name for each in everybody], n=3, cutoff=0.3)
        nearest = [f"{asking.words(command)} {each}" for each in near]
        raise NotFoundError(code="no_such_person", values={"name": name}, nearest=nearest)
    return found[0]


def _several(name: str, ids: Sequence[str]) -> ConflictError:
    return ConflictError(code="several_called", values={"name": name, "ids": ", ".join(sorted(ids))})


async def _narrowed(reader: Reader, role: Role, limits: Mapping[str, str], asking: Asking, deps: PeopleDeps) -> Grant:
    grant = Grant(role, supplier=limits.get("supplier", ""))
    if limits.get("store", "all").lower() not in ALL_STORES:
        stores = await stores_matching(reader, limits["store"])
        if len(stores) != 1:
            raise NotFoundError(
                code="grant_store", values={"value": limits["store"], "count": str(len(stores))}, nearest=()
            )
        grant = replace(grant, store_id=stores[0].store_id)
    if "amount" in limits:
        most = read_amount(limits["amount"])
        grant = replace(grant, amount=most.amount, currency=most.currency)
    if "chat" in limits:
        if limits["chat"].lower() not in HERE or asking.chat_kind != "group":
            raise UserInputError(code="grant_chat", values={"value": limits["chat"][:40]})
        grant = replace(grant, channel=asking.channel, chat_id=asking.chat_id)
    if "until" in limits:
        grant = replace(grant, ends_at=read_end(limits["until"], asking.now, deps.zone))
    check_sensible(grant)
    return grant


@dataclass(frozen=True, slots=True)
class AuditArgs:
    """``about``: a person, a command or a word of its arguments, with ``#2`` for the second page."""

    about: str = rest(default="", longest=120)


async def show_audit(args: AuditArgs, asking: Asking, *, deps: PeopleDeps) -> Reply:
    """What was done, newest first."""
    about, page = read_page(args.about)
    commands = {command.key: command.names[0 if asking.words.language == "zh" else 1] for command in asking.commands}
    named = {name: command.key for command in asking.commands for name in command.names}
    async with deps.database.read() as reader:
        people = {each.person.id: each.person.name for each in await store.list_people(reader)}
        of = [person_id for person_id, name in people.items() if about in (person_id, name)]
        sought = Sought(person_ids=of, command=named.get(about.lower(), ""), text=about)
        limit, offset = (_MOST_ACTS, 0) if asking.whole else (_ACTS_A_PAGE, (page - 1) * _ACTS_A_PAGE)
        acts, total = await find_acts(reader, sought, limit=limit, offset=offset)
        shown = await _shown(reader, asking, deps)
    is_more = offset + len(acts) < total
    more = f"{asking.words('people.audit.command')} {about}#{page + 1}".strip() if is_more else ""
    if total and not acts:
        last = -(-total // _ACTS_A_PAGE)
        line = f"{asking.words('people.audit.command')} {about}#{last}"
        return Reply((past_end_card(last, line, asking.words),), result=AuditResult(total, ()))
    card = audit_card(Page(acts, total, more), people, commands, shown)
    return Reply((card,), result=AuditResult(total, tuple(acts)))
