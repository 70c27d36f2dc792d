"""The Dockerfile's steps without Docker: what it copies, installed into a clean environment, run by an ordinary user.

The libraries are those of this environment instead of the registry's: a test reaches nothing beyond this machine.
"""

import os
import re
import shlex
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tree.source import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
NOBODY = 65534
ORDINARY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
"""Who runs it: whoever runs the tests, but never the superuser."""
LIMIT_SECONDS = 50


def instructions(word: str) -> Iterator[list[str]]:
    """The arguments of every instruction ``word``, options left out."""
    for line in re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines():
        if line.startswith(f"{word} ") and "--from" not in line:
            yield [each for each in shlex.split(line)[1:] if not each.startswith("--")]


def usable_python() -> str:
    """A Python of our version that the ordinary user may run."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    candidates = (os.path.realpath(sys.executable), "/usr/bin/python3", "/usr/local/bin/python3")
    return next(each for each in candidates if _said([each, "-c", asked], **ORDINARY) == ours)


def _said(command: list[str], **how: Any) -> str:
    try:
        return str(subprocess.run(command, capture_output=True, text=True, check=False, **how).stdout).strip()
    except OSError:
        return ""


def copied(folder: Path) -> Path:
    """The build stage's folder with exactly what the Dockerfile copies."""
    for *sources, target in instructions("COPY"):
        for path in (ROOT / name for name in sources):
            place = folder / target / ("" if path.is_dir() else path.name)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, place)
    return folder


@pytest.fixture(scope="module")
def program() -> Iterator[Path]:
    """The installed ``zhanggui``, in a folder that everybody may read."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        installed = folder / "opt"
        subprocess.run([usable_python(), "-m", "venv", "--without-pip", str(installed)], check=True)
        (packages,) = (installed / "lib").glob("python*/site-packages")
        (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
        options = "--quiet --no-index --no-build-isolation --no-deps --ignore-installed"
        install = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(installed / "bin" / "python"),
            "install",
            *options.split(),
            ".",
        ]
        subprocess.run(install, cwd=copied(folder / "source"), check=True, timeout=LIMIT_SECONDS)
        yield installed / "bin" / "zhanggui"


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty folder of the user who runs the program."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-data-") as name:
        os.chown(name, ORDINARY.get("user", -1), ORDINARY.get("group", -1))
        yield Path(name)


def run(program: Path, *arguments: str, data: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program, *arguments],
        cwd=data,
        env={"PATH": "/usr/bin:/bin", "ZHANGGUI_DATA_DIR": str(data), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        **ORDINARY,
    )


def test_what_was_copied_is_enough_to_run(program: Path, data: Path) -> None:
    lines = (["check"], ["migrate"], ["user", "add", "王伟", "--role", "admin"], ["say", "状态"])
    checked, migrated, added, said = (run(program, *line, data=data) for line in lines)
    assert (checked.returncode, migrated.returncode, added.returncode) == (0, 0, 0), checked.stderr + migrated.stderr
    assert (said.returncode, "飞书：未接通" in said.stdout) == (0, True), said.stderr


def test_it_runs_the_installed_program_not_the_tree(program: Path, data: Path) -> None:
    python = program.with_name("python")
    where = run(python, "-c", "import bot, storage.migrations; print(bot.__file__)", data=data)
    assert where.stdout.startswith(str(program.parents[1])), where.stderr


def test_the_image_does_not_run_as_the_superuser() -> None:
    assert list(instructions("USER")) == [["zhanggui"]]
