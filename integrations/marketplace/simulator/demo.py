"""What is on sale in the demo, and the secrets of both sides. All of it is invented."""

from dataclasses import dataclass
from decimal import Decimal

from bot.contracts.orders import DeliveryKind

DEMO_SOURCE = "xianyu"
DEMO_SECRET = "whsec_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY="
DEMO_COMMAND_SECRET = "whsec_JiUkIyIhIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAc="
DEMO_ACCOUNTS = ("shop-a", "shop-b")
COMPANIES = {"SF": 12, "YTO": 13, "ZTO": 14}
"""Companies that the marketplace knows, with the digits of their numbers (letters before them do not count)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One item on sale. ``variants`` are what a buyer chooses from."""

    item_id: str
    title: str
    variants: tuple[str, ...]
    price: Decimal
    delivery_kind: DeliveryKind


DEMO_GOODS = (
    Goods(
        item_id="900000000001",
        title="视频会员月卡 自动发卡",
        variants=("月卡", "季卡"),
        price=Decimal("19.90"),
        delivery_kind="virtual",
    ),
    Goods(
        item_id="900000000002",
        title="二手手机 成色好",
        variants=("黑色 128G", "白色 256G"),
        price=Decimal("1299.00"),
        delivery_kind="express",
    ),
    Goods(
        item_id="900000000003",
        title="钢化膜 两片装",
        variants=("高清", "防窥", "磨砂"),
        price=Decimal("9.90"),
        delivery_kind="express",
    ),
)
