"""The review desk: coordinators read one case at a time, decide, and may change their minds for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from matchmaker.domain.access import SYSTEM, Action, Actor, Role, authorise
from matchmaker.domain.desk import (
    CaseFilter,
    CaseView,
    HistoryItem,
    Lease,
    Note,
    OtherCase,
    QueueItem,
    QueuePage,
    QueuePlace,
)
from matchmaker.domain.member import Language, Member
from matchmaker.domain.review import UNDOABLE, Agreement, Case, Move, possible_moves
from matchmaker.domain.suggestion import Pair
from matchmaker.domain.trail import Entry, Scalar, salted_hash
from matchmaker.errors import (
    AlreadyDecided,
    Fault,
    Forbidden,
    IllegalMove,
    InvalidInput,
    TooLate,
    UnknownMember,
)
from matchmaker.formats.member_line import clean
from matchmaker.services.case_moves import check_lease, move_back, move_case, standing_moves, subject_of
from matchmaker.services.clock import utc_now
from matchmaker.services.suggestion import Suggestions
from matchmaker.storage.unit_of_work import Store, UnitOfWork

SNOOZE = timedelta(days=7)
"""How long a case sleeps unless somebody says otherwise."""
LONGEST_NOTE = 2000
"""Characters."""
WHEN_GONE = frozenset({Move.DECLINE, Move.CLOSE})
"""What can still be done about a pair of which one has left."""


class CanStillCancel(Protocol):
    """Whoever sends introductions."""

    def cancel_if_unsent(self, work: UnitOfWork, case: Case) -> object:
        """Take back what is held for a case, within the transaction.

        Raises:
            TooLate: letters have left.
        """


class NothingIsHeld:
    """Stands in where nobody sends introductions: one that was made outside cannot be taken back here."""

    def cancel_if_unsent(self, work: UnitOfWork, case: Case) -> None:
        """Always too late.

        Raises:
            TooLate: always.
        """
        raise TooLate(what="The introduction", reason="its letters may have left")


@dataclass(frozen=True)
class Reviews:
    """Cases under review.

    ``lease``: how long a case stays with whoever opened it; ``undo_window``: how long a move may be taken back.
    """

    store: Store
    suggestions: Suggestions
    lease: timedelta = timedelta(minutes=10)
    undo_window: timedelta = timedelta(minutes=30)
    introductions: CanStillCancel = field(default_factory=NothingIsHeld)
    now: Callable[[], datetime] = utc_now

    def queue(
        self, chosen: CaseFilter, actor: Actor, after: QueuePlace | None = None, limit: int = 25
    ) -> QueuePage:
        """Part of the cases that pass a filter: whom a member wants first, then best first.

        Raises:
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        now = self.now()
        with self.store.reading() as work:
            placed = work.queue.list_page(chosen, actor.id, now, after, limit + 1)
            shown = placed[:limit]
            return QueuePage(
                _items(
                    work, [each.case for each in shown], {e.case.id for e in shown if e.place.is_wanted}, now
                ),
                work.queue.count(chosen, actor.id, now),
                work.queue.counts(chosen, actor.id, now),
                shown[-1].place if len(placed) > limit and shown else None,
            )

    def open(
        self,
        case_id: int,
        actor: Actor,
        chosen: CaseFilter | None = None,
        language: Language = "en",
    ) -> CaseView:
        """A case with everything that a decision needs; whoever opens a free one holds it for a while.

        Args:
            chosen: the filter that it was opened from, for its neighbours.

        Raises:
            UnknownRecord: there is no such case.
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        now = self.now()
        with self.store.writing() as work:
            case = work.cases.hold(case_id)
            lease = self._taken(work, case_id, actor, now)
            work.commit()
        pair = self._explained(case, language)
        with self.store.reading() as work:
            return self._view(work, case, pair, lease, actor, chosen or CaseFilter(), now)

    def look(self, case_id: int, actor: Actor, language: Language = "en") -> CaseView:
        """A case as it is, without holding it.

        Raises:
            UnknownRecord: there is no such case.
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        now = self.now()
        with self.store.reading() as work:
            case, lease = work.cases.get(case_id), work.leases.find(case_id, now)
            return self._view(work, case, self._explained(case, language), lease, actor, CaseFilter(), now)

    def release(self, case_id: int, actor: Actor) -> None:
        """Let a case go that the actor holds; nothing happens if it does not."""
        with self.store.writing() as work:
            work.leases.remove(case_id, actor.id)
            work.commit()

    def decide(
        self,
        case_id: int,
        move: Move,
        actor: Actor,
        expected_version: int,
        code: str | None = None,
        until: datetime | None = None,
        note: str | None = None,
        agreement: Agreement | None = None,
    ) -> Case:
        """Decide about a case, and let it go. To introduce is a step of its own (introductions).

        Args:
            expected_version: the version that was read.
            code: a `DeclineReason` or `CloseReason`.
            until: for a snooze; seven days from now unless given.

        Raises:
            UnknownRecord: there is no such case.
            AlreadyDecided: somebody decided first.
            CaseHeld: another coordinator works on it.
            IllegalMove: the move does not lead on from its stage, or a member has left.
            InvalidInput: the code, the time or the note cannot be used.
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        if move is Move.INTRODUCE:
            raise InvalidInput("an introduction is a step of its own, with its letters")
        text = _note_text(note) if note else None
        now = self.now()
        with self.store.writing() as work:
            case = work.cases.hold(case_id)
            _check_version(case, expected_version)
            check_lease(work, case_id, actor, now)
            _check_members(work, case, move)
            written = work.notes.add(case_id, actor.id, text, now) if text is not None else None
            moved = move_case(
                work,
                case,
                move,
                actor,
                now,
                expected_version=expected_version,
                code=agreement if move is Move.AGREE and agreement is not None else code,
                snoozed_until=until or (now + SNOOZE if move is Move.SNOOZE else None),
                note_hash=_hash(written) if written is not None else None,
                extra={"note": written.id} if written is not None else None,
            )
            work.leases.remove(case_id)
            work.commit()
        return moved

    def undo(self, case_id: int, actor: Actor, expected_version: int) -> Case:
        """Take back the last move, if the actor made it a short while ago and nothing has left the house.

        Raises:
            UnknownRecord: there is no such case.
            AlreadyDecided: somebody decided since.
            CaseHeld: another coordinator works on it.
            TooLate: there is nothing to take back, or not any more, or not by this actor.
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        now = self.now()
        with self.store.writing() as work:
            case = work.cases.hold(case_id)
            _check_version(case, expected_version)
            check_lease(work, case_id, actor, now)
            standing = standing_moves(work.trail.list_of(subject_of(case_id)))
            if not standing:
                raise TooLate(what=f"Case {case_id}", reason="nobody has decided about it")
            last = standing[-1]
            if reason := self._why_not_undone(work, case, last, actor, now):
                raise TooLate(what=f"“{last.action}”", reason=reason)
            if last.action == Move.INTRODUCE:
                self.introductions.cancel_if_unsent(work, case)
            came_there_at = standing[-2].at if len(standing) > 1 else case.opened_at
            restored = move_back(work, case, last, actor, now, changed_at=came_there_at)
            work.commit()
        return restored

    def note(self, case_id: int, actor: Actor, text: str) -> Note:
        """Write a note about a case. The trail keeps its number and a salted hash.

        Raises:
            UnknownRecord: there is no such case.
            InvalidInput: it is empty or too long.
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        wording, now = _note_text(text), self.now()
        with self.store.writing() as work:
            work.cases.get(case_id)
            note = work.notes.add(case_id, actor.id, wording, now)
            details: dict[str, Scalar] = {"note": note.id, "note_hash": _hash(note)}
            work.trail.append(now, actor.id, "note", subject_of(case_id), details)
            work.commit()
        return note

    def erase_note(self, note_id: int, actor: Actor) -> None:
        """Erase a note for good; the trail still verifies.

        Raises:
            UnknownRecord: there is no such note, or it was erased.
            Forbidden: the actor neither wrote it nor administers.
        """
        authorise(actor, Action.REVIEW)
        with self.store.writing() as work:
            note = work.notes.get(note_id)
            if actor.id != note.author and actor.role is not Role.ADMINISTRATOR:
                raise Forbidden(action="erase-note")
            work.notes.remove(note_id)
            subject = subject_of(note.case_id)
            work.trail.append(self.now(), actor.id, "erase-note", subject, {"note": note_id})
            work.commit()

    def wake_due(self, now: datetime | None = None) -> tuple[Case, ...]:
        """Suggest snoozed cases again whose time is over; one that somebody works on waits."""
        at = now or self.now()
        with self.store.writing() as work:
            woken = tuple(
                move_case(work, case, Move.WAKE, SYSTEM, at, expected_version=case.version)
                for case in work.queue.list_due(at)
            )
            work.commit()
        return woken

    def _taken(self, work: UnitOfWork, case_id: int, actor: Actor, now: datetime) -> Lease | None:
        """The lease that holds: another's as it is, else a fresh one of the actor's."""
        found = work.leases.find(case_id, now)
        if (found is not None and found.holder != actor.id) or actor.role is None:
            return found
        lease = Lease(case_id, actor.id, actor.role, now + self.lease)
        work.leases.put(lease)
        return lease

    def _explained(self, case: Case, language: Language) -> Pair | None:
        try:
            return self.suggestions.explain(case.kr, case.sg, case.purpose, language)
        except UnknownMember:
            return None

    def _view(
        self,
        work: UnitOfWork,
        case: Case,
        pair: Pair | None,
        lease: Lease | None,
        actor: Actor,
        chosen: CaseFilter,
        now: datetime,
    ) -> CaseView:
        members = _members(work, [case])
        entries = work.trail.list_of(subject_of(case.id))
        notes = work.notes.list_of(case.id)
        last = _last_move(entries)
        undoable = last is not None and self._why_not_undone(work, case, last, actor, now) is None
        place = work.queue.place_of(case.id)
        around = work.queue.neighbours(place, chosen, actor.id, now) if place else (None, None)
        return CaseView(
            case,
            members.get(case.kr),
            members.get(case.sg),
            pair,
            work.queue.conflicts_of([case])[case.id],
            _history(entries, notes),
            _other_cases(work, case, case.kr),
            _other_cases(work, case, case.sg),
            tuple(notes),
            tuple(work.voices.list_of_pair(case.kr, case.sg)),
            lease,
            lease is not None and lease.holder == actor.id,
            _moves(case, len(members) < 2),
            last.seq if last is not None and undoable else None,
            *around,
        )

    def _why_not_undone(
        self, work: UnitOfWork, case: Case, last: Entry, actor: Actor, now: datetime
    ) -> str | None:
        if last.action not in UNDOABLE:
            return "it tells what happened between the members"
        if last.actor != actor.id:
            return "somebody else decided it"
        if now - last.at > self.undo_window:
            return f"more than {self.undo_window.seconds // 60} minutes have passed"
        if len(_members(work, [case])) < 2:
            return "a member has left the directory"
        return None


def _items(work: UnitOfWork, cases: Sequence[Case], wanted: set[int], now: datetime) -> tuple[QueueItem, ...]:
    members = _members(work, cases)
    leases = work.leases.find_many([case.id for case in cases], now)
    conflicts = work.queue.conflicts_of(cases)
    return tuple(
        QueueItem(
            case,
            members.get(case.kr),
            members.get(case.sg),
            leases.get(case.id),
            conflicts[case.id],
            case.id in wanted,
        )
        for case in cases
    )


def _members(work: UnitOfWork, cases: Iterable[Case]) -> dict[str, Member]:
    involved = sorted({member_id for case in cases for member_id in (case.kr, case.sg)})
    return {member_id: stored.member for member_id, stored in work.members.find_many(involved).items()}


def _other_cases(work: UnitOfWork, case: Case, member_id: str) -> tuple[OtherCase, ...]:
    others = [other for other in work.cases.list_of(member_id=member_id) if other.id != case.id]
    latest = work.trail.latest_of([subject_of(other.id) for other in others])
    return tuple(OtherCase(other, latest.get(subject_of(other.id))) for other in others)


def _history(entries: Iterable[Entry], notes: Iterable[Note]) -> tuple[HistoryItem, ...]:
    by_id = {note.id: note for note in notes}

    def note_of(entry: Entry) -> Note | None:
        number = entry.details.get("note")
        return by_id.get(number) if isinstance(number, int) else None

    return tuple(HistoryItem(entry, note_of(entry)) for entry in entries)


def _moves(case: Case, has_left: bool) -> tuple[Move, ...]:
    return tuple(move for move in possible_moves(case.stage) if not has_left or move in WHEN_GONE)


def _last_move(entries: Iterable[Entry]) -> Entry | None:
    standing = standing_moves(entries)
    return standing[-1] if standing else None


def _check_version(case: Case, expected: int) -> None:
    if case.version != expected:
        raise AlreadyDecided(id=case.id, stage=case.stage)


def _check_members(work: UnitOfWork, case: Case, move: Move) -> None:
    has_left = len(_members(work, [case])) < 2
    possible = _moves(case, has_left)
    if has_left and move not in possible:
        raise IllegalMove(move=move, stage=case.stage, possible=", ".join(possible) or "nothing")


def _note_text(text: str) -> str:
    wording = clean(text) or ""
    if not wording or len(wording) > LONGEST_NOTE:
        reason = f"a note has between 1 and {LONGEST_NOTE} characters"
        raise InvalidInput(reason, (Fault("/text", "length", reason),))
    return str(wording)


def _hash(note: Note) -> str:
    return salted_hash(note.text, note.salt)
