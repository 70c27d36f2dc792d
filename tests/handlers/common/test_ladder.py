"""Whom a step of the ladder means, as people read it."""

import pytest

from handlers.common.ladder import said_target
from tests.handlers.asking import some_words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chats", "群"),
        ("duty", "值班"),
        ("duty sms", "值班 短信"),
        ("role:admin email", "管理员 邮件"),
        ("person:P1 whatsapp", "小陈 WhatsApp"),
        ("person:P9", "?"),
        ("chat:wecom:robot", "企业微信"),
        ("小陈、Li Wei", "小陈、Li Wei"),
        ("小陈 email", "小陈 邮件"),
        ("", ""),
    ],
)
def test_a_target_is_said_in_words(text: str, said: str) -> None:
    assert said_target(text, some_words(), {"P1": "小陈"}) == said
