"""The settings of the channels that only send."""

import pytest

from bot.contracts.errors import ConfigError
from bot.settings import load_settings

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
FROM = {"SMTP_FROM": "掌柜 <zhanggui@example.com>"}
SMS = {"SMS_BASE_URL": "https://sms.example.com", "SMS_ACCESS_KEY": "k", "SMS_SECRET": "s"}


def refused(values: dict[str, str]) -> list[str]:
    """The names of the wrong settings."""
    with pytest.raises(ConfigError) as caught:
        load_settings(values)
    return [problem.variable for problem in caught.value.problems]


def test_without_them_the_channels_are_off() -> None:
    settings = load_settings({})
    assert (settings.email, settings.wecom, settings.sms) == (None, None, None)


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://smtp.example.com", 587, "starttls"),
        ("smtp://smtp.example.com:25", 25, "starttls"),
        ("smtps://smtp.example.com", 465, "tls"),
        ("smtp://127.0.0.1:1025", 1025, "plain"),
        ("smtp://localhost", 587, "plain"),
    ],
)
def test_the_address_says_how_mails_are_protected(url: str, port: int, security: str) -> None:
    email = load_settings({"SMTP_URL": url} | FROM).email
    assert email is not None
    assert (email.port, email.security) == (port, security)


def test_user_and_password_may_hold_any_sign() -> None:
    email = load_settings({"SMTP_URL": "smtps://ann%40example.com:p%40ss%2F@smtp.example.com"}).email
    assert email is not None
    assert email.password is not None
    assert (email.username, email.password.reveal(), email.sender) == ("ann@example.com", "p@ss/", "ann@example.com")


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"SMTP_URL": "https://smtp.example.com"} | FROM, ["SMTP_URL"]),
        ({"SMTP_URL": "smtp://smtp.example.com/inbox"} | FROM, ["SMTP_URL"]),
        ({"SMTP_URL": "smtp://ann@smtp.example.com"} | FROM, ["SMTP_URL"]),
        ({"SMTP_URL": "smtp://smtp.example.com"}, ["SMTP_FROM"]),
        ({"SMTP_URL": "smtp://smtp.example.com", "SMTP_FROM": "nobody"}, ["SMTP_FROM"]),
        ({"SMTP_URL": "smtp://smtp.example.com", "SMTP_FROM": "A\nBcc: b@example.com <a@example.com"}, ["SMTP_FROM"]),
        (FROM, ["SMTP_URL"]),
        ({"WECOM_ROBOT_URL": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}, ["WECOM_ROBOT_URL"]),
        ({"WECOM_ROBOT_URL": f"{ROBOT}a,{ROBOT}b"}, ["WECOM_ROBOT_URL"]),
        ({"WECOM_ROBOT_URL": f"a={ROBOT}a,b=http://127.0.0.1/cgi-bin/webhook/send?key=b"}, ["WECOM_ROBOT_URL"]),
        ({"WECOM_ROBOT": f"{ROBOT}a"}, ["WECOM_ROBOT"]),
        ({"SMS_BASE_URL": "https://sms.example.com"}, ["SMS_ACCESS_KEY", "SMS_SECRET"]),
        (SMS | {"SMS_BASE_URL": "https://sms.example.com/v1"}, ["SMS_BASE_URL"]),
        ({"SMS_SENDER": "掌柜"}, ["SMS_BASE_URL", "SMS_ACCESS_KEY", "SMS_SECRET"]),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, str], wrong: list[str]) -> None:
    assert refused(values) == wrong


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{ROBOT}a", ["robot"]),
        (f"ops={ROBOT}a, boss={ROBOT}b", ["ops", "boss"]),
        (f"运营群={ROBOT}a,{ROBOT}b", ["运营群", "robot"]),
    ],
)
def test_robots_go_by_their_names(text: str, names: list[str]) -> None:
    wecom = load_settings({"WECOM_ROBOT_URL": text}).wecom
    assert wecom is not None
    assert [name for name, _ in wecom.robots] == names
    assert wecom.base_url == "https://qyapi.weixin.qq.com"


def test_no_secret_is_told() -> None:
    values = {
        "WECOM_ROBOT_URL": f"{ROBOT}hidden-key",
        "SMTP_URL": "smtp://u:hidden-word@h",
        **SMS,
        "SMS_SECRET": "hidden-s",
    }
    assert "hidden" not in repr(load_settings(values | FROM))


def test_no_problem_tells_a_value() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({"WECOM_ROBOT_URL": "https://x.example/?key=hidden", "SMTP_URL": "ftp://u:hidden@h", **FROM})
    assert "hidden" not in str(caught.value)
