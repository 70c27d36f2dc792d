"""What the owner of the process may do without chat rights: people, codes, tokens. One JSON-able act each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import ConflictError, NotFoundError, UserInputError
from bot.contracts.feature import Grant, Person, Role
from storage.catalog.store import list_stores
from storage.database import Database, Transaction
from storage.people import store
from storage.people.acts import record_act
from storage.people.grants import grant_roles
from storage.people.rows import Act, PersonRecord

ROLES: tuple[Role, ...] = get_args(Role)
_CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """Acts on the database of this installation; ``random_below`` draws from 0 to n - 1 unpredictably; ``acts`` are
    those of features, by name."""

    database: Database
    clock: Clock
    new_id: NewId
    random_below: Callable[[int], int]
    acts: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = field(default_factory=dict)

    async def act(self, asked: Any) -> Any:
        """Run the act that ``asked["do"]`` names. Raises: AssistantError."""
        match asked:
            case {"do": "user add", "name": str(name), "roles": [*roles], "identities": [*identities]}:
                return await self.add_user(name, [str(each) for each in roles], [str(each) for each in identities])
            case {"do": "user list"}:
                return await self.list_users()
            case {"do": "user invite", "role": str(role)}:
                return await self.invite(role)
            case {"do": str(name)} if name in self.acts:
                result = await self.acts[name](asked)
                async with self.database.begin() as tx:
                    await self._record(tx, name, str(asked.get("about", "")))
                return result
            case _:
                raise UserInputError("there is no such act, or it lacks something")

    async def find_person(self, name: str) -> Person:
        """The person of this name or id; without a name the first administrator.

        Raises: NotFoundError; ConflictError for a name that several people have.
        """
        async with self.database.read() as reader:
            known = [record.person for record in await store.list_people(reader)]
        if name:
            found = [person for person in known if name in (person.id, person.name)]
        else:
            found = [person for person in known if person.here("terminal", "", self.clock.now()).has("admin")]
        if not found:
            raise NotFoundError(
                f"nobody is called {name!r}" if name else "there is no administrator yet: zhanggui user add"
            )
        if name and len(found) > 1:
            ids = ", ".join(sorted(person.id for person in found))
            raise ConflictError(f"{len(found)} people are called {name!r}: say which by id, one of {ids}")
        return min(found, key=lambda person: person.id)

    async def add_user(self, name: str, roles: list[str], identities: list[str]) -> dict[str, Any]:
        """A new person with roles and identities ``CHANNEL:ID``. Raises: UserInputError; ConflictError."""
        granted = [role for role in ROLES if role in roles]
        if not granted or len(granted) != len(set(roles)):
            raise UserInputError(f"--role takes one of {', '.join(ROLES)}")
        pairs = [identity.partition(":") for identity in identities]
        if not all(channel and colon and external_id for channel, colon, external_id in pairs):
            raise UserInputError("--identity takes CHANNEL:ID, such as feishu:ou_0123456789abcdef")
        now, person_id = self.clock.now(), self.new_id()
        async with self.database.begin() as tx:
            await store.add_person(tx, person_id=person_id, name=name, now=now)
            await grant_roles(tx, person_id=person_id, roles=granted, by="operator", now=now)
            await self._record(tx, "user add", f"{name} {' '.join(granted)}")
            for channel, _, external_id in pairs:
                if not await store.add_identity(tx, person_id=person_id, channel=channel, external_id=external_id):
                    raise ConflictError(f"{channel}:{external_id} belongs to somebody already")
        return {"id": person_id, "name": name, "roles": granted}

    async def list_users(self) -> list[dict[str, Any]]:
        """Everybody with identities and the roles that count now, each as ``viewer store=Morning-US``."""
        async with self.database.read() as reader:
            store_names = {str(each.store_id): each.name for each in await list_stores(reader)}
            people = await store.list_people(reader)
        return [_shown(record, store_names, self.clock.now()) for record in people]

    async def invite(self, role: str) -> dict[str, str]:
        """A pairing code for somebody who shall have ``role``. Raises: UserInputError."""
        granted = next((each for each in ROLES if each == role), None)
        if granted is None:
            raise UserInputError(f"--role takes one of {', '.join(ROLES)}")
        return {"code": await self.make_pairing_code(granted), "role": granted}

    async def make_pairing_code(self, role: Role) -> str:
        """A code that pairs its first user with a new person of ``role``; 70 bits, 15 minutes."""
        code = pairing_code(self.random_below)
        async with self.database.begin() as tx:
            await store.add_pairing_code(tx, code=code, role=role, now=self.clock.now())
            await self._record(tx, "user invite", role)
        return code

    async def _record(self, tx: Transaction, what: str, arguments: str) -> None:
        nobody = {"person_id": "", "sender_id": "", "chat_id": "", "event_id": ""}
        act = Act(
            id=self.new_id(),
            at=self.clock.now(),
            channel="terminal",
            command=what,
            arguments=arguments,
            outcome="answered",
            **nobody,
        )
        await record_act(tx, act)


def pairing_code(random_below: Callable[[int], int]) -> str:
    """A new code of 70 bits, in groups that are easy to read out; ``random_below`` draws from 0 to n - 1."""
    letters = "".join(_CODE_ALPHABET[random_below(len(_CODE_ALPHABET))] for _ in range(14))
    return "-".join((letters[:5], letters[5:10], letters[10:]))


def _shown(record: PersonRecord, store_names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    counting = [grant for grant in record.person.grants if grant.ends_at is None or now < grant.ends_at]
    return {
        "id": record.person.id,
        "name": record.person.name,
        "roles": sorted(_role(grant, store_names) for grant in counting),
        "identities": [f"{channel}:{external_id}" for channel, external_id in record.identities],
    }


def _role(grant: Grant, store_names: Mapping[str, str]) -> str:
    limits = {
        "store": store_names.get(grant.store_id, grant.store_id),
        "supplier": grant.supplier,
        "amount": f"{grant.amount:f}{grant.currency}" if grant.amount is not None else "",
        "chat": f"{grant.channel}:{grant.chat_id}" if grant.chat_id else "",
        "until": grant.ends_at.isoformat(timespec="minutes") if grant.ends_at else "",
    }
    return " ".join((grant.role, *(f"{name}={value}" for name, value in limits.items() if value)))
