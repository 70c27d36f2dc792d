"""Settings are accepted whole or refused with every problem at once."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.errors import ConfigError
from bot.settings import SETTINGS, load_settings

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
FEISHU = {
    "FEISHU_APP_ID": "cli_a1",
    "FEISHU_APP_SECRET": "hush-app",
    "FEISHU_ENCRYPT_KEY": "hush-key",
    "FEISHU_VERIFICATION_TOKEN": "hush-token",
}
LONG_CONNECTION = {"FEISHU_APP_ID": "cli_a1", "FEISHU_APP_SECRET": "hush-app"}
LINGXING = {"LINGXING_APP_ID": "ak_0123456789abc", "LINGXING_APP_SECRET": "hush-ling"}
RELAY = {"ENABLE_PROXY": "true", "PROXY_HOST": "relay.example.com", "PROXY_PORT": "3128"}


def problems(environ: dict[str, str], env_file: Path | None = None) -> dict[str, str]:
    """What is refused, by variable."""
    with pytest.raises(ConfigError) as refused:
        load_settings(environ, env_file)
    return {problem.variable: problem.problem for problem in refused.value.problems}


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings({})
    assert settings.database_url.reveal() == "sqlite+aiosqlite:///data/zhanggui.db"
    assert (settings.host, settings.port, settings.language) == ("127.0.0.1", 8080, "zh")
    assert str(settings.timezone) == "Asia/Shanghai"
    assert (settings.feishu, settings.lingxing, settings.proxy, settings.secret_keys) == (None, None, None, ())


def test_the_database_lies_in_the_data_directory_unless_told_otherwise() -> None:
    assert (
        load_settings({"ZHANGGUI_DATA_DIR": "/srv/z"}).database_url.reveal() == "sqlite+aiosqlite:////srv/z/zhanggui.db"
    )


def test_all_problems_are_reported_together() -> None:
    wrong = {
        "DATABASE_URL": "mysql://hush",
        "ZHANGGUI_PORT": "eighty",
        "ZHANGGUI_TIMEZONE": "Mars/Base",
        "LOG_LEVEL": "loud",
        "FEISHU_APP_ID": "cli_a1",
        "LINGXING_APP_ID": "short",
        "PROXY_ALLOW_DIRECT": "perhaps",
        **RELAY,
    }
    assert set(problems(wrong)) == {*wrong.keys() - RELAY.keys() - {"FEISHU_APP_ID"}} | {
        "FEISHU_APP_SECRET",
        "LINGXING_APP_SECRET",
    }


@given(
    st.dictionaries(
        st.sampled_from([s.name for s in SETTINGS]), st.from_regex("[a-z]{3} hush [0-9]{3}", fullmatch=True)
    )
)
def test_a_refusal_never_shows_a_value(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({**environ, "ZHANGGUI_PORT": "hush"})
    assert "hush" not in str(refused.value) + repr(refused.value.problems)


def test_settings_do_not_show_their_secrets() -> None:
    settings = load_settings({**FEISHU, **LINGXING, "DATABASE_URL": "postgresql+asyncpg://u:hush@h/d"})
    assert "hush" not in f"{settings} {settings!r} {settings.database_url}"


def test_settings_do_not_show_their_keys() -> None:
    key = base64.urlsafe_b64encode(b"Q" * 32).decode()
    assert "QQQQ" not in repr(load_settings({"ZHANGGUI_SECRET_KEY": key}))


def test_every_problem_comes_with_a_valid_example() -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({"ZHANGGUI_PORT": "x", "FEISHU_APP_ID": "cli_a1"})
    assert all(problem.example for problem in refused.value.problems)


@pytest.mark.parametrize("missing", sorted(FEISHU))
def test_a_half_configured_feishu_names_the_missing_half(missing: str) -> None:
    given_half = {name: value for name, value in FEISHU.items() if name != missing}
    found = problems(given_half)
    assert list(found) == [missing]
    assert "is missing" in found[missing]


@pytest.mark.parametrize("missing", sorted(LINGXING))
def test_a_half_configured_lingxing_names_the_missing_half(missing: str) -> None:
    given_half = {name: value for name, value in LINGXING.items() if name != missing}
    assert list(problems(given_half)) == [missing]


def test_without_the_webhooks_keys_events_come_over_the_long_connection() -> None:
    feishu = load_settings(LONG_CONNECTION).feishu
    assert feishu is not None
    assert feishu.webhook is None


def test_the_long_connection_may_be_asked_for_with_the_webhooks_keys_kept() -> None:
    feishu = load_settings({**FEISHU, "FEISHU_MODE": "long_connection"}).feishu
    assert feishu is not None
    assert feishu.webhook is None


def test_a_webhook_that_is_asked_for_needs_both_keys() -> None:
    found = problems({**LONG_CONNECTION, "FEISHU_MODE": "webhook"})
    assert list(found) == ["FEISHU_ENCRYPT_KEY", "FEISHU_VERIFICATION_TOKEN"]
    assert all("long_connection needs neither" in problem for problem in found.values())


@pytest.mark.parametrize("missing", sorted(LONG_CONNECTION))
def test_a_half_configured_long_connection_names_the_missing_half(missing: str) -> None:
    given_half = {name: value for name, value in LONG_CONNECTION.items() if name != missing}
    assert list(problems({**given_half, "FEISHU_MODE": "long_connection"})) == [missing]


def test_an_unknown_way_of_receiving_names_the_known_ones() -> None:
    assert problems({**FEISHU, "FEISHU_MODE": "polling"}) == {"FEISHU_MODE": "is none of webhook, long_connection"}


def test_a_relay_that_the_long_connection_would_go_around_is_refused() -> None:
    relayed = {**LONG_CONNECTION, **RELAY, "ENABLE_PROXY": "feishu"}
    assert "FEISHU_MODE webhook" in problems(relayed)["ENABLE_PROXY"]
    assert load_settings({**relayed, "PROXY_ALLOW_DIRECT": "true"}).proxy is not None
    assert load_settings({**relayed, **FEISHU}).proxy is not None


def test_a_complete_feishu_is_on_with_the_public_address() -> None:
    feishu = load_settings(FEISHU).feishu
    assert feishu is not None
    assert feishu.webhook is not None
    assert (feishu.base_url, feishu.webhook.encrypt_key.reveal()) == ("https://open.feishu.cn", "hush-key")


@pytest.mark.parametrize(
    "address", ["https://h/api", "ftp://h", "h", "https://h:port", "https://u:p@h", "https://h?x=1"]
)
def test_a_base_address_carries_no_path(address: str) -> None:
    assert list(problems({**FEISHU, "FEISHU_BASE_URL": address})) == ["FEISHU_BASE_URL"]


def test_a_closing_slash_of_a_base_address_is_dropped() -> None:
    lingxing = load_settings({**LINGXING, "LINGXING_BASE_URL": "http://127.0.0.1:9100/"}).lingxing
    assert lingxing is not None
    assert lingxing.base_url == "http://127.0.0.1:9100"


@pytest.mark.parametrize("length", [16, 24, 32])
def test_a_lingxing_app_id_has_the_length_of_an_aes_key(length: int) -> None:
    assert load_settings({**LINGXING, "LINGXING_APP_ID": "a" * length}).lingxing is not None


@pytest.mark.parametrize("length", [15, 17, 33])
def test_another_length_of_a_lingxing_app_id_is_refused(length: int) -> None:
    assert list(problems({**LINGXING, "LINGXING_APP_ID": "a" * length})) == ["LINGXING_APP_ID"]


@pytest.mark.parametrize(
    "address", ["sqlite:///x.db", "sqlite+aiosqlite:///", "sqlite+aiosqlite:///:memory:", "postgresql+asyncpg://h", ""]
)
def test_a_database_that_would_not_keep_anything_is_refused(address: str) -> None:
    assert list(problems({"DATABASE_URL": address})) == ["DATABASE_URL"]


@pytest.mark.parametrize(
    ("text", "platforms"),
    [
        ("True", {"lingxing"}),
        ("true", {"lingxing"}),
        ("lingxing", {"lingxing"}),
        ("lingxing, feishu", {"lingxing", "feishu"}),
    ],
)
def test_the_proxy_serves_the_named_platforms(text: str, platforms: set[str]) -> None:
    proxy = load_settings({**RELAY, "ENABLE_PROXY": text}).proxy
    assert proxy is not None
    assert proxy.platforms == platforms


def test_proxy_credentials_are_quoted_into_its_address() -> None:
    proxy = load_settings({**RELAY, "PROXY_USERNAME": "ann", "PROXY_PASSWORD": "p@ss:/"}).proxy
    assert proxy is not None
    assert proxy.url.reveal() == "http://ann:p%40ss%3A%2F@relay.example.com:3128"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"ENABLE_PROXY": "maybe"}, "ENABLE_PROXY"),
        ({"ENABLE_PROXY": "lingxing,mars"}, "ENABLE_PROXY"),
        ({"PROXY_HOST": ""}, "PROXY_HOST"),
        ({"PROXY_HOST": "two words"}, "PROXY_HOST"),
        ({"PROXY_PORT": "0"}, "PROXY_PORT"),
        ({"PROXY_USERNAME": "ann"}, "PROXY_PASSWORD"),
        ({"PROXY_PASSWORD": "x"}, "PROXY_USERNAME"),
        ({"PROXY_TIMEOUT": "3.5"}, "PROXY_TIMEOUT"),
        ({"PROXY_FALLBACK_URL": "socks5://h:1"}, "PROXY_FALLBACK_URL"),
    ],
)
def test_a_wrong_proxy_setting_is_named(changed: dict[str, str], named: str) -> None:
    assert list(problems({**RELAY, **changed})) == [named]


def test_a_switched_off_proxy_needs_nothing_but_what_is_given_must_be_right() -> None:
    assert load_settings({"ENABLE_PROXY": "False", "PROXY_PORT": "3128"}).proxy is None
    assert list(problems({"ENABLE_PROXY": "False", "PROXY_PORT": "many"})) == ["PROXY_PORT"]


def test_every_wrong_proxy_setting_is_told_beside_a_wrong_switch() -> None:
    wrong = {"ENABLE_PROXY": "maybe", "PROXY_PORT": "abc", "PROXY_TIMEOUT": "-1", "PROXY_ALLOW_DIRECT": "perhaps"}
    assert problems(wrong).keys() == wrong.keys()


@pytest.mark.parametrize("host", ["not_a_host!!", "two words", "999.1.1.1", "-x", "a..b"])
def test_a_host_that_cannot_be_one_is_refused(host: str) -> None:
    assert list(problems({"ZHANGGUI_HOST": host})) == ["ZHANGGUI_HOST"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "localhost", "shop-1.example.com"])
def test_an_address_or_a_name_is_a_host(host: str) -> None:
    assert load_settings({"ZHANGGUI_HOST": host}).host == host


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("FEISHU_APPID", "FEISHU_APP_ID"),
        ("FEISHU_SECRET", "FEISHU_APP_SECRET"),
        ("LINGXING_APPID", "LINGXING_APP_ID"),
        ("ZHANGUI_PORT", "ZHANGGUI_PORT"),
        ("PROXY_HOSTS", "PROXY_HOST"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest_setting(name: str, nearest: str) -> None:
    assert problems({name: "hush"}) == {name: f"is no setting: did you mean {nearest}?"}


@pytest.mark.parametrize("name", ["ZHANGGUI_SERVICE_HOST", "HTTP_PROXY", "NO_PROXY", "LOGLEVEL", "PATH"])
def test_the_names_of_others_are_left_alone(name: str) -> None:
    assert load_settings({name: "x"}).port == 8080


def test_several_secret_keys_keep_their_order() -> None:
    other = base64.urlsafe_b64encode(bytes(32)).decode()
    assert load_settings({"ZHANGGUI_SECRET_KEY": f"{KEY}, {other}"}).secret_keys == (bytes(range(32)), bytes(32))


@pytest.mark.parametrize("key", ["c2hvcnQ=", "not base64!", f"{KEY},", KEY + "AAAA"])
def test_a_secret_key_of_another_form_is_refused(key: str) -> None:
    assert list(problems({"ZHANGGUI_SECRET_KEY": key})) == ["ZHANGGUI_SECRET_KEY"]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\n")
    by_file = {**LINGXING, "LINGXING_APP_SECRET_FILE": str(tmp_path / "secret")}
    del by_file["LINGXING_APP_SECRET"]
    lingxing = load_settings(by_file).lingxing
    assert lingxing is not None
    assert lingxing.app_secret.reveal() == "from-file"


@pytest.mark.parametrize(
    "changed",
    [
        {"LINGXING_APP_SECRET": ""},
        {"LINGXING_APP_SECRET_FILE": "/nowhere/at/all"},
        {"LINGXING_APP_SECRET": "", "LINGXING_APP_SECRET_FILE": "/nowhere/at/all"},
    ],
)
def test_an_empty_or_doubled_or_unreadable_secret_is_refused_once(changed: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({**LINGXING, **changed})
    assert [problem.variable for problem in refused.value.problems][:1] == ["LINGXING_APP_SECRET"]
    assert not any("missing" in problem.problem for problem in refused.value.problems)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ZHANGGUI_PORT=1\nZHANGGUI_HOST=0.0.0.0\n")
    settings = load_settings({"ZHANGGUI_PORT": "2"}, tmp_path / ".env")
    assert (settings.port, settings.host) == (2, "0.0.0.0")


def test_a_broken_line_of_the_file_is_named_by_its_number(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# fine\n\nhush hush\n")
    assert problems({}, tmp_path / ".env") == {".env line 3": "is not NAME=value"}


WHATSAPP = {
    "WHATSAPP_ACCESS_TOKEN": "hush-token",
    "WHATSAPP_PHONE_NUMBER_ID": "555001",
    "WHATSAPP_APP_SECRET": "hush-app",
    "WHATSAPP_VERIFY_TOKEN": "hush-verify",
}


@pytest.mark.parametrize("missing", sorted(WHATSAPP))
def test_a_half_configured_whatsapp_names_the_missing_half(missing: str) -> None:
    given_half = {name: value for name, value in WHATSAPP.items() if name != missing}
    assert list(problems(given_half)) == [missing]


def test_a_complete_whatsapp_is_on_with_the_public_address() -> None:
    whatsapp = load_settings(WHATSAPP).whatsapp
    assert whatsapp is not None
    assert (whatsapp.base_url, whatsapp.template_alert) == ("https://graph.facebook.com/v25.0", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHATSAPP_BASE_URL", "https://graph.example.com"),
        ("WHATSAPP_BASE_URL", "https://graph.example.com/latest"),
        ("WHATSAPP_PHONE_NUMBER_ID", "+44"),
        ("WHATSAPP_TEMPLATE_NOTICE", "Stock Alert"),
    ],
)
def test_what_whatsapp_would_not_take_is_refused(name: str, value: str) -> None:
    assert list(problems({**WHATSAPP, name: value})) == [name]
