"""Signatures and encryption, pinned by vectors that were checked against the platform's own library."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.feishu.signing import (
    EventKey,
    UnreadableCiphertext,
    same_secret,
    sign_legacy_card,
    verifies_legacy_card,
)

KEY = EventKey("ops-demo-encrypt-key")
TOKEN, TIMESTAMP, NONCE = "ops-demo-token", "1760000000", "nonce-7"
ENCRYPTED = (
    "AAECAwQFBgcICQoLDA0OD/xgpe3QSBJe+1Y++ZB0PJrcfeD+4sY/+88PT0gJs0Oi3byhywGFw47qmvPuxkPijWk+U/JxbAOTqhOIH/hilckISfq3"
    "EkN7VcVJKfo9XWHp"
)
BODY = f'{{"encrypt":"{ENCRYPTED}"}}'.encode()
SIGNATURE = "0f1b1d75700ac30c90207354051f175228fcc66ff088c98b918ece407d27af95"
PLAINTEXT = b'{"challenge":"c-42","token":"ops-demo-token","type":"url_verification"}'
LEGACY_BODY = b'{"open_id":"ou_a","token":"c-1","action":{"tag":"button","value":{"k":"v"}}}'
LEGACY_SIGNATURE = "f9a9d84c015ad39464788382529bdb1220d156bb"


def test_the_reference_body_has_the_reference_signature() -> None:
    assert KEY.sign(TIMESTAMP, NONCE, BODY) == SIGNATURE


def test_the_reference_body_opens_to_the_reference_text() -> None:
    assert KEY.decrypt(ENCRYPTED) == PLAINTEXT


def test_sealing_the_reference_text_gives_the_reference_body() -> None:
    assert KEY.encrypt(PLAINTEXT, bytes(range(16))) == ENCRYPTED


def test_the_legacy_card_has_the_reference_signature() -> None:
    assert sign_legacy_card(TOKEN, TIMESTAMP, NONCE, LEGACY_BODY) == LEGACY_SIGNATURE
    assert verifies_legacy_card(LEGACY_SIGNATURE, TOKEN, TIMESTAMP, NONCE, LEGACY_BODY)


@pytest.mark.parametrize(
    ("signature", "timestamp", "nonce", "body"),
    [
        (SIGNATURE.upper(), TIMESTAMP, NONCE, BODY),
        (SIGNATURE[:-1], TIMESTAMP, NONCE, BODY),
        ("", TIMESTAMP, NONCE, BODY),
        ("签名\udc80", TIMESTAMP, NONCE, BODY),
        (SIGNATURE, "1760000001", NONCE, BODY),
        (SIGNATURE, TIMESTAMP, "nonce-8", BODY),
        (SIGNATURE, TIMESTAMP, NONCE, BODY.replace(b"AAEC", b"AAED")),
        (SIGNATURE, TIMESTAMP, NONCE, BODY.replace(b":", b": ")),
        (SIGNATURE, TIMESTAMP, NONCE, BODY + b"\n"),
    ],
)
def test_any_other_signature_or_body_is_not_genuine(signature: str, timestamp: str, nonce: str, body: bytes) -> None:
    assert not KEY.verifies(signature, timestamp, nonce, body)


def test_another_key_does_not_verify() -> None:
    assert not EventKey("another").verifies(SIGNATURE, TIMESTAMP, NONCE, BODY)


def test_a_legacy_card_needs_our_token() -> None:
    assert not verifies_legacy_card(LEGACY_SIGNATURE, "another", TIMESTAMP, NONCE, LEGACY_BODY)


def test_tokens_are_equal_only_if_they_are_the_same() -> None:
    assert same_secret("令牌", "令牌")
    assert not same_secret("令牌 ", "令牌")


def sealed_by_hand(padded: bytes) -> str:
    """A ciphertext of whole blocks whose last ones are ``padded``, with no padding of its own."""
    with_padding = base64.b64decode(KEY.encrypt(padded, bytes(16)))
    return base64.b64encode(with_padding[:-16]).decode()


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "not base64!",
        ENCRYPTED + "\n",
        ENCRYPTED[:-1],
        "你好",
        base64.b64encode(bytes(16)).decode(),
        base64.b64encode(bytes(33)).decode(),
        base64.b64encode(base64.b64decode(ENCRYPTED)[:-16]).decode(),
        sealed_by_hand(b"fifteen letters" + b"\x00"),
        sealed_by_hand(b"fifteen letters" + b"\x11"),
        sealed_by_hand(b"fourteen signs" + b"\x01\x02"),
    ],
)
def test_a_broken_ciphertext_is_refused_in_one_way(encrypted: str) -> None:
    with pytest.raises(UnreadableCiphertext, match=r"^the encrypted body cannot be read$"):
        KEY.decrypt(encrypted)


@given(plaintext=st.binary(max_size=200), iv=st.binary(min_size=16, max_size=16))
def test_what_is_sealed_opens_again(plaintext: bytes, iv: bytes) -> None:
    assert KEY.decrypt(KEY.encrypt(plaintext, iv)) == plaintext


def test_a_key_does_not_show_itself() -> None:
    assert "ops-demo" not in repr(KEY)
