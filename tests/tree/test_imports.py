"""The service starts quickly: heavy libraries wait until they are used."""

import subprocess
import sys

from tests.tree.source import ROOT

AT_FIRST_USE = {
    "aiosmtpd",
    "aiosmtplib",
    "alembic",
    "asyncpg",
    "babel",
    "lark_oapi",
    "numpy",
    "openpyxl",
    "pgqueuer",
    "resvg_py",
    "scipy",
    "xlsxwriter",
}


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after ``statement``."""
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_service_is_imported_without_heavy_libraries() -> None:
    assert modules_after("import bot.app, bot.cli.run") & AT_FIRST_USE == set()


def test_a_heavy_library_would_be_noticed() -> None:
    assert "alembic" in modules_after("import alembic")
