"""What members say of partners: interested, or not for us. It moves no case; coordinators see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.access import Action, Actor, authorise
from matchmaker.domain.desk import Opinion, Voice
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Member, Purpose, Status
from matchmaker.domain.round import PairKey
from matchmaker.errors import Fault, InvalidInput, UnknownMember
from matchmaker.services.clock import utc_now
from matchmaker.storage.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True)
class Voices:
    """Opinions of members that joined; each may be taken back."""

    store: Store
    now: Callable[[], datetime] = utc_now

    def say(
        self,
        member_id: str,
        partner_id: str,
        purpose: Purpose,
        opinion: Opinion,
        actor: Actor,
        reason: RefusalReason | None = None,
    ) -> Voice:
        """Keep what a member says of a partner, instead of what it said before.

        Args:
            actor: speaks for the member.
            reason: needed for "not for us", and only for it.

        Raises:
            UnknownMember: one of the two is not registered.
            InvalidInput: the member has not joined, the two are of one country, or the reason does not fit.
            SignInRequired, Forbidden: the actor does not speak for the member.
        """
        authorise(actor, Action.OWN_INTRODUCTIONS, member_id=member_id)
        _check_reason(opinion, reason)
        voice = Voice(member_id, partner_id, purpose, opinion, self.now(), reason)
        with self.store.writing() as work:
            member = _speaker(work, member_id, partner_id)
            work.voices.put(voice, member.country)
            details = {
                "partner": partner_id,
                "purpose": purpose.value,
                "opinion": opinion.value,
                "code": reason,
            }
            work.trail.append(voice.at, actor.id, "say", f"member/{member_id}", details)
            work.commit()
        return voice

    def withdraw(self, member_id: str, partner_id: str, purpose: Purpose, actor: Actor) -> None:
        """Forget what a member said of a partner; nothing happens if it said nothing.

        Raises:
            UnknownMember: the member is not registered.
            SignInRequired, Forbidden: the actor does not speak for the member.
        """
        authorise(actor, Action.OWN_INTRODUCTIONS, member_id=member_id)
        with self.store.writing() as work:
            country = work.members.get(member_id).member.country
            if work.voices.remove(member_id, partner_id, country, purpose):
                details = {"partner": partner_id, "purpose": purpose.value}
                work.trail.append(self.now(), actor.id, "unsay", f"member/{member_id}", details)
            work.commit()

    def of_member(self, member_id: str) -> tuple[Voice, ...]:
        """What a member said, the latest first."""
        with self.store.reading() as work:
            return tuple(work.voices.list_of_member(member_id))

    def of_pair(self, kr: str, sg: str, purpose: Purpose | None = None) -> tuple[Voice, ...]:
        """What two members said of each other, the latest first."""
        with self.store.reading() as work:
            return tuple(work.voices.list_of_pair(kr, sg, purpose))

    def ruled_out(self, purpose: Purpose | None = None) -> set[PairKey]:
        """The pairs that one of the two does not want, for a purpose or for any."""
        with self.store.reading() as work:
            return work.voices.ruled_out(purpose)


def _speaker(work: UnitOfWork, member_id: str, partner_id: str) -> Member:
    found = work.members.find_many([member_id, partner_id])
    for wanted in (member_id, partner_id):
        if wanted not in found:
            raise UnknownMember(external_id=wanted)
    member, partner = found[member_id].member, found[partner_id].member
    if member.status is not Status.MEMBER:
        raise InvalidInput(f"“{member_id}” has not joined; only members say what they want")
    if member.country is partner.country:
        raise InvalidInput(
            f"“{partner_id}” is in {Country(partner.country)} too; partners are of both countries"
        )
    return member


def _check_reason(opinion: Opinion, reason: RefusalReason | None) -> None:
    if (opinion is Opinion.NOT_FOR_US) != (reason is not None):
        text = "“not-for-us” needs a reason, “interested” takes none"
        raise InvalidInput(text, (Fault("/reason", "unknown-code", text),))
