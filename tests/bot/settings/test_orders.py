"""The settings of sources of orders, 闲管家 and the courier interface."""

from pathlib import Path

import pytest

from bot.contracts.errors import ConfigError
from bot.contracts.secret import Secret
from bot.settings import CommandAddress, load_settings

SECRET = "whsec_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY="
OTHER = "whsec_" + "QUJD" * 8
XIANYU = {"ORDERS_WEBHOOK_SECRET_XIANYU": SECRET}
URL = {"ORDERS_COMMAND_URL_XIANYU": "https://bridge.example.com:8443/commands?shop=1"}
GOOFISH = {"GOOFISH_APP_KEY": "800000000001", "GOOFISH_APP_SECRET": "s"}
COURIER = {"COURIER_BASE_URL": "https://courier.example.com", "COURIER_ACCESS_KEY": "k", "COURIER_SECRET": "s"}


def refused(values: dict[str, str]) -> list[str]:
    """The names of the wrong settings."""
    with pytest.raises(ConfigError) as caught:
        load_settings(values)
    return [problem.variable for problem in caught.value.problems]


def test_without_them_there_are_no_orders() -> None:
    settings = load_settings({})
    assert (settings.order_sources, settings.goofish, settings.courier) == ((), None, None)


def test_a_source_with_a_secret_only_tells() -> None:
    [source] = load_settings(XIANYU).order_sources
    assert (source.name, source.webhook_secrets, source.commands) == ("xianyu", (Secret(SECRET),), None)


def test_commands_are_signed_with_their_own_secret() -> None:
    [source] = load_settings(XIANYU | URL | {"ORDERS_COMMAND_SECRET_XIANYU": OTHER}).order_sources
    assert source.commands == CommandAddress(
        base_url="https://bridge.example.com:8443", path="/commands?shop=1", secret=Secret(OTHER)
    )


def test_without_one_they_are_signed_with_the_first_of_the_webhook() -> None:
    values = {"ORDERS_WEBHOOK_SECRET_XIANYU": f"{OTHER}, {SECRET}", "ORDERS_COMMAND_URL_XIANYU": "http://127.0.0.1:9"}
    [source] = load_settings(values).order_sources
    assert source.webhook_secrets == (Secret(OTHER), Secret(SECRET))
    assert source.commands == CommandAddress(base_url="http://127.0.0.1:9", path="/", secret=Secret(OTHER))


def test_there_may_be_many_sources() -> None:
    sources = load_settings(XIANYU | {"ORDERS_WEBHOOK_SECRET_DOU_YIN2": OTHER}).order_sources
    assert [each.name for each in sources] == ["dou_yin2", "xianyu"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    [source] = load_settings({"ORDERS_WEBHOOK_SECRET_XIANYU_FILE": str(tmp_path / "secret")}).order_sources
    assert (source.name, source.webhook_secrets) == ("xianyu", (Secret(SECRET),))


def test_a_complete_goofish_is_on_with_the_public_address() -> None:
    goofish = load_settings(GOOFISH).goofish
    assert goofish is not None
    assert (goofish.app_key, goofish.seller_id, goofish.base_url) == ("800000000001", "", "https://open.goofish.pro")


def test_a_complete_courier_is_on() -> None:
    courier = load_settings(COURIER).courier
    assert courier is not None
    assert (courier.base_url, courier.access_key) == ("https://courier.example.com", "k")


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        (URL, ["ORDERS_WEBHOOK_SECRET_XIANYU"]),
        (
            {"ORDERS_COMMAND_SECRET_XIANYU": SECRET},
            ["ORDERS_WEBHOOK_SECRET_XIANYU", "ORDERS_COMMAND_URL_XIANYU"],
        ),
        (XIANYU | {"ORDERS_COMMAND_SECRET_XIANYU": SECRET}, ["ORDERS_COMMAND_URL_XIANYU"]),
        ({"ORDERS_WEBHOOK_SECRET_XIANYU": ""}, ["ORDERS_WEBHOOK_SECRET_XIANYU"]),
        ({"ORDERS_WEBHOOK_SECRET_XIANYU": "hidden"}, ["ORDERS_WEBHOOK_SECRET_XIANYU"]),
        ({"ORDERS_WEBHOOK_SECRET_XIANYU": f"{SECRET},whsec_QUJD"}, ["ORDERS_WEBHOOK_SECRET_XIANYU"]),
        ({"ORDERS_WEBHOOK_SECRET_xianyu": SECRET}, ["ORDERS_WEBHOOK_SECRET_xianyu"]),
        ({"ORDERS_WEBHOOK_SECRETS_XIANYU": SECRET}, ["ORDERS_WEBHOOK_SECRETS_XIANYU"]),
        (XIANYU | {"ORDERS_COMMAND_URL_XIANYU": "bridge.example.com"}, ["ORDERS_COMMAND_URL_XIANYU"]),
        (XIANYU | {"ORDERS_COMMAND_URL_XIANYU": "https://u:p@bridge.example.com"}, ["ORDERS_COMMAND_URL_XIANYU"]),
        ({"GOOFISH_APP_KEY": "800000000001"}, ["GOOFISH_APP_SECRET"]),
        ({"GOOFISH_SELLER_ID": "4242"}, ["GOOFISH_APP_KEY", "GOOFISH_APP_SECRET"]),
        ({"GOOFISH_APPKEY": "1"}, ["GOOFISH_APPKEY"]),
        (GOOFISH | {"GOOFISH_BASE_URL": "https://open.goofish.pro/api"}, ["GOOFISH_BASE_URL"]),
        ({"COURIER_SECRET": "s"}, ["COURIER_BASE_URL", "COURIER_ACCESS_KEY"]),
        ({"COURIER_BASE_URL": "https://courier.example.com"}, ["COURIER_ACCESS_KEY", "COURIER_SECRET"]),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, str], wrong: list[str]) -> None:
    assert refused(values) == wrong


def test_a_problem_comes_with_an_example_and_tells_no_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({"ORDERS_WEBHOOK_SECRET_XIANYU": "whsec_hidden!"})
    [problem] = caught.value.problems
    assert problem.example.startswith("whsec_")
    assert "hidden" not in str(caught.value)


def test_no_secret_is_told() -> None:
    values = XIANYU | URL | GOOFISH | COURIER | {"GOOFISH_APP_SECRET": "hidden-s", "COURIER_SECRET": "hidden-s"}
    assert "hidden" not in repr(load_settings(values))
    assert "BwgJ" not in repr(load_settings(values))
