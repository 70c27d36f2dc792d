"""The platform's own signature, pinned by a vector."""

import json

import pytest

from integrations.whatsapp.signing import AppSecret, same_secret

SECRET = AppSecret("ops-app-secret")
BODY = (
    rb'{"object":"whatsapp_business_account","entry":[{"id":"1",'
    rb'"changes":[{"field":"messages","value":{"x":"\u5e97\u94fa"}}]}]}'
)
HEX = "1c485eb42667357701fcd15436f2dcbe86d42efca8941195b7b73e6d763b6060"


def test_the_vector_is_signed_and_verified() -> None:
    assert SECRET.sign(BODY) == f"sha256={HEX}"
    assert SECRET.verifies(f"sha256={HEX}", BODY)


@pytest.mark.parametrize("header", ["", HEX, f"sha1={HEX}", f"SHA256={HEX}", f"sha256={HEX.upper()}", "sha256=é店"])
def test_another_header_is_refused(header: str) -> None:
    assert not SECRET.verifies(header, BODY)


@pytest.mark.parametrize(
    "body",
    [json.dumps(json.loads(BODY), ensure_ascii=False, separators=(",", ":")).encode(), BODY + b" ", b""],
    ids=["real characters", "one space more", "empty"],
)
def test_another_body_is_refused(body: bytes) -> None:
    assert not SECRET.verifies(f"sha256={HEX}", body)


def test_another_secret_is_refused() -> None:
    assert not AppSecret("other").verifies(f"sha256={HEX}", BODY)


def test_no_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        AppSecret("")
    assert not same_secret("", "")


def test_a_secret_is_not_shown() -> None:
    assert "ops" not in repr(SECRET)
