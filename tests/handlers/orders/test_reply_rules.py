"""Words that lead a buyer off the marketplace are found however they are written; others pass."""

import pytest

from bot.contracts.errors import UserInputError
from handlers.orders.reply_rules import leads_away, read_reply


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("加我微信聊", "微信"),
        ("加我 微 - 信 聊", "微信"),
        ("加薇信", "微信"),
        ("ＱＱ 12345", "qq"),
        ("q.q 12345", "qq"),
        ("我的VX是 abc", "vx"),
        ("支 付 宝也可以", "支付宝"),
        ("可以线下交易", "线下"),
        ("打 138 0000 0000 找我", "13800000000"),
    ],
)
def test_what_leads_away_is_named(text: str, found: str) -> None:
    assert leads_away(text) == found


@pytest.mark.parametrize("text", ["今天下午寄出", "单号 SF100000000001", "iraqqi rug", "共 13 件", "谢谢！"])
def test_other_words_pass(text: str) -> None:
    assert read_reply(f" {text} ") == text


def test_what_leads_away_is_refused() -> None:
    with pytest.raises(UserInputError, match="reply_leads_away"):
        read_reply("加微信")
