"""Every failure is told in four parts: what happened, what it means, what to do next, the reference."""

from datetime import UTC, timedelta

import pytest

from bot.contracts.cards import Action, Card, Fact, Facts, Note, Text
from bot.contracts.errors import (
    AssistantError,
    ConfigError,
    NotAllowedError,
    NotFoundError,
    SettingProblem,
    UpstreamAuthError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UserInputError,
)
from bot.contracts.feature import Words
from bot.explain import TONES, explain
from bot.words import load_catalogue, machine_texts


def words(language: str = "zh") -> Words:
    return load_catalogue([machine_texts()], timezone=UTC).words(language)


def an_error(kind: type[AssistantError]) -> AssistantError:
    """One error of this class with what its constructor demands."""
    made: dict[type[AssistantError], AssistantError] = {
        ConfigError: ConfigError([SettingProblem("LOG_LEVEL", "is loud", "INFO")]),
        UpstreamRateLimited: UpstreamRateLimited(
            platform="lingxing", operation="sellers", retry_after=timedelta(seconds=30)
        ),
        UpstreamRejected: UpstreamRejected(platform="lingxing", operation="sellers", platform_code="102"),
    }
    if issubclass(kind, UpstreamError):
        return made.get(kind) or kind(platform="lingxing", operation="sellers")
    return made.get(kind) or kind()


def told(card: Card) -> str:
    return card.title + "".join(block.markdown for block in card.blocks if isinstance(block, Text))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(TONES, key=str))
def test_every_error_class_has_its_own_four_parts(kind: type[AssistantError], language: str) -> None:
    card = explain(an_error(kind), words=words(language), reference="7F3K")
    expected = words(language)(f"error.{kind.code}.title", platform=words(language)("platform.lingxing"))
    assert (card.title, card.tone, card.language) == (expected, TONES[kind], language)
    assert [type(block) for block in card.blocks if isinstance(block, Text)] == [Text, Text]
    assert card.blocks[-1] == Note(words(language)("error.reference", reference="7F3K"))


def test_a_class_of_one_platform_is_told_like_its_parent() -> None:
    class StaleTokenError(UpstreamAuthError):
        pass

    card = explain(StaleTokenError(platform="lingxing", operation="s"), words=words(), reference="7F3K")
    assert (card.title, card.tone) == ("领星拒绝了我们的凭证", "bad")


def test_a_bug_shows_its_reference_and_nothing_of_itself() -> None:
    card = explain(ZeroDivisionError("division of hush"), words=words("en"), reference="7F3K")
    assert card.title == "Something broke on our side"
    assert "hush" not in str(card)
    assert "7F3K" in str(card.blocks[-1])


def test_the_detail_for_the_log_is_not_shown() -> None:
    assert "hush" not in str(explain(AssistantError("hush"), words=words(), reference="7F3K"))


def test_wrong_input_shows_what_was_wrong_and_usage_with_an_example() -> None:
    error = UserInputError(values={"problem": "天数 must be 1..365"})
    card = explain(error, words=words("en"), reference="7F3K", usage="restock [days]", example="restock 60")
    assert card.blocks[:2] == (
        Text("天数 must be 1..365"),
        Facts((Fact("Usage", "restock [days]"), Fact("Example", "restock 60"))),
    )


def test_nearest_matches_become_buttons() -> None:
    card = explain(NotFoundError(nearest=("库存 A-1", "库存 A-2")), words=words(), reference="7F3K")
    assert card.actions == (Action("库存 A-1", "库存 A-1"), Action("库存 A-2", "库存 A-2"))


def test_a_code_of_its_own_selects_its_own_sentences() -> None:
    error = NotAllowedError(code="role_missing", values={"role": "operator"})
    assert "「运营」" in told(explain(error, words=words(), reference="7F3K"))


@pytest.mark.parametrize(
    "error",
    [NotAllowedError(code="never_written"), NotAllowedError(code="role_missing")],
    ids=["no such sentence", "value missing"],
)
def test_a_code_that_cannot_be_told_falls_back_to_its_class(error: AssistantError) -> None:
    assert explain(error, words=words(), reference="7F3K").blocks[0] == Text(words()("error.not_allowed.meaning"))


def test_values_from_outside_cannot_format_the_text() -> None:
    error = UpstreamRejected(platform="lingxing", operation="s", platform_code="**103**")
    assert r"\*\*103\*\*" in told(explain(error, words=words(), reference="7F3K"))


def test_a_rate_limit_says_how_long_to_wait() -> None:
    card = explain(an_error(UpstreamRateLimited), words=words("en"), reference="7F3K")
    assert "30 seconds" in told(card)


def test_wrong_settings_are_listed_with_examples() -> None:
    card = explain(an_error(ConfigError), words=words(), reference="7F3K")
    assert Facts((Fact("LOG_LEVEL", "is loud", "INFO"),)) in card.blocks
