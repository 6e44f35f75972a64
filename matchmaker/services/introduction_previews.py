"""What both sides would read, before anybody is asked; and what they might talk about, once they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from matchmaker.domain.access import Action, Actor, authorise
from matchmaker.domain.introduction import Introduction, Obstacle, obstacles_of
from matchmaker.domain.letter import Letter
from matchmaker.domain.member import Country, Language, Member
from matchmaker.domain.outbox import LetterKind
from matchmaker.domain.review import Case
from matchmaker.errors import UnknownMember
from matchmaker.services.introduction_moves import IntroductionMoves
from matchmaker.services.introductions import checked_note, draft_of
from matchmaker.services.letters import NO_REASONS, Letters, Reasons, id_in
from matchmaker.storage.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class Prospect:
    """One side before it is asked. ``letter`` is None where it has left the directory."""

    member_id: str
    member: Member | None
    has_contact: bool
    letter: Letter | None
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """An introduction before it is made. ``answer_by``: until when both could answer."""

    case: Case
    kr: Prospect
    sg: Prospect
    answer_by: date

    @property
    def is_ready(self) -> bool:
        """Whether nothing keeps either side from being asked."""
        return not (self.kr.obstacles or self.sg.obstacles)


@dataclass(frozen=True)
class IntroductionPreviews:
    """Letters that are kept nowhere. ``hold``: the time in which they might be taken back."""

    store: Store
    letters: Letters
    moves: IntroductionMoves
    now: Callable[[], datetime]
    hold: timedelta

    def of_case(self, case_id: int, actor: Actor, note: str | None = None) -> Preview:
        """What introducing a case would do.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
            UnknownRecord: there is no such case.
            InvalidInput: the note is too long or holds a contact.
        """
        authorise(actor, Action.INTRODUCE)
        words = checked_note(note)
        with self.store.reading() as work:
            draft = draft_of(work.cases.get(case_id), self.now(), self.hold)
        reasons = self._reasons_of(draft)
        with self.store.reading() as work:
            kr, sg = (self._prospect(work, draft, country, reasons, words) for country in Country)
            return Preview(work.cases.get(case_id), kr, sg, self.moves.last_day(draft.send_after))

    def agenda(self, introduction: Introduction, country: Country, language: Language) -> tuple[str, ...]:
        """What the two might talk about when they first meet, as a letter to one side says it; empty if one left."""
        reasons = self._reasons_of(introduction)
        with self.store.reading() as work:
            letter = self.letters.draft(
                work, LetterKind.ASK, introduction, country, at=self.now(), until=date.max, reasons=reasons
            )
        if letter is None or not reasons:
            return ()
        points = (each for each in letter.sentences if each.pattern.startswith("agenda-"))
        return tuple(each.text for each in points if each.language == language)

    def _reasons_of(self, introduction: Introduction) -> Reasons:
        try:
            return self.letters.reasons_of(introduction)
        except UnknownMember:
            return NO_REASONS

    def _prospect(
        self, work: UnitOfWork, draft: Introduction, country: Country, reasons: Reasons, note: str | None
    ) -> Prospect:
        member_id = id_in(draft, country)
        stored = work.members.find_many([member_id]).get(member_id)
        member = stored.member if stored else None
        has_contact = work.contacts.find(member_id) is not None
        letter = None
        if reasons:
            letter = self.letters.draft(
                work,
                LetterKind.ASK,
                draft,
                country,
                at=self.now(),
                until=self.moves.last_day(draft.send_after),
                reasons=reasons,
                note=note,
            )
        return Prospect(
            member_id, member, has_contact, letter, obstacles_of(member, draft.purpose, has_contact)
        )
