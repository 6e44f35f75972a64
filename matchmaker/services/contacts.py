"""Whom to write to at a member, and who may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from matchmaker.domain.access import Action, Actor, Role, authorise, is_allowed
from matchmaker.domain.contact import Contact, checked
from matchmaker.domain.introduction import State
from matchmaker.domain.member import Country, Member, Status
from matchmaker.domain.records import MemberFilter
from matchmaker.errors import Conflict
from matchmaker.storage.unit_of_work import Store, UnitOfWork

MOST = 1000
"""Members of one side that are listed together."""


@dataclass(frozen=True)
class Contacts:
    """Contacts of joined members. The trail says that one changed, never to what."""

    store: Store
    now: Callable[[], datetime]

    def put(self, contact: Contact, actor: Actor) -> Contact:
        """Keep a member's contact in place of any before it: the member itself does, or its side's coordinators.

        Raises:
            UnknownMember: nobody has this id.
            SignInRequired, Forbidden: the actor may not.
            Conflict: the organisation has not joined.
            InvalidInput: a field cannot stand in a letter's head.
        """
        fresh = replace(checked(contact), updated_at=self.now())
        with self.store.writing() as work:
            member = work.members.get(contact.member_id).member
            _authorise_change(actor, member)
            if member.status is not Status.MEMBER:
                raise Conflict(reason=f"“{contact.member_id}” has not joined, so nobody writes to it")
            work.contacts.put(fresh)
            self._note(work, actor, "contact-kept", contact.member_id)
            work.commit()
        return fresh

    def remove(self, member_id: str, actor: Actor) -> None:
        """Forget a member's contact; letters to it stop.

        Raises:
            UnknownMember: nobody has this id.
            SignInRequired, Forbidden: the actor may not.
        """
        with self.store.writing() as work:
            _authorise_change(actor, work.members.get(member_id).member)
            if work.contacts.remove(member_id):
                self._note(work, actor, "contact-removed", member_id)
            work.commit()

    def of_member(self, member_id: str, actor: Actor) -> Contact | None:
        """A member's contact: for itself, for its side's coordinators, for a partner once both have accepted.

        Raises:
            UnknownMember: nobody has this id.
            SignInRequired, Forbidden: the actor may not see it.
        """
        with self.store.reading() as work:
            member = work.members.get(member_id).member
            if not (_is_own(actor, member_id) or _is_accepted_partner(work, actor, member_id)):
                authorise(actor, Action.READ_CONTACTS, country=member.country)
            return work.contacts.find(member_id)

    def of_side(self, country: Country, actor: Actor) -> tuple[tuple[Member, Contact | None], ...]:
        """The joined members of one country with whom to write to there, in order of external_id.

        Raises:
            SignInRequired, Forbidden: the actor may not see this side's contacts.
        """
        authorise(actor, Action.READ_CONTACTS, country=country)
        chosen = MemberFilter(country, status=Status.MEMBER)
        with self.store.reading() as work:
            members = [stored.member for stored in work.members.list_page(chosen, None, MOST).items]
            found = work.contacts.find_many([member.external_id for member in members])
        return tuple((member, found.get(member.external_id)) for member in members)

    def which_have(self, member_ids: list[str], actor: Actor) -> frozenset[str]:
        """Which of some members have a contact, without saying what it is.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
        """
        authorise(actor, Action.INTRODUCE)
        with self.store.reading() as work:
            return frozenset(work.contacts.find_many(member_ids))

    def _note(self, work: UnitOfWork, actor: Actor, action: str, member_id: str) -> None:
        work.trail.append(self.now(), actor.id, action, f"member/{member_id}", {})


def _authorise_change(actor: Actor, member: Member) -> None:
    if not _is_own(actor, member.external_id):
        authorise(actor, Action.READ_CONTACTS, country=member.country)


def _is_own(actor: Actor, member_id: str) -> bool:
    return actor.role is Role.MEMBER and is_allowed(actor, Action.OWN_PROFILE, member_id=member_id)


def _is_accepted_partner(work: UnitOfWork, actor: Actor, member_id: str) -> bool:
    if actor.role is not Role.MEMBER or actor.member_id is None:
        return False
    accepted = work.introductions.list_of(states=[State.ACCEPTED], member_id=actor.member_id)
    return any(member_id in (each.kr, each.sg) for each in accepted)
