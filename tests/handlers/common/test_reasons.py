"""Codes of platforms are told in words, what a platform wrote itself as it wrote it."""

import pytest

from handlers.common.reasons import reason_told
from tests.handlers.asking import some_words


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("number_rejected", "平台不认这个运单号", "the marketplace does not accept this waybill number"),
        ("unknown_company UPS", "平台不认识这家快递公司 UPS", "the marketplace does not know this courier UPS"),
        ("unknown_company", "平台不认识这家快递公司", "the marketplace does not know this courier"),
        ("upstream_unclear", "没有等到平台的回答", "the platform did not answer in time"),
        ("订单已被锁定", "订单已被锁定", "订单已被锁定"),
        ("closed by the buyer", "closed by the buyer", "closed by the buyer"),
        ("E42", "E42", "E42"),
        ("", "", ""),
    ],
)
def test_a_code_that_is_known_is_told_in_words(reason: str, zh: str, en: str) -> None:
    assert (reason_told(reason, some_words()), reason_told(reason, some_words("en"))) == (zh, en)
