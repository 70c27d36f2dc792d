"""Rules as cards, in both languages: one sentence, what they would have done, every figure."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.contracts.cards import Card, Facts, Form, Table, Text
from bot.contracts.quantities import StoreId
from handlers.alerts.results import Judged, Standing
from handlers.alerts.rule_cards import Around, form_card, missing_text, rule_card, rules_card, sentence, trial_card
from handlers.alerts.watching import Missing, MissingData, judge, try_out
from handlers.alerts.why import explain_watch
from storage.alerts.rows import WATCH_KINDS, Watch, WatchKind, WatchState
from storage.catalog.rows import StoreDays
from storage.matters.rows import Matter, Silence
from tests.handlers.alerts.shelves import NOW, SHOP, WATCH, a_listing, fresh_ages, some_days
from tests.handlers.alerts.test_rules import MATTER
from tests.handlers.asking import some_words

EVERY_LANGUAGE = pytest.mark.parametrize("language", ["zh", "en"])
EVERY_KIND = pytest.mark.parametrize("kind", WATCH_KINDS)
HERE = replace(WATCH, store_ids=(SHOP.store_id,), sku="YG_1", days_in_a_row=2, is_urgent=True)
TOLD = replace(MATTER, kind="watch_stockout", fingerprint="watch:3:101", store_id="101")


def around(language: str = "zh") -> Around:
    return Around(some_words(language), NOW, (SHOP,), fresh_ages(NOW - timedelta(minutes=20)), {"P1": "小陈"})


def some_sales(units: int = 9) -> StoreDays:
    """Three weeks of a listing whose stock runs out in the last of them, and whose sales fall."""
    sold: list[int | None] = [*[8] * 14, *[2] * 7, None]
    return some_days(a_listing(sold=sold, sellable=[*[600] * 18, *[units] * 4], msku="YG_1"))


def standing(watch: Watch = WATCH, *matters: Matter, units: int = 9) -> Standing:
    return Standing(watch, (Judged(SHOP, judge(watch, some_sales(units), 21)),), matters)


def table_of(card: Card) -> Table:
    (table,) = (block for block in card.blocks if isinstance(block, Table))
    return table


def said(card: Card) -> str:
    return " ".join(block.markdown for block in card.blocks if isinstance(block, Text))


@pytest.mark.parametrize(
    ("watch", "language", "text"),
    [
        (
            HERE,
            "zh",
            "屿光-US 的 YG_1，可售库存按前 7 天的日均销量卖不到 14 天，连续 2 天如此，就告警，免打扰时也提醒。",
        ),
        (WATCH, "zh", "所有店铺的每个 SKU，可售库存按前 7 天的日均销量卖不到 14 天，就告警。"),
        (
            replace(WATCH, kind="drop", threshold=30),
            "en",
            "Alarm when, for every SKU of all stores, the last 7 days sold 30% or more below the 7 days before them.",
        ),
        (
            replace(HERE, store_ids=(SHOP.store_id, StoreId("9"))),
            "en",
            "Alarm even in quiet hours when, for YG_1 of 屿光-US, 1 other stores, the sellable stock lasts less than "
            "14 days at the average sales of the 7 days before for 2 days in a row.",
        ),
    ],
)
def test_a_rule_is_one_sentence(watch: Watch, language: str, text: str) -> None:
    assert sentence(watch, around(language)) == text


@EVERY_KIND
@EVERY_LANGUAGE
def test_a_form_has_every_slot_empty_or_as_the_rule_has_it(kind: WatchKind, language: str) -> None:
    new, changed = form_card(kind, around(language)), form_card(kind, around(language), replace(HERE, kind=kind))
    (empty,), (filled,) = ([block for block in card.blocks if isinstance(block, Form)] for card in (new, changed))
    assert [field.name for field in empty.fields] == ["store", "sku", "threshold", "days", "urgent"]
    assert [field.value for field in filled.fields][:4] == ["101", "YG_1", "14", "2"]
    assert (empty.fields[2].value, empty.fields[3].value) == ("", "1")


def test_a_form_offers_the_stores_of_a_rule_together() -> None:
    several = replace(HERE, store_ids=(SHOP.store_id, StoreId("9")))
    (form,) = (block for block in form_card("stockout", around(), several).blocks if isinstance(block, Form))
    assert form.fields[0].value == "101,9"
    assert form.fields[0].options[-1] == ("101,9", "屿光-US、另外 1 个店铺")


@EVERY_KIND
@EVERY_LANGUAGE
def test_a_trial_says_when_it_would_have_fired_and_by_which_figures(kind: WatchKind, language: str) -> None:
    watch = replace(WATCH, kind=kind, state="tried", threshold=25, replaces=2)
    trial = try_out(watch, SHOP, some_sales())
    card = trial_card(watch, [trial], around(language))
    assert {"stockout": "YG_1 1.9 (9 ÷ 32 × 7)", "drop": "YG_1 -32.1% (56 → 38)"}.get(kind, "") in str(card.blocks)
    assert [action.command.split()[-1] for action in card.actions] == ["3", "3", "3"]


def test_a_trial_without_firings_says_so_only_of_days_with_data() -> None:
    watch = replace(WATCH, state="tried", threshold=1)
    never = trial_card(watch, [try_out(watch, SHOP, some_sales(600))], around())
    assert "有数据的日子一次也不会告警" in said(never)
    (facts,) = (block for block in never.blocks if isinstance(block, Facts))
    assert "2026-11-08 到 2026-11-22 有数据，判断了 15 天，7 天没有数据、不算" in facts.items[0].value


@EVERY_LANGUAGE
def test_a_trial_without_data_says_nothing_and_not_never(language: str) -> None:
    unknown = StoreDays(SHOP.store_id, (), (), (), ())
    card = trial_card(WATCH, [try_out(WATCH, SHOP, unknown)], around(language))
    assert some_words(language)("rules.trial.unknown", days=30) in said(card)
    assert some_words(language)("rules.trial.no_data") in str(card.blocks)


@EVERY_LANGUAGE
@pytest.mark.parametrize("state", get_args(WatchState))
def test_the_list_says_how_every_rule_stands(state: WatchState, language: str) -> None:
    watch = replace(WATCH, state=state)
    (row,) = table_of(rules_card([standing(watch) if state == "live" else Standing(watch)], around(language))).rows
    assert (row[0], row[3]) == ("#3", "小陈")


def test_a_live_rule_names_its_matters_and_where_it_is_blind() -> None:
    blind = Judged(replace(SHOP, name="屿光-UK"), Missing("stopped"))
    one = standing(WATCH, TOLD)
    (row,) = table_of(rules_card([replace(one, judged=(*one.judged, blind))], around())).rows
    assert "告警中 #1、屿光-UK 拉不到数据" in str(row[2])
    (row,) = table_of(rules_card([Standing(WATCH, (blind,))], around())).rows
    assert "没有数据，无法判断、屿光-UK" in str(row[2])
    (row,) = table_of(rules_card([standing(units=600)], around())).rows
    assert "正常" in str(row[2])
    (row,) = table_of(rules_card([replace(standing(), is_silenced=True)], around())).rows
    assert "满足了，已静音" in str(row[2])


@EVERY_LANGUAGE
@EVERY_KIND
@pytest.mark.parametrize("change", ["shown", "live", "paused", "ended", "discarded"])
def test_a_rule_shows_every_figure_and_how_old_the_data_are(change: str, kind: WatchKind, language: str) -> None:
    card = rule_card(standing(replace(WATCH, kind=kind)), around(language), change)
    assert {"stockout": "9, 14", "drop": "56, 14"}.get(kind, "14") in str(table_of(card).rows)
    assert some_words(language).duration(timedelta(minutes=20)) in str(card.blocks)


@EVERY_LANGUAGE
@pytest.mark.parametrize("what", get_args(MissingData))
def test_why_a_store_is_not_judged_is_said(what: MissingData, language: str) -> None:
    words = some_words(language)
    assert missing_text(Judged(SHOP, Missing(what)), words) == f"屿光-US {words(f'rules.missing.{what}')}"
    assert missing_text(standing().judged[0], words) == ""
    assert rule_card(Standing(WATCH, (Judged(SHOP, Missing(what)),)), around(language)).title


QUIET = Silence(fingerprint="watch:3:", ends_at=NOW + timedelta(days=1), reason="x", person_id="", set_at=NOW)
BY_HAND = replace(TOLD, state="settled", owner_id="P1", settled_at=NOW)
BLIND = Standing(WATCH, (Judged(SHOP, Missing("stock")),))


@pytest.mark.parametrize(
    ("standing", "silences", "reason", "failed"),
    [
        (Standing(replace(WATCH, state="paused")), (), "off", ["live", "data", "condition", "matter"]),
        (BLIND, (), "missing", ["data", "condition", "matter"]),
        (standing(units=600), (), "not_met", ["condition", "matter"]),
        (standing(), (QUIET,), "silenced", ["silence", "matter"]),
        (standing(WATCH, BY_HAND), (), "by_hand", ["by_hand", "matter"]),
        (standing(WATCH, BY_HAND, replace(TOLD, number=9)), (), "told", []),
        (standing(), (), "soon", ["matter"]),
    ],
)
def test_why_a_rule_told_nobody_is_the_first_check_that_stopped_it(
    standing: Standing, silences: tuple[Silence, ...], reason: str, failed: list[str]
) -> None:
    found, checks = explain_watch(
        standing, silences, NOW, missing=[missing_text(j, some_words()) for j in standing.missing]
    )
    assert (found, [check.name for check in checks if not check.passed]) == (reason, failed)


def test_the_checks_name_the_blind_stores_and_who_is_nearest() -> None:
    found = {check.name: check.text for check in explain_watch(standing(units=600), (), NOW, missing=[])[1]}
    assert found["condition"] == "YG_1 300.0 (600 ÷ 14 × 7)"
    blind = {check.name: check.text for check in explain_watch(BLIND, (), NOW, missing=["屿光-US 没有新的库存"])[1]}
    assert blind["data"] == "屿光-US 没有新的库存"
