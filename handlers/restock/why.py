"""Every figure of a restock line with its formula, inputs, source and age.

The formulas are plain arithmetic over figures exactly as shown: computing them gives the shown result, rounded
to the shown digits where the sign is ≈.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from bot.contracts.cards import Action, Block, Card, Fact, Facts, Note, Text, plain
from bot.contracts.feature import Words
from handlers.common.freshness import freshness
from handlers.restock.cards import exact
from handlers.restock.policy import RestockPolicy
from handlers.restock.rules import RestockLine, Window
from handlers.restock.surroundings import Surroundings
from storage.catalog.rows import STOCK_STATES, DataKind, RestockSuggestion

Value = Decimal | int | date | None
_WAREHOUSE = (
    "local_units",
    "oversea_units",
    "oversea_shipping_units",
    "inspection_units",
    "local_shipping_units",
    "purchase_plan_units",
    "purchase_ordered_units",
)
_ADVICE = ("local_to_fba_units", "local_to_oversea_units", "oversea_to_fba_units", "supply_days", "fba_supply_days")


def why_card(code: str, lines: Sequence[RestockLine], policy: RestockPolicy, around: Surroundings) -> Card:
    """The explanation of every line of one SKU."""
    words = around.words
    blocks = tuple(block for line in lines for block in Explained(line, policy, around).blocks())
    return Card(
        words("restock.title.why", sku=code),
        "info",
        (*blocks, Note(words("restock.note.rounding"))),
        (Action(words("restock.button.stock"), words("restock.line.stock", sku=code)),),
        language=words.language,
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """One line, told figure by figure."""

    line: RestockLine
    policy: RestockPolicy
    around: Surroundings

    def blocks(self) -> tuple[Block, ...]:
        groups = (self._sales(), self._stock(), self._supply(), self._plan(), self._left_out(), self._lingxing())
        return (
            Text(self._heading()),
            *(Facts(facts) for group in groups if (facts := tuple(group))),
            Text(plain(self._decision())),
            Text(plain(comparison(self.line, self.around.words))),
        )

    def _heading(self) -> str:
        listing = self.line.facts.listing
        codes = " · ".join(plain(code) for code in (listing.asin, listing.fnsku, listing.local_sku) if code)
        store = plain(self.around.store_name(self.line.facts))
        return f"**{store} · {plain(listing.msku)}**" + (f"\n{codes}" if codes else "")

    def _sales(self) -> Iterator[Fact]:
        for window in self.line.windows:
            yield self._fact("window", window.units, self._window_note(window), days=window.days)
        counting = [window for window in self.line.windows if window.weight_percent]
        if self.line.daily_units is None:
            yield self._fact("daily", None, self._missing("sales"))
            return
        formula = " + ".join(f"{w.weight_percent}% × {self._n(w.units)} ÷ {w.known_days}" for w in counting)
        true = sum(Fraction(w.weight_percent * w.units, 100 * w.known_days) for w in counting)
        yield self._fact("daily", self.line.daily_units, _equation(formula, self.line.daily_units == true))

    def _stock(self) -> Iterator[Fact]:
        for name, states, total in (
            ("sellable", self.policy.sellable_states, self.line.sellable_units),
            ("transit", self.policy.transit_states, self.line.transit_units),
        ):
            stock = self.line.facts.stock
            units = [getattr(stock, state) if stock else None for state in states]
            for state, value in zip(states, units, strict=True):
                yield Fact(self._word(f"state.{state}"), self._value(value), self._source("stock"))
            formula = " + ".join(map(self._value, units))
            yield self._fact(name, total, _equation(formula) if total is not None else self._missing("stock"))

    def _supply(self) -> Iterator[Fact]:
        daily, sellable, transit = self.line.daily_units, self.line.sellable_units, self.line.transit_units
        stock_only, both = self._value(sellable), f"({self._value(sellable)} + {self._value(transit)})"
        for name, units, text, days in (
            ("supply", sellable, stock_only, self.line.supply_days),
            ("supply_with_transit", _sum(sellable, transit), both, self.line.supply_days_with_transit),
        ):
            if days is None or daily is None or units is None:
                yield self._fact(
                    name, None, self._word("no_sales") if daily == 0 else self._missing(*self.line.unknown)
                )
            else:
                is_exact = Fraction(days) == Fraction(units) / Fraction(daily)
                yield self._fact(name, days, _equation(f"{text} ÷ {self._n(daily)}", is_exact))

    def _plan(self) -> Iterator[Fact]:
        line = self.line
        for part in line.components:
            note = self._source("products") if part.origin == "product" else self._word(f"origin.{part.origin}")
            yield Fact(self._word(f"component_name.{part.name}"), self._n(part.days), note)
        yield self._fact(
            "target_days", line.target_days, _equation(" + ".join(self._n(p.days) for p in line.components))
        )
        if line.target_units is not None and line.daily_units is not None:
            formula = f"{self._n(line.daily_units)} × {line.target_days}"
            yield self._fact("target", line.target_units, _equation(formula))
        else:
            yield self._fact("target", None, self._missing("sales"))
        yield from self._order()

    def _order(self) -> Iterator[Fact]:
        line, pack = self.line, self.line.packing
        carton = self._source("products") if pack.carton_origin == "product" else self._word("origin.default_carton")
        yield self._fact("carton", pack.units_per_carton, carton)
        moq = self._source("products") if pack.moq_units else self._word("no_moq")
        yield self._fact("moq", pack.moq_units, moq)
        if line.need_units is None or line.order_units is None or line.target_units is None:
            yield self._fact("need", None, self._missing(*line.unknown))
            yield self._fact("order", None, self._missing(*line.unknown))
            return
        position = f"{self._value(line.sellable_units)} − {self._value(line.transit_units)}"
        yield self._fact("need", line.need_units, _equation(f"max(0, {self._n(line.target_units)} − {position})"))
        yield self._fact("order", line.order_units, _equation(self._cartons(line.need_units)))

    def _cartons(self, need: Decimal) -> str:
        pack = self.line.packing
        each = self._n(pack.units_per_carton)
        cartons = f"⌈{self._n(need)} ÷ {each}⌉"
        if need and pack.moq_units:
            return f"max({cartons}, ⌈{self._n(pack.moq_units)} ÷ {each}⌉) × {each}"
        return f"{cartons} × {each}"

    def _left_out(self) -> Iterator[Fact]:
        counted = {*self.policy.sellable_states, *self.policy.transit_states}
        for state in STOCK_STATES:
            units = getattr(self.line.facts.stock, state) if self.line.facts.stock else None
            if state not in counted and units:
                label = self._word("left_out", name=self._word(f"state.{state}"))
                yield Fact(label, self._n(units), self._word(f"left_out_why.{state}"))
        suggestion = self.line.facts.suggestion
        for name in _WAREHOUSE:
            units = getattr(suggestion, name) if suggestion else None
            if units:
                label = self._word("left_out", name=self._word(f"warehouse.{name}"))
                yield Fact(
                    label, self._n(units), self._word("left_out_why.warehouse", source=self._source("suggestions"))
                )

    def _lingxing(self) -> Iterator[Fact]:
        suggestion = self.line.facts.suggestion
        source = self._source("suggestions")
        yield self._fact("lingxing", suggestion.purchase_units if suggestion else None, source)
        if suggestion is None:
            return
        yield self._fact("lingxing_daily", suggestion.daily_units, source)
        for name in _ADVICE:
            value: Decimal | int | None = getattr(suggestion, name)
            if value is not None:
                yield Fact(self._word(f"advice.{name}"), self._n(value), source)
        if suggestion.stockout_on:
            yield Fact(self._word("advice.stockout_on"), self._value(suggestion.stockout_on), source)

    def _decision(self) -> str:
        line = self.line
        match line.urgency:
            case _ if line.unknown:
                return self._word("decision.unknown", missing=missing_names(line, self.around.words))
            case "idle":
                return self._word("decision.idle")
            case "enough":
                supply = self._value(line.supply_days_with_transit)
                return self._word("decision.enough", supply=supply, target=line.target_days)
            case _:
                return self._word("decision.order", units=self._value(line.order_units), target=line.target_days)

    def _window_note(self, window: Window) -> str:
        sales = self.line.facts.sales
        through = self._value(sales.through) if sales else ""
        key = "window_note.whole" if window.known_days == window.days else "window_note.short"
        since = self._value(sales.history_from) if sales else ""
        note = self._word(key, days=window.days, known=window.known_days, since=since, weight=window.weight_percent)
        return self._word("window_note.source", note=note, through=through, source=self._source("sales"))

    def _fact(self, name: str, value: Value, note: str, **values: object) -> Fact:
        return Fact(self._word(f"figure.{name}", **values), self._value(value), note)

    def _missing(self, *inputs: str) -> str:
        names = self._word("separator").join(self._word(f"input.{name}") for name in inputs)
        return self._word("missing", inputs=names)

    def _source(self, kind: DataKind) -> str:
        fresh = freshness(self.around.ages, self.line.facts.listing.store_id, kind, self.around.now)
        return self._word(f"source.{kind}", age=fresh.told(self.around.words))

    def _value(self, value: Value) -> str:
        if value is None:
            return self._word("unknown")
        return self.around.words.date(value) if isinstance(value, date) else self._n(value)

    def _n(self, value: Decimal | int) -> str:
        return exact(self.around.words, value)

    def _word(self, key: str, **values: object) -> str:
        return self.around.words(f"restock.{key}", **values)


def comparison(line: RestockLine, words: Words) -> str:
    """Lingxing's suggestion beside ours in one line, with what is known of the reason for a difference."""
    suggestion, ours = line.facts.suggestion, line.order_units
    theirs = suggestion.purchase_units if suggestion else None
    if suggestion is None or theirs is None:
        return words("restock.compare.none")
    shown = exact(words, theirs)
    if ours is None:
        return words("restock.compare.ours_unknown", theirs=shown, missing=missing_names(line, words))
    if ours == theirs:
        return words("restock.compare.same", theirs=shown)
    key = "restock.compare.more" if theirs > ours else "restock.compare.less"
    reasons = words("restock.separator").join(_reasons(line, suggestion, words))
    return words(key, theirs=shown, difference=exact(words, abs(theirs - ours)), reasons=reasons)


def missing_names(line: RestockLine, words: Words) -> str:
    """The names of the inputs that the line lacks."""
    return words("restock.separator").join(words(f"restock.input.{name}") for name in line.unknown)


def _reasons(line: RestockLine, suggestion: RestockSuggestion, words: Words) -> Iterator[str]:
    show = partial(exact, words)
    if (
        suggestion.daily_units is not None
        and line.daily_units is not None
        and suggestion.daily_units != line.daily_units
    ):
        yield words("restock.compare.daily", theirs=show(suggestion.daily_units), ours=show(line.daily_units))
    planned = line.facts.stock.inbound_working if line.facts.stock else None
    elsewhere = (planned or 0) + sum(getattr(suggestion, name) or 0 for name in _WAREHOUSE)
    if elsewhere:
        yield words("restock.compare.elsewhere", units=show(elsewhere))
    yield words("restock.compare.own_days", target=line.target_days)


def _equation(formula: str, is_exact: bool = True) -> str:
    return f"{'=' if is_exact else '≈'} {formula}"


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
