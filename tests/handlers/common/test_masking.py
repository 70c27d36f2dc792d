"""Personal data where others read along."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.common.masking import masked, masked_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12012345678", "120****5678"),
        ("whatsapp 447700900101", "whatsapp 447****0101"),
        ("+44 7700 900101", "447****0101"),
        ("120-1234-5678 王伟", "120****5678 王伟"),
        ("wei@shop.example", "w****@shop.example"),
        ("王伟 查看者 店铺=US 到=2026-12-31 金额=5000CNY", "王伟 查看者 店铺=US 到=2026-12-31 金额=5000CNY"),
        ("ou_7d8a6e6df7621556ce0d21922b676706ccs", "ou_7d8a6e6df7621556ce0d21922b676706ccs"),
        ("01QJAS7A3VFE19", "01QJAS7A3VFE19"),
    ],
)
def test_numbers_and_addresses_of_people_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.from_regex(r"\+?[1-9][0-9]{8,14}", fullmatch=True))
def test_of_a_number_at_most_seven_digits_remain(number: str) -> None:
    assert len(re.sub(r"\D", "", masked(number))) <= 7


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize(
    ("address", "shown"), [("广东省深圳市南山区科技园一号楼", "广东省深圳市****"), ("Via Roma 1", "****"), ("", "****")]
)
def test_of_a_postal_address_only_the_beginning_remains(address: str, shown: str) -> None:
    assert masked_address(address) == shown
