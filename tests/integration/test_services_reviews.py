"""The review desk on a real database: queue, leases, decisions, second thoughts, notes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import ANYBODY, SYSTEM, Actor, Role
from matchmaker.domain.desk import CaseFilter, Opinion
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Agreement, Case, CloseReason, DeclineReason, Move, Stage
from matchmaker.domain.trail import Entry, first_break, salted_hash
from matchmaker.errors import (
    AlreadyDecided,
    CaseHeld,
    Forbidden,
    IllegalMove,
    InvalidInput,
    SignInRequired,
    TooLate,
    UnknownRecord,
)
from matchmaker.services.case_moves import move_case, suggest_case
from matchmaker.services.reviews import NothingIsHeld, Reviews
from matchmaker.storage.unit_of_work import UnitOfWork

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
MINJI = Actor("a_kr", Role.COORDINATOR_KR)
WEI = Actor("a_sg", Role.COORDINATOR_SG)
ADMINISTRATOR = Actor("a_admin", Role.ADMINISTRATOR)
FIRM = Actor("a_firm", Role.MEMBER, "kr-one")
STARTUP = Purpose.STARTUP
WAITING = CaseFilter()


@dataclass
class Clock:
    """A clock that a test sets."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(matchmaker: Matchmaker, clock: Clock) -> Reviews:
    return replace(matchmaker.reviews, now=clock)


def suggest(
    desk: Reviews,
    kr: str = "kr-one",
    sg: str = "sg-one",
    score: float = 0.3,
    purpose: Purpose = STARTUP,
    round_id: int | None = None,
) -> Case:
    with desk.store.writing() as work:
        case = suggest_case(
            work, kr, sg, purpose, SYSTEM, desk.now(), score=score, rule="2", snapshot="s", round_id=round_id
        )
        work.commit()
    return case


def move(desk: Reviews, case: Case, what: Move, actor: Actor = SYSTEM, code: str | None = None) -> Case:
    """A move that is not made at the desk."""
    with desk.store.writing() as work:
        moved = move_case(work, case, what, actor, desk.now(), expected_version=case.version, code=code)
        work.commit()
    return moved


def trail(desk: Reviews) -> list[Entry]:
    with desk.store.reading() as work:
        entries = list(work.trail.list_all())
        assert first_break(entries, work.trail.head()[1]) is None
    return entries


def numbers(desk: Reviews, chosen: CaseFilter = WAITING, actor: Actor = MINJI) -> list[int]:
    return [item.case.id for item in desk.queue(chosen, actor).items]


def test_the_queue_shows_what_waits_best_first(desk: Reviews, clock: Clock) -> None:
    weak, strong = suggest(desk, score=0.1), suggest(desk, sg="sg-fab", score=0.3)
    asleep = suggest(desk, kr="kr-voice", score=0.2)
    desk.decide(asleep.id, Move.SNOOZE, MINJI, 1, until=NOW + timedelta(days=1))
    done = suggest(desk, kr="kr-voice", sg="sg-quiet")
    desk.decide(done.id, Move.SHORTLIST, MINJI, 1)
    page = desk.queue(CaseFilter(), MINJI)
    assert [item.case.id for item in page.items] == [strong.id, weak.id]
    assert page.items[0].kr is not None
    assert page.items[0].kr.external_id == "kr-one"
    assert (page.total, page.counts.to_review, page.counts.all) == (2, 2, 4)
    assert page.counts.by_stage[Stage.SNOOZED] == page.counts.by_stage[Stage.SHORTLISTED] == 1
    clock.turn(days=1)
    assert numbers(desk) == [strong.id, asleep.id, weak.id]
    assert numbers(desk, CaseFilter(frozenset({Stage.SHORTLISTED}))) == [done.id]


def test_the_queue_is_read_in_pages_without_loss(desk: Reviews, matchmaker: Matchmaker) -> None:
    pairs = [(kr, sg) for kr in ("kr-one", "kr-voice", "kr-chip") for sg in ("sg-one", "sg-fab")]
    cases = [suggest(desk, kr, sg, score=0.2) for kr, sg in pairs]
    matchmaker.voices.say("kr-one", "sg-fab", STARTUP, Opinion.INTERESTED, FIRM)
    seen, after = [], None
    for _ in range(3):
        page = desk.queue(CaseFilter(), MINJI, after, limit=2)
        seen += [item.case.id for item in page.items]
        after = page.next_after
    assert after is None
    wanted = cases[1]
    assert seen == [wanted.id, *(case.id for case in cases if case is not wanted)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [(("하버",), [1]), (("harbour",), [1]), (("KR-VOICE",), [2]), (("ward", "fab"), [3]), (("nobody",), [])],
)
def test_words_are_found_in_both_languages(
    desk: Reviews, words: tuple[str, ...], expected: list[int]
) -> None:
    suggest(desk)
    suggest(desk, "kr-voice", "sg-quiet")
    suggest(desk, "kr-one", "sg-fab")
    found = numbers(desk, CaseFilter(words=words))
    assert set(expected) <= set(found)
    assert (not expected) == (not found)
    assert 2 in expected or 2 not in found


def test_purpose_round_and_mine_narrow_the_queue(desk: Reviews) -> None:
    first = suggest(desk, round_id=7)
    second = suggest(desk, purpose=Purpose.RESEARCH)
    assert numbers(desk, CaseFilter(round_id=7)) == [first.id]
    assert numbers(desk, CaseFilter(purpose=Purpose.RESEARCH)) == [second.id]
    assert numbers(desk, CaseFilter(mine=True)) == []
    desk.open(second.id, MINJI)
    assert numbers(desk, CaseFilter(mine=True)) == [second.id]
    assert numbers(desk, CaseFilter(mine=True), WEI) == []
    page = desk.queue(CaseFilter(purpose=Purpose.RESEARCH), MINJI)
    assert (page.counts.mine, page.counts.all) == (1, 1)


def test_cases_that_want_the_same_member_are_flagged(desk: Reviews) -> None:
    here, same_member = suggest(desk), suggest(desk, sg="sg-fab")
    other_purpose = suggest(desk, sg="sg-fab", purpose=Purpose.RESEARCH)
    over = suggest(desk, kr="kr-voice")
    desk.decide(over.id, Move.DECLINE, MINJI, 1, code=DeclineReason.TOO_BUSY)
    found = {
        item.case.id: [case.id for case in item.conflicts] for item in desk.queue(CaseFilter(), MINJI).items
    }
    assert found == {here.id: [same_member.id], same_member.id: [here.id], other_purpose.id: []}


def test_who_opens_a_case_holds_it_and_others_see_by_whom(desk: Reviews, clock: Clock) -> None:
    case = suggest(desk)
    assert desk.open(case.id, MINJI).is_mine
    seen = desk.open(case.id, WEI)
    assert not seen.is_mine
    assert seen.lease is not None
    assert (seen.lease.role, seen.lease.until) == (Role.COORDINATOR_KR, NOW + timedelta(minutes=10))
    with pytest.raises(CaseHeld, match="coordinator-kr"):
        desk.decide(case.id, Move.SHORTLIST, WEI, 1)
    clock.turn(minutes=10)
    assert desk.open(case.id, WEI).is_mine
    with pytest.raises(CaseHeld):
        desk.decide(case.id, Move.SHORTLIST, MINJI, 1)
    desk.release(case.id, MINJI)
    assert desk.open(case.id, WEI).is_mine
    desk.release(case.id, WEI)
    assert desk.open(case.id, MINJI).is_mine


def test_opening_again_prolongs_the_lease(desk: Reviews, clock: Clock) -> None:
    case = suggest(desk)
    desk.open(case.id, MINJI)
    clock.turn(minutes=9)
    view = desk.open(case.id, MINJI)
    assert view.lease is not None
    assert view.lease.until == NOW + timedelta(minutes=19)


def test_an_opened_case_tells_everything(desk: Reviews, matchmaker: Matchmaker) -> None:
    first = suggest(desk, score=0.3)
    case = suggest(desk, sg="sg-fab", score=0.2)
    last = suggest(desk, sg="sg-quiet", score=0.1)
    matchmaker.voices.say("kr-one", "sg-fab", STARTUP, Opinion.NOT_FOR_US, FIRM, RefusalReason.NOT_NOW)
    desk.note(case.id, MINJI, "항만 담당자가 바뀜")
    view = desk.open(case.id, MINJI)
    assert view.pair is not None
    assert view.pair.sg.external_id == "sg-fab"
    assert [entry.entry.action for entry in view.history] == ["suggest", "note"]
    assert view.history[1].note == view.notes[0]
    assert [other.case.id for other in view.kr_cases] == [first.id, last.id]
    assert view.kr_cases[0].latest is not None
    assert view.kr_cases[0].latest.action == "suggest"
    assert [voice.opinion for voice in view.voices] == [Opinion.NOT_FOR_US]
    assert (view.previous_id, view.next_id) == (first.id, last.id)
    assert set(view.moves) == {Move.SHORTLIST, Move.DECLINE, Move.SNOOZE}
    assert not view.has_left
    with pytest.raises(UnknownRecord):
        desk.open(99, MINJI)


def test_neighbours_stay_after_the_case_left_the_filter(desk: Reviews) -> None:
    first, case, last = (
        suggest(desk, sg=sg, score=score)
        for sg, score in (("sg-one", 0.3), ("sg-fab", 0.2), ("sg-quiet", 0.1))
    )
    desk.decide(case.id, Move.SHORTLIST, MINJI, 1)
    view = desk.open(case.id, MINJI)
    assert (view.previous_id, view.next_id) == (first.id, last.id)


def test_a_decision_moves_writes_the_trail_and_lets_go(desk: Reviews) -> None:
    case = suggest(desk)
    desk.open(case.id, MINJI)
    decided = desk.decide(case.id, Move.DECLINE, MINJI, 1, code=DeclineReason.COMPETITORS, note="둘 다 로봇")
    assert (decided.stage, decided.code, decided.version) == (Stage.DECLINED, "competitors", 2)
    assert desk.open(case.id, WEI).is_mine
    entry = trail(desk)[-1]
    assert (entry.actor, entry.action, entry.subject) == ("a_kr", "decline", f"case/{case.id}")
    assert (entry.details["from"], entry.details["score"], entry.details["snapshot"]) == (
        "suggested",
        0.3,
        "s",
    )
    note = desk.open(case.id, WEI).notes[0]
    assert entry.details["note_hash"] == salted_hash("둘 다 로봇", note.salt)


def test_legal_moves_only_and_each_with_its_code(desk: Reviews) -> None:
    case = suggest(desk)
    for wrong in (None, "mou", "because"):
        with pytest.raises(InvalidInput):
            desk.decide(case.id, Move.DECLINE, MINJI, 1, code=wrong)
    with pytest.raises(InvalidInput):
        desk.decide(case.id, Move.SHORTLIST, MINJI, 1, code="other")
    with pytest.raises(InvalidInput):
        desk.decide(case.id, Move.SNOOZE, MINJI, 1, until=NOW)
    with pytest.raises(InvalidInput):
        desk.decide(case.id, Move.SHORTLIST, MINJI, 1, until=NOW + timedelta(days=1))
    with pytest.raises(IllegalMove):
        desk.decide(case.id, Move.MEET, MINJI, 1)
    shortlisted = desk.decide(case.id, Move.SHORTLIST, MINJI, 1)
    with pytest.raises(InvalidInput, match="step of its own"):
        desk.decide(case.id, Move.INTRODUCE, MINJI, 2)
    move(desk, shortlisted, Move.INTRODUCE, MINJI)
    desk.decide(case.id, Move.MEET, MINJI, 3)
    with pytest.raises(InvalidInput):
        desk.decide(case.id, Move.AGREE, MINJI, 4)
    assert desk.decide(case.id, Move.AGREE, MINJI, 4, agreement=Agreement.POC).code == "poc"
    closed = desk.decide(case.id, Move.CLOSE, MINJI, 5, code=CloseReason.COMPLETED)
    assert (closed.stage, closed.version) == (Stage.CLOSED, 6)


def test_a_snooze_lasts_a_week_unless_told_and_ends_by_itself(desk: Reviews, clock: Clock) -> None:
    case = suggest(desk)
    held = suggest(desk, sg="sg-fab")
    assert desk.decide(case.id, Move.SNOOZE, MINJI, 1).snoozed_until == NOW + timedelta(days=7)
    desk.decide(held.id, Move.SNOOZE, MINJI, 1)
    clock.turn(days=6)
    assert desk.wake_due() == ()
    clock.turn(days=1)
    desk.open(held.id, MINJI)
    (woken,) = desk.wake_due()
    assert (woken.id, woken.stage, woken.snoozed_until) == (case.id, Stage.SUGGESTED, None)
    assert trail(desk)[-1].actor == "system"


def test_only_coordinators_and_administrators_review(desk: Reviews) -> None:
    case = suggest(desk)
    for refused, error in ((ANYBODY, SignInRequired), (FIRM, Forbidden)):
        for attempt in (
            lambda actor=refused: desk.queue(CaseFilter(), actor),
            lambda actor=refused: desk.open(case.id, actor),
            lambda actor=refused: desk.decide(case.id, Move.SHORTLIST, actor, 1),
            lambda actor=refused: desk.undo(case.id, actor, 1),
            lambda actor=refused: desk.note(case.id, actor, "x"),
        ):
            with pytest.raises(error):
                attempt()


def test_of_two_who_decide_at_once_exactly_one_wins(desk: Reviews) -> None:
    case = suggest(desk)
    start = threading.Barrier(2)
    outcomes: list[Stage | None] = []

    def decide(actor: Actor, what: Move, code: str | None) -> None:
        start.wait()
        try:
            outcomes.append(desk.decide(case.id, what, actor, 1, code=code).stage)
        except AlreadyDecided:
            outcomes.append(None)

    choices = [(MINJI, Move.SHORTLIST, None), (WEI, Move.DECLINE, "other")]
    threads = [threading.Thread(target=decide, args=choice) for choice in choices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome is None for outcome in outcomes) == [False, True]
    assert len(trail(desk)) == 2


def test_a_decision_is_taken_back_step_by_step(desk: Reviews, clock: Clock) -> None:
    case = suggest(desk)
    until = NOW + timedelta(days=3)
    desk.decide(case.id, Move.SNOOZE, MINJI, 1, until=until)
    desk.decide(case.id, Move.DECLINE, MINJI, 2, code="other")
    view = desk.open(case.id, MINJI)
    assert view.undoable == trail(desk)[-1].seq
    back = desk.undo(case.id, MINJI, 3)
    assert (back.stage, back.code, back.snoozed_until, back.version) == (Stage.SNOOZED, None, until, 4)
    assert trail(desk)[-1].details["undoes"] == view.undoable
    assert desk.undo(case.id, MINJI, 4).stage is Stage.SUGGESTED
    with pytest.raises(TooLate, match="nobody has decided"):
        desk.undo(case.id, MINJI, 5)


def test_a_reopening_that_is_taken_back_starts_no_second_cool_down(desk: Reviews, clock: Clock) -> None:
    case = suggest(desk)
    ended = desk.decide(case.id, Move.DECLINE, MINJI, 1, code="other")
    clock.turn(days=170)
    desk.decide(case.id, Move.REOPEN, MINJI, 2)
    assert desk.undo(case.id, MINJI, 3).changed_at == ended.changed_at


def test_reasons_why_it_is_too_late(desk: Reviews, clock: Clock) -> None:
    case = suggest(desk)
    desk.decide(case.id, Move.SHORTLIST, MINJI, 1)
    with pytest.raises(AlreadyDecided):
        desk.undo(case.id, MINJI, 1)
    with pytest.raises(TooLate, match="somebody else"):
        desk.undo(case.id, WEI, 2)
    clock.turn(minutes=31)
    with pytest.raises(TooLate, match="30 minutes"):
        desk.undo(case.id, MINJI, 2)
    with desk.store.reading() as work:
        introduced = move(desk, work.cases.get(case.id), Move.INTRODUCE, MINJI)
    desk = replace(desk, introductions=NothingIsHeld())
    with pytest.raises(TooLate, match="letters"):
        desk.undo(case.id, MINJI, introduced.version)
    desk.decide(case.id, Move.MEET, MINJI, 3)
    with pytest.raises(TooLate, match="between the members"):
        desk.undo(case.id, MINJI, 4)


def test_an_introduction_that_has_not_left_is_taken_back(desk: Reviews) -> None:
    cancelled = []

    class Held:
        def cancel_if_unsent(self, work: UnitOfWork, case: Case) -> None:
            cancelled.append(case.id)

    desk = replace(desk, introductions=Held())
    case = suggest(desk)
    introduced = move(desk, desk.decide(case.id, Move.SHORTLIST, MINJI, 1), Move.INTRODUCE, MINJI)
    assert desk.undo(case.id, MINJI, introduced.version).stage is Stage.SHORTLISTED
    assert cancelled == [case.id]


def test_a_note_is_erased_by_its_author_or_an_administrator(desk: Reviews) -> None:
    case = suggest(desk)
    first, second = desk.note(case.id, MINJI, "첫 메모"), desk.note(case.id, MINJI, "둘째 메모")
    with pytest.raises(Forbidden):
        desk.erase_note(first.id, WEI)
    desk.erase_note(first.id, MINJI)
    desk.erase_note(second.id, ADMINISTRATOR)
    with pytest.raises(UnknownRecord):
        desk.erase_note(first.id, MINJI)
    third = desk.note(case.id, MINJI, "셋째 메모")
    assert third.id > second.id
    history = desk.open(case.id, MINJI).history
    assert [item.is_note_erased for item in history] == [False, True, True, False, False, False]
    assert history[-1].note == third
    assert len(trail(desk)) == 6


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "x" * 2001])
def test_a_note_says_something_but_not_everything(desk: Reviews, text: str) -> None:
    with pytest.raises(InvalidInput):
        desk.note(suggest(desk).id, MINJI, text)


def test_an_erased_note_is_nowhere(desk: Reviews, matchmaker: Matchmaker) -> None:
    canary = "canary-3f9a 전화 금지"
    case = suggest(desk)
    note = desk.note(case.id, MINJI, canary)
    desk.decide(case.id, Move.SHORTLIST, MINJI, 1, note=canary)
    assert all(canary not in str(entry) for entry in trail(desk))
    folder = Path(str(matchmaker.store.engine.url.database)).parent
    assert _mentions(folder, canary)
    for written in (note.id, note.id + 1):
        desk.erase_note(written, MINJI)
    matchmaker.worker.run_once()
    assert _mentions(folder, canary) == []
    assert trail(desk)[-1].action == "erase-note"


def _mentions(folder: Path, text: str) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    return [path.name for path in found]


def test_a_case_of_who_left_opens_and_can_only_end(desk: Reviews, matchmaker: Matchmaker) -> None:
    open_case, agreed = suggest(desk), suggest(desk, kr="kr-voice")
    introduced = suggest(desk, kr="kr-chip")
    for case in (agreed, introduced):
        moved = move(desk, desk.decide(case.id, Move.SHORTLIST, MINJI, 1), Move.INTRODUCE, MINJI)
    desk.decide(agreed.id, Move.AGREE, MINJI, 3, agreement=Agreement.MOU)
    desk.note(open_case.id, MINJI, "곧 만남")
    matchmaker.voices.say("kr-one", "sg-one", STARTUP, Opinion.INTERESTED, FIRM)
    matchmaker.registration.withdraw("sg-one")
    view = desk.open(open_case.id, MINJI)
    assert (view.has_left, view.pair, view.sg, view.notes, view.voices) == (True, None, None, (), ())
    assert (view.case.stage, view.case.code, view.moves) == (Stage.DECLINED, "other", ())
    assert desk.open(introduced.id, MINJI).case.code == CloseReason.MEMBER_LEFT
    assert desk.open(agreed.id, MINJI).moves == (Move.CLOSE,)
    with pytest.raises(IllegalMove):
        desk.decide(open_case.id, Move.REOPEN, MINJI, view.case.version)
    leave = next(entry for entry in trail(desk) if entry.action == "leave")
    assert dict(leave.details) == {"cases": 2, "notes": 1, "voices": 1, "lists": 0, "reasons": 0}
    assert moved.stage is Stage.INTRODUCED
