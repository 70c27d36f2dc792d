"""The compose files keep to the Compose specification and fit what they start."""

from pathlib import Path

import pytest
from compose_spec import PyOptions

from tests.tree.source import ROOT

FOLDER = ROOT / "deploy"


def services(name: str) -> dict[str, object]:
    """Every service of a compose file, merged parts applied. Raises: ValueError if it breaks the specification."""
    compose = PyOptions(apply_merge=True).from_yaml((FOLDER / name).read_text(encoding="utf-8"))
    compose.validate()
    return dict(compose.to_dict()["services"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("compose.yaml", {"zhanggui"}), ("compose.scale.yaml", {"web", "worker", "nginx", "postgres"})],
)
def test_a_compose_file_keeps_to_the_specification(name: str, expected: set[str]) -> None:
    assert services(name).keys() == expected


def test_a_misspelt_key_would_be_noticed() -> None:
    with pytest.raises(ValueError, match="imge"):
        PyOptions(apply_merge=True).from_yaml("services:\n  one:\n    imge: x\n")


def test_two_processes_listen_and_two_work() -> None:
    found = services("compose.scale.yaml")
    shown = {name: (found[name]["command"], found[name]["deploy"]["replicas"]) for name in ("web", "worker")}  # type: ignore[index]
    assert shown == {"web": (["run", "--role", "web"], 2), "worker": (["run", "--role", "worker"], 2)}


@pytest.mark.parametrize("path", ["nginx.conf", "Dockerfile"])
def test_what_they_name_is_there(path: str) -> None:
    assert Path(FOLDER, path).is_file()
