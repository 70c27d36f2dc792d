"""Which stores a person may see or work on; of all others they are told nothing but who can let them."""

from collections.abc import Iterable, Sequence

from bot.contracts.errors import NotAllowedError
from bot.contracts.feature import Person, Role, Words
from storage.catalog.rows import Store


def visible(stores: Iterable[Store], person: Person, role: Role = "viewer") -> tuple[Store, ...]:
    """Those of the stores for which the person has the role."""
    return tuple(store for store in stores if person.may(role, store_id=store.store_id))


def not_yours(asked: str, admins: Sequence[str], words: Words) -> NotAllowedError:
    """What is answered about a store that the person may not see: what they wrote themselves, and whom to ask."""
    who = words("common.separator").join(admins)
    return NotAllowedError(code="store_not_yours", values={"store": asked, "admins": who})


def stores_seen(person: Person) -> frozenset[str] | None:
    """The ids of the stores that the person may see; None for all of them and the whole service."""
    if person.is_for_all_stores("viewer"):
        return None
    named = {grant.store_id for grant in person.grants}
    return frozenset(store_id for store_id in named if store_id and person.may("viewer", store_id=store_id))
