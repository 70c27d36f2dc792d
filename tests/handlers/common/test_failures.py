"""What was kept of a failure, in words."""

import pytest

from bot.contracts.errors import UpstreamAuthError, UpstreamUnavailable, told
from handlers.common.failures import failure_step, failure_text, failure_title
from tests.handlers.asking import some_words

NO_SCOPE = UpstreamAuthError(
    "99991672 im:message:send_as_bot", platform="feishu", operation="reply", code="feishu_scope"
)


def test_a_failure_with_a_sentence_of_its_own_tells_it_and_what_the_platform_said() -> None:
    text = failure_text(told(NO_SCOPE), "feishu", some_words())
    assert text == "飞书没有给应用权限（99991672 im:message:send_as_bot）"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_next_step_is_told_where_it_is_known(language: str) -> None:
    words = some_words(language)
    assert failure_step(told(NO_SCOPE), words) == words("error.feishu_scope.next")
    assert failure_step("ValueError: x", words) == ""


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        (told(UpstreamUnavailable("HTTP 503", platform="lingxing", operation="x")), "领星暂时连不上（HTTP 503）"),
        ("UpstreamUnavailable", "领星暂时连不上"),
        ("UpstreamAuthError/brand_new: 7 odd", "brand_new（7 odd）"),
        ("ValueError: odd", "odd"),
        ("ValueError", "ValueError"),
        ("", ""),
    ],
)
def test_every_failure_is_told_as_well_as_it_can_be(kept: str, text: str) -> None:
    assert failure_text(kept, "lingxing", some_words()) == text


def test_a_code_without_words_stands_for_itself() -> None:
    assert failure_title("brand_new", "feishu", some_words()) == "brand_new"
