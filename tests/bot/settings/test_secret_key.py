"""The key that encrypts everything else is written once and guarded."""

import base64
from pathlib import Path

import pytest

from bot.contracts.errors import ConfigError
from bot.settings import Settings, load_settings, secret_keys

KEY = bytes(range(32))


def settings_in(folder: Path) -> Settings:
    return load_settings({"ZHANGGUI_DATA_DIR": str(folder / "data")})


def key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "data" / "secret.key"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_first_start_writes_a_key_for_its_owner_only_and_says_where(tmp_path: Path) -> None:
    made = secret_keys(settings_in(tmp_path), random_bytes=lambda count: KEY[:count])
    assert (made.keys, made.written) == ((KEY,), tmp_path / "data" / "secret.key")
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_the_second_start_finds_the_same_key_and_writes_nothing(tmp_path: Path) -> None:
    first = secret_keys(settings_in(tmp_path))
    second = secret_keys(settings_in(tmp_path))
    assert (second.keys, second.written) == (first.keys, None)


def test_a_configured_key_is_used_without_a_file(tmp_path: Path) -> None:
    text = base64.urlsafe_b64encode(KEY).decode()
    configured = load_settings({"ZHANGGUI_DATA_DIR": str(tmp_path / "data"), "ZHANGGUI_SECRET_KEY": text})
    assert secret_keys(configured).keys == (KEY,)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (base64.urlsafe_b64encode(KEY).decode(), 0o644, "chmod 600"),
        ("", 0o600, "holds no key"),
        ("damaged", 0o600, "holds no key"),
    ],
)
def test_an_unguarded_or_damaged_key_file_is_refused(tmp_path: Path, text: str, mode: int, said: str) -> None:
    key_file(tmp_path, text, mode)
    with pytest.raises(ConfigError, match=said):
        secret_keys(settings_in(tmp_path))


def test_keys_are_not_shown(tmp_path: Path) -> None:
    made = secret_keys(settings_in(tmp_path), random_bytes=lambda count: b"Q" * count)
    assert "QQQQ" not in repr(made)
