"""How pairing, enabling, signing in and choosing a language are answered."""

from bot.contracts.cards import Action, Card, Link, Note, Text, plain
from bot.contracts.feature import Person, Words


def paired_card(person: Person, words: Words) -> Card:
    """Welcome, with what the person may do now."""
    roles = words("people.separator").join(words(f"role.{role}") for role in sorted(person.roles))
    text = Text(words("people.paired", name=plain(person.name), roles=roles))
    return Card(words("people.paired_title"), "good", (text,), (Action(words("people.help"), "帮助"),))


def enabled_card(words: Words) -> Card:
    """The group may now be used."""
    text = Text(words("people.enabled"))
    return Card(words("people.enabled_title"), "good", (text,), (Action(words("people.help"), "帮助"),))


def sign_in_card(url: str, minutes: int, words: Words) -> Card:
    """The single-use link, for this person only."""
    blocks = (Link(words("people.open_console"), url), Note(words("people.link_life", minutes=minutes)))
    return Card(words("people.sign_in_title"), "info", blocks)


def wrong_code_card(tries_left: int, words: Words) -> Card:
    """The code was not good; says how often the sender may still try."""
    key = "people.wrong_code" if tries_left else "people.too_many_codes"
    return Card(words("people.wrong_code_title"), "warning", (Text(words(key, left=tries_left)),))


def language_card(words: Words) -> Card:
    """The present language, and a button for each."""
    buttons = tuple(Action(words(f"people.language.{each}"), f"语言 {each}") for each in ("zh", "en"))
    return Card(words("people.language.title"), "info", (Text(words("people.language.present")),), buttons)


def language_chosen_card(words: Words, *, is_group: bool) -> Card:
    """Said in the language just chosen."""
    told = words("people.language.chosen_group" if is_group else "people.language.chosen")
    return Card(words("people.language.title"), "good", (Text(told),), (Action(words("people.help"), "帮助"),))
