"""Subscriptions, quiet hours and the digest as cards, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import get_args

import pytest

from bot.contracts.cards import Action, Card, Note, Table, Text
from handlers.common.quiet_hours import QuietHours
from handlers.subscriptions.cards import (
    Change,
    digest_card,
    fired_card,
    list_card,
    lost_card,
    one_card,
    quiet_card,
)
from handlers.subscriptions.results import Listed
from storage.subscriptions.rows import HeldMessage, LastOutcome, Subscription
from tests.handlers.asking import some_words

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ONE = Subscription(
    number=3,
    person_id="P1",
    sender_id="ou_1",
    channel="feishu",
    chat_id="oc_team",
    chat_kind="group",
    plan="每天 9:00",
    line="补货 US_A",
    next_at=NOW + timedelta(hours=17),
    created_at=NOW,
    changed_at=NOW,
)
LISTED = Listed(ONE, "林")
HELD = HeldMessage(
    person_id="P1", channel="feishu", chat_id="oc_1", source="a", title="补货*", command="补货", held_at=NOW
)
OUTCOMES = tuple(each for each in get_args(LastOutcome) if each)


def texts(card: Card) -> list[str]:
    return [block.markdown for block in card.blocks if isinstance(block, Text)]


def commands(card: Card) -> list[str]:
    return [action.command for action in card.actions]


def table(card: Card) -> Table:
    (found,) = (block for block in card.blocks if isinstance(block, Table))
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("change", get_args(Change))
def test_every_change_is_told_with_the_command_as_it_was_typed(change: Change, language: str) -> None:
    assert "补货 US\\_A" in texts(one_card(LISTED, change, some_words(language)))[0]


def test_what_can_be_done_depends_on_the_state() -> None:
    paused = replace(LISTED, subscription=replace(ONE, state="paused", next_at=None))
    words = some_words()
    assert commands(one_card(LISTED, "shown", words)) == ["订阅 现在 3", "订阅 暂停 3", "退订 3"]
    assert commands(one_card(paused, "shown", words)) == ["订阅 现在 3", "订阅 继续 3", "退订 3"]
    assert commands(one_card(LISTED, "ended", words)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_list_tells_every_result(outcome: LastOutcome, language: str) -> None:
    told = replace(ONE, last_outcome=outcome, last_at=NOW)
    row = table(list_card([replace(LISTED, subscription=told)], some_words(language))).rows[0]
    assert str(row[5]).startswith("2026-11-22 16:00 ")


@pytest.mark.parametrize("channel", ["feishu", "whatsapp", "web"])
def test_subscriptions_elsewhere_say_where(channel: str) -> None:
    elsewhere = Listed(replace(ONE, channel=channel), "林", is_here=False)
    here, away = (row[-1] for row in table(list_card([LISTED, elsewhere], some_words())).rows)
    assert (here, str(away).endswith("群")) == ("这里", True)


def test_a_long_list_has_buttons_for_the_first_three_and_says_how_to_reach_the_others() -> None:
    card = list_card([replace(LISTED, subscription=replace(ONE, number=each)) for each in range(1, 6)], some_words())
    assert (len(table(card).rows), len(card.actions)) == (5, 9)
    assert any(isinstance(block, Note) and "订阅 编号" in block.text for block in card.blocks)


def test_a_late_answer_says_when_it_was_due() -> None:
    card = fired_card(Card("店铺"), ONE, "林", NOW, some_words())
    assert card.blocks[-1] == Note("订阅 #3 · 每天 9:00 · 林 订的 · 本该 2026-11-22 16:00 发，晚了")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_is_gone_and_a_team_without_administrators_have_words(language: str) -> None:
    assert all(texts(lost_card(ONE, "", (), some_words(language))))


def test_the_digest_lists_titles_and_offers_each_command_once() -> None:
    again = replace(HELD, source="b", count=3, title="US")
    card = digest_card([HELD, again], some_words())
    assert card.actions == (Action("看 补货", "补货"),)
    assert texts(card) == ["免打扰时有 4 条：", "- 补货\\*（2026-11-22 16:00）\n- US（3 次，最近 2026-11-22 16:00）"]


@pytest.mark.parametrize(("language", "off"), [("zh", "免打扰 关"), ("en", "quiet off")])
def test_quiet_hours_are_switched_off_by_a_button(language: str, off: str) -> None:
    quiet = QuietHours(time(22), time(8))
    assert commands(quiet_card(quiet, some_words(language), changed=True)) == [off]
    assert "22:00-8:00" in commands(quiet_card(None, some_words(language), changed=False))[0]
