"""Ages: when data are too old, and how that is said."""

from datetime import timedelta

import pytest

from bot.contracts.quantities import StoreId
from handlers.common.freshness import STALE_AFTER, freshness, oldest
from storage.catalog.rows import ACCOUNT, KINDS, DataKind, SyncAge
from tests.handlers.asking import NOW, some_words

US, GB = StoreId("101"), StoreId("102")


def aged(store_id: StoreId, kind: DataKind, age: timedelta) -> dict[tuple[StoreId, DataKind], SyncAge]:
    return {(store_id, kind): SyncAge(store_id, kind, NOW - age)}


@pytest.mark.parametrize("kind", KINDS)
def test_data_are_stale_only_after_their_limit(kind: DataKind) -> None:
    limit = STALE_AFTER[kind]
    store_id = ACCOUNT if kind in ("sellers", "products") else US
    assert not freshness(aged(store_id, kind, limit), US, kind, NOW).is_stale
    assert freshness(aged(store_id, kind, limit + timedelta(seconds=1)), US, kind, NOW).is_stale


def test_never_pulled_is_stale_and_says_so() -> None:
    fresh = freshness({}, US, "stock", NOW)
    assert (fresh.is_stale, fresh.told(some_words())) == (True, "从未拉取")


def test_a_failure_needs_attention_though_the_data_are_fresh() -> None:
    ages = {(US, "stock"): SyncAge(US, "stock", NOW, NOW, "upstream_auth")}
    assert freshness(ages, US, "stock", NOW).needs_attention  # type: ignore[arg-type]


def test_the_oldest_of_several_stores_counts_and_never_is_oldest() -> None:
    ages = aged(US, "stock", timedelta(hours=1)) | aged(GB, "stock", timedelta(hours=2))
    assert oldest(ages, [US, GB], "stock", NOW).age == timedelta(hours=2)
    assert oldest(ages, [US, StoreId("103")], "stock", NOW).age is None
