"""Why nobody was told: everything that decides it, in order, and the first that stopped it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from handlers.alerts.results import Check, Reason, Standing
from handlers.alerts.rules import HAND_MEMORY, PLATFORM, AlarmKind, Seen, silence_for
from handlers.alerts.watching import Verdict, explained
from storage.matters.rows import Matter, NewMatter, Silence, Step

_MOST_NAMES = 6
_CAUSES = (f"platform:{PLATFORM}", "authorisation:account")


def explain_rule(
    kind: AlarmKind, seen: Seen, matters: Sequence[Matter], silences: Iterable[Silence], now: datetime
) -> tuple[Reason, tuple[Check, ...]]:
    """Of a rule: are there data, is its condition met, is it silenced or settled by hand, does a matter tell of it?

    ``matters`` are its unsettled ones and the newest settled one.
    """
    findings = [each for each in seen.findings if each.kind == kind]
    is_silenced = are_silenced(findings, silences, now)
    causes = sorted({each.fingerprint for each in seen.findings} & set(_CAUSES)) if kind == "late_data" else []
    told = [matter for matter in matters if not matter.is_over]
    checks: dict[Reason, Check] = {
        "another_cause": Check("cause", not causes, ", ".join(causes)),
        "missing": Check("data", kind in seen.judged),
        "not_met": Check("condition", bool(findings)),
        "silenced": Check("silence", not is_silenced),
        "by_hand": Check("by_hand", not any(_is_kept_quiet(matter, now) for matter in matters)),
    }
    return _first(checks, told)


def explain_watch(
    standing: Standing, silences: Iterable[Silence], now: datetime, *, missing: Sequence[str]
) -> tuple[Reason, tuple[Check, ...]]:
    """Of a rule of the team: is it on, are there data, is its condition met anywhere, is it silenced or settled?

    ``missing`` are the stores without data, in words; the standing's matters are the unsettled and the lately settled.
    """
    findings = standing.findings
    told = [matter for matter in standing.matters if not matter.is_over]
    is_silenced = are_silenced(findings, silences, now)
    kept_quiet = any(_is_kept_quiet(matter, now) for matter in _newest(standing.matters))
    checks: dict[Reason, Check] = {
        "off": Check("live", standing.watch.state == "live"),
        "missing": Check("data", bool(findings) or (standing.is_judged and not missing), "; ".join(missing)),
        "not_met": Check("condition", bool(findings), _nearest(standing)),
        "silenced": Check("silence", not is_silenced),
        "by_hand": Check("by_hand", not kept_quiet),
    }
    return _first(checks, told)


def are_silenced(findings: Sequence[NewMatter], silences: Iterable[Silence], now: datetime) -> bool:
    """True if there are some, and each is silenced."""
    lasting = tuple(silences)
    return bool(findings) and all(silence_for(each.fingerprint, lasting, now) for each in findings)


def _newest(matters: Iterable[Matter]) -> tuple[Matter, ...]:
    """The newest matter of each cause."""
    newest = {matter.fingerprint: matter for matter in sorted(matters, key=lambda matter: matter.number)}
    return tuple(newest.values())


def _nearest(standing: Standing) -> str:
    """Whom the condition meets, else who is nearest to it, with the inputs."""
    kind = standing.watch.kind
    verdicts = [each.outcome for each in standing.judged if isinstance(each.outcome, Verdict)]
    met = [explained(kind, figures) for verdict in verdicts for figures in verdict.met]
    near = [explained(kind, verdict.nearest) for verdict in verdicts if verdict.nearest]
    return ", ".join((met or near)[:_MOST_NAMES])


def _first(checks: Mapping[Reason, Check], told: Sequence[Matter]) -> tuple[Reason, tuple[Check, ...]]:
    """What stopped it, unless matters tell of it."""
    shown = (*checks.values(), Check("matter", bool(told), " ".join(f"#{matter.number}" for matter in told)))
    if told:
        return "told", shown
    return next((reason for reason, check in checks.items() if not check.passed), "soon"), shown


def _is_kept_quiet(matter: Matter, now: datetime) -> bool:
    ended = matter.settled_at
    return (
        matter.is_over
        and bool(matter.owner_id)
        and matter.clear_since is None
        and ended is not None
        and now - ended < HAND_MEMORY
    )


def explain_matter(matter: Matter, steps: Sequence[Step], now: datetime) -> tuple[Reason, tuple[Check, ...]]:
    """Of a matter: is it open at all, has a step's time come, did one reach somebody?"""
    fired = [step for step in steps if step.state == "fired"]
    due = [step for step in steps if step.due_at <= now]
    checks = (
        Check("over", not matter.is_over),
        Check("taken", matter.state != "taken"),
        Check("snoozed", matter.state != "snoozed"),
        Check("due", bool(due)),
        Check("fired", bool(fired), str(len(fired))),
    )
    reasons: dict[str, Reason] = {"settled": "over", "taken": "acknowledged", "snoozed": "snoozed"}
    if matter.state in reasons:
        return reasons[matter.state], checks
    return ("told" if fired else "soon"), checks
