"""A card as HTML: everything on it, and nothing that somebody wrote becomes part of the page."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given

from bot.channels.email.render import html, subject, text
from bot.contracts.cards import Action, Card, Chart, Column, Fact, Facts, Level, Link, Note, Series, Table, Text
from integrations.email.mail import Mail
from integrations.email.mime import as_bytes
from tests.bot.channels.made_cards import CARDS, WORDS

URL = "https://zhanggui.example.com"
EVIL = '<script>alert(1)</script><img src=x onerror="x">&"\''
KNOWN_TAGS = {"html", "head", "meta", "body", "div", "h2", "p", "br", "strong", "code", "pre", "a", "img", "span"} | {
    "table",
    "tr",
    "th",
    "td",
}
KNOWN_ATTRIBUTES = {"style", "href", "src", "alt", "lang", "charset"}


class Page(HTMLParser):
    """What a mail program finds in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.seen = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.seen += data


def shown(card: Card, *, url: str = URL) -> Page:
    return Page(html(card, WORDS, url, ()))


TABLE = Table(
    (Column("SKU"), Column("可售", "number"), Column("紧急", "level")),
    (("A-1", 3, Level("断货", "bad")), (EVIL, None, Level(EVIL))),
    9,
    "补货 2",
    EVIL,
)
WHOLE = Card(
    "断货",
    "bad",
    (
        Text("**共** 9 条 `A-1`\n第二行"),
        Facts((Fact("店铺", EVIL, "刚才"),)),
        TABLE,
        Note(EVIL),
        Link("看", f"{URL}/x?a=1&b=2"),
    ),
    (Action("我来", "接手", token="tok-1"), Action(EVIL, "不管", token="tok-2", style="danger")),
)


def test_every_part_of_the_card_is_there() -> None:
    seen = shown(WHOLE).seen
    assert [part for part in ("断货", "共", "第二行", "A-1", "—", "我来", "补货 2", "刚才") if part not in seen] == []


def test_what_people_wrote_shows_as_they_wrote_it() -> None:
    page = shown(WHOLE)
    assert page.seen.count(EVIL) == 6
    assert page.tags <= KNOWN_TAGS
    assert "script" not in page.tags


def test_actions_are_links_to_their_pages() -> None:
    assert shown(WHOLE).attributes["href"] == [f"{URL}/x?a=1&b=2", f"{URL}/a/tok-1", f"{URL}/a/tok-2"]


def test_without_a_public_address_the_card_says_where_to_act() -> None:
    page = shown(WHOLE, url="")
    assert page.attributes["href"] == [f"{URL}/x?a=1&b=2"]
    assert "请在飞书或 WhatsApp 里处理：我来" in page.seen


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//example.com", "JAVASCRIPT:x"])
def test_an_address_that_no_browser_should_follow_is_only_text(address: str) -> None:
    page = shown(Card("x", blocks=(Link("看", address),)))
    assert "href" not in page.attributes
    assert address in page.seen


def test_a_chart_is_a_picture_of_the_mail_or_else_its_sparkline() -> None:
    chart = Chart("每天", "line", ("1", "2"), (Series("销量", (1.0, 2.0)),))
    card = Card("x", blocks=(chart, chart))
    page = Page(html(card, WORDS, URL, (0, None)))
    assert page.attributes["src"] == ["cid:0"]
    assert page.seen.count("▁█") == 1


@given(CARDS)
def test_no_card_brings_in_tags_or_attributes_of_its_own(card: Card) -> None:
    page = shown(card)
    assert page.tags <= KNOWN_TAGS
    assert page.attributes.keys() <= KNOWN_ATTRIBUTES
    assert [each for each in page.attributes.get("href", []) if not each.lower().startswith("http")] == []


@given(CARDS)
def test_a_subject_is_one_short_line(card: Card) -> None:
    made = subject(card)
    assert 0 < len(made) <= 150
    assert len(made.splitlines()) == 1
    made.encode()


@given(CARDS)
def test_the_plain_text_names_every_action_or_where_it_can_be_done(card: Card) -> None:
    made = text(card, WORDS, URL)
    linked = [each for each in card.actions if f"/a/{each.token}" in made]
    assert len(linked) == len(card.actions)


@given(CARDS)
def test_every_card_can_be_put_into_a_mail(card: Card) -> None:
    mail = Mail(
        id="M1-1",
        to="chen@example.com",
        subject=subject(card),
        text=text(card, WORDS, URL),
        html=html(card, WORDS, URL, ()),
        thread=card.matter,
    )
    lines = as_bytes(mail, sender="掌柜 <zhanggui@example.com>", at=datetime(2026, 11, 22, tzinfo=UTC)).split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"".join(lines).isascii()
