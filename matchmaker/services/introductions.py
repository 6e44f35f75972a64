"""Introductions between joined members: both are asked, and contacts are revealed only when both have accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from matchmaker.domain.access import SYSTEM, Action, Actor, Role, authorise, is_allowed
from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import (
    Answer,
    Introduction,
    Obstacle,
    RefusalReason,
    State,
    answered,
    cancelled,
    expired,
    obstacles_of,
    reminded,
)
from matchmaker.domain.member import Country, Member, Purpose
from matchmaker.domain.outbox import LetterKind, LetterState, Posted
from matchmaker.domain.plain_text import plain
from matchmaker.domain.review import Case, CloseReason, Move
from matchmaker.errors import Conflict, Fault, Forbidden, InvalidInput, StaleVersion, TooLate, UnknownRecord
from matchmaker.services.case_moves import check_lease, move_case
from matchmaker.services.delivery import Delivery, hash_of
from matchmaker.services.introduction_moves import IntroductionMoves, sides_written_to
from matchmaker.services.letters import Letters, Reasons, id_in, side_of
from matchmaker.storage.unit_of_work import Store, UnitOfWork

MAX_NOTE = 500
_ADDRESS = re.compile(r"\S@\S|\+?\d[\d ().-]{6,}\d")
"""What looks like an e-mail address or a phone number."""
_WHY_NOT = {
    Obstacle.HAS_LEFT: "“{id}” has left the directory",
    Obstacle.NOT_JOINED: "“{id}” has not joined, so nobody writes to it",
    Obstacle.NO_CONSENT: "“{id}” does not consent to {purpose} introductions",
    Obstacle.NO_CONTACT: "“{id}” has no contact; enter one first",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One side as somebody sees it. ``answer`` None: not shown. ``waits``: how long it has been silent since its
    letter left. ``contact``: only between partners who have both accepted."""

    member_id: str
    member: Member | None
    answer: Answer | None
    waits: timedelta | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class IntroductionView:
    """An introduction as somebody sees it: what they may not know is left out of ``introduction`` too.

    ``answer_by``: the last day on which an answer counts, while somebody is being asked.
    """

    introduction: Introduction
    kr: Side
    sg: Side
    answer_by: date | None = None

    def side(self, country: Country) -> Side:
        """One side."""
        return self.kr if country is Country.KR else self.sg


@dataclass(frozen=True)
class Introductions:
    """Asks, reminds, reveals. ``hold``: the time in which a coordinator may take letters back."""

    store: Store
    letters: Letters
    moves: IntroductionMoves
    delivery: Delivery
    now: Callable[[], datetime]
    hold: timedelta
    remind_after: timedelta
    expire_after: timedelta

    def introduce(
        self, case_id: int, actor: Actor, expected_version: int, message_note: str | None = None
    ) -> Introduction:
        """Ask both members of a shortlisted case; the letters leave after ``hold``.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
            UnknownRecord: there is no such case.
            IllegalMove: the case is not shortlisted.
            AlreadyDecided: the case is at another version.
            CaseHeld: another coordinator works on it.
            Conflict: one side has not joined, does not consent to the purpose, or has no contact.
            InvalidInput: the note is too long or holds a contact.
        """
        authorise(actor, Action.INTRODUCE)
        note = checked_note(message_note)
        with self.store.reading() as work:
            draft = draft_of(work.cases.get(case_id), self.now(), self.hold)
            _require_ready(work, draft)
        reasons = self.letters.reasons_of(draft)
        with self.store.writing() as work:
            introduction = self._introduce(work, draft, actor, expected_version, reasons, note)
            work.commit()
        return introduction

    def _introduce(
        self,
        work: UnitOfWork,
        draft: Introduction,
        actor: Actor,
        expected_version: int,
        reasons: Reasons,
        note: str | None,
    ) -> Introduction:
        case = work.cases.hold(draft.case_id)
        check_lease(work, case.id, actor, self.now())
        _require_ready(work, draft)
        self._end_former(work, case, actor)
        introduction = work.introductions.add(draft)
        move_case(
            work,
            case,
            Move.INTRODUCE,
            actor,
            self.now(),
            expected_version=expected_version,
            extra={"introduction": introduction.id},
        )
        for country in Country:
            self.letters.post(
                work,
                LetterKind.ASK,
                introduction,
                country,
                at=self.now(),
                send_after=introduction.send_after,
                until=self.moves.last_day(introduction.send_after),
                reasons=reasons,
                note=note,
            )
        work.leases.remove(case.id)
        return introduction

    def _end_former(self, work: UnitOfWork, case: Case, actor: Actor) -> None:
        """An introduction that fell with its case, which the worker has not come to yet, must not rise with it."""
        former = work.introductions.latest_of_case(case.id)
        if former is not None and not former.state.is_over:
            self.moves.cancel(work, former, actor, CloseReason.CANCELLED, closes_case=False)

    def cancel(self, introduction_id: int, actor: Actor, expected_version: int | None = None) -> Introduction:
        """Take an introduction back; its case is closed. Before the letters leave, nobody outside hears of it.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
            UnknownRecord: there is none of this number.
            StaleVersion: it is at another version.
            IllegalMove: it is over.
        """
        authorise(actor, Action.INTRODUCE)
        with self.store.writing() as work:
            introduction = _locked(work, introduction_id, expected_version)
            fresh = self.moves.cancel(work, introduction, actor, CloseReason.CANCELLED)
            work.commit()
        return fresh

    def cancel_if_unsent(self, work: UnitOfWork, case: Case, actor: Actor = SYSTEM) -> Introduction | None:
        """For undoing the move of a case: take its introduction back while nothing has left. The caller commits.

        Raises:
            TooLate: somebody has been asked.
        """
        found = work.introductions.latest_of_case(case.id)
        if found is None:
            return None
        introduction = work.introductions.get(found.id, lock=True)
        if introduction.state is State.CANCELLED:
            return introduction
        if introduction.state is not State.HELD:
            raise TooLate(what=f"Introduction {introduction.id}", reason="the letters have left")
        fresh = work.introductions.save(cancelled(introduction, self.now()))
        self.moves.end(work, fresh)
        self.moves.note(work, fresh, "cancelled", actor, {"code": "undo"})
        return fresh

    def answer(
        self,
        introduction_id: int,
        actor: Actor,
        accepts: bool,
        reason: RefusalReason | None = None,
        expected_version: int | None = None,
    ) -> Introduction:
        """One side says yes or no; as that side may see it.

        Raises:
            SignInRequired, Forbidden: the actor speaks for neither side.
            UnknownRecord: there is none of this number, or nobody has been asked.
            StaleVersion: it is at another version.
            IllegalMove: this side has answered, or it is over.
            TooLate: somebody has left meanwhile.
        """
        with self.store.writing() as work:
            introduction = _locked(work, introduction_id, expected_version)
            country = _own_side(introduction, actor)
            fresh = self._answer(work, introduction, country, actor, accepts, reason)
            work.commit()
        return _known_answer(fresh, country)

    def by_token(self, token: str) -> tuple[Introduction, Country]:
        """What a link of a letter answers, as that side may see it, and for which side.

        Raises:
            UnknownRecord: it answers nothing, or nothing any more.
        """
        with self.store.reading() as work:
            introduction, country = _of_token(work, token)
        return _as_seen(introduction, country), country

    def view_by_token(self, token: str) -> tuple[IntroductionView, Country]:
        """What the page of a link shows.

        Raises:
            UnknownRecord: the link answers nothing, or nothing any more.
        """
        with self.store.reading() as work:
            introduction, country = _of_token(work, token)
            return self._view(work, introduction, country), country

    def answer_by_token(
        self, token: str, accepts: bool, reason: RefusalReason | None = None
    ) -> tuple[Introduction, Country]:
        """Answer by the link of a letter.

        Raises:
            UnknownRecord: the link answers nothing, or nothing any more.
            IllegalMove: this side has answered.
            TooLate: somebody has left meanwhile.
        """
        with self.store.writing() as work:
            found, country = _of_token(work, token)
            introduction = work.introductions.get(found.id, lock=True)
            actor = Actor(f"answer-link/{found.id}", Role.MEMBER, id_in(introduction, country))
            fresh = self._answer(work, introduction, country, actor, accepts, reason)
            work.commit()
        return _known_answer(fresh, country), country

    def _answer(
        self,
        work: UnitOfWork,
        introduction: Introduction,
        country: Country,
        actor: Actor,
        accepts: bool,
        reason: RefusalReason | None,
    ) -> Introduction | None:
        """The next version; None if it had to be cancelled instead."""
        if not introduction.state.is_over and self.moves.cancel_if_fallen(work, introduction):
            return None
        fresh = work.introductions.save(answered(introduction, country, accepts, self.now(), reason))
        details = {"side": country, "answer": fresh.answer_of(country)}
        self.moves.note(work, fresh, "answered", actor, details)
        if fresh.state is State.ACCEPTED:
            self._reveal(work, fresh)
        elif fresh.state is State.DECLINED:
            self._decline(work, fresh, country, actor)
        return fresh

    def _reveal(self, work: UnitOfWork, introduction: Introduction) -> None:
        self.moves.end(work, introduction)
        self.moves.note(work, introduction, "accepted", SYSTEM)
        for country in Country:
            self.letters.post(work, LetterKind.ACCEPTED, introduction, country, at=self.now())

    def _decline(self, work: UnitOfWork, introduction: Introduction, by: Country, actor: Actor) -> None:
        told = by.other in sides_written_to(work, introduction)
        self.moves.end(work, introduction)
        self.moves.close_case(work, introduction, actor, CloseReason.DECLINED_BY_MEMBER)
        if told:
            self.letters.post(work, LetterKind.DECLINED, introduction, by.other, at=self.now())

    def follow_up(self) -> None:
        """What time brings: fallen introductions are cancelled, the silent reminded once and then left in peace, and
        letters that are due leave. Several workers may run it at once."""
        with self.store.reading() as work:
            open_ones = work.introductions.list_of(states=[State.HELD, State.ASKED])
        for introduction in open_ones:
            self._tend(introduction.id)
        self.delivery.deliver()

    def _tend(self, introduction_id: int) -> None:
        with self.store.reading() as work:
            if self._next_step(work, work.introductions.get(introduction_id)) is None:
                return
        with self.store.writing() as work:
            introduction = work.introductions.get(introduction_id, lock=True)
            step = self._next_step(work, introduction)
            if step is not None:
                step(work, introduction)
                work.commit()

    def _next_step(
        self, work: UnitOfWork, introduction: Introduction
    ) -> Callable[[UnitOfWork, Introduction], object] | None:
        if introduction.state.is_over:
            return None
        if self.moves.has_fallen(work, introduction):
            return self.moves.cancel_if_fallen
        silent_since = _silent_since(work, introduction, LetterKind.ASK)
        if silent_since is None:
            return None
        if introduction.reminded_at is None:
            return self._remind if self.now() - silent_since >= self.remind_after else None
        reminded_at = _silent_since(work, introduction, LetterKind.REMINDER)
        grace = self.expire_after - self.remind_after
        if reminded_at is None or self.now() - reminded_at < grace:
            return None
        return self._expire if self.now() - silent_since >= self.expire_after else None

    def _remind(self, work: UnitOfWork, introduction: Introduction) -> None:
        fresh = work.introductions.save(reminded(introduction, self.now()))
        grace = self.expire_after - self.remind_after
        for country in fresh.waits_on:
            until = (self.now() + grace).date()
            self.letters.post(work, LetterKind.REMINDER, fresh, country, at=self.now(), until=until)
            self.moves.note(work, fresh, "reminded", SYSTEM, {"side": country})

    def _expire(self, work: UnitOfWork, introduction: Introduction) -> None:
        fresh = work.introductions.save(expired(introduction, self.now()))
        silent = "+".join(introduction.waits_on)
        self.moves.end(work, fresh)
        self.moves.note(work, fresh, "expired", SYSTEM, {"silent": silent})
        self.moves.close_case(work, fresh, SYSTEM, CloseReason.NO_ANSWER)
        for country in Country:
            self.letters.post(work, LetterKind.EXPIRED, fresh, country, at=self.now())

    def for_member(self, member_id: str, actor: Actor) -> list[IntroductionView]:
        """A member's introductions as it may see them, the latest first: from the moment that a letter has left.

        Raises:
            SignInRequired, Forbidden: the actor does not speak for the member.
        """
        authorise(actor, Action.OWN_INTRODUCTIONS, member_id=member_id)
        with self.store.reading() as work:
            found = work.introductions.list_of(member_id=member_id)
            return [self._view(work, each, side_of(each, member_id)) for each in found if each.asked_at]

    def view(self, introduction_id: int, actor: Actor) -> IntroductionView:
        """One introduction, as a side or as coordinators may see it.

        Raises:
            SignInRequired, Forbidden: the actor is neither.
            UnknownRecord: there is none of this number, or none that the actor may know of.
        """
        with self.store.reading() as work:
            introduction = work.introductions.get(introduction_id)
            if is_allowed(actor, Action.INTRODUCE):
                return self._view(work, introduction, None)
            return self._view(work, introduction, _own_side(introduction, actor))

    def list_of(
        self,
        actor: Actor,
        *,
        states: Collection[State] = (),
        member_id: str | None = None,
        purpose: Purpose | None = None,
    ) -> list[IntroductionView]:
        """What coordinators see, the latest first, with how long each side has been silent.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
        """
        authorise(actor, Action.INTRODUCE)
        with self.store.reading() as work:
            found = work.introductions.list_of(states=states, member_id=member_id, purpose=purpose)
            return [self._view(work, each, None) for each in found]

    def _view(self, work: UnitOfWork, introduction: Introduction, reader: Country | None) -> IntroductionView:
        """As one side sees it, or coordinators (None)."""
        members = work.members.find_many([introduction.kr, introduction.sg])
        asked = {
            side_of(introduction, each.member_id): at
            for each in work.outbox.list_of(introduction_id=introduction.id, kinds=[LetterKind.ASK])
            if (at := _left_at(each)) is not None
        }
        shown = introduction if reader is None else _as_seen(introduction, reader)

        def side(country: Country) -> Side:
            member_id = id_in(introduction, country)
            stored = members.get(member_id)
            waits = country in introduction.waits_on and reader in (None, country) and country in asked
            reveals = introduction.reveals_contacts and reader is country.other
            hidden = reader is country.other and not introduction.state.is_over
            return Side(
                member_id,
                stored.member if stored else None,
                None if hidden else shown.answer_of(country),
                self.now() - asked[country] if waits else None,
                work.contacts.find(member_id) if reveals else None,
            )

        return IntroductionView(shown, side(Country.KR), side(Country.SG), self._answer_by(introduction))

    def _answer_by(self, introduction: Introduction) -> date | None:
        if introduction.state is not State.ASKED:
            return None
        first = self.moves.last_day(introduction.send_after)
        if introduction.reminded_at is None:
            return first
        return max(first, (introduction.reminded_at + self.expire_after - self.remind_after).date())


def draft_of(case: Case, now: datetime, hold: timedelta) -> Introduction:
    """The introduction that a case would become now; it has no number yet."""
    return Introduction(0, case.id, case.kr, case.sg, case.purpose, State.HELD, 1, now, send_after=now + hold)


def _require_ready(work: UnitOfWork, draft: Introduction) -> None:
    members = [work.members.get(member_id).member for member_id in (draft.kr, draft.sg)]
    contacts = work.contacts.find_many([draft.kr, draft.sg])
    found = [
        (list(Obstacle).index(obstacle), member.external_id, obstacle)
        for member in members
        for obstacle in obstacles_of(member, draft.purpose, member.external_id in contacts)
    ]
    if found:
        _, member_id, obstacle = min(found)
        raise Conflict(reason=_WHY_NOT[obstacle].format(id=member_id, purpose=draft.purpose))


def checked_note(note: str | None) -> str | None:
    """A coordinator's note as letters carry it.

    Raises:
        InvalidInput: it is too long or holds a contact.
    """
    text = plain(note or "")
    if len(text) > MAX_NOTE:
        fault = Fault("/message_note", "too-long", f"at most {MAX_NOTE} characters")
        raise InvalidInput(f"the note has {len(text)} characters, at most {MAX_NOTE} are sent", (fault,))
    if _ADDRESS.search(text):
        fault = Fault("/message_note", "contact", "leave addresses and phone numbers out")
        raise InvalidInput("the note holds a contact; those are given only after both accept", (fault,))
    return text or None


def _locked(work: UnitOfWork, introduction_id: int, expected_version: int | None) -> Introduction:
    introduction = work.introductions.get(introduction_id, lock=True)
    if expected_version not in (None, introduction.version):
        name = f"introduction {introduction_id}"
        raise StaleVersion(external_id=name, current=introduction.version, expected=expected_version)
    return introduction


def _own_side(introduction: Introduction, actor: Actor) -> Country:
    """The side that an actor speaks for.

    Raises:
        SignInRequired, Forbidden: neither.
        UnknownRecord: nothing has left yet, so no member knows of it.
    """
    authorise(actor, Action.OWN_INTRODUCTIONS)
    if actor.member_id not in (introduction.kr, introduction.sg) or actor.member_id is None:
        raise Forbidden(action=Action.OWN_INTRODUCTIONS)
    if introduction.asked_at is None:
        raise UnknownRecord(kind="introduction", id=introduction.id)
    return side_of(introduction, actor.member_id)


def _of_token(work: UnitOfWork, token: str) -> tuple[Introduction, Country]:
    found = work.answer_links.find(hash_of(token))
    if found is None:
        raise UnknownRecord(kind="answer link", id="…")
    introduction = work.introductions.get(found[0])
    if introduction.asked_at is None or introduction.state.is_over:
        raise UnknownRecord(kind="answer link", id="…")
    return introduction, found[1]


def _as_seen(introduction: Introduction, reader: Country) -> Introduction:
    """Without what the other side said while it is open, and without the other side's reason."""
    other = Answer.OPEN if not introduction.state.is_over else introduction.answer_of(reader.other)
    own_reason = introduction.reason if introduction.answer_of(reader) is Answer.DECLINED else None
    if reader is Country.KR:
        return replace(introduction, sg_answer=other, reason=own_reason)
    return replace(introduction, kr_answer=other, reason=own_reason)


def _known_answer(fresh: Introduction | None, country: Country) -> Introduction:
    if fresh is None:
        raise TooLate(what="The introduction", reason="one side has left meanwhile")
    return _as_seen(fresh, country)


def _silent_since(work: UnitOfWork, introduction: Introduction, kind: LetterKind) -> datetime | None:
    """When the last letter of a kind reached the sides that are silent; None while one of them has none.

    A side that could not be reminded, for want of a contact, counts as reminded with the other.
    """
    found = work.outbox.list_of(introduction_id=introduction.id, kinds=[kind])
    at = {side_of(introduction, each.member_id): _done_at(each, kind) for each in reversed(found)}
    unwritten = introduction.reminded_at if kind is LetterKind.REMINDER else None
    times = [at.get(country, unwritten) for country in introduction.waits_on]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def _done_at(letter: Posted, kind: LetterKind) -> datetime | None:
    """When a letter left; a reminder that cannot be delivered counts from when it was written."""
    if kind is LetterKind.REMINDER and letter.state is LetterState.FAILED:
        return letter.created_at
    return _left_at(letter)


def _left_at(letter: Posted) -> datetime | None:
    return letter.sent_at if letter.state in (LetterState.SENT, LetterState.MANUAL) else None
