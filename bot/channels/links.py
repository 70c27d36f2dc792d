"""Actions where nothing can be pressed: each is the address of a page with one button, whose press counts."""

from bot.contracts.cards import Action, Card
from bot.contracts.feature import Words

ACTION_PATH = "/a/{token}"
"""Below the service's public address. Opening it does nothing: mail programs open links by themselves."""


def action_link(action: Action, public_url: str) -> str:
    """The address of the action's page; empty if people cannot reach the service or the action was not stored."""
    return public_url + ACTION_PATH.format(token=action.token) if public_url and action.token else ""


def action_lines(card: Card, public_url: str, words: Words) -> list[str]:
    """A line for each of the card's actions: its name and its address, or where else it can be done."""
    linked = [(action.label, action_link(action, public_url)) for action in card.actions]
    if linked and not all(url for _, url in linked):
        return [elsewhere(card, words)]
    return [f"{label}: {url}" for label, url in linked]


def elsewhere(card: Card, words: Words) -> str:
    """The names of the actions and that they can be done in a chat only."""
    return words("card.elsewhere", names=words("card.separator").join(action.label for action in card.actions))
