"""What shadow mode would have shipped is told beside what people did with the same orders."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.shop import FILM, ORDER, PHONE, Shop, open_shop
from tests.scenarios.stage import OPERATOR
from tests.scenarios.test_matters_page import narrow
from tests.scenarios.test_shipping import later

SECOND, THIRD = "1000000000000000002", "1000000000000000003"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    """Everything is only rehearsed, after a minute."""
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.stage.ask("发货设置 默认 方式=影子 延迟=60 公司=顺丰")
        await opened.stage.ask("导入单号 顺丰 SF100000000001")
        yield opened


async def test_what_was_rehearsed_is_compared_with_what_people_did(shop: Shop) -> None:
    assert "没有演练过" in (await shop.stage.ask("影子报告")).text
    await shop.pays()
    await shop.pays(SECOND)
    await shop.pays(THIRD, goods=FILM, sku_text="防窥", account_id="shop-b")
    await later(shop, minutes=2)
    shop.stage.clock.move(hours=3)
    await shop.stage.ask(f"发货 {ORDER} 顺丰 SF100000000101")
    await shop.stage.ask(f"发货 {SECOND} 圆通 YT1000000000002")
    await shop.told()
    shown = await shop.stage.ask("shadow-report")
    first, second = shown.rows
    assert [first[f"c{column}"] for column in (0, 2, 3, 4)] == [PHONE.item_id, 2, 2, 1]
    assert "早 3 小时" in first["c5"]
    assert [second[f"c{column}"] for column in (0, 2, 3, 4)] == [FILM.item_id, 1, 0, 0]
    await narrow(shop.stage, "xianyu:shop-b")
    assert [row["c0"] for row in (await shop.stage.ask("影子报告", by=OPERATOR)).rows] == [FILM.item_id]
