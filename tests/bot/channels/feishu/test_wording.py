"""Mentions and invisible signs around what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.feishu.wording import strip_mentions
from tests.bot.channels.feishu.deliveries import APP, heard_content


def mention(number: int, open_id: str, name: str) -> dict[str, object]:
    return {"key": f"@_user_{number}", "id": {"open_id": open_id}, "name": name}


def test_the_bot_is_taken_out_and_others_are_named() -> None:
    mentions = [mention(1, APP.bot_open_id, "掌柜"), mention(10, "ou_2", "小陈")]
    event = heard_content("text", {"text": "@_user_1 授权 @_user_10"}, mentions=mentions, chat_type="group")
    assert (event.text, event.addressed) == ("授权 @小陈", True)


def test_a_mention_of_somebody_with_the_bots_name_is_not_the_bot() -> None:
    event = heard_content("text", {"text": "@_user_1 补货"}, mentions=[mention(1, "ou_2", "掌柜")], chat_type="group")
    assert (event.text, event.addressed) == ("@掌柜 补货", False)


@pytest.mark.parametrize("mentions", [[], [{"key": "@_all", "name": "所有人"}]])
def test_a_call_to_everybody_is_not_a_call_to_the_bot(mentions: list[object]) -> None:
    event = heard_content("text", {"text": "@_all 开会"}, mentions=mentions, chat_type="group")
    assert (event.text, event.addressed) == ("开会", False)


def test_a_mention_in_a_rich_message_is_taken_out() -> None:
    line = [{"tag": "at", "user_id": "@_user_1", "user_name": "掌柜"}, {"tag": "text", "text": " 店铺"}]
    mentions = [mention(1, APP.bot_open_id, "掌柜")]
    event = heard_content("post", {"title": "", "content": [line]}, mentions=mentions, chat_type="group")
    assert (event.text, event.addressed) == ("店铺", True)


@pytest.mark.parametrize("around", [" ", "\u00a0", "\u200b", "\u3000", "\ufeff", "\n"])
def test_invisible_signs_around_a_command_do_not_hide_it(around: str) -> None:
    assert strip_mentions(f"@_user_1{around}店铺{around}", {"@_user_1": ""}) == "店铺"


def test_a_key_nobody_explained_stays_as_it_was_typed() -> None:
    assert strip_mentions("@_user_7 店铺", {}) == "@_user_7 店铺"


NUMBERS = st.integers(1, 120)
WORD = st.text(alphabet="abc店铺0123456789", min_size=1, max_size=6)


@given(pieces=st.lists(st.tuples(NUMBERS, WORD), min_size=1, max_size=12))
def test_every_key_is_replaced_by_its_own_name(pieces: list[tuple[int, str]]) -> None:
    names = {f"@_user_{number}": f"@N{number}N" for number in range(1, 121)}
    written = " ".join(f"@_user_{number} {word}" for number, word in pieces)
    assert strip_mentions(written, names) == " ".join(f"@N{number}N {word}" for number, word in pieces)


@given(written=st.text(max_size=80))
def test_text_without_mentions_keeps_all_its_visible_signs(written: str) -> None:
    kept = [sign for sign in strip_mentions(written, {}) if not sign.isspace()]
    meant = [sign for sign in written.replace("@_all", "") if not sign.isspace() and sign not in "\u200b\ufeff"]
    assert kept == meant
