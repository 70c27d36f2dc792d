"""闲管家's signature, pinned by the reference's vectors."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.contracts.secret import Secret
from integrations.goofish.signing import EMPTY_BODY, AppKey, Verdict

KEY = AppKey(app_key="800000000001", app_secret=Secret("abcdefabcdefabcdefabcdefabcdef12"))
PARTNER = AppKey(app_key=KEY.app_key, app_secret=KEY.app_secret, seller_id="4242")
BODY = b'{"order_no":"1000000000000000001","page_no":1}'
SIGN = "e5dfb944c032d9891d48f92073aebbd2"
PARTNER_SIGN = "71f45bc3d4f585d0ae08a836b11efe03"
SENT_AT = datetime.fromtimestamp(1795316400, UTC)
QUERY = {"appid": "800000000001", "timestamp": "1795316400", "sign": SIGN}


def judged(query: dict[str, str], *, key: AppKey = KEY, body: bytes = BODY, seconds_later: float = 0) -> Verdict:
    """What a key says about the vector with parts of the query changed."""
    return key.judge({**QUERY, **query}, body, now=SENT_AT + timedelta(seconds=seconds_later))


def test_the_vector_is_signed_and_verified() -> None:
    assert KEY.query(BODY, 1795316400) == QUERY
    assert judged({}) == "genuine"


def test_the_vector_of_a_business_partner_is_signed_and_verified() -> None:
    assert PARTNER.query(BODY, 1795316400) == QUERY | {"sign": PARTNER_SIGN, "seller_id": "4242"}
    assert judged({"sign": PARTNER_SIGN}, key=PARTNER) == "genuine"


def test_a_partner_takes_a_push_that_does_not_name_the_seller() -> None:
    assert judged({}, key=PARTNER) == "genuine"


def test_an_empty_body_is_an_empty_object() -> None:
    assert KEY.query(EMPTY_BODY, 1)["sign"] != KEY.query(b"", 1)["sign"]


@pytest.mark.parametrize(
    "query",
    [
        {"sign": PARTNER_SIGN},
        {"sign": ""},
        {"sign": SIGN.upper()},
        {"sign": "é店\udc80"},
        {"appid": "800000000002"},
        {"appid": ""},
        {"timestamp": "1795316401"},
        {"timestamp": ""},
        {"timestamp": "１７９５３１６４００"},
    ],
)
def test_what_was_not_signed_so_is_forged(query: dict[str, str]) -> None:
    assert judged(query) == "forged"


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"1}", b"2}"), b""])
def test_another_body_is_forged(body: bytes) -> None:
    assert judged({}, body=body) == "forged"


@pytest.mark.parametrize(("seconds", "verdict"), [(300, "genuine"), (-300, "genuine"), (301, "stale"), (-301, "stale")])
def test_a_request_is_fresh_for_five_minutes_either_way(seconds: float, verdict: Verdict) -> None:
    assert judged({}, seconds_later=seconds) == verdict


@pytest.mark.parametrize(("key", "secret"), [("", "s"), ("k", "")])
def test_without_key_or_secret_there_is_no_app(key: str, secret: str) -> None:
    with pytest.raises(ValueError, match="anybody"):
        AppKey(app_key=key, app_secret=Secret(secret))


def test_a_key_does_not_show_its_secret() -> None:
    assert "abcdef" not in repr(KEY)
