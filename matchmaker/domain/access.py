"""Who may see and do what: roles, and the one function that decides.

Organisations come from public sources, so reading them is free. Everything that changes something, and everything
about reviews, rounds, contacts and introductions, needs a role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.domain.member import Country
from matchmaker.errors import Forbidden, SignInRequired


class Role(StrEnum):
    """What an account or a key is for."""

    MEMBER = "member"
    COORDINATOR_KR = "coordinator-kr"
    COORDINATOR_SG = "coordinator-sg"
    PORTAL_READ = "portal-read"
    PORTAL_WRITE = "portal-write"
    ADMINISTRATOR = "administrator"

    @property
    def country(self) -> Country | None:
        """The side that a coordinator works for."""
        return {Role.COORDINATOR_KR: Country.KR, Role.COORDINATOR_SG: Country.SG}.get(self)


class Action(StrEnum):
    """What a route does, as far as permission is concerned. ``own-`` actions concern the actor's own organisation."""

    READ_MEMBERS = "read-members"
    READ_SUGGESTIONS = "read-suggestions"
    READ_PARTNERSHIPS = "read-partnerships"
    WRITE_MEMBERS = "write-members"
    OWN_PROFILE = "own-profile"
    OWN_INTRODUCTIONS = "own-introductions"
    REVIEW = "review"
    INTRODUCE = "introduce"
    RUN_ROUNDS = "run-rounds"
    READ_CONTACTS = "read-contacts"
    READ_OUTCOMES = "read-outcomes"
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_WEBHOOKS = "manage-webhooks"


OPEN = frozenset({Action.READ_MEMBERS, Action.READ_SUGGESTIONS, Action.READ_PARTNERSHIPS})
"""What needs no account."""

_COORDINATOR = OPEN | {
    Action.WRITE_MEMBERS,
    Action.REVIEW,
    Action.INTRODUCE,
    Action.RUN_ROUNDS,
    Action.READ_CONTACTS,
    Action.READ_OUTCOMES,
}

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.MEMBER: OPEN | {Action.OWN_PROFILE, Action.OWN_INTRODUCTIONS},
    Role.COORDINATOR_KR: _COORDINATOR,
    Role.COORDINATOR_SG: _COORDINATOR,
    Role.PORTAL_READ: OPEN,
    Role.PORTAL_WRITE: OPEN | {Action.WRITE_MEMBERS, Action.MANAGE_WEBHOOKS},
    Role.ADMINISTRATOR: _COORDINATOR | {Action.MANAGE_ACCOUNTS, Action.MANAGE_WEBHOOKS},
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``id`` names the account or key in the trail, never a person; ``member_id``: whom it speaks for."""

    id: str
    role: Role | None
    member_id: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether somebody is signed in."""
        return self.role is not None


ANYBODY = Actor("anybody", None)
"""Nobody is signed in."""
SYSTEM = Actor("system", Role.ADMINISTRATOR)
"""The service itself: reminders, expiry, what a command line does."""


def is_allowed(
    actor: Actor, action: Action, *, member_id: str | None = None, country: Country | None = None
) -> bool:
    """Whether the actor may do this.

    Args:
        member_id: whose profile or introduction it is, for what concerns one organisation.
        country: where that organisation is: a coordinator reads the contacts of their own side alone.
    """
    if action not in (OPEN if actor.role is None else ALLOWED[actor.role]):
        return False
    if actor.role is Role.MEMBER and action not in OPEN:
        return actor.member_id is not None and member_id in (None, actor.member_id)
    if action is Action.READ_CONTACTS and country is not None and actor.role is not Role.ADMINISTRATOR:
        return actor.role is not None and actor.role.country is country
    return True


def authorise(
    actor: Actor, action: Action, *, member_id: str | None = None, country: Country | None = None
) -> None:
    """Pass only if the actor may do this (see `is_allowed`).

    Raises:
        SignInRequired: nobody is signed in.
        Forbidden: somebody is, who may not.
    """
    if is_allowed(actor, action, member_id=member_id, country=country):
        return
    if not actor.is_known:
        raise SignInRequired
    raise Forbidden(action=action)
