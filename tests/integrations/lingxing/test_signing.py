"""Signatures, pinned by worked vectors and by what a signature can never depend on."""

from typing import NamedTuple
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.feature import JsonValue
from integrations.lingxing.signing import body_bytes, canonical, cleaned, sign


class Vector(NamedTuple):
    """Invented credentials and fields with the line and the signature that four public clients agree on."""

    app_id: str
    token: str
    fields: dict[str, JsonValue]
    tail: str
    sign: str

    def parameters(self) -> dict[str, JsonValue]:
        query: dict[str, JsonValue] = {"access_token": self.token, "app_key": self.app_id, "timestamp": 1795316400}
        return {**cleaned(self.fields), **query}


VECTORS = {
    "no business parameters": Vector(
        "ak_cwNN8kuYdKLgR",
        "badcae42-0803-b900-32ea-101baf2afa7b",
        {},
        "&timestamp=1795316400",
        "K6dYIILyBUs+82QG0Ec254Elxx0SVE8SpH5t5NFAcmvu+p+hoKBwRVc9a7TEfaRU",
    ),
    "an empty list stays, an empty text goes": Vector(
        "ak_VVX6TekjGFclt",
        "19f997fd-9bcd-8523-d772-dddfd551fb96",
        {
            "sid_list": ["136", "139"],
            "data_type": 2,
            "mode": 0,
            "offset": 0,
            "length": 50,
            "asin_list": [],
            "remark": "",
        },
        '&asin_list=[]&data_type=2&length=50&mode=0&offset=0&sid_list=["136","139"]&timestamp=1795316400',
        "7L/QgBCOGuFgV4ic7pKe4fMpcHF0TLIJ40cwdOvlRxh8o2RsAbxw/wGNGXYNnCOX",
    ),
    "Chinese text and a nested list": Vector(
        "ak_VPVQqNT7XA6qR",
        "20a6c97e-624d-6bc1-4940-68c777d88a05",
        {
            "sys_wid": 1,
            "sys_supplier_id": 2,
            "opt_uid": 7,
            "purchaser_id": 1,
            "is_tax": 0,
            "remark": "补货 11月",
            "product_list": [
                {"sku": "屏幕-A1", "quantity_real": 50, "price": "12.50", "expect_arrive_time": "2026-12-21"}
            ],
        },
        '&is_tax=0&opt_uid=7&product_list=[{"expect_arrive_time":"2026-12-21","price":"12.50","quantity_real":50,'
        '"sku":"屏幕-A1"}]&purchaser_id=1&remark=补货 11月&sys_supplier_id=2&sys_wid=1&timestamp=1795316400',
        "U7HP9Sc5ryovAVbz4I10e9suIdZz7+BZ8SGSBvMuDK4J1HvaSG53oBsLCbysrTZy",
    ),
    "a boolean": Vector(
        "ak_mph5GvikkIrBc",
        "8d687b00-3655-c27f-5e43-8206ac2bbd58",
        {"sid": 136, "offset": 0, "length": 20, "query_fba_storage_quantity_list": True},
        "&length=20&offset=0&query_fba_storage_quantity_list=true&sid=136&timestamp=1795316400",
        "if7Zqfci6+blqh+7laonj4UMdXDHut8RG7B/TP/8usE2vOgq3wGSdN9qAkp/qNg3",
    ),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=5)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_signed_line_is_the_worked_one(vector: Vector) -> None:
    assert canonical(vector.parameters()) == f"access_token={vector.token}&app_key={vector.app_id}{vector.tail}"


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_signature_is_the_worked_one(vector: Vector) -> None:
    assert sign(vector.parameters(), vector.app_id) == vector.sign


def test_a_signature_is_encoded_once_for_an_address() -> None:
    vector = VECTORS["no business parameters"]
    wire = "K6dYIILyBUs%2B82QG0Ec254Elxx0SVE8SpH5t5NFAcmvu%2Bp%2BhoKBwRVc9a7TEfaRU"
    assert quote(sign(vector.parameters(), vector.app_id), safe="") == wire


@given(FIELDS)
def test_a_signature_ends_with_what_the_app_id_alone_decides(fields: dict[str, JsonValue]) -> None:
    signature = sign(cleaned(fields), "ak_cwNN8kuYdKLgR")
    assert len(signature) == 64
    assert signature.endswith("u+p+hoKBwRVc9a7TEfaRU")


@given(FIELDS)
def test_what_is_sent_is_what_was_signed(fields: dict[str, JsonValue]) -> None:
    asked = cleaned(fields)
    assert canonical(orjson.loads(body_bytes(asked))) == canonical(asked)


@given(FIELDS)
def test_cleaning_again_changes_nothing(fields: dict[str, JsonValue]) -> None:
    assert cleaned(cleaned(fields)) == cleaned(fields)


@given(FIELDS)
def test_nulls_are_never_sent(fields: dict[str, JsonValue]) -> None:
    sent = body_bytes(cleaned({**fields, "nothing": None}))
    assert not _has_null(orjson.loads(sent))


def test_an_app_id_of_the_wrong_length_cannot_sign() -> None:
    with pytest.raises(ValueError, match="key size"):
        sign({}, "ak_short")


def _has_null(value: JsonValue) -> bool:
    match value:
        case dict():
            return any(_has_null(item) for item in value.values())
        case list():
            return any(_has_null(item) for item in value)
        case _:
            return value is None
