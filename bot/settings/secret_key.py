"""The keys that encrypt secrets at rest: from the settings, else from a file written at the first start."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.contracts.errors import ConfigError, SettingProblem
from bot.settings.model import Settings

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """32-byte keys, the first encrypts and all decrypt. ``written`` is the file if this call made it: say so."""

    keys: tuple[bytes, ...] = field(repr=False)
    written: Path | None = None


def decode_key(text: str) -> bytes | None:
    """The 32 bytes of one url-safe base64 key, or None if ``text`` is none."""
    padded = text + "=" * (-len(text) % 4)
    try:
        key = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None


def secret_keys(settings: Settings, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> SecretKeys:
    """The configured keys, else those of ``<data_dir>/secret.key``, which the first start writes (mode 600).

    Raises: ConfigError if the file holds no key, others may read it, or it cannot be written.
    """
    if settings.secret_keys:
        return SecretKeys(settings.secret_keys)
    path = settings.data_dir / "secret.key"
    try:
        written = None if path.exists() else _write_once(path, random_bytes(_KEY_BYTES))
    except OSError as error:
        step = "let this user write to its folder and see that the disk has room"
        raise _unusable(path, f"cannot be written ({os.strerror(error.errno or 0)}): {step}") from error
    return SecretKeys(_read(path), written)


def _write_once(path: Path, key: bytes) -> Path | None:
    """The path if this process wrote it; None if another was first. A crash leaves no half-written key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return None
    finally:
        draft.unlink()
    return path


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        is_open, written = path.stat().st_mode & 0o077, path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise _unusable(path, "cannot be read: give the file to the user of this service") from error
    if is_open:
        raise _unusable(path, "may be read by others: run chmod 600 on it")
    keys = [decode_key(text.strip()) for text in written.split(",")]
    found = tuple(key for key in keys if key)
    if len(found) != len(keys):
        raise _unusable(path, "holds no key: restore it from a backup, or what it encrypted is lost")
    return found


def _unusable(path: Path, problem: str) -> ConfigError:
    return ConfigError([SettingProblem("ZHANGGUI_SECRET_KEY", f"{path.name} {problem}", "mode 600, one line")])
