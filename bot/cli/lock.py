"""One process per data directory: the lock that ``run``, ``demo`` and a lonely ``say`` hold while they work."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.cli.ready import unusable, usable_folder, why
from bot.contracts.errors import ConflictError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the data directory. Raises: ConfigError if it is of no use; ConflictError naming who holds it."""
    usable_folder(folder)
    try:
        descriptor = os.open(folder / "zhanggui.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(folder, why(error)) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode() or "unknown"
            raise ConflictError(
                f"{folder} is in use by process {holder}: stop it first, or set another ZHANGGUI_DATA_DIR"
            ) from error
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except OSError as error:  # a full disk
            raise unusable(folder, why(error)) from error
        yield
    finally:
        os.close(descriptor)
