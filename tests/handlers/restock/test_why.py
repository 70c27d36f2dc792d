"""Every figure of a line can be computed again from exactly what 为什么 lists."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contracts.cards import Card, Fact, Facts, Table, Text
from bot.contracts.quantities import StoreId
from handlers.restock.cards import Page, restock_card
from handlers.restock.policy import RestockPolicy
from handlers.restock.rules import RestockLine, plan_line
from handlers.restock.surroundings import Surroundings
from handlers.restock.why import comparison, why_card
from storage.catalog.rows import ACCOUNT, KINDS, WINDOWS, ListingFacts, Store, SyncAge
from tests.handlers.asking import NOW, some_words
from tests.handlers.restock.arithmetic import compute, rounded
from tests.handlers.restock.builders import STORE, a_product, a_stock, a_suggestion, some_facts, some_sales

POLICY = RestockPolicy()
STORES = {STORE: Store(STORE, "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1)}
AGES = {(store, kind): SyncAge(store, kind, NOW - timedelta(hours=2)) for store in (STORE, ACCOUNT) for kind in KINDS}
ZH = Surroundings(some_words("zh"), NOW, STORES, AGES)
EN = replace(ZH, words=some_words("en"))

unknown_or = st.none() | st.integers(0, 5_000)


@st.composite
def lines(draw: st.DrawFn) -> RestockLine:
    """Lines with any figures, some of them unknown."""
    sold = draw(st.tuples(*(st.integers(0, 2_000) for _ in WINDOWS)))
    days = draw(st.tuples(*(st.integers(0 if draw(st.booleans()) else 1, days) for days in WINDOWS)))
    states = ("fulfillable", "reserved_transfers", "reserved_processing", "inbound_shipped", "inbound_receiving")
    units: dict[str, Any] = {state: draw(unknown_or) for state in states}
    lead = draw(st.none() | st.integers(1, 90))
    product = a_product(
        purchase_lead_days=lead, units_per_carton=draw(st.none() | st.integers(1, 90)), moq_units=draw(unknown_or)
    )
    suggestion = a_suggestion(purchase_units=draw(unknown_or))
    facts = some_facts(
        sales=some_sales(*sold, days=days), stock=a_stock(**units), product=product, suggestion=suggestion
    )
    return plan_line(facts, POLICY, draw(st.none() | st.integers(1, 365)))


def facts_of(card: Card) -> Iterator[Fact]:
    return (fact for block in card.blocks if isinstance(block, Facts) for fact in block.items)


def explained(line: RestockLine, around: Surroundings = ZH) -> dict[str, Fact]:
    return {fact.label: fact for fact in facts_of(why_card("M-1", [line], POLICY, around))}


def formulas(line: RestockLine, around: Surroundings) -> list[Fact]:
    return [fact for fact in explained(line, around).values() if fact.note[:1] in ("=", "≈")]


def recomputed(fact: Fact) -> Decimal:
    return rounded(compute(fact.note[2:]), fact.value)


def shown(fact: Fact) -> Decimal:
    return Decimal(fact.value.replace(",", ""))


@settings(max_examples=150, deadline=None)
@given(lines(), st.sampled_from([ZH, EN]))
def test_every_formula_computes_to_the_figure_it_explains(line: RestockLine, around: Surroundings) -> None:
    found = formulas(line, around)
    assert [recomputed(fact) for fact in found] == [shown(fact) for fact in found]


@settings(max_examples=150, deadline=None)
@given(lines())
def test_a_formula_that_says_equal_is_exact(line: RestockLine) -> None:
    exact = [fact for fact in formulas(line, ZH) if fact.note.startswith("=")]
    assert [compute(fact.note[2:]) for fact in exact] == [shown(fact) for fact in exact]


@settings(max_examples=150, deadline=None)
@given(lines())
def test_formulas_use_only_figures_that_the_card_lists(line: RestockLine) -> None:
    card = explained(line)
    listed = {fact.value for fact in card.values()} | {str(window.known_days) for window in line.windows} | {"0"}
    listed |= {str(window.weight_percent) for window in line.windows}
    used = "".join(c if c.isdigit() or c in ".," else " " for fact in formulas(line, ZH) for c in fact.note + " ")
    assert {number.rstrip(",") for number in used.split()} - {",", ""} <= listed


@settings(max_examples=100, deadline=None)
@given(lines())
def test_the_list_shows_what_the_explanation_computes(line: RestockLine) -> None:
    card_blocks = restock_card(Page("t", list(ZH.stores.values()), [line], 1), ZH).blocks
    (row,) = next(block.rows for block in card_blocks if isinstance(block, Table))
    card = explained(line)
    labels = (
        "日均销量（件/天）",
        "可售天数",
        "含在途可售天数",
        "在途合计（件）",
        "建议补货（件）",
        "领星建议采购（件）",
    )
    assert [None if card[label].value == "未知" else shown(card[label]) for label in labels] == list(row[2:8])


def test_the_reference_example_is_told_step_by_step() -> None:
    card = explained(plan_line(some_facts(), POLICY))
    assert (card["日均销量（件/天）"].value, card["日均销量（件/天）"].note) == (
        "9.6",
        "= 10% × 36 ÷ 3 + 20% × 77 ÷ 7 + 20% × 140 ÷ 14 + 30% × 270 ÷ 30 + 10% × 480 ÷ 60 + 10% × 630 ÷ 90",
    )
    assert (card["含在途可售天数"].value, card["含在途可售天数"].note) == ("34.375", "= (180 + 150) ÷ 9.6")
    assert (card["缺口（件）"].value, card["缺口（件）"].note) == ("332.4", "= max(0, 662.4 − 180 − 150)")
    assert (card["建议补货（件）"].value, card["建议补货（件）"].note) == ("336", "= ⌈332.4 ÷ 24⌉ × 24")


def test_each_input_names_its_source_and_age() -> None:
    card = explained(plan_line(some_facts(), POLICY))
    assert card["近 3 天销量（件）"].note == "占 10%，3 天都已知；领星店铺销量，2 小时前，截至 2026-11-20"
    assert card["可售"].note == "领星 FBA 库存，2 小时前"


def test_assumptions_are_marked_as_defaults_and_measurements_by_their_source() -> None:
    card = explained(plan_line(some_facts(product=a_product(purchase_lead_days=21)), POLICY))
    assert (card["采购"].value, card["采购"].note) == ("21", "领星产品资料，2 小时前")
    assert (card["运输"].value, card["运输"].note) == ("30", "默认")


def test_a_window_longer_than_the_history_says_so() -> None:
    sales = some_sales(30, 50, 50, 50, 50, 50, days=(3, 5, 5, 5, 5, 5))
    note = explained(plan_line(some_facts(sales=sales), POLICY))["近 90 天销量（件）"].note
    assert note.startswith("占 10%，90 天里只有 5 天已知")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"sales": None}, "缺少：销量"),
        ({"stock": None}, "缺少：可售库存、在途"),
    ],
)
def test_an_unknown_order_says_what_is_missing(changes: dict[str, object], missing: str) -> None:
    order = explained(plan_line(some_facts(**changes), POLICY))["建议补货（件）"]
    assert (order.value, order.note) == ("未知", missing)


def test_what_is_not_counted_is_listed_with_the_reason() -> None:
    facts = some_facts(stock=a_stock(inbound_working=40), suggestion=a_suggestion(local_units=25))
    card = explained(plan_line(facts, POLICY))
    assert (card["未计入：计划入库"].value, card["未计入：计划入库"].note) == ("40", "货件只是计划，还没有发出")
    assert card["未计入：本地可用"].value == "25"


def decision(facts: ListingFacts) -> str:
    card = why_card("M-1", [plan_line(facts, POLICY)], POLICY, ZH)
    return next(b.markdown for b in card.blocks if isinstance(b, Text) and b.markdown.startswith("结论"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "结论：建议补 336 件，够卖 69 天。"),
        ({"stock": a_stock(fulfillable=600)}, "结论：不用补。现货加在途够卖 78.125 天，不少于备货 69 天。"),
        ({"sales": some_sales(0, 0, 0, 0, 0, 0)}, "结论：不用补。已知的日子里没有卖出。"),
        ({"sales": None}, "结论：算不出来，缺少销量；缺的不当作 0。"),
    ],
)
def test_the_decision_is_said_and_so_is_why_nothing_is_ordered(changes: dict[str, object], said: str) -> None:
    assert decision(some_facts(**changes)) == said


@pytest.mark.parametrize(
    ("suggestion", "said"),
    [
        (None, "领星没有给出采购建议。"),
        (a_suggestion(purchase_units=None), "领星没有给出采购建议。"),
        (a_suggestion(purchase_units=336), "领星也建议 336 件，两者一致。"),
        (
            a_suggestion(purchase_units=300, daily_units=Decimal("9.2"), local_units=20),
            "领星建议 300 件，比经典公式少 36 件：它按日均 9.2 算，这里是 9.6、"
            "它还看得到计划入库、仓库和采购中的 20 件、"
            "它的备货天数在领星里设置，这里是 69 天。",
        ),
    ],
)
def test_lingxings_figure_is_explained_beside_ours_in_one_line(suggestion: object, said: str) -> None:
    assert comparison(plan_line(some_facts(suggestion=suggestion), POLICY), ZH.words) == said


def test_every_store_of_a_sku_is_told_apart() -> None:
    other = StoreId("102")
    around = replace(ZH, stores={**STORES, other: replace(STORES[STORE], store_id=other, name="Morning-CA")})
    facts = some_facts()
    there = replace(facts, listing=replace(facts.listing, store_id=other))
    card = why_card("L-1", [plan_line(facts, POLICY), plan_line(there, POLICY)], POLICY, around)
    assert [text.markdown.split("\n")[0] for text in card.blocks if isinstance(text, Text)][::3] == [
        "**Morning-US · M-1**",
        "**Morning-CA · M-1**",
    ]
