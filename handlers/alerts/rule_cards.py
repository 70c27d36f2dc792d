"""The team's own rules as cards: the list, a form, what a rule would have done, and how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Column,
    Fact,
    Facts,
    Field,
    Form,
    Level,
    LevelTone,
    Note,
    Table,
    Text,
    plain,
)
from bot.contracts.feature import Words
from handlers.alerts.results import Judged, Standing
from handlers.alerts.watching import (
    STOCK_KINDS,
    TRIAL_DAYS,
    Figures,
    Missing,
    Opening,
    Trial,
    explained,
    needed_kinds,
)
from handlers.common.freshness import Ages, freshness
from storage.alerts.rows import WATCH_KINDS, Watch, WatchKind, WatchState
from storage.catalog.rows import Store

_WITH_BUTTONS = 3  # rules of the list that get their buttons there
_MOST_ROWS = 200
_MOST_NAMES = 6
_VERBS: Mapping[WatchState, tuple[str, ...]] = {
    "tried": ("on", "change", "discard"),
    "live": ("pause", "change", "end"),
    "paused": ("on", "change", "end"),
    "ended": ("on",),
}


@dataclass(frozen=True, slots=True)
class Around:
    """What rules are shown with: the stores the person may see, how old their data are, people's names by id."""

    words: Words
    now: datetime
    stores: Sequence[Store]
    ages: Ages
    names: Mapping[str, str]


def sentence(watch: Watch, around: Around) -> str:
    """The rule as one sentence."""
    words = around.words
    return words(
        f"rules.sentence.{watch.kind}",
        scope=_scope(watch, around),
        threshold=watch.threshold,
        lasting=words("rules.lasting", days=watch.days_in_a_row) if watch.days_in_a_row > 1 else "",
        urgently=words("rules.urgently") if watch.is_urgent else "",
    )


def rules_card(standings: Sequence[Standing], around: Around) -> Card:
    """Every rule with how it stands, and a button for each kind of new one."""
    words = around.words
    title, new = words("rules.title"), tuple(_new_button(kind, words) for kind in WATCH_KINDS)
    if not standings:
        return Card(title, "info", (Text(words("rules.none")),), new, language=words.language)
    columns = (
        Column(words("rules.column.number")),
        Column(words("rules.column.rule")),
        Column(words("rules.column.state"), "level"),
        Column(words("rules.column.by")),
        Column(words("rules.column.at"), "time"),
    )
    rows = tuple(_rule_row(each, around) for each in standings)
    present = [each for each in standings if each.watch.state != "ended"]
    buttons = tuple(button for each in present[:_WITH_BUTTONS] for button in _buttons(each.watch, words, named=True))
    is_open = any(each.findings for each in standings)
    blocks = (Table(columns, rows, len(rows)), Note(words("rules.hint")))
    return Card(title, "warning" if is_open else "info", blocks, (*buttons, *new), language=words.language)


def form_card(kind: WatchKind, around: Around, watch: Watch | None = None) -> Card:
    """The slots of a rule, empty or as ``watch`` has them."""
    words = around.words
    if watch is None:
        title, command = words("rules.new", name=words(f"rules.name.{kind}")), words(f"rules.command.new_{kind}")
    else:
        title = words("rules.title_change", number=watch.number)
        command = words("rules.command.change", number=watch.number)
    yes, no = words("rules.yes"), words("rules.no")
    stores, chosen = _places(watch, around)
    fields = (
        Field("store", words("rules.field.store"), "select", value=chosen, options=stores),
        Field("sku", words("rules.field.sku"), value=watch.sku if watch else ""),
        Field("threshold", words(f"rules.field.{kind}"), "number", True, str(watch.threshold) if watch else ""),
        Field("days", words("rules.field.days"), "number", value=str(watch.days_in_a_row) if watch else "1"),
        Field(
            "urgent",
            words("rules.field.urgent"),
            "select",
            value=yes if watch and watch.is_urgent else no,
            options=((no, no), (yes, yes)),
        ),
    )
    form = Form(fields, Action(words("rules.button.try"), command, "primary"))
    example = Note(words("rules.typed", line=words(f"rules.example.{kind}")))
    return Card(title, "info", (Text(words(f"rules.about.{kind}")), form, example), language=words.language)


def _places(watch: Watch | None, around: Around) -> tuple[tuple[tuple[str, str], ...], str]:
    """What may be chosen for the stores, several as they are together, and what ``watch`` has."""
    everything = around.words("rules.everything")
    every = ((everything, everything), *((store.store_id, store.name) for store in around.stores))
    if watch is None or not watch.store_ids:
        return every, everything
    chosen = ",".join(watch.store_ids)
    return (every if len(watch.store_ids) == 1 else (*every, (chosen, _where(watch, around)))), chosen


def trial_card(watch: Watch, trials: Sequence[Trial], around: Around) -> Card:
    """The rule as one sentence, and what it would have done; nothing is said of what has no data."""
    words = around.words
    openings = sorted(
        ((trial, opening) for trial in trials for opening in trial.openings), key=lambda each: each[1].verdict.day
    )
    blocks: list[Block] = [Text(f"**{plain(sentence(watch, around))}**"), Text(_summary(trials, len(openings), words))]
    if openings:
        names = ("day", "store", "count", "skus", "until")
        columns = tuple(Column(words(f"rules.column.{name}"), _KINDS.get(name, "text")) for name in names)  # type: ignore[arg-type]
        rows = tuple(_opening_row(watch, *each, words) for each in openings[:_MOST_ROWS])
        blocks.append(Table(columns, rows, len(openings)))
    facts = tuple(Fact(trial.store.name, _coverage(trial, words)) for trial in trials)
    blocks += [Facts(facts)] if facts else []
    blocks.append(Note(words("rules.trial_note", formula=words(f"rules.formula.{watch.kind}"))))
    if watch.replaces is not None:
        blocks.append(Note(words("rules.replaces", number=watch.replaces)))
    title = words("rules.title_tried", number=watch.number)
    return Card(title, "info", tuple(blocks), _buttons(watch, words), language=words.language)


_KINDS = {"day": "date", "until": "date", "count": "number"}


def rule_card(standing: Standing, around: Around, change: str = "shown") -> Card:
    """One rule after ``change``, with every figure that it is judged by now."""
    words, watch = around.words, standing.watch
    blocks: list[Block] = [Text(f"**{plain(sentence(watch, around))}**")]
    if change != "shown":
        blocks.append(Text(words(f"rules.changed.{change}")))
    by = around.names.get(watch.changed_by, "")
    blocks.append(
        Facts(
            (
                Fact(words("rules.column.state"), _state(standing, words).label),
                Fact(words("rules.made"), around.names.get(watch.person_id, ""), words.moment(watch.made_at)),
                Fact(words("rules.last_change"), by, words.moment(watch.changed_at)),
            )
        )
    )
    if standing.judged:
        blocks += [*_figures(standing, around), Facts(tuple(_age(watch, each, around) for each in standing.judged))]
        blocks.append(Note(words(f"rules.formula.{watch.kind}")))
    why = Action(words("rules.button.why"), words("rules.command.why", number=watch.number))
    actions = (*_buttons(watch, words), why) if watch.state == "live" else _buttons(watch, words)
    title = words(f"rules.title_{change}", number=watch.number)
    return Card(title, "info" if change == "shown" else "good", tuple(blocks), actions, language=words.language)


def missing_text(judged: Judged, words: Words) -> str:
    """Why a rule cannot be judged in a store; empty if it can."""
    match judged.outcome:
        case Missing(what):
            return f"{judged.store.name} {words(f'rules.missing.{what}')}"
        case _:
            return ""


def _scope(watch: Watch, around: Around) -> str:
    where = "stores" if watch.store_ids else "everywhere"
    what = "sku" if watch.sku else "every"
    return around.words(f"rules.scope.{where}_{what}", stores=_where(watch, around), sku=watch.sku)


def _where(watch: Watch, around: Around) -> str:
    """The names of its stores; those that the person may not see are only counted."""
    known = {store.store_id: store.name for store in around.stores}
    names = [known[store_id] for store_id in watch.store_ids if store_id in known]
    if len(names) < len(watch.store_ids):
        names.append(around.words("rules.others", count=len(watch.store_ids) - len(names)))
    return around.words("rules.separator").join(names)


def _state(standing: Standing, words: Words) -> Level:
    watch = standing.watch
    if watch.state != "live":
        return Level(words(f"rules.state.{watch.state}"))
    shown, tone = ("unknown", "warning") if not standing.is_judged else ("quiet", "good")
    if standing.findings:
        shown, tone = ("silenced", "neutral") if standing.is_silenced and not standing.matters else ("open", "bad")
    numbers = " ".join(f"#{matter.number}" for matter in standing.matters)
    missing = [missing_text(each, words) for each in standing.missing][:_MOST_NAMES]
    parts = (f"{words(f'rules.state.{shown}')} {numbers}".strip(), *missing)
    level: LevelTone = tone  # type: ignore[assignment]
    return Level(words("rules.separator").join(parts), level)


def _rule_row(standing: Standing, around: Around) -> tuple[Cell, ...]:
    watch = standing.watch
    by = around.names.get(watch.changed_by, "")
    return (f"#{watch.number}", sentence(watch, around), _state(standing, around.words), by, watch.changed_at)


def _summary(trials: Sequence[Trial], count: int, words: Words) -> str:
    if not any(trial.judged for trial in trials):
        return words("rules.trial.unknown", days=TRIAL_DAYS)
    return words("rules.trial.fired" if count else "rules.trial.never", days=TRIAL_DAYS, count=count)


def _opening_row(watch: Watch, trial: Trial, opening: Opening, words: Words) -> tuple[Cell, ...]:
    met = opening.verdict.met
    skus = words("rules.separator").join(explained(watch.kind, each) for each in met[:_MOST_NAMES])
    more = f"{skus} …" if len(met) > _MOST_NAMES else skus
    return (opening.verdict.day, trial.store.name, len(met), more, opening.ended_on or words("rules.trial.still"))


def _coverage(trial: Trial, words: Words) -> str:
    if trial.first is None or trial.last is None:
        return words("rules.trial.no_data")
    said = {"first": words.date(trial.first), "last": words.date(trial.last), "judged": trial.judged}
    gaps = words("rules.trial.gaps", count=trial.missing) if trial.missing else ""
    return words("rules.trial.data", gaps=gaps, times=len(trial.openings), **said)


def _figures(standing: Standing, around: Around) -> tuple[Block, ...]:
    """Whom the condition meets now, and per store who is nearest to it, with the inputs."""
    words, kind = around.words, standing.watch.kind
    found = [
        (each.store, figures, is_met)
        for each in standing.judged
        if not isinstance(each.outcome, Missing)
        for figures, is_met in (
            *((figures, True) for figures in each.outcome.met),
            *(((each.outcome.nearest, False),) if each.outcome.nearest else ()),
        )
    ]
    if not found:
        return ()
    inputs = ("units", "sold") if kind in STOCK_KINDS else ("before", "sold")
    columns = (
        Column(words("rules.column.store")),
        Column("SKU"),
        Column(words(f"rules.column.{kind}"), "number", 1),
        *(Column(words(f"rules.column.{name}"), "number") for name in inputs),
        Column(words("rules.column.met"), "level"),
    )
    rows = tuple(_figure_row(each, inputs, words) for each in found[:_MOST_ROWS])
    return (Table(columns, rows, len(found)),)


def _figure_row(found: tuple[Store, Figures, bool], inputs: Sequence[str], words: Words) -> tuple[Cell, ...]:
    shop, figures, is_met = found
    met = Level(words("rules.met"), "bad") if is_met else Level(words("rules.nearest"), "good")
    return (shop.name, figures.msku, figures.value, *(getattr(figures, name) for name in inputs), met)


def _age(watch: Watch, judged: Judged, around: Around) -> Fact:
    words, shop = around.words, judged.store
    ages = [(kind, freshness(around.ages, shop.store_id, kind, around.now)) for kind in needed_kinds(watch.kind)]
    told = words("rules.separator").join(f"{words(f'kind.{kind}')} {fresh.told(words)}" for kind, fresh in ages)
    if isinstance(judged.outcome, Missing):
        return Fact(shop.name, words(f"rules.missing.{judged.outcome.what}"), told)
    judgement = words("rules.judged", day=words.date(judged.outcome.day))
    unknown = words("rules.unknown", count=judged.outcome.unknown) if judged.outcome.unknown else ""
    return Fact(shop.name, f"{judgement}{unknown}", told)


def _new_button(kind: WatchKind, words: Words) -> Action:
    return Action(words("rules.new", name=words(f"rules.name.{kind}")), words(f"rules.command.new_{kind}"))


def _buttons(watch: Watch, words: Words, *, named: bool = False) -> tuple[Action, ...]:
    number = f" #{watch.number}" if named else ""
    return tuple(
        Action(
            words(f"rules.button.{verb}") + number,
            words(f"rules.command.{verb}", number=watch.number),
            "primary" if verb == "on" and not named else "default",
        )
        for verb in _VERBS[watch.state]
    )
