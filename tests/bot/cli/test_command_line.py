"""What people get from ``zhanggui`` in a shell."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Run

Running = Callable[..., list[str]]
FIELDS = ["title", "tone", "blocks", "actions", "matter"]


def test_check_tells_every_problem_at_once(zhanggui: Run, tmp_path: Path) -> None:
    wrong = {"FEISHU_APP_ID": "cli_x", "LOG_LEVEL": "loud", "ZHANGGUI_PORT": "99999", "LINGXING_APP_ID": "short"}
    done = zhanggui("check", "--json", **wrong)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (1, False)
    assert {"LOG_LEVEL", "ZHANGGUI_PORT", "FEISHU_APP_SECRET", "LINGXING_APP_ID", "LINGXING_APP_SECRET"} <= {
        each["variable"] for each in told["problems"]
    }
    assert not (tmp_path / "data").exists()


def test_check_of_good_settings_says_what_is_off(zhanggui: Run) -> None:
    done = zhanggui("check")
    assert (done.returncode, "feishu: off (set FEISHU_APP_ID to turn it on)" in done.stdout) == (0, True)


def test_a_service_with_wrong_settings_does_not_start(zhanggui: Run) -> None:
    done = zhanggui("run", FEISHU_APP_ID="cli_x")
    assert (done.returncode, "FEISHU_APP_SECRET" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_with_nothing_set_up_say_answers_from_the_sample_world(zhanggui: Run, tmp_path: Path) -> None:
    done = zhanggui("say", "店铺", "--json")
    assert (done.returncode, list(json.loads(done.stdout))) == (0, FIELDS)
    assert {"屿光-US", "屿光-DE", "屿光-JP", "屿光-UK"} <= set(re.findall(r"屿光-\w\w", done.stdout))
    assert "sample world" in done.stderr
    assert not (tmp_path / "data" / "zhanggui.db").exists()


def test_a_wrong_call_ends_with_two(zhanggui: Run) -> None:
    assert [zhanggui("say").returncode, zhanggui("fly").returncode] == [2, 2]


@pytest.mark.parametrize("command", ["demo", "simulate"])
def test_what_has_no_protection_listens_on_loopback_only(zhanggui: Run, command: str) -> None:
    done = zhanggui(command, "--host", "0.0.0.0")
    assert (done.returncode, "loopback" in done.stderr) == (2, True)


def test_a_demo_does_not_empty_a_folder_that_it_did_not_make(zhanggui: Run, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = zhanggui("demo", "--port", "0", "--data", str(tmp_path))
    assert (done.returncode, (tmp_path / "precious.txt").read_text()) == (1, "mine")
    assert "choose an empty folder" in done.stderr


def test_beside_a_running_demo_say_chat_and_user_talk_to_it(zhanggui: Run, running: Running, tmp_path: Path) -> None:
    running("demo", "--port", "0", "--days", "100", until="Type ")
    spoken = zhanggui("say", "补货", "--json")
    assert list(json.loads(spoken.stdout)) == FIELDS
    assert (spoken.returncode, spoken.stderr) == (0, "")
    refused = zhanggui("say", "为什么", "没有这个")
    assert (refused.returncode, "没有这个 SKU" in refused.stdout) == (1, True)
    talked = zhanggui("chat", typed="补或\n1\n99\n 退出 \n补乐\n").stdout
    assert "你是不是想说" in talked
    assert "补货：全部店铺" in talked
    assert "没有「99」这个命令" in talked
    assert "补乐" not in talked
    listed = json.loads(zhanggui("user", "list", "--json").stdout)
    assert {each["name"] for each in listed} == {"林掌柜", "小陈", "阿芳"}
    assert not (tmp_path / "data" / "zhanggui.db").exists()
    second = zhanggui("demo", "--port", "0")
    assert (second.returncode, "in use by process" in second.stderr) == (1, True)


def test_people_are_added_and_listed_without_a_running_service(zhanggui: Run) -> None:
    added = zhanggui("user", "add", "王伟", "--role", "admin", "--identity", "feishu:ou_1", "--json")
    again = zhanggui("user", "add", "小陈", "--role", "viewer", "--identity", "feishu:ou_1")
    listed = json.loads(zhanggui("user", "list", "--json").stdout)
    assert (json.loads(added.stdout)["name"], again.returncode) == ("王伟", 1)
    assert "feishu:ou_1 belongs to somebody already" in again.stderr
    assert [(each["name"], each["roles"]) for each in listed] == [("王伟", ["admin"])]


def test_listing_people_makes_no_database(zhanggui: Run, tmp_path: Path) -> None:
    listed = zhanggui("user", "list")
    assert (listed.returncode, listed.stdout.startswith("Nobody yet")) == (0, True)
    assert not (tmp_path / "data").exists()


def test_a_service_greets_its_first_administrator_and_is_alone(zhanggui: Run, running: Running) -> None:
    *_, welcome = running("run", until="Nobody is known yet", ZHANGGUI_PORT="0", LOG_LEVEL="ERROR")
    assert "绑定 " in welcome
    second = zhanggui("run", ZHANGGUI_PORT="0")
    assert (second.returncode, "in use by process" in second.stderr) == (1, True)
    assert zhanggui("user", "add", "王伟", "--role", "admin").returncode == 0
    assert "飞书：未接通" in zhanggui("say", "状态").stdout


def test_a_port_that_is_taken_is_said_without_a_traceback(zhanggui: Run, running: Running) -> None:
    lines = running("simulate", "--only", "feishu", "--port", "0", until="Ready")
    (address,) = [line for line in lines if line.startswith("FEISHU_BASE_URL")]
    done = zhanggui("run", ZHANGGUI_PORT=address.rpartition(":")[2], LOG_LEVEL="ERROR")
    assert done.returncode == 1
    assert "cannot listen on" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_platform_can_be_simulated_alone(running: Running) -> None:
    lines = running("simulate", "--only", "lingxing", "--port", "0", until="Ready")
    assert [line.partition("=")[0] for line in lines[:-1]] == [
        "LINGXING_APP_ID",
        "LINGXING_APP_SECRET",
        "LINGXING_BASE_URL",
    ]


def test_an_unknown_platform_cannot_be_simulated(zhanggui: Run) -> None:
    done = zhanggui("simulate", "--only", "feishu,mars")
    assert (done.returncode, "not mars" in done.stderr) == (2, True)
