"""Every kind of matter, in every state and with every line of its timeline, has words in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest

from bot.contracts.cards import Card, Fact, Facts, Form, Table, Text
from bot.words import read_texts
from handlers.matters.cards import list_card, living_card, whole_card, word_card
from handlers.matters.results import Found, MatterView
from handlers.registry import text_folders
from storage.matters.rows import Entry, EntryKind, Matter, MatterState
from tests.handlers.asking import some_words

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DETAILS = {
    "late_data": {"stores": "屿光-US"},
    "platform": {"platform": "lingxing", "codes": "upstream_unavailable"},
    "authorisation": {"what": "屿光-UK"},
    "stockout": {"store": "屿光-US", "count": "3", "skus": "A_1、B"},
    "dead_letters": {"count": "2"},
    "silent": {"names": "sync.stock"},
    "broken_channel": {"broken_channel": "whatsapp"},
    "alertmanager": {"name": "DiskFull", "summary": "disk of a is full", "labels": "alertname=DiskFull"},
}
EVERY_KIND = pytest.mark.parametrize("kind", DETAILS)
EVERY_LANGUAGE = pytest.mark.parametrize("language", ["zh", "en"])


def a_matter(kind: str = "stockout", state: MatterState = "open") -> Matter:
    return Matter(
        number=12,
        kind=kind,
        fingerprint=kind,
        details=DETAILS[kind],
        store_id="",
        is_urgent=False,
        due_at=NOW + timedelta(days=1),
        cost_per_day=Decimal("12.5"),
        currency="USD",
        state=state,
        owner_id="P1" if state == "taken" else "",
        snoozed_until=NOW + timedelta(days=2) if state == "snoozed" else None,
        opened_at=NOW - timedelta(hours=2),
        changed_at=NOW,
        settled_at=NOW if state == "settled" else None,
    )


def a_view(matter: Matter, *kinds: EntryKind) -> MatterView:
    texts: dict[str, str] = {"told": "role:admin", "nobody": "duty sms"}
    entries = tuple(
        Entry(matter=12, position=n, at=NOW, kind=kind, person_id="P1", text=texts.get(kind, "问_过"))
        for n, kind in enumerate(kinds)
    )
    return MatterView(matter=matter, entries=entries, names={"P1": "林"}, now=NOW)


def read(card: Card) -> str:
    return "\n".join(block.markdown for block in card.blocks if isinstance(block, Text))


def facts(card: Card) -> list[Fact]:
    return [item for block in card.blocks if isinstance(block, Facts) for item in block.items]


@pytest.mark.parametrize("part", ["name", "title", "text", "next"])
def test_every_kind_of_every_feature_has_all_its_words(part: str) -> None:
    keys = {key for folder in text_folders() for key in read_texts(folder / "zh.toml") if key.startswith("matter.")}
    kinds = {key.split(".")[1] for key in keys}
    assert {kind for kind in kinds if f"matter.{kind}.{part}" not in keys} == set()


@EVERY_LANGUAGE
@EVERY_KIND
def test_every_kind_says_what_it_is_and_what_to_do_next(kind: str, language: str) -> None:
    card = living_card(a_view(a_matter(kind)), some_words(language))
    assert (card.title.startswith("#12 "), card.matter, card.language) == (True, "12", language)
    assert len([block for block in card.blocks if isinstance(block, Text)]) == 2


@EVERY_LANGUAGE
@pytest.mark.parametrize("kind", get_args(EntryKind))
def test_every_line_of_the_timeline_has_words(kind: EntryKind, language: str) -> None:
    assert "2026-11-22 16:00 " in read(living_card(a_view(a_matter(), kind), some_words(language)))


def test_whom_a_step_meant_is_named_in_words() -> None:
    shown = read(living_card(a_view(a_matter(), "told", "nobody"), some_words()))
    assert ("已通知：管理员" in shown, "没有人可通知（值班 短信）" in shown) == (True, True)


@pytest.mark.parametrize(
    ("state", "tone", "buttons"),
    [
        ("open", "warning", ["接手 12", "办结 12", "事项 12"]),
        ("taken", "info", ["办结 12", "事项 12"]),
        ("snoozed", "info", ["接手 12", "办结 12", "事项 12"]),
        ("settled", "good", ["事项 12"]),
    ],
)
def test_the_state_decides_colour_and_buttons(state: MatterState, tone: str, buttons: list[str]) -> None:
    card = living_card(a_view(a_matter(state=state)), some_words())
    assert (card.tone, [action.command for action in card.actions]) == (tone, buttons)


def test_what_is_urgent_is_red_while_nobody_took_it() -> None:
    assert living_card(a_view(replace(a_matter(), is_urgent=True)), some_words()).tone == "bad"


def test_the_whole_card_has_a_form_for_what_needs_words_until_it_is_over() -> None:
    whole = whole_card(a_view(a_matter()), some_words())
    assert [block.submit.command for block in whole.blocks if isinstance(block, Form)] == [
        "稍后 12",
        "转交 12",
        "备注 12",
    ]
    over = whole_card(a_view(a_matter(state="settled")), some_words())
    assert not any(isinstance(block, Form) for block in over.blocks)


@EVERY_LANGUAGE
@pytest.mark.parametrize("what", ["remind", "mention", "closed"])
def test_words_in_the_thread_say_how_long_it_has_been(what: str, language: str) -> None:
    card = word_card(a_view(a_matter()), what, some_words(language), names=["林"])
    assert "2" in card.title or "2" in read(card)


@EVERY_LANGUAGE
def test_what_is_not_known_is_a_dash_in_the_list_and_no_zero(language: str) -> None:
    unknown = replace(a_matter(), cost_per_day=None, due_at=None)
    (table, _) = list_card(Found((a_matter(), unknown), 2, {}), some_words(language), NOW).blocks
    assert [row[4] for row in table.rows] == ["12.50 USD", None]  # type: ignore[union-attr]


def test_a_living_card_shows_what_a_days_wait_costs() -> None:
    assert ("多等一天的代价", "12.50 USD") in [
        (fact.label, fact.value) for fact in facts(living_card(a_view(a_matter()), some_words()))
    ]


@pytest.mark.parametrize(("sought", "more"), [("", "事项"), ("领星 断网", "事项 领星 断网")])
def test_a_list_that_is_cut_says_how_many_there_are_and_where_the_rest_is(sought: str, more: str) -> None:
    card = list_card(Found((a_matter(),), 3001, {}), some_words(), NOW, sought=sought)
    table = card.blocks[0]
    assert isinstance(table, Table)
    assert (len(table.rows), table.total, table.more) == (1, 3001, more)
