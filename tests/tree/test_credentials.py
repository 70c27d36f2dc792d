"""No credential, real address, registry or path of somebody's machine is in the tree; sample data are invented."""

import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tree.source import ROOT, name_of

MADE_FOLDERS = {"data", "__pycache__", "build", "dist"}
LOCK_FILES = {"requirements.lock", "requirements-scale.lock", "requirements-test.lock"}
READABLE_BYTES = 1_500_000

DOCUMENTATION = [ipaddress.ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
INVENTED_HOSTS = (".example.com", ".example.org", ".example.net", ".example", ".test", ".invalid")

FORBIDDEN = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_\w{36}|github_pat_\w{22})"),
    "a Slack token": re.compile(r"\bxox[abprs]-[\w-]{10}"),
    "a language model key": re.compile(r"\bsk-[A-Za-z0-9_-]{32}"),
    "a Meta token": re.compile(r"\bEAA[A-Za-z0-9]{40}"),
    "an Amazon refresh token": re.compile(r"\bAtzr\|[\w-]{20}"),
    "a Feishu app": re.compile(r"\bcli_(?!a1b2c3d4e5f6a7b8\b)[0-9a-f]{16}\b"),
    "a robot address": re.compile(r"(?:open-apis/bot/v2/hook/|webhook/send\?key=)[0-9a-f]{8}-[0-9a-f]{4}"),
    "a package registry": re.compile(r"pythonhosted\.org|\bpypi\.org|registry\.npmjs|deb\.debian\.org"),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|farm|root|home/\w+|Users/\w+)/[\w.]"),
    "a Chinese mobile number": re.compile(r"(?<![\w.])(?:\+?86[- ]?)?1[3-9]\d(?!0000)\d{8}(?![\w.])"),
}
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})\b")

ALLOWED: dict[str, str] = {}
"""Findings that stay, each with its reason."""


def suspicious(place: str, text: str) -> Iterator[str]:
    """What in one file should not be public."""
    for what, pattern in FORBIDDEN.items():
        if pattern.search(text):
            yield f"{place}: {what}"
    if any(_is_public(found.group()) for found in _ADDRESS.finditer(text)):
        yield f"{place}: a public address"
    if any(not f".{found.group(1)}".endswith(INVENTED_HOSTS) for found in _MAIL.finditer(text)):
        yield f"{place}: a mail address"


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not any(address in network for network in DOCUMENTATION)


def is_made(folder: str) -> bool:
    return folder in MADE_FOLDERS or folder.endswith(".egg-info") or (folder.startswith(".") and folder != ".ci")


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the tree that is text."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [each for each in folders if not is_made(each)]
        for path in (Path(folder) / name for name in names if name not in LOCK_FILES and name != ".env"):
            content = path.read_bytes() if path.stat().st_size <= READABLE_BYTES else b"\0"
            if b"\0" not in content:
                yield name_of(path), content.decode("utf-8", errors="replace")


def test_the_tree_holds_nothing_that_should_not_be_public() -> None:
    assert [each for place, text in texts() for each in suspicious(place, text) if each not in ALLOWED] == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a" * 36,
        "xoxb-" + "1234567890",
        "sk-" + "a" * 32,
        "EAA" + "b" * 40,
        "Atzr|" + "c" * 20,
        "cli_" + "0123456789abcdef",
        "webhook/send?key=" + "01234567-89ab",
        "pip --index-url https://pypi" + ".org/simple",
        "open('/home" + "/ann/x')",
        "138" + "12345678",
        "https://8.8" + ".4.4/",
        "ann@real" + "-shop.com",
    ],
)
def test_what_should_not_be_public_is_found(text: str) -> None:
    assert len(list(suspicious("made/up.txt", f"x = '{text}'"))) == 1


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "10.1.2.3", "203.0.113.7", "1.2.3", "ann@example.com", "https://open.feishu.cn", "999.1.1.1"]
)
def test_invented_and_private_values_are_fine(text: str) -> None:
    assert list(suspicious("made/up.txt", text)) == []
