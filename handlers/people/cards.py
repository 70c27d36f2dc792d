"""How pairing, enabling, signing in, choosing a language, rights and the audit log are answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.contracts.cards import (
    Action,
    Card,
    Cell,
    Column,
    Fact,
    Facts,
    Field,
    Form,
    Level,
    LevelTone,
    Link,
    Note,
    Table,
    Text,
    plain,
)
from bot.contracts.feature import Grant, Person, Words
from handlers.common.masking import masked
from handlers.people.rules import ROLES, last_day
from storage.people.rows import Act, PersonRecord

_MOST_ROWS = 200
_MOST_CHOICES = 50
_EVERYBODYS = ("web", "terminal")  # everybody has these two accounts
_SECRET = ("bind",)  # its argument is a pairing code
_HIDDEN = "…"
_TONES: Mapping[str, LevelTone] = {"answered": "good"}


def paired_card(person: Person, words: Words) -> Card:
    """Welcome, with what the person may do now."""
    roles = words("people.separator").join(words(f"role.{role}") for role in sorted(person.roles))
    key = "people.paired" if roles else "people.paired_no_role"
    text = Text(words(key, name=plain(person.name), roles=roles))
    return Card(words("people.paired_title"), "good", (text,), (Action(words("people.help"), "帮助"),))


def enabled_card(words: Words) -> Card:
    """The group may now be used."""
    text = Text(words("people.enabled"))
    return Card(words("people.enabled_title"), "good", (text,), (Action(words("people.help"), "帮助"),))


def sign_in_card(url: str, minutes: int, words: Words) -> Card:
    """The single-use link, for this person only."""
    blocks = (Link(words("people.open_console"), url), Note(words("people.link_life", minutes=minutes)))
    return Card(words("people.sign_in_title"), "info", blocks)


def wrong_code_card(tries_left: int, words: Words) -> Card:
    """The code was not good; says how often the sender may still try."""
    key = "people.wrong_code" if tries_left else "people.too_many_codes"
    return Card(words("people.wrong_code_title"), "warning", (Text(words(key, left=tries_left)),))


def language_card(words: Words) -> Card:
    """The present language, and a button for each."""
    buttons = tuple(Action(words(f"people.language.{each}"), f"语言 {each}") for each in ("zh", "en"))
    return Card(words("people.language.title"), "info", (Text(words("people.language.present")),), buttons)


def language_chosen_card(words: Words, *, is_group: bool) -> Card:
    """Said in the language just chosen."""
    told = words("people.language.chosen_group" if is_group else "people.language.chosen")
    return Card(words("people.language.title"), "good", (Text(told),), (Action(words("people.help"), "帮助"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the cards about rights need besides the people: names of stores, the moment, who reads along."""

    words: Words
    now: datetime
    zone: tzinfo
    store_names: Mapping[str, str]
    chat: tuple[str, str]
    in_group: bool

    def personal(self, text: str) -> str:
        """Masked where a group reads along."""
        return masked(text) if self.in_group else text

    def role(self, grant: Grant) -> str:
        """A role with its limits, such as ``查看者（店铺 Morning-US；到 2026-12-31）``."""
        words = self.words
        limits = [words(f"people.limit.{name}", value=value) for name, value in self._limits(grant)]
        if grant.ends_at is not None and grant.ends_at <= self.now:
            limits.append(words("people.limit.ended"))
        name = words(f"role.{grant.role}")
        return words("people.narrowed", role=name, limits=words("people.joint").join(limits)) if limits else name

    def roles(self, grants: Sequence[Grant]) -> str:
        """All roles of a person."""
        return self.words("people.separator").join(map(self.role, grants)) or self.words("people.no_role")

    def _limits(self, grant: Grant) -> Iterator[tuple[str, str]]:
        if grant.store_id:
            yield "store", self.store_names.get(grant.store_id, grant.store_id)
        if grant.supplier:
            yield "supplier", grant.supplier
        if grant.amount is not None:
            yield "amount", f"{self.words.number(grant.amount, 2)} {grant.currency}"
        if grant.chat_id:
            here = (grant.channel, grant.chat_id) == self.chat
            yield "chat", self.words("people.this_chat") if here else f"{grant.channel} …{grant.chat_id[-6:]}"
        if (day := last_day(grant, self.zone)) is not None:
            yield "until", self.words.date(day)


def rights_card(people: Sequence[PersonRecord], shown: Shown) -> Card:
    """Everybody with roles, limits and accounts, and a form that gives a role."""
    words = shown.words
    columns = tuple(Column(words(f"people.column.{name}")) for name in ("name", "roles", "accounts"))
    rows = tuple((each.person.name, shown.roles(each.person.grants), _accounts(each, shown)) for each in people)
    blocks = (
        Table(columns, rows[:_MOST_ROWS], len(rows)),
        _grant_form(people[:_MOST_CHOICES], words),
        Note(words("people.rights.how")),
    )
    return Card(words("people.rights.title"), "info", blocks)


def person_card(record: PersonRecord, title: str, shown: Shown, *, before: Person | None = None) -> Card:
    """What one person may do now; after a change also what that took the place of, and if it opened all stores."""
    words, person = shown.words, record.person
    facts = Facts(
        (
            Fact(words("people.column.roles"), shown.roles(person.grants)),
            Fact(words("people.column.accounts"), _accounts(record, shown)),
        )
    )
    notes = (Note(told) for told in (_replaced(person, before, shown), _all_stores(person, before, shown)) if told)
    actions = (Action(words("people.rights.list"), words("people.rights.list")),)
    return Card(words(f"people.rights.{title}", name=person.name), "good", (facts, *notes), actions)


def _replaced(person: Person, before: Person | None, shown: Shown) -> str:
    gone = [grant for grant in before.grants if grant not in person.grants] if before else []
    return shown.words("people.rights.replaced", roles=shown.roles(gone)) if gone else ""


def _all_stores(person: Person, before: Person | None, shown: Shown) -> str:
    """That the person sees all stores, where it is new or not to be expected of somebody limited."""
    here = person.here(*shown.chat, shown.now)
    if not here.is_for_all_stores("viewer"):
        return ""
    if before and not before.here(*shown.chat, shown.now).is_for_all_stores("viewer"):
        return shown.words("people.rights.opened")
    return shown.words("people.rights.all_stores") if any(grant.store_id for grant in here.grants) else ""


def _accounts(record: PersonRecord, shown: Shown) -> str:
    own = [f"{channel} {external_id}" for channel, external_id in record.identities if channel not in _EVERYBODYS]
    return shown.words("people.separator").join(map(shown.personal, own)) or shown.words("people.unpaired")


def _grant_form(people: Sequence[PersonRecord], words: Words) -> Form:
    names = tuple((each.person.id, each.person.name) for each in people)
    roles = tuple((role, words(f"role.{role}")) for role in dict.fromkeys(ROLES.values()))
    fields = (
        Field("person", words("command.grant.parameter.person"), "select", required=True, options=names),
        Field("role", words("command.grant.parameter.role"), "select", required=True, options=roles),
        Field("limits", words("people.rights.limits")),
    )
    return Form(fields, Action(words("people.rights.grant"), "授权"))


def invitation_card(name: str, code: str, minutes: int, words: Words) -> Card:
    """The code, as the very line that the new colleague sends."""
    line = words("people.invitation.line", code=code)
    blocks = (Text(words("people.invitation.text", name=plain(name), line=line)), Note(words("people.invitation.note")))
    return Card(words("people.invitation.title", name=name, minutes=minutes), "good", blocks)


@dataclass(frozen=True, slots=True)
class Page:
    """Some acts out of ``total`` and the command line that shows older ones."""

    acts: Sequence[Act]
    total: int
    more: str


def audit_card(page: Page, names: Mapping[str, str], commands: Mapping[str, str], shown: Shown) -> Card:
    """Acts, newest first. ``names`` are people by id, ``commands`` the names of commands by key."""
    words = shown.words
    if not page.acts:
        return Card(words("people.audit.title"), "info", (Text(words("people.audit.none")),))
    columns = (
        Column(words("people.audit.at"), "time"),
        *(Column(words(f"people.audit.{name}")) for name in ("who", "channel", "what", "arguments")),
        Column(words("people.audit.outcome"), "level"),
        Column(words("people.audit.reason")),
    )
    rows = tuple(_act_row(act, names, commands, shown) for act in page.acts)
    return Card(words("people.audit.title"), "info", (Table(columns, rows, page.total, page.more),))


def past_end_card(last: int, line: str, words: Words) -> Card:
    """Says that there are only so many pages; ``line`` is the command that shows the last."""
    text = Text(words("people.audit.past_end", pages=last))
    return Card(words("people.audit.title"), "warning", (text,), (Action(line, line),))


def _act_row(act: Act, names: Mapping[str, str], commands: Mapping[str, str], shown: Shown) -> tuple[Cell, ...]:
    words = shown.words
    nobody = shown.personal(act.sender_id) if act.sender_id else words("people.audit.owner")
    return (
        act.at,
        names.get(act.person_id, nobody),
        act.channel,
        commands.get(act.command, act.command),
        _HIDDEN if act.command in _SECRET else shown.personal(act.arguments),
        Level(_text(words, f"people.outcome.{act.outcome}", act.outcome), _TONES.get(act.outcome, "warning")),
        _reason(act, words),
    )


def _reason(act: Act, words: Words) -> str:
    return _text(
        words, f"people.reason.{act.reason}", _text(words, f"error.{act.reason}.title", act.reason or act.matter)
    )


def _text(words: Words, key: str, instead: str) -> str:
    try:
        return words(key)
    except KeyError:  # no such sentence, or one that needs values nobody kept
        return instead
