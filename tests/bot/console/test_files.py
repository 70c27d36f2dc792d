"""Tables leave the chat as spreadsheets with all their rows, charts as pictures, for those who may see them."""

import pytest

from bot.contracts.cards import Card, Chart, Column, Note, Series, Table
from tests.bot.console.world import Browser, World
from tests.bot.heavy.reading import cells

STOCK = Table((Column("SKU"), Column("件", "number")), (("A-1", 3), ("B-2", None)), total=2)
LONG = Table((Column("SKU"),), (("A-1",),), total=3, more="补货 #2")
SALES = Chart("日销量", "line", ("10-01",), (Series("US", (1.0,)),))


async def test_a_table_is_saved_as_it_stands(world: World, browser: Browser) -> None:
    await world.answer(Card("库存：A", blocks=(Note("注"), STOCK)))
    answer = await browser.get("/messages/M1/1.xlsx")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%BA%93%E5%AD%98%EF%BC%9AA.xlsx"
    assert cells(await answer.read()) == [["SKU", "件"], ["A-1", "3"], ["B-2", "—"]]


async def test_a_table_of_which_a_part_is_shown_is_saved_whole(world: World, browser: Browser) -> None:
    await world.answer(Card("补货", blocks=(LONG,)))
    answer = await browser.get("/messages/M1/0.xlsx")
    assert cells(await answer.read()) == [["SKU"], *[["补货 #2"]] * 3]


async def test_a_chart_is_saved_as_a_picture(world: World, browser: Browser) -> None:
    await world.answer(Card("补货", blocks=(SALES,)))
    answer = await browser.get("/messages/M1/0.png")
    assert (answer.content_type, (await answer.read())[:4]) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize("path", ["M1/1.xlsx", "M1/0.png", "M9/0.xlsx", "M1/0.pdf", "M1/-1.xlsx", "M1/1000.xlsx"])
async def test_what_is_not_there_is_not_found(world: World, browser: Browser, path: str) -> None:
    await world.answer(Card("库存", blocks=(STOCK,)))
    assert (await browser.get(f"/messages/{path}")).status == 404


async def test_anothers_private_card_is_not_found(world: World, browser: Browser) -> None:
    await world.answer(Card("库存", blocks=(STOCK,)), chat_id="private:ling")
    assert (await browser.get("/messages/M1/0.xlsx")).status == 404


async def test_nobody_takes_files_without_signing_in(world: World) -> None:
    await world.answer(Card("库存", blocks=(STOCK,)))
    assert (await (await world.stranger()).get("/messages/M1/0.xlsx")).status == 401


async def test_a_table_that_cannot_be_had_whole_is_not_saved_in_part(world: World, browser: Browser) -> None:
    await world.answer(Card("补货", blocks=(Table((Column("SKU"),), (("A-1",),), total=3),)))
    assert (await browser.get("/messages/M1/0.xlsx")).status == 503


async def test_the_card_offers_its_files(world: World, browser: Browser) -> None:
    await world.answer(Card("库存", blocks=(STOCK, SALES)))
    page = await browser.history("team")
    assert ('href="/messages/M1/0.xlsx"' in page, 'href="/messages/M1/1.png"' in page) == (True, True)
