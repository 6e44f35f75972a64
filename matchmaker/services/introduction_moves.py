"""What happens to an introduction inside a transaction: kept, told to the trail, its letters written or taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from matchmaker.domain.access import SYSTEM, Actor
from matchmaker.domain.introduction import Introduction, cancelled, may_be_introduced, sent
from matchmaker.domain.member import Country
from matchmaker.domain.outbox import LetterKind, Posted
from matchmaker.domain.review import CloseReason, Move, Stage
from matchmaker.domain.trail import Scalar
from matchmaker.services.case_moves import move_case
from matchmaker.services.letters import Letters, side_of
from matchmaker.storage.unit_of_work import UnitOfWork

_INTRODUCED = (Stage.INTRODUCED, Stage.MET, Stage.AGREED)
NOTHING: Mapping[str, Scalar] = {}


@dataclass(frozen=True)
class IntroductionMoves:
    """The steps that introductions and delivery share; the caller commits."""

    letters: Letters
    now: Callable[[], datetime]
    expire_after: timedelta

    def asked(self, work: UnitOfWork, introduction: Introduction, actor: Actor) -> Introduction:
        """The first letter leaves: from here on it cannot be taken back without a word."""
        fresh = work.introductions.save(sent(introduction, self.now()))
        self.note(work, fresh, "asked", actor, {"case": fresh.case_id, "purpose": fresh.purpose})
        return fresh

    def cancel(
        self,
        work: UnitOfWork,
        introduction: Introduction,
        actor: Actor,
        reason: CloseReason,
        *,
        closes_case: bool = True,
    ) -> Introduction:
        """Take it back; whoever was asked and may still be written to hears so."""
        fresh = work.introductions.save(cancelled(introduction, self.now()))
        told = sides_written_to(work, introduction)
        self.end(work, fresh)
        self.note(work, fresh, "cancelled", actor, {"code": reason})
        if closes_case:
            self.close_case(work, fresh, actor, reason)
        for country in told:
            self.letters.post(work, LetterKind.WITHDRAWN, fresh, country, at=self.now())
        return fresh

    def cancel_if_fallen(self, work: UnitOfWork, introduction: Introduction) -> bool:
        """Cancel an open introduction that may not go on: somebody left, or its case did; whether it was."""
        if not self.has_fallen(work, introduction):
            return False
        reason = CloseReason.MEMBER_LEFT if is_case_open(work, introduction) else CloseReason.CANCELLED
        self.cancel(work, introduction, SYSTEM, reason)
        return True

    def has_fallen(self, work: UnitOfWork, introduction: Introduction) -> bool:
        """Whether it may not go on."""
        return not is_standing(work, introduction)

    def end(self, work: UnitOfWork, introduction: Introduction) -> None:
        """Nothing leaves any more, and no link answers."""
        work.outbox.cancel_pending(introduction.id)
        work.answer_links.remove_of(introduction.id)

    def close_case(
        self, work: UnitOfWork, introduction: Introduction, actor: Actor, reason: CloseReason
    ) -> None:
        """Close the case if it is where the introduction left it."""
        case = work.cases.get(introduction.case_id)
        if case.stage is Stage.INTRODUCED:
            extra = {"introduction": introduction.id}
            move_case(
                work,
                case,
                Move.CLOSE,
                actor,
                self.now(),
                expected_version=case.version,
                code=reason,
                extra=extra,
            )

    def note(
        self,
        work: UnitOfWork,
        introduction: Introduction,
        what: str,
        actor: Actor,
        details: Mapping[str, Scalar] = NOTHING,
    ) -> None:
        """Tell the trail."""
        subject = f"introduction/{introduction.id}"
        work.trail.append(self.now(), actor.id, f"introduction-{what}", subject, details)

    def last_day(self, since: datetime) -> date:
        """Until when an answer to a letter of this time counts."""
        return (since + self.expire_after).date()


def is_standing(work: UnitOfWork, introduction: Introduction) -> bool:
    """Whether both sides are still members, consent to the purpose, and the case still is about it."""
    found = work.members.find_many([introduction.kr, introduction.sg])
    if len(found) < 2:
        return False
    kr, sg = found[introduction.kr].member, found[introduction.sg].member
    consent = introduction.purpose in kr.open_purposes & sg.open_purposes
    return may_be_introduced(kr, sg) and consent and is_case_open(work, introduction)


def is_case_open(work: UnitOfWork, introduction: Introduction) -> bool:
    """Whether the case is still introduced, or further."""
    return work.cases.get(introduction.case_id).stage in _INTRODUCED


def sides_written_to(work: UnitOfWork, introduction: Introduction) -> tuple[Country, ...]:
    """The sides whose letter has left, or may have."""
    asks = work.outbox.list_of(introduction_id=introduction.id, kinds=[LetterKind.ASK])
    return tuple(side_of(introduction, each.member_id) for each in asks if has_left(each))


def has_left(letter: Posted) -> bool:
    """Whether somebody may have read it; a try that failed for an unclear reason counts as well."""
    return letter.state.has_left
