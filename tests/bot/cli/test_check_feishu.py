"""``zhanggui check`` asks Feishu what the app lacks."""

import json
from collections.abc import AsyncIterator, Callable
from urllib.request import Request, urlopen

import pytest

from bot.cli.check_feishu import look_at_feishu
from bot.cli.findings import Finding
from bot.contracts.clock import SystemClock
from bot.settings import Settings, load_settings
from integrations.feishu.scopes import NEEDS, Need
from integrations.feishu.simulator import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_ENCRYPT_KEY,
    DEMO_VERIFICATION_TOKEN,
    FeishuSimulator,
)
from integrations.http.simulation import Weather
from tests.bot.cli.conftest import Run

OWN = {
    "FEISHU_APP_ID": DEMO_APP_ID,
    "FEISHU_APP_SECRET": DEMO_APP_SECRET,
    "FEISHU_ENCRYPT_KEY": DEMO_ENCRYPT_KEY,
    "FEISHU_VERIFICATION_TOKEN": DEMO_VERIFICATION_TOKEN,
}
NOWHERE = "http://127.0.0.1:1"
EVERY_NEED = pytest.mark.parametrize("need", NEEDS, ids=[need.use for need in NEEDS])


@pytest.fixture
async def simulator() -> AsyncIterator[FeishuSimulator]:
    async with FeishuSimulator(SystemClock()) as simulator:
        yield simulator


def settings(base_url: str, **changes: str) -> Settings:
    return load_settings({**OWN, "FEISHU_BASE_URL": base_url, **changes})


async def test_an_app_that_lacks_nothing_has_no_finding(simulator: FeishuSimulator) -> None:
    assert await look_at_feishu(settings(simulator.base_url)) == []


async def test_feishu_is_not_asked_while_it_is_off() -> None:
    assert await look_at_feishu(load_settings({})) == []


@EVERY_NEED
async def test_exactly_the_permission_that_is_withheld_is_found(simulator: FeishuSimulator, need: Need) -> None:
    simulator.grants.withheld = {need.scopes[0]}
    (found,) = await look_at_feishu(settings(simulator.base_url))
    assert (found.id, found.hint) == (("Z402", False) if need.necessary else ("Z403", True))
    assert found.details["scope"] == need.scopes[0]
    assert found.details.get("code", "") == need.code
    assert f"/app/{DEMO_APP_ID}/auth?q={need.scopes[0]}" in found.line()


async def test_the_finding_is_in_the_teams_language(simulator: FeishuSimulator) -> None:
    simulator.grants.withheld = {"im:message:send_as_bot"}
    (found,) = await look_at_feishu(settings(simulator.base_url, ZHANGGUI_LANGUAGE="en"))
    assert "The Feishu permission im:message:send_as_bot is missing: no message can be sent or updated" in found.line()


@pytest.mark.parametrize(
    ("weather", "code", "named"),
    [
        (Weather(operation="token", body={"code": 10003, "msg": "invalid param"}), "10003", "FEISHU_APP_ID"),
        (Weather(operation="token", body={"code": 10014, "msg": "app secret invalid"}), "10014", "FEISHU_APP_SECRET"),
        (Weather(operation="bot_info", body={"code": 11205, "msg": "app do not have bot"}), "11205", "机器人"),
        (Weather(operation="scopes", body={"code": 212100, "msg": "app not install"}), "212100", "发布一个版本"),
    ],
    ids=["app id", "secret", "no bot", "not published"],
)
async def test_what_feishu_refuses_is_told_with_its_code_and_the_next_step(
    simulator: FeishuSimulator, weather: Weather, code: str, named: str
) -> None:
    simulator.set_weather(weather)
    (found,) = await look_at_feishu(settings(simulator.base_url))
    assert (found.id, found.details["code"], found.hint) == ("Z401", code, False)
    assert code in found.text
    assert named in found.text


async def test_a_wrong_secret_is_found(simulator: FeishuSimulator) -> None:
    (found,) = await look_at_feishu(settings(simulator.base_url, FEISHU_APP_SECRET="another"))
    assert (found.id, found.details) == ("Z401", {"code": "10015", "page": f"{simulator.base_url}/app"})


def nobody_there(_: FeishuSimulator) -> str:
    return NOWHERE


def too_slow(simulator: FeishuSimulator) -> str:
    simulator.delay("bot_info", seconds=1)
    return simulator.base_url


def broken(simulator: FeishuSimulator) -> str:
    simulator.next_answer("token", status=503)
    return simulator.base_url


@pytest.mark.parametrize("trouble", [nobody_there, too_slow, broken])
async def test_feishu_that_cannot_be_asked_is_a_hint_and_no_problem(
    simulator: FeishuSimulator, trouble: Callable[[FeishuSimulator], str]
) -> None:
    (found,) = await look_at_feishu(settings(trouble(simulator)), patience_seconds=0.5)
    assert (found.id, found.hint) == ("Z404", True)


async def test_something_else_at_feishus_address_is_told(simulator: FeishuSimulator) -> None:
    simulator.set_weather(Weather(operation="token", status=404, html=True))
    (found,) = await look_at_feishu(settings(simulator.base_url))
    assert (found.id, "FEISHU_BASE_URL" in found.text) == ("Z401", True)


def test_a_hint_looks_milder_than_a_problem() -> None:
    lines = [Finding(id="Z1", about="x", text="y", hint=hint).line() for hint in (True, False)]
    assert lines == ["! Z1 x: y", "✗ Z1 x: y"]


def test_check_tells_what_feishu_says_and_ends_with_one(zhanggui: Run, running: Callable[..., list[str]]) -> None:
    lines = running("simulate", "--only", "feishu", "--port", "0", until="Ready")
    own = dict(line.split("=", 1) for line in lines if line.startswith("FEISHU_"))
    well = zhanggui("check", **own)
    withhold(own["FEISHU_BASE_URL"], "im:message:send_as_bot", "im:chat.members:bot_access")
    lacking = zhanggui("check", "--json", **own)
    told = json.loads(lacking.stdout)
    assert (well.returncode, "Feishu accepts the app" in well.stdout) == (0, True)
    assert (lacking.returncode, lacking.stderr) == (1, "")
    assert [each["scope"] for each in told["problems"]] == ["im:message:send_as_bot"]
    assert [each["scope"] for each in told["hints"]] == ["im:chat.members:bot_access"]


def test_check_without_a_way_to_feishu_says_so_and_lets_the_service_start(zhanggui: Run) -> None:
    done = zhanggui("check", **OWN, FEISHU_BASE_URL=NOWHERE)
    assert (done.returncode, done.stdout.splitlines()[0][:13]) == (0, "! Z404 feishu")


def withhold(base_url: str, *scopes: str) -> None:
    """Take permissions from the simulated app."""
    body = json.dumps({"withhold": scopes}).encode()
    request = Request(f"{base_url}/_control/scopes", data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 200
