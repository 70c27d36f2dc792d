"""What a feature shows in the console: lists that are paged and searched by query, and one thing as a card."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from bot.contracts.cards import Card, Form, Table
from bot.contracts.feature import Person, Words

PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Who looks at a page, and at which part of it. ``person`` has the grants that count here and now.

    ``named`` are the parts of the address that the page's path names; ``text`` is sought for; ``view`` is one of the
    listing's views, empty for the first; of the rows those from ``first`` on are wanted, at most ``most``.
    """

    person: Person
    words: Words
    now: datetime
    named: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    view: str = ""
    first: int = 0
    most: int = PAGE_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """A file that somebody put into a page, with what else was filled in. Its content is never logged."""

    name: str
    content: bytes = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What can be done with several rows at once: the ``values`` of those that are ticked, joined by commas, become the
    argument ``name`` of the form's command. A field of that name adds to them; an empty value cannot be ticked."""

    form: Form
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Some rows of a list. ``table.total`` counts all that were found, or some of them if the list ``goes_on`` behind;
    ``links`` leads from each row to its own page; ``bulk`` is what can be done with rows, ``upload`` takes a file.

    ``views`` are what the list can be narrowed to, as (value, label), the usual one first.
    """

    table: Table
    links: tuple[str, ...] = ()
    views: tuple[tuple[str, str], ...] = ()
    goes_on: bool = False
    bulk: Bulk | None = None
    upload: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the console, at ``path`` with parts named as in ``/matters/{number}``.

    ``title`` is the key of its name; a page whose path names no part stands in the navigation. ``load`` raises
    AssistantError for what the person may not see or what is not there. Whoever looks sees the page anew once a
    transaction has told one of ``live_topics``. Buttons and forms post their commands through the router;
    a file is given to ``take``, which checks rights, writes the audit log and answers with a card.
    """

    path: str
    title: str
    template: Literal["list.html", "card.html"]
    load: Callable[[Looking], Awaitable[Listing | Card]]
    live_topics: tuple[str, ...] = ()
    take: Callable[[Looking, Uploaded], Awaitable[Card]] | None = None
