"""A shop in the demo: how its goods are shipped, and a morning's orders, one of each kind. All of it is invented."""

from dataclasses import dataclass, replace
from typing import Any

from bot.contracts.clock import Clock, NewId
from integrations.goofish.simulator import GoofishSimulator
from integrations.http.simulation import Weather
from integrations.marketplace.simulator import DEMO_GOODS, MarketplaceSimulator
from storage.database import Database
from storage.orders.rows import ShippingSetting
from storage.orders.settings import change_settings
from storage.orders.shipping import add_waybills

MEMBERSHIP, PHONE, FILM = DEMO_GOODS
COMPANY = "SF"
_NUMBERS = tuple(f"SF{100_000_000_101 + number}" for number in range(12))
DELAY_SECONDS = 20
"""How long what goes out by itself waits."""
_DEFAULT = ShippingSetting(mode="manual", express_code=COMPANY)
KEYS = tuple(f"YOULE-{number:04}-{number * 7919 % 10_000:04}" for number in range(1, 21))
"""Card keys of the membership; invented."""
_ITEMS = (
    ShippingSetting(item_id=MEMBERSHIP.item_id, mode="auto", low_stock=5),
    *(ShippingSetting(item_id=FILM.item_id, variant=variant, mode="auto") for variant in FILM.variants[:2]),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Somebody buys something."""

    order_id: str
    item_id: str
    variant: str
    quantity: int = 1


BY_ITSELF = Sale(order_id="1000000000000000101", item_id=FILM.item_id, variant=FILM.variants[0], quantity=2)
BY_HAND = Sale(order_id="1000000000000000102", item_id=PHONE.item_id, variant=PHONE.variants[0])
WAITING = Sale(order_id="1000000000000000103", item_id=PHONE.item_id, variant=PHONE.variants[1])
NOT_SET = Sale(order_id="1000000000000000104", item_id=FILM.item_id, variant=FILM.variants[2])
"""Its variant is the one that nobody set: it is not guessed."""
VIRTUAL = Sale(order_id="1000000000000000105", item_id=MEMBERSHIP.item_id, variant=MEMBERSHIP.variants[0], quantity=3)
SALES = (BY_ITSELF, BY_HAND, WAITING, NOT_SET, VIRTUAL)


def keys_to_import() -> dict[str, Any]:
    """What the owner of the process asks for to fill the membership's pool."""
    place = {"item": MEMBERSHIP.item_id, "variant": "", "account": ""}
    return {"do": "add keys", **place, "keys": list(KEYS), "about": "demo"}


async def stock_shop(
    database: Database, clock: Clock, new_id: NewId, *, by: str, delay_seconds: int = DELAY_SECONDS
) -> None:
    """Let films and keys go out by themselves, films with numbers from a pool, and everything else by hand."""
    settings = (replace(_DEFAULT, delay_from=delay_seconds, delay_to=delay_seconds), *_ITEMS)
    async with database.begin() as tx:
        ids = [new_id() for _ in settings]
        await change_settings(tx, settings, batch=new_id(), by=by, at=clock.now(), ids=ids)
        await add_waybills(tx, COMPANY, _NUMBERS)


def sell(market: MarketplaceSimulator, *sales: Sale) -> None:
    """Let the sales happen; the marketplace tells of them."""
    for sale in sales:
        market.buy(sale.order_id, item_id=sale.item_id, sku_text=sale.variant, quantity=sale.quantity)


PUSHED_NUMBER, LISTED_NUMBER = "2000000000000000101", "2000000000000000102"


def sell_at_goofish(platform: GoofishSimulator) -> None:
    """Let two orders be paid in 闲管家: one is pushed, of the other the pushes are lost and only the list tells."""
    platform.set_weather(Weather(operation="push", drop=True, times=2))
    for order_no, title in ((LISTED_NUMBER, "蓝牙音箱"), (PUSHED_NUMBER, "桌面台灯")):
        platform.place(order_no, title=title)
        platform.change(order_no, "pay")
