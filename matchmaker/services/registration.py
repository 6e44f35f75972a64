"""Members join, change and leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.member import Member
from matchmaker.domain.records import StoredMember
from matchmaker.errors import DuplicateMember, Fault, InvalidInput
from matchmaker.services.clock import utc_now
from matchmaker.services.departure import erase_member
from matchmaker.services.profiling import Profiler
from matchmaker.storage.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True)
class Registration:
    """Writes by people: what they wrote is never overwritten by an import."""

    store: Store
    profiler: Profiler
    now: Callable[[], datetime] = utc_now

    def register(self, member: Member) -> StoredMember:
        """Keep a new member.

        Raises:
            DuplicateMember: the external_id is taken.
        """
        with self.store.reading() as work:
            if work.members.find_many([member.external_id]):
                raise DuplicateMember(external_id=member.external_id)
        profile = self.profiler.profile(member)
        with self.store.writing() as work:
            stored = work.members.add(profile, self.profiler.model, source_hash=None, is_edited=True)
            work.commit()
        return stored

    def revise(self, external_id: str, member: Member, expected_version: int | None = None) -> StoredMember:
        """Write a member anew.

        Raises:
            InvalidInput: the member carries another id, or another country than the one it is kept under.
            UnknownMember: nobody has this id.
            StaleVersion: the stored version is another than expected.
        """
        if member.external_id != external_id:
            raise InvalidInput(
                f"the address names “{external_id}”, the body “{member.external_id}”; they must agree"
            )
        profile = self.profiler.profile(member)
        with self.store.writing() as work:
            _keep_country(work, member)
            stored = work.members.replace(
                profile,
                self.profiler.model,
                source_hash=None,
                is_edited=True,
                expected_version=expected_version,
            )
            work.commit()
        return stored

    def withdraw(self, external_id: str, expected_version: int | None = None) -> None:
        """Forget a member, what was written about it or to it, its contact and whoever signs in for it.

        Its open cases end, and no import brings it back.

        Raises:
            UnknownMember: nobody has this id.
            StaleVersion: the stored version is another than expected.
        """
        with self.store.writing() as work:
            work.members.remove(external_id, expected_version)
            erase_member(work, external_id, self.now())
            work.commit()


def _keep_country(work: UnitOfWork, member: Member) -> None:
    """A member's country says whose coordinators know its contact, so nobody writes it anew."""
    if work.members.get(member.external_id).member.country is not member.country:
        reason = "the country of a member never changes; withdraw it and register it under another id"
        raise InvalidInput(reason, (Fault("/country", "fixed", reason),))
