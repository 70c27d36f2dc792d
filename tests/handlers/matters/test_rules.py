"""Who sees a matter and what is sought for; the ladder, the roster and typed times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.errors import UserInputError
from bot.contracts.feature import Grant, Person, Role
from handlers.common.ladder import DEFAULT_LADDER
from handlers.common.moments import read_until
from handlers.common.visible import stores_seen
from handlers.matters.rules import (
    REMIND_EVERY,
    Address,
    address_of,
    is_reached,
    may,
    people_for,
    sought_words,
    steps_of,
)
from storage.matters.rows import Matter, Need, Rung, Sought
from storage.people.rows import PersonRecord

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)  # a Sunday, 16:00 in Shanghai
SHANGHAI, ROME = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Rome")
MATTER = Matter(
    number=1,
    kind="k",
    fingerprint="f",
    details={},
    store_id="",
    is_urgent=False,
    due_at=None,
    cost_per_day=None,
    currency="",
    opened_at=NOW,
    changed_at=NOW,
)


def someone(person_id: str, *roles: Role, **known: str) -> PersonRecord:
    person = Person(id=person_id, name=person_id, grants=tuple(Grant(role) for role in roles))
    return PersonRecord(person=person, language="", identities=tuple(known.items()))


WEI, FANG, BOSS = someone("Wei", "operator"), someone("Fang", "viewer"), someone("Boss", "admin")
GONE = someone("Gone")
TEAM = (WEI, FANG, BOSS, GONE)


@pytest.mark.parametrize(
    "grants",
    [
        (Grant("viewer"),),
        (Grant("operator", store_id="1"), Grant("viewer", store_id="2")),
        (Grant("viewer", store_id="1", ends_at=NOW),),
        (),
    ],
)
def test_the_stores_whose_matters_are_listed_are_those_whose_matters_may_be_seen(grants: tuple[Grant, ...]) -> None:
    person = Person(id="P", grants=grants).here("web", "", NOW)
    seen, shops = stores_seen(person), ["", "1", "2", "3"]
    assert [seen is None or shop in seen for shop in shops] == [may(person, replace(MATTER, store_id=s)) for s in shops]


def test_each_word_is_sought_by_itself_also_in_names_and_in_what_is_said_of_a_kind() -> None:
    kinds, names = {"stockout": "断货  将断货", "silent": "到点没跑"}, {"P1": "Wei", "P2": "林"}
    assert sought_words("断货 WEI", kinds, names) == (
        Sought(text="断货", kinds=("stockout",)),
        Sought(text="WEI", owner_ids=("P1",)),
    )
    assert sought_words("  ", kinds, names) == ()


def test_a_narrowed_person_may_only_what_is_about_their_store() -> None:
    narrow = Person(id="P", grants=(Grant("operator", store_id="1"),))
    assert may(narrow, replace(MATTER, store_id="1"), "operator")
    assert not may(narrow, replace(MATTER, store_id="2"))
    assert not may(narrow, MATTER)


def test_steps_begin_behind_earlier_ones_and_end_with_a_reminder() -> None:
    steps = steps_of(7, DEFAULT_LADDER, start=NOW, first=3, channels={"feishu", "email"})
    assert [step.position for step in steps] == list(range(3, 9))
    assert [step.channel for step in steps] == ["", "", "", "email", "", ""]
    assert (steps[-1].how, steps[-1].due_at) == ("remind", NOW + REMIND_EVERY)


@given(
    st.lists(st.integers(0, 999), max_size=6), st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year < 9000)
)
def test_steps_are_due_in_their_order_whatever_the_clock_on_the_wall_does(minutes: list[int], start: datetime) -> None:
    rungs = [Rung(position=n, after_minutes=after, how="card", target="chats") for n, after in enumerate(minutes)]
    due = [step.due_at for step in steps_of(1, rungs, start=start, first=0, channels=())][:-1]
    assert due == sorted(due)


@pytest.mark.parametrize(
    ("need", "handed", "is_there"),
    [
        ("delivered", [("feishu", "accepted")], True),
        ("delivered", [("whatsapp", "accepted")], False),
        ("delivered", [("whatsapp", "delivered")], True),
        ("read", [("whatsapp", "delivered")], False),
        ("read", [("whatsapp", "queued"), ("whatsapp", "read")], True),
        ("read", [("feishu", "accepted")], False),
        ("delivered", [("sms", "failed")], False),
        ("acknowledged", [("whatsapp", "read")], False),
    ],
)
def test_a_need_is_met_by_proof_only(need: Need, handed: list[tuple[str, str]], is_there: bool) -> None:
    assert is_reached(need, handed) is is_there


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("role:admin", ["Boss"]),
        ("role:operator", ["Wei"]),
        ("person:Fang", ["Fang"]),
        ("person:Gone", []),
        ("person:Nobody", []),
        ("duty", ["Wei"]),
    ],
)
def test_a_target_means_the_people_who_are_there(target: str, names: list[str]) -> None:
    assert [each.person.id for each in people_for(target, TEAM, {}, NOW, SHANGHAI)] == names


def test_the_roster_follows_the_day_on_the_wall_also_when_clocks_change() -> None:
    roster = {6: ("Fang",), 0: ("Boss",)}
    assert [each.person.id for each in people_for("duty", TEAM, roster, NOW, SHANGHAI)] == ["Fang"]
    late = NOW + timedelta(hours=9)
    assert [each.person.id for each in people_for("duty", TEAM, roster, late, SHANGHAI)] == ["Boss"]
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # clocks in Rome go back at 01:00 UTC
    hours = [people_for("duty", TEAM, roster, night + timedelta(hours=n), ROME) for n in (0, 1, 22, 23)]
    assert [each[0].person.id for each in hours] == ["Fang", "Fang", "Fang", "Boss"]


def test_a_day_with_nobody_on_the_roster_is_nobodys() -> None:
    assert people_for("duty", TEAM, {0: ("Boss",)}, NOW, SHANGHAI) == ()


def test_people_are_reached_where_they_chat_or_on_the_channel_asked_for() -> None:
    wei = someone("Wei", "operator", web="Wei", feishu="ou_1", sms="+390000000")
    assert address_of(wei, "", {"web", "feishu"}) == Address("feishu", "ou_1")
    assert address_of(wei, "", {"web"}) == Address("web", "private:Wei")
    assert address_of(wei, "sms", {"sms"}) == Address("sms", "+390000000")
    assert address_of(wei, "email", {"email"}) is None


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("3天", NOW + timedelta(days=3)),
        ("8h", NOW + timedelta(hours=8)),
        ("2026-11-24", datetime(2026, 11, 24, 1, tzinfo=UTC)),
    ],
)
def test_a_time_to_come_is_read(typed: str, until: datetime) -> None:
    assert read_until(typed, NOW, SHANGHAI) == until


@pytest.mark.parametrize("typed", ["", "明天", "0天", "2026-11-22", "2030-01-01", "9999天", "2026-02-30"])
def test_what_is_no_time_within_a_year_is_refused(typed: str) -> None:
    with pytest.raises(UserInputError):
        read_until(typed, NOW, SHANGHAI)
