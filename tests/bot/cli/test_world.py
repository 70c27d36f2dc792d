"""The demo world: the same for the same seed, and plausible to people who run a shop."""

from datetime import date, timedelta

import pytest

from bot.cli.world import World, fill_lingxing, make_world
from bot.cli.world.lingxing import sales_of
from bot.contracts.clock import SystemClock
from integrations.lingxing.simulator import LingxingSimulator

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(7, TODAY)


def test_the_same_seed_makes_the_same_world(world: World) -> None:
    assert make_world(7, TODAY) == world


def test_another_seed_makes_another_world(world: World) -> None:
    assert make_world(8, TODAY) != world


def test_there_are_stores_in_several_currencies_and_one_lost_its_authorisation(world: World) -> None:
    assert len({shop.currency for shop in world.shops}) >= 3
    assert [shop.status for shop in world.shops].count(2) == 1


def test_there_are_sixty_items_with_their_own_codes(world: World) -> None:
    assert len({item.local_sku for item in world.items}) == len(world.items) >= 60
    assert len({(offer.shop.sid, offer.msku) for offer in world.offers}) == len(world.offers)


def test_an_item_is_sold_in_several_stores(world: World) -> None:
    stores = {item.local_sku: {o.shop.sid for o in world.offers if o.item == item} for item in world.items}
    assert max(len(sids) for sids in stores.values()) >= 3


def test_some_lead_times_are_unknown(world: World) -> None:
    assert 0 < sum(item.lead_days == 0 for item in world.items) < len(world.items) / 4


def test_sales_go_on_until_yesterday(world: World) -> None:
    last = max(sale.day for offer in world.offers for sale in sales_of(world, offer))
    assert last == TODAY - timedelta(days=1)


def test_a_store_without_authorisation_reports_nothing_new(world: World) -> None:
    offers = [offer for offer in world.offers if offer.shop.status == 2]
    assert sum(offer.sold(8) for offer in offers) == 0
    assert sum(offer.sold(30) for offer in offers) > 0


def test_what_new_products_sold_before_they_opened_is_nothing(world: World) -> None:
    new = [offer for offer in world.offers if offer.opened_on > world.first_day]
    assert new
    assert all(sum(offer.units[: (offer.opened_on - world.first_day).days]) == 0 for offer in new)


def test_some_offers_ran_out_while_people_wanted_them(world: World) -> None:
    out = [offer for offer in world.offers if offer.shelf.fulfillable == 0 and offer.sold(60) > 30]
    assert 3 <= len(out) <= len(world.offers) / 4


def test_a_suggestion_counts_the_sales_that_are_there(world: World) -> None:
    simulator = LingxingSimulator(SystemClock())
    fill_lingxing(world, simulator)
    offer = world.offers[0]
    counted = sum(sale.units for sale in sales_of(world, offer) if sale.day >= TODAY - timedelta(days=30))
    assert simulator.suggestion(offer.shop.sid, offer.msku).sold_units[30] == counted > 0


def test_a_suggested_purchase_is_what_lingxings_rule_says(world: World) -> None:
    simulator = LingxingSimulator(SystemClock())
    fill_lingxing(world, simulator)
    lines = [simulator.suggestion(offer.shop.sid, offer.msku) for offer in world.offers]
    assert 10 < sum(line.purchase_units > 0 for line in lines) < len(lines) / 2
    assert all(line.purchase_units % 10 == 0 for line in lines)


def test_a_big_world_has_two_hundred_thousand_sales_rows() -> None:
    big = make_world(7, TODAY, scale=13)
    assert sum(1 for offer in big.offers for units in offer.units if units) >= 200_000
