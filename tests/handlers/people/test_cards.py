"""绑定, 启用 and 登录: how they are answered in both languages."""

import pytest

from bot.contracts.cards import Link, Text
from bot.contracts.feature import Grant, Person
from handlers.people.cards import paired_card, sign_in_card, wrong_code_card
from tests.handlers.asking import some_words


@pytest.mark.parametrize(("language", "told"), [("zh", "运营、查看者"), ("en", "operator, viewer")])
def test_a_welcome_names_the_roles(language: str, told: str) -> None:
    person = Person(id="P1", name="*王*", grants=(Grant("viewer"), Grant("operator")))
    (text,) = paired_card(person, some_words(language)).blocks
    assert isinstance(text, Text)
    assert told in text.markdown
    assert "\\*王\\*" in text.markdown


@pytest.mark.parametrize(("language", "told"), [("zh", "没有角色"), ("en", "no role")])
def test_a_welcome_without_a_role_says_so(language: str, told: str) -> None:
    (text,) = paired_card(Person(id="P1", name="王"), some_words(language)).blocks
    assert isinstance(text, Text)
    assert told in text.markdown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_code_says_how_often_one_may_still_try(language: str) -> None:
    left, none = (wrong_code_card(tries, some_words(language)).blocks[0] for tries in (3, 0))
    assert isinstance(left, Text)
    assert "3" in left.markdown
    assert left != none


def test_a_sign_in_link_is_a_link() -> None:
    link = sign_in_card("https://shop.example/sign-in/x", 10, some_words()).blocks[0]
    assert link == Link("打开控制台", "https://shop.example/sign-in/x")
