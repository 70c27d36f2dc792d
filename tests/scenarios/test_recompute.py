"""Every figure of every line of 补货 is computed again from the inputs that 为什么 lists, as a program reads them."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from bot.channels.terminal import card_for_programs
from bot.contracts.card_json import card_from_json
from tests.handlers.restock.arithmetic import compute, rounded
from tests.scenarios.stage import Stage

FIGURES = {
    "日均": "日均销量（件/天）",
    "可售天数": "可售天数",
    "含在途天数": "含在途可售天数",
    "在途": "在途合计（件）",
    "建议": "建议补货（件）",
    "领星建议": "领星建议采购（件）",
}
"""Columns of the list and the facts that explain them."""
GIVEN = "领星建议采购（件）"
"""What Lingxing suggests is an input itself."""

Json = dict[str, Any]
Line = dict[str, Decimal | None]
Facts = dict[str, Json]

_WINDOW = re.compile(r"近 \d+ 天销量（件）")
_WINDOW_NOTE = re.compile(r"占 (?P<weight>\d+)%，(?:\d+ 天里只有 )?(?P<known>\d+) 天")
_OPERAND = re.compile(r"\d+% × [\d,.]+ ÷ \d+|\d[\d,]*(?:\.\d+)?")


async def said(stage: Stage, text: str) -> Json:
    """What ``zhanggui say TEXT --json`` prints."""
    answers = [answer async for answer in stage.app.terminal.say(text)]
    return card_for_programs(card_from_json(answers[-2]["card"]))


async def listed(stage: Stage) -> dict[str, Line]:
    """The figures of every line by its SKU."""
    (table,) = (block for block in (await said(stage, "补货"))["blocks"] if block["type"] == "table")
    titles = [column["title"] for column in table["columns"]]
    rows = (dict(zip(titles, row, strict=True)) for row in table["rows"])
    return {row["SKU"]: {title: _number(row[title]) for title in FIGURES} for row in rows}


async def explained(stage: Stage, skus: Iterable[str]) -> dict[str, Facts]:
    """Every fact of each SKU's explanation, by its label."""
    return {sku: _facts(await said(stage, f"为什么 {sku}")) for sku in skus}


def _facts(card: Json) -> Facts:
    groups = [block["items"] for block in card["blocks"] if block["type"] == "facts"]
    facts = [fact for group in groups for fact in group]
    named = {fact["label"]: fact for fact in facts}
    assert len(named) == len(facts), "a label that stands twice cannot name an input"
    return named


def figures(facts: Facts) -> Line:
    """The figures that the list shows as well, each from its own formula."""
    return {title: _figure(facts[label]) for title, label in FIGURES.items()}


def _figure(fact: Json) -> Decimal | None:
    if fact["value"] == "未知":
        return None
    if fact["label"] == GIVEN:
        return Decimal(fact["value"].replace(",", ""))
    return _result(fact)


def _result(fact: Json) -> Decimal:
    assert fact["note"][:2] in ("= ", "≈ "), fact
    return rounded(compute(fact["note"][2:]), fact["value"])


def wrong_results(facts: Facts) -> list[Json]:
    """Facts that show something else than what their formula gives."""
    return [fact for fact in _formulas(facts) if _result(fact) != Decimal(fact["value"].replace(",", ""))]


def unlisted_operands(facts: Facts) -> set[str]:
    """Operands of formulas that no other fact of the explanation shows: a sales window counts as a whole."""
    windows = {_window_term(fact) for label, fact in facts.items() if _WINDOW.fullmatch(label)}
    return {
        operand
        for fact in _formulas(facts)
        for operand in _operands(fact["note"][2:])
        if operand not in windows and operand not in {other["value"] for other in facts.values() if other is not fact}
    }


def _formulas(facts: Facts) -> list[Json]:
    return [fact for fact in facts.values() if fact["note"][:2] in ("= ", "≈ ")]


def _window_term(fact: Json) -> str:
    """How a window enters the daily sales, from its units and from what its note says of weight and known days."""
    told = _WINDOW_NOTE.match(fact["note"])
    assert told, fact
    return f"{told['weight']}% × {fact['value']} ÷ {told['known']}"


def _operands(formula: str) -> list[str]:
    """Window terms whole, else single numbers; the bound of ``max(0, …)`` is none."""
    return _OPERAND.findall(formula.replace("max(0, ", "("))


def _number(cell: Any) -> Decimal | None:
    return Decimal(cell["decimal"]) if isinstance(cell, dict) else None if cell is None else Decimal(cell)


async def test_every_figure_of_every_line_follows_from_what_its_explanation_lists(stage: Stage) -> None:
    lines = await listed(stage)
    assert len(lines) > 10
    facts = await explained(stage, lines)
    assert {sku: figures(each) for sku, each in facts.items()} == lines
    assert [wrong for each in facts.values() for wrong in wrong_results(each)] == []
    assert [operand for each in facts.values() for operand in unlisted_operands(each)] == []


def test_an_operand_that_is_not_listed_is_found() -> None:
    window = {"label": "近 3 天销量（件）", "value": "36", "note": "占 10%，3 天里只有 2 天已知；领星"}
    daily = {"label": "日均销量（件/天）", "value": "1.8", "note": "= 10% × 36 ÷ 2"}
    target = {"label": "目标库存（件）", "value": "18", "note": "= 1.8 × 10"}
    facts = {fact["label"]: fact for fact in (window, daily, target)}
    assert (wrong_results(facts), unlisted_operands(facts)) == ([], {"10"})
    assert unlisted_operands({**facts, "日均销量（件/天）": {**daily, "note": "= 10% × 36 ÷ 3"}}) == {
        "10",
        "10% × 36 ÷ 3",
    }
