"""The page of card keys: how many each pool has, and a file put into one, with what is wrong named by its row."""

import io
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData

from tests.scenarios.shop import MEMBERSHIP, Shop, open_shop
from tests.scenarios.test_matters_page import Browser, buttons, narrow, signed_in

PAGE = "/keys"
ITEM = MEMBERSHIP.item_id


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


async def put(browser: Browser, content: bytes, *, token: str = "", item: str = ITEM) -> tuple[int, str]:
    """Upload a file as the page's form does; the status, and what is answered."""
    found = re.findall(r'name="csrf_token" value="([^"]+)"', await browser.page(PAGE))
    form = FormData({"csrf_token": token or found[0], "item": item, "variant": "", "account": ""})
    form.add_field("file", io.BytesIO(content), filename="keys.txt", content_type="text/plain")
    async with browser.session.post(PAGE, data=form) as answer:
        return answer.status, await answer.text()


async def test_a_file_is_put_into_a_pool_and_no_key_is_shown_or_told(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {ITEM} 低库存=3")
    async with signed_in(shop.stage) as browser:
        status, page = await put(browser, b"AAAA-1111\nBBBB-2222\n")
        again = (await put(browser, b"AAAA-1111\nCCCC-3333\nDDDD-4444\n"))[1]
        found = [await browser.page(f"{PAGE}?q={text}") for text in (ITEM[:5], "none")]
    assert (status, "新导入 <strong>2</strong> 个" in page, "少于 3 个" in page) == (200, True, True)
    assert ("1 个以前导入过，没有再导入：第 1 行" in again, "少于 3 个" in again) == (True, False)
    assert ["共 1 行" in each for each in found] == [True, False]
    assert "AAAA" not in page + again
    acts = await shop.stage.rows("SELECT arguments FROM audit WHERE command = 'add keys' ORDER BY id")
    assert [each for (each,) in acts] == [f"item={ITEM} variant= account= new={new}" for new in (2, 2)]


async def test_what_is_wrong_is_named_by_its_row_and_nothing_is_taken(shop: Shop) -> None:
    async with signed_in(shop.stage) as browser:
        formula = (await put(browser, b"AAAA-1111\n=CMD()\n"))[1]
        nothing = (await put(browser, b""))[1]
        no_item = (await put(browser, b"AAAA-1111\n", item="会员"))[1]
    assert ("第 2 行是公式" in formula, "没有卡密" in nothing, "缺商品号" in no_item) == (True, True, True)
    assert await shop.stage.rows("SELECT id FROM card_keys") == []


async def test_a_file_of_megabytes_is_read_and_one_beyond_the_limit_is_refused_in_words(shop: Shop) -> None:
    long_keys = [f"{number:05}-{'X' * 190}" for number in range(8_000)]
    async with signed_in(shop.stage) as browser:
        assert "8,000" in (await put(browser, "\n".join(long_keys).encode()))[1]
        status, page = await put(browser, b"X" * 7_000_000)
    assert (status, "太大" in page) == (413, True)


async def test_who_may_not_puts_nothing_in(shop: Shop) -> None:
    async with signed_in(shop.stage) as browser:
        token = re.findall(r'name="csrf_token" value="([^"]+)"', await browser.page(PAGE))[0]
        await narrow(shop.stage, "xianyu:shop-b")
        assert buttons(await browser.page(PAGE)) == []
        status, page = await put(browser, b"AAAA-1111\n", token=token)
    assert (status, "发货规则你不能改" in page, await shop.stage.rows("SELECT id FROM card_keys")) == (200, True, [])


async def test_a_foreign_page_puts_nothing_in(shop: Shop) -> None:
    async with signed_in(shop.stage) as browser:
        status, _ = await put(browser, b"AAAA-1111\n", token="foreign")
    assert (status, await shop.stage.rows("SELECT id FROM card_keys")) == (403, [])
