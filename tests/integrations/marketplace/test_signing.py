"""Standard Webhooks' signature, pinned by the reference's vector."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.secret import Secret
from integrations.marketplace.signing import BadSecret, Signer, Verdict, split_secrets

SECRET = Secret("whsec_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY=")
OTHER = Secret("whsec_" + "QUJD" * 8)
BODY = b'{"data":{"order_id":"XY-0001"},"timestamp":"2026-11-22T03:00:00Z","type":"order.paid"}'
SIGNATURE = "v1,2RaboTbzXzJLqfpSVN8jyWS0tjN7SYDGToJaVui7gUM="
HEADERS = {"webhook-id": "msg_2f6Zq1", "webhook-timestamp": "1795316400", "webhook-signature": SIGNATURE}
SENT_AT = datetime.fromtimestamp(1795316400, UTC)


def judged(
    headers: dict[str, str], *, body: bytes = BODY, seconds_later: float = 0, secret: Secret = SECRET
) -> Verdict:
    """What one secret says about the vector with some headers changed."""
    now = SENT_AT + timedelta(seconds=seconds_later)
    return Signer([secret]).judge({**HEADERS, **headers}, body, now=now)


def test_the_vector_is_signed_and_verified() -> None:
    assert Signer([SECRET]).sign("msg_2f6Zq1", 1795316400, BODY) == HEADERS
    assert judged({}) == "genuine"


@pytest.mark.parametrize(
    "signature",
    [f"v1,AAAA {SIGNATURE}", f"v2,AAAA {SIGNATURE}", f"v1a,{SIGNATURE[3:]} {SIGNATURE}", f" {SIGNATURE} junk"],
    ids=["another before", "unknown version", "asymmetric version", "spaces and junk"],
)
def test_any_right_signature_of_a_list_will_do(signature: str) -> None:
    assert judged({"webhook-signature": signature}) == "genuine"


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": ""},
        {"webhook-signature": SIGNATURE[3:]},
        {"webhook-signature": f"v2,{SIGNATURE[3:]}"},
        {"webhook-signature": f"v1a,{SIGNATURE[3:]}"},
        {"webhook-signature": SIGNATURE.rstrip("=")},
        {"webhook-signature": "v1,é店\udc80"},
        {"webhook-signature": f"{'v1,AAAA ' * 10}{SIGNATURE}"},
        {"webhook-id": "msg_2f6Zq2"},
        {"webhook-id": ""},
        {"webhook-id": "m" * 201},
        {"webhook-timestamp": "1795316401"},
        {"webhook-timestamp": "1795316400.0"},
        {"webhook-timestamp": "１７９５３１６４００"},
        {"webhook-timestamp": ""},
    ],
)
def test_what_was_not_signed_so_is_forged(headers: dict[str, str]) -> None:
    assert judged(headers) == "forged"


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"paid", b"Paid"), b""])
def test_another_body_is_forged(body: bytes) -> None:
    assert judged({}, body=body) == "forged"


def test_another_secret_is_no_secret_of_the_source() -> None:
    assert judged({}, secret=OTHER) == "forged"


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(300, "genuine"), (-300, "genuine"), (301, "stale"), (-301, "stale"), (1e9, "stale")]
)
def test_an_attempt_is_fresh_for_five_minutes_either_way(seconds: float, verdict: Verdict) -> None:
    assert judged({}, seconds_later=seconds) == verdict


def test_what_is_forged_is_not_called_stale() -> None:
    assert judged({"webhook-signature": "v1,AAAA"}, seconds_later=9999) == "forged"


def test_two_secrets_sign_both_and_either_verifies() -> None:
    headers = Signer([OTHER, SECRET]).sign("msg_2f6Zq1", 1795316400, BODY)
    assert headers["webhook-signature"].split(" ")[1] == SIGNATURE
    assert [judged(headers, secret=each) for each in (OTHER, SECRET)] == ["genuine", "genuine"]


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY=", "does not begin with whsec_"),
        ("whsec_", "holds 0 bytes"),
        ("whsec_QUJD", "holds 3 bytes"),
        ("whsec_" + "QUJD" * 22, "holds 66 bytes"),
        ("whsec_" + "QUJ_" * 8, "no standard base64"),
        ("whsec_" + "QUJD" * 8 + "QQ", "no standard base64"),
        ("whsec_口令", "no standard base64"),
    ],
)
def test_a_bad_secret_is_refused_with_its_reason_and_not_shown(secret: str, problem: str) -> None:
    with pytest.raises(BadSecret, match=problem) as caught:
        Signer([Secret(secret)])
    assert "QUJD" not in str(caught.value)


@pytest.mark.parametrize("length", [8, 21])
def test_secrets_of_24_to_64_bytes_are_taken(length: int) -> None:
    assert Signer([Secret("whsec_" + "QUJD" * length)]).sign("a", 1, b"")


def test_without_a_secret_there_is_no_source() -> None:
    with pytest.raises(ValueError, match="anybody"):
        Signer([])


def test_several_secrets_are_read_from_one_setting() -> None:
    assert split_secrets(f" {SECRET.reveal()}, {OTHER.reveal()} ") == [SECRET, OTHER]


def test_a_signer_does_not_show_its_keys() -> None:
    assert repr(Signer([SECRET])) == "Signer(***)"


@given(body=st.binary(max_size=200), bit=st.integers(0, 1599), now=st.integers(1, 10**10))
def test_what_is_signed_verifies_and_with_one_bit_changed_it_does_not(body: bytes, bit: int, now: int) -> None:
    signer, moment = Signer([SECRET]), datetime.fromtimestamp(now, UTC)
    headers, raw = signer.sign("msg_1", now, body), bytearray(body + b"}")
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    assert signer.judge(headers, body, now=moment) == "genuine"
    assert signer.judge(signer.sign("msg_1", now, body + b"}"), bytes(raw), now=moment) == "forged"
