"""What was on the shelf: shipments come in, sales go out, and sometimes nothing is left to sell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bot.cli.world.demand import Course
from bot.cli.world.model import Shelf

_TRANSIT_DAYS = (24, 38)
_LATE_DAYS = (16, 34)
_RECEIVING_DAYS = 3
_CARTON = 24


@dataclass(frozen=True, slots=True)
class _Shipment:
    arrives: int
    units: int


@dataclass(frozen=True, slots=True)
class Told:
    """What happened: units sold, left and travelling by day, and where the others are now."""

    units: tuple[int, ...]
    on_hand: tuple[int, ...]
    under_way: tuple[int, ...]
    shelf: Shelf


def tell(random: Random, course: Course, wanted: Sequence[int]) -> Told:
    """Play the days of one offer. The buyer looks once a week; one in five shipments is late."""
    cover_days = random.randint(66, 100)
    on_hand = _cartons(course.level * random.uniform(40, 75))
    shipments: list[_Shipment] = []
    sold: list[int] = []
    left: list[int] = []
    travelling: list[int] = []
    for day, demand in enumerate(wanted):
        on_hand += sum(shipment.units for shipment in shipments if shipment.arrives == day)
        units = min(demand, on_hand)
        sold.append(units)
        on_hand -= units
        if day % 7 == 6 and day >= course.opened:
            shipments = [shipment for shipment in shipments if shipment.arrives > day]
            shipments.extend(_ordered(random, sold[-28:], on_hand, shipments, day=day, cover_days=cover_days))
        left.append(on_hand)
        travelling.append(sum(one.units for one in shipments if 0 < one.arrives - day <= _TRANSIT_DAYS[0] + 1))
    return Told(tuple(sold), tuple(left), tuple(travelling), _shelf(random, on_hand, shipments, len(wanted), sold[-1]))


def _ordered(
    random: Random, recent: Sequence[int], on_hand: int, shipments: Sequence[_Shipment], *, day: int, cover_days: int
) -> list[_Shipment]:
    """One shipment when the position falls below two thirds of the cover, judged by the last four weeks."""
    rate = sum(recent) / len(recent)
    position = on_hand + sum(shipment.units for shipment in shipments)
    if position >= rate * cover_days * 0.66:
        return []
    late = random.randint(*_LATE_DAYS) if random.random() < 0.2 else 0
    units = _cartons(rate * cover_days - position)
    return [_Shipment(day + random.randint(*_TRANSIT_DAYS) + late, units)] if units else []


def _shelf(random: Random, on_hand: int, shipments: Sequence[_Shipment], today: int, sold_yesterday: int) -> Shelf:
    """Where the units are on the morning after the last day."""
    receiving = sum(one.units for one in shipments if today <= one.arrives <= today + _RECEIVING_DAYS)
    working = sum(one.units for one in shipments if one.arrives > today + _TRANSIT_DAYS[0])
    under_way = sum(one.units for one in shipments if one.arrives >= today)
    moving = on_hand // 12
    transfers = random.randint(0, moving)
    return Shelf(
        fulfillable=on_hand - moving,
        transfers=transfers,
        processing=moving - transfers,
        customer_orders=min(sold_yesterday, 12),
        unsellable=random.choice((0, 0, 0, 1, 2)),
        inbound_working=working,
        inbound_shipped=under_way - working - receiving,
        inbound_receiving=receiving,
    )


def _cartons(units: float) -> int:
    return max(0, math.ceil(units / _CARTON)) * _CARTON
