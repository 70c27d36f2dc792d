"""What is an alarm, and when it opens, stays and closes: pure, told only at transitions.

An alarm closes once its condition has been away for a while; every time it comes back first, that while doubles. So a
condition that flaps all night opens once and closes once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from handlers.common.freshness import NORMAL, Ages, freshness
from storage.catalog.rows import ACCOUNT, KINDS, DataKind, Store, SyncAge
from storage.matters.rows import Matter, NewMatter, Silence
from storage.outbox.rows import ChannelHealth

CALM = timedelta(minutes=15)
LONGEST_CALM = timedelta(hours=12)
FLAP_MEMORY = timedelta(hours=12)
"""A cause that comes back so soon after it closed is taken for flapping from the start."""
HAND_MEMORY = timedelta(hours=24)
"""How long what somebody called settled stays so while its condition simply goes on."""
SILENT_AFTER = timedelta(minutes=15)
STUCK_AFTER = timedelta(minutes=10)
PLATFORM = "lingxing"
_UNAUTHORISED = (2, 3)
_AUTHORISATION_CODES = frozenset(
    {
        "upstream_auth",
        "lingxing_clock",
        "lingxing_credentials",
        "lingxing_grant",
        "lingxing_sign",
        "lingxing_token",
        "lingxing_token_owner",
        "lingxing_white_list",
    }
)
_MOST_NAMES = 6

AlarmKind = Literal["late_data", "platform", "authorisation", "stockout", "dead_letters", "silent", "broken_channel"]
ALARM_KINDS: tuple[AlarmKind, ...] = (
    "late_data",
    "platform",
    "authorisation",
    "stockout",
    "dead_letters",
    "silent",
    "broken_channel",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is wrong now, and which kinds could be judged at all: what was not judged neither opens nor closes.

    ``unjudged`` are the causes of a kind that was judged elsewhere only.
    """

    findings: tuple[NewMatter, ...]
    judged: frozenset[str]
    unjudged: frozenset[str] = frozenset()


Change = Literal["nothing", "open", "renew", "return", "calm", "close"]
"""open: tell that it began; renew: its figures changed; return: it is back before it was believed gone;
calm: it is away, wait; close: tell that it ended."""


def decide(matter: Matter | None, finding: NewMatter | None, *, now: datetime, is_silenced: bool) -> Change:
    """What becomes of one cause, whose newest matter this is.

    ``matter`` may be settled: one that somebody settled by hand keeps its condition quiet until it was away once, at
    most ``HAND_MEMORY``; one that closed by itself says how long the next calm has to be (``returns_of``).
    """
    if matter is None or matter.is_over:
        return _of_settled(matter, finding, now, is_silenced)
    if finding is not None:
        if matter.clear_since is not None:
            return "return"
        return "renew" if dict(finding.details) != dict(matter.details) else "nothing"
    if matter.clear_since is None:
        return "calm"
    return "close" if now - matter.clear_since >= calm_after(matter.returns) else "nothing"


def _of_settled(matter: Matter | None, finding: NewMatter | None, now: datetime, is_silenced: bool) -> Change:
    is_by_hand = matter is not None and matter.owner_id != ""
    is_remembered = is_by_hand and matter is not None and matter.clear_since is None
    if finding is None:
        return "calm" if is_remembered else "nothing"
    ended = matter.settled_at if matter is not None else None
    if is_silenced or (is_remembered and ended is not None and now - ended < HAND_MEMORY):
        return "nothing"
    return "open"


def calm_after(returns: int) -> timedelta:
    """How long a condition that came back so often must be away until it is believed gone."""
    return min(LONGEST_CALM, CALM * (1 << min(returns, 10)))


def returns_of(earlier: Matter | None, now: datetime) -> int:
    """With how many returns a cause opens again: one more than before if it closed only lately."""
    if earlier is None or earlier.settled_at is None or now - earlier.settled_at > FLAP_MEMORY:
        return 0
    return earlier.returns + 1


def silence_for(fingerprint: str, silences: Iterable[Silence], now: datetime) -> Silence | None:
    """The silence that covers the fingerprint: its own, or one of its first parts; ``stockout:1`` is none of
    ``stockout:12``."""
    return next((each for each in silences if each.ends_at > now and _covers(each.fingerprint, fingerprint)), None)


def _covers(begins: str, fingerprint: str) -> bool:
    return f"{fingerprint}:".startswith(f"{begins.removesuffix(':')}:" if begins else "")


def late_data(stores: Sequence[Store], ages: Ages, now: datetime) -> tuple[NewMatter, ...]:
    """One for all stores: pulling is one cause. Data that never came are the first pull's, and no alarm."""
    late = [
        store.name
        for store in stores
        if store.status == NORMAL and any(_is_late(ages, store, kind, now) for kind in KINDS)
    ]
    if not late:
        return ()
    return (NewMatter(kind="late_data", fingerprint="late_data", details={"stores": _names(late)}),)


def _is_late(ages: Ages, store: Store, kind: DataKind, now: datetime) -> bool:
    fresh = freshness(ages, store.store_id, kind, now)
    return fresh.is_stale and fresh.age is not None


def failing_platform(ages: Ages) -> tuple[NewMatter, ...]:
    """Pulls that end in errors, all for one cause unless it is the authorisation."""
    failing = [age for age in ages.values() if age.last_error_code and not _is_auth(age)]
    if not failing:
        return ()
    codes = sorted({age.last_error_code for age in failing})
    details = {"platform": PLATFORM, "codes": ", ".join(codes)}
    return (NewMatter(kind="platform", fingerprint=f"platform:{PLATFORM}", details=details),)


def authorisation(stores: Sequence[Store], ages: Ages) -> tuple[NewMatter, ...]:
    """The account's own authorisation, and stores that lost theirs."""
    account = ages.get((ACCOUNT, "sellers"))
    found = []
    if account is not None and _is_auth(account):
        found.append(_authorisation("account", PLATFORM))
    if void := [store.name for store in stores if store.status in _UNAUTHORISED and store.is_listed]:
        found.append(_authorisation("stores", _names(void)))
    return tuple(found)


def _authorisation(what: str, names: str) -> NewMatter:
    fingerprint = f"authorisation:{what}"
    return NewMatter(kind="authorisation", fingerprint=fingerprint, details={"what": names}, is_urgent=True)


def _is_auth(age: SyncAge) -> bool:
    return age.last_error_code in _AUTHORISATION_CODES


def dead_letters(count: int) -> tuple[NewMatter, ...]:
    """Work that came to nothing and waits for somebody."""
    if not count:
        return ()
    return (NewMatter(kind="dead_letters", fingerprint="dead_letters", details={"count": str(count)}),)


def silent(overdue: Mapping[str, datetime]) -> tuple[NewMatter, ...]:
    """Schedules and subscriptions that should have run a while ago, by name: silence is an alarm."""
    if not overdue:
        return ()
    details = {"names": _names(sorted(overdue))}
    return (NewMatter(kind="silent", fingerprint="silent", details=details),)


def broken_channels(health: Iterable[ChannelHealth], now: datetime) -> tuple[NewMatter, ...]:
    """Channels on which messages wait too long, or whose last messages were all given up."""
    return tuple(
        NewMatter(
            kind="broken_channel",
            fingerprint=f"broken_channel:{each.channel}",
            details={"broken_channel": each.channel},
            is_urgent=True,
        )
        for each in health
        if _is_broken(each, now)
    )


def _is_broken(health: ChannelHealth, now: datetime) -> bool:
    if health.oldest_queued_at is not None and now - health.oldest_queued_at > STUCK_AFTER:
        return True
    if health.last_failed_at is None or now - health.last_failed_at > FLAP_MEMORY:
        return False
    return health.last_handed_at is None or health.last_handed_at < health.last_failed_at


def without_consequences(seen: Seen) -> Seen:
    """One cause, one alarm: while the platform fails or takes us for a stranger, that its data are late is no news."""
    causes = {finding.fingerprint for finding in seen.findings}
    if not causes & {f"platform:{PLATFORM}", "authorisation:account"}:
        return seen
    findings = tuple(finding for finding in seen.findings if finding.kind != "late_data")
    return Seen(findings, seen.judged - {"late_data"})


def _names(names: Collection[str]) -> str:
    shown = "、".join(list(names)[:_MOST_NAMES])
    return f"{shown} … ({len(names)})" if len(names) > _MOST_NAMES else shown
