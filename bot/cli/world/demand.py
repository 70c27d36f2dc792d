"""How much people want on each day: season, weekday, deal days, coupons, and the life of a product."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from bot.cli.world.catalogue import MARKETS, SEASONS

Life = Literal["steady", "growing", "new", "dying", "slow"]
_LIVES: tuple[tuple[Life, float], ...] = (
    ("steady", 0.56),
    ("growing", 0.14),
    ("new", 0.09),
    ("dying", 0.09),
    ("slow", 0.12),
)


@dataclass(frozen=True, slots=True)
class Course:
    """The life of one offer: when it opened, its usual level and what becomes of it."""

    life: Life
    opened: int
    """Index of the first day on sale; 0 if it was on sale before."""
    level: float


def draw_course(random: Random, level: float, days: int) -> Course:
    """A life for an offer that sells ``level`` units on a usual day."""
    lives, weights = zip(*_LIVES, strict=True)
    life = random.choices(lives, weights)[0]
    opened = days - random.randint(12, 55) if life == "new" else 0
    return Course(life, max(0, opened), level * (0.06 if life == "slow" else random.uniform(0.7, 1.35)))


def season(category: str, first_day: date, days: int) -> list[float]:
    """Demand by day, sliding from the middle of one month to the middle of the next."""
    months = SEASONS[category]
    values = []
    for day in (first_day + timedelta(days=offset) for offset in range(days)):
        at = day.month - 1 + (day.day - 15) / 30
        low = math.floor(at)
        share = at - low
        values.append(months[low % 12] * (1 - share) + months[(low + 1) % 12] * share)
    return values


def rhythm(country_code: str, first_day: date, days: int) -> list[float]:
    """The marketplace's weekdays and quiet holidays by day."""
    week = MARKETS[country_code].week
    dates = (first_day + timedelta(days=offset) for offset in range(days))
    return [week[day.weekday()] * (0.55 if (day.month, day.day) in ((12, 24), (12, 25)) else 1.0) for day in dates]


def deal_days(first_day: date, days: int) -> list[float]:
    """How far the marketplaces' great deal days lift demand, by day; 1 on others."""
    lifts = {day: lift for year in (first_day.year, first_day.year + 1) for day, lift in _deals_of(year)}
    return [lifts.get(first_day + timedelta(days=offset), 1.0) for offset in range(days)]


def wanted(random: Random, course: Course, usual: Sequence[float], deals: Sequence[float]) -> list[int]:
    """Units that would sell on each day if there were enough of them.

    ``usual`` is season times weekday; half of the offers take part in deal days, others feel them a little.
    """
    share = random.choice((1.0, 0.15))
    lifts = _coupons(random, len(usual))
    noise = 1.0
    units = []
    for index, base in enumerate(usual):
        if index % 7 == 0:
            noise = math.exp(random.gauss(0.0, 0.12))
        if index < course.opened:
            units.append(0)
            continue
        lift = lifts[index] * (1 + (deals[index] - 1) * share)
        units.append(_poisson(random, course.level * base * noise * lift * _stage(course, index, len(usual))))
    return units


def _stage(course: Course, index: int, days: int) -> float:
    """Where in its life an offer is: 1 is the usual level."""
    match course.life:
        case "growing":
            return 0.6 + 0.9 * index / days
        case "new":
            return min(1.0, 0.15 + (index - course.opened) / 40)
        case "dying":
            return math.exp(-4.0 * index / days)
        case "steady" | "slow":
            return 1.0


def _coupons(random: Random, days: int) -> list[float]:
    """Up to three coupon weeks, each followed by a short dip because people bought ahead."""
    lifts = [1.0] * days
    for _ in range(random.randint(0, 3)):
        start, length, lift = random.randrange(days), random.randint(5, 9), random.uniform(1.4, 2.0)
        for index in range(start, min(days, start + length)):
            lifts[index] = lift
        for index in range(start + length, min(days, start + length + 3)):
            lifts[index] = 0.8
    return lifts


def _deals_of(year: int) -> Iterator[tuple[date, float]]:
    yield from ((date(year, 7, day), 2.4) for day in (8, 9, 10, 11))
    yield from ((date(year, 10, day), 1.9) for day in (7, 8))
    november = date(year, 11, 1)
    thanksgiving = november + timedelta(days=(3 - november.weekday()) % 7 + 21)
    yield from ((thanksgiving + timedelta(days=offset), lift) for offset, lift in enumerate((1.5, 2.6, 2.0, 1.8, 2.5)))


def _poisson(random: Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, units, product = math.exp(-mean), 0, random.random()
    while product > limit:
        units += 1
        product *= random.random()
    return units
