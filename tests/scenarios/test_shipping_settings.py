"""Shipping settings: looked at before they are saved, changed many at once, taken back; in the chat and on the page."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.shop import FILM, PHONE, Shop, open_shop
from tests.scenarios.stage import OPERATOR, VIEWER
from tests.scenarios.test_matters_page import Browser, buttons, narrow, signed_in

PAGE = "/shipping-settings"
OTHER = "1000000000000000002"
BOTH = f"{PHONE.item_id}+{FILM.item_id}"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    """Two orders wait; there is a number for each."""
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.stage.ask("发货设置 默认 延迟=600 公司=顺丰")
        await opened.stage.ask("导入单号 顺丰 SF100000000001 SF100000000002")
        await opened.pays()
        await opened.pays(OTHER, goods=FILM, sku_text="防窥")
        yield opened


async def modes(shop: Shop) -> list[tuple[str, str | None]]:
    query = "SELECT item_id, mode FROM shipping_settings WHERE item_id <> '' ORDER BY item_id"
    return [(item_id, mode) for item_id, mode in await shop.stage.rows(query)]


async def tick(browser: Browser, path: str, button: str, **fields: list[str] | str) -> str:
    """Send the form for several rows; where it leads."""
    html = await browser.page(path)
    (form,) = [each for each in re.findall(r"<form.*?</form>", html, re.S) if f">{button}<" in each]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    filled = [(name, one) for name, each in fields.items() for one in ([each] if isinstance(each, str) else each)]
    async with browser.session.post(path, data=[*hidden, *filled], allow_redirects=False) as answer:
        return answer.headers["Location"]


async def test_a_change_is_looked_at_before_it_is_saved(shop: Shop) -> None:
    seen = await shop.stage.ask(f"预览发货设置 {BOTH} 方式=自动", by=OPERATOR)
    assert "2 个会自动发" in seen.text.replace("*", "")
    assert await modes(shop) == []
    await shop.stage.press(seen, "保存", by=OPERATOR)
    await shop.told()
    assert await modes(shop) == [(PHONE.item_id, "auto"), (FILM.item_id, "auto")]
    assert await shop.stage.rows("SELECT state FROM shipments") == [("planned",)] * 2
    again = await shop.stage.ask(f"preview-shipping {PHONE.item_id} mode=manual")
    assert "1 个会停下" in again.text.replace("*", "")


async def test_the_last_change_is_taken_back_once(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=手动")
    changed = await shop.stage.ask(f"发货设置 {BOTH} 方式=自动", by=OPERATOR)
    await shop.stage.press(changed, "撤销", by=OPERATOR)
    await shop.told()
    assert await modes(shop) == [(PHONE.item_id, "manual")]
    await shop.stage.ask("undo-shipping")
    assert await modes(shop) == []
    await shop.stage.ask("撤销发货设置")
    assert (await shop.stage.ask("撤销发货设置")).title == "没有可以撤销的"


async def test_what_others_changed_since_is_not_overwritten(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=自动")
    ((batch,),) = await shop.stage.rows("SELECT batch FROM shipping_changes ORDER BY at DESC, id DESC LIMIT 1")
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=影子", by=OPERATOR)
    refused = await shop.stage.ask(f"撤销发货设置 {batch}")
    assert (refused.title, await modes(shop)) == ("之后又改过，不能撤销", [(PHONE.item_id, "shadow")])
    await shop.stage.ask("撤销发货设置", by=OPERATOR)
    await shop.stage.ask(f"撤销发货设置 {batch}", by=OPERATOR)
    assert (await shop.stage.ask(f"撤销发货设置 {batch}")).title == "已经撤销过了"


async def test_a_value_can_be_left_to_the_level_above_again(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=自动 公司=圆通")
    shown = await shop.stage.ask(f"发货设置 {PHONE.item_id} 公司=上级 方式=上级")
    assert ("SF" in shown.text, await modes(shop)) == (True, [(PHONE.item_id, None)])


async def test_the_page_lists_every_level_with_what_goes_there(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 规格=黑色 128G 方式=自动")
    await shop.stage.ask("发货设置 shop-a 方式=影子")
    async with signed_in(shop.stage) as browser:
        page = await browser.page(PAGE)
        found = [await browser.page(f"{PAGE}?q={each}") for each in ("手机", "shop-a", "没有")]
        status, _ = await browser.read(f"{PAGE}?view=other")
    assert all(each in page for each in ("二手手机", "黑色 128G", "只演练", "600 秒（默认设置）", "shop-a"))
    assert ["共 1 行" in each for each in found] == [True, True, False]
    assert status == 400


async def test_several_are_changed_at_once_from_the_page_and_taken_back_there(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=手动")
    async with signed_in(shop.stage) as browser:
        filled: dict[str, list[str] | str] = {"what": [PHONE.item_id, FILM.item_id], "mode": "auto", "delay": "30-60"}
        filled |= {"template": "谢谢，请收好：\n{keys}", "low_stock": "5"}
        address = await tick(browser, PAGE, "看会怎样", **filled)
        seen = await browser.answer(shop.stage, address)
        assert ("2</strong> 个会自动发" in seen, "保存" in buttons(seen)) == (True, True)
        saved = await browser.answer(shop.stage, await browser.press(address, "保存"))
        assert all(each in saved for each in ("30–60 秒", "谢谢，请收好：", "低于就提醒 5"))
        assert await modes(shop) == [(PHONE.item_id, "auto"), (FILM.item_id, "auto")]
        changes = await browser.page(f"{PAGE}?view=changes")
        assert ("手动发货 → 自动发货" in changes, "小陈" in changes) == (True, True)
        ((batch,),) = await shop.stage.rows("SELECT DISTINCT batch FROM shipping_changes WHERE after LIKE '%30%'")
        undone = await tick(browser, f"{PAGE}?view=changes", "撤销", change=batch)
        assert "发货设置已撤销" in await browser.answer(shop.stage, undone)
    assert await modes(shop) == [(PHONE.item_id, "manual")]


async def test_who_may_not_change_them_cannot(shop: Shop) -> None:
    assert (await shop.stage.ask("预览发货设置 默认 方式=自动", by=VIEWER)).title == "你没有这个权限"
    assert (await shop.stage.ask("撤销发货设置", by=VIEWER)).title == "你没有这个权限"
    async with signed_in(shop.stage, "阿芳") as viewer:
        assert buttons(await viewer.page(PAGE)) == []
    await narrow(shop.stage, "xianyu:shop-b")
    async with signed_in(shop.stage) as browser:
        assert "默认" not in (await browser.page(PAGE)).partition('id="rows"')[2]
    assert (await shop.stage.ask("预览发货设置 默认 方式=自动", by=OPERATOR)).title == "发货规则你不能改"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("预览发货设置 默认", "没看懂发货设置"),
        ("预览发货设置 + 方式=自动", "没看懂发货设置"),
        ("预览发货设置 手机 方式=自动", "没看懂发货设置"),
        ("发货设置 手机+默认 方式=自动", "没看懂发货设置"),
        ("撤销发货设置 nothing", "没有可以撤销的"),
    ],
)
async def test_what_is_wrong_is_named_and_changes_nothing(shop: Shop, line: str, title: str) -> None:
    assert (await shop.stage.ask(line)).title == title
    assert await modes(shop) == []


async def test_an_item_of_which_no_order_was_seen_is_set_up_and_said_so_once(shop: Shop) -> None:
    unseen = "没见过商品 990000000009 的订单"
    lines = (
        f"预览发货设置 {PHONE.item_id}+990000000009 方式=自动",
        "发货设置 990000000009",
        f"发货设置 {PHONE.item_id}+990000000009 方式=自动",
        "发货设置 990000000009 方式=手动",
        "发货设置 默认",
    )
    assert [unseen in (await shop.stage.ask(line)).text for line in lines] == [True, True, True, False, False]
    assert ("990000000009", "manual") in await modes(shop)
