"""A card as a text message: the top lines, never more than three parts, the link whole or not at all."""

from hypothesis import given

from bot.channels.sms.render import render, units
from bot.contracts.cards import Action, Card, Column, Fact, Facts, Table, Text
from integrations.sms.provider import LONGEST
from tests.bot.channels.made_cards import CARDS, WORDS

URL = "https://zhanggui.example.com"
CARD = Card(
    "断货",
    "bad",
    (
        Text("**共** 9 条\n最急的在前"),
        Facts((Fact("店铺", "屿光-US"),)),
        Table((Column("SKU"), Column("可售", "number")), tuple((f"A-{each}", each) for each in range(9)), 9),
    ),
    (Action("我来", "接手", token="tok-1"), Action("不管", "不管", token="tok-2")),
)


def rendered(card: Card, url: str = URL) -> str:
    return render(card, WORDS, url, longest=LONGEST)


def test_the_top_lines_and_the_first_actions_link() -> None:
    assert rendered(CARD) == (
        f"断货\n共 9 条\n最急的在前\n店铺 屿光-US\nA-0 0\nA-1 1\nA-2 2\n共 9 行，这里是前 3 行\n{URL}/a/tok-1"
    )


def test_without_a_public_address_there_is_no_link() -> None:
    assert "http" not in rendered(CARD, "")


def test_what_does_not_fit_is_marked_and_the_link_stays_whole() -> None:
    made = rendered(Card("断货" * 200, actions=CARD.actions))
    assert made.endswith(f"…\n{URL}/a/tok-1")
    assert units(made) == LONGEST


def test_a_sign_of_two_units_is_not_cut_in_half() -> None:
    made = rendered(Card("断" + "😀" * 200))
    assert made.endswith("😀…")
    made.encode()


@given(CARDS)
def test_no_card_needs_more_than_three_parts(card: Card) -> None:
    made = rendered(card)
    assert 0 < units(made) <= LONGEST
    assert not [line for line in made.split("\n") if line != " ".join(line.split())]
    made.encode()
