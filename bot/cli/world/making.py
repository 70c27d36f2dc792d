"""One seed, one world: pure, and the same on every machine."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from bot.cli.world.catalogue import CODES, FAMILIES, MARKETS, SUPPLIERS, Family, shops
from bot.cli.world.demand import deal_days, draw_course, rhythm, season, wanted
from bot.cli.world.model import Item, Offer, Shop, World
from bot.cli.world.shelves import tell

_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LEAD_DAYS = (7, 10, 12, 15, 15, 18, 20, 25, 30)
_CENT = Decimal("0.01")


def make_world(seed: int, today: date, days: int = 180, scale: int = 1) -> World:
    """The world of ``seed`` on the morning of ``today``; ``scale`` multiplies the number of items."""
    random = Random(seed)
    items = tuple(_items(random, scale))
    first_day = today - timedelta(days=days)
    seasons = {category: season(category, first_day, days) for category in {item.category for item, _ in items}}
    deals = deal_days(first_day, days)
    offers: list[Offer] = []
    stores = shops(today)
    for number, shop in enumerate(stores):
        week = rhythm(shop.country_code, first_day, days)
        usual = {category: [a * b for a, b in zip(values, week, strict=True)] for category, values in seasons.items()}
        for item, family in items:
            if _sells(number, item, random):
                offers.append(_offer(random, shop, item, family, usual=usual[item.category], deals=deals, today=today))
    return World(
        seed=seed, today=today, days=days, shops=stores, items=tuple(item for item, _ in items), offers=tuple(offers)
    )


def _items(random: Random, scale: int) -> Iterator[tuple[Item, Family]]:
    number = 0
    for batch in range(scale):
        for place, family in enumerate(FAMILIES, start=1):
            for colour in family.colours.split():
                number += 1
                yield _item(random, family, colour, number=number, batch=batch, place=place), family


def _item(random: Random, family: Family, colour: str, *, number: int, batch: int, place: int) -> Item:
    edition = f" 第 {batch + 1} 款" if batch else ""
    supplier = random.randrange(len(SUPPLIERS))
    stocked = random.random()
    return Item(
        number=20000 + number,
        local_sku=f"{family.category}-{batch * 100 + place:04d}-{CODES[colour]}",
        asin="B0" + "".join(random.choices(_LETTERS, k=8)),
        name=f"{family.name} {colour}{edition}",
        category=family.category,
        lead_days=0 if random.random() < 0.1 else random.choice(_LEAD_DAYS),
        cost=Decimal(family.price * random.uniform(1.5, 2.1)).quantize(_CENT),
        minimum_units=random.choice((50, 100, 100, 200, 300)),
        supplier_id=300 + supplier,
        supplier_name=SUPPLIERS[supplier],
        local_units=round(family.daily * random.uniform(3, 25)) if stocked > 0.35 else 0,
        inspection_units=round(family.daily * 4) if stocked > 0.85 else 0,
        ordered_units=round(family.daily * random.uniform(10, 30)) // 10 * 10 if stocked < 0.3 else 0,
    )


def _sells(shop_number: int, item: Item, random: Random) -> bool:
    """The first shop sells nearly everything, the others a part."""
    return random.random() < (0.94, 0.52, 0.45, 0.3)[shop_number]


def _offer(
    random: Random, shop: Shop, item: Item, family: Family, *, usual: list[float], deals: list[float], today: date
) -> Offer:
    market = MARKETS[shop.country_code]
    course = draw_course(random, family.daily * market.demand, len(usual))
    told = tell(random, course, wanted(random, course, usual, deals))
    reported = (shop.reports_until - today).days + 1
    units = told.units[:reported] + (0,) * -reported if reported < 0 else told.units
    opened = today - timedelta(days=len(usual) - course.opened if course.opened else random.randint(260, 1100))
    price = Decimal(family.price * market.price)
    return Offer(
        shop=shop,
        item=item,
        msku=f"YG-{item.local_sku}-{shop.country_code}",
        fnsku="X00" + "".join(random.choices(_LETTERS, k=7)),
        price=price.quantize(Decimal(1)) if shop.currency == "JPY" else price.quantize(_CENT),
        opened_on=opened,
        units=units,
        on_hand=told.on_hand,
        under_way=told.under_way,
        shelf=told.shelf,
    )
