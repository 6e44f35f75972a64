"""Whatever two coordinators do in whatever order: the desk's rules hold."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import LEGAL, Case, Move, Stage, possible_moves
from matchmaker.domain.trail import first_break
from matchmaker.errors import (
    AlreadyDecided,
    CaseHeld,
    Forbidden,
    IllegalMove,
    InvalidInput,
    TooLate,
    UnknownRecord,
)
from matchmaker.services.case_moves import CODES, move_case, suggest_case
from matchmaker.services.reviews import Reviews
from matchmaker.services.suggestion import Suggestions
from matchmaker.storage.database import open_engine
from matchmaker.storage.unit_of_work import Store

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LEASE = timedelta(minutes=10)
COORDINATORS = (Actor("a_kr", Role.COORDINATOR_KR), Actor("a_sg", Role.COORDINATOR_SG))
ACTORS = st.sampled_from(COORDINATORS)
NUMBERS = st.integers(1, 2)
DECIDED = st.sampled_from([move for move in Move if move is not Move.INTRODUCE])
CODE = st.sampled_from([None, "other", "mou", "completed"])
NOTE = "기억할 것"
REFUSALS = (AlreadyDecided, CaseHeld, Forbidden, IllegalMove, InvalidInput, TooLate, UnknownRecord)


class Desk(RuleBasedStateMachine):
    """Two cases, two coordinators, a clock; what should be true is kept beside what is."""

    def __init__(self, folder: Path, suggestions: Suggestions) -> None:
        super().__init__()
        self.var = Path(tempfile.mkdtemp())
        shutil.copy(folder / "matchmaker.db", self.var)
        self.store = Store(open_engine(f"sqlite:///{self.var / 'matchmaker.db'}"))
        self.at = NOW
        self.desk = Reviews(self.store, suggestions, LEASE, now=lambda: self.at)
        self.cases: dict[int, Case] = {}
        self.moves = {1: 0, 2: 0}
        self.leases: dict[int, tuple[str, datetime]] = {}
        self.notes: list[int] = []

    @initialize()
    def two_cases(self) -> None:
        with self.store.writing() as work:
            for sg in ("sg-one", "sg-fab"):
                case = suggest_case(
                    work, "kr-one", sg, Purpose.STARTUP, SYSTEM, self.at, score=0.3, rule="2", snapshot="s"
                )
                self.cases[case.id] = case
            work.commit()

    def holder(self, number: int) -> str | None:
        holder, until = self.leases.get(number, (None, self.at))
        return holder if until > self.at else None

    def attempt(self, number: int, actor: Actor, work: Callable[[], Case]) -> Case | None:
        """Do something to a case; whoever does not hold it must not succeed."""
        try:
            case = work()
        except REFUSALS:
            return None
        assert self.holder(number) in (None, actor.id)
        assert case.version == self.cases[number].version + 1
        self.moves[number] += 1
        self.cases[number] = case
        return case

    @rule(number=NUMBERS, actor=ACTORS)
    def open(self, number: int, actor: Actor) -> None:
        before = self.holder(number)
        view = self.desk.open(number, actor)
        assert view.case == self.cases[number]
        assert view.is_mine == (before in (None, actor.id))
        if view.is_mine:
            self.leases[number] = (actor.id, self.at + LEASE)

    @rule(number=NUMBERS, actor=ACTORS)
    def release(self, number: int, actor: Actor) -> None:
        self.desk.release(number, actor)
        if self.holder(number) == actor.id:
            del self.leases[number]

    @rule(number=NUMBERS, actor=ACTORS, choice=st.integers(0, 11), noted=st.booleans())
    def decide(self, number: int, actor: Actor, choice: int, noted: bool) -> None:
        """A legal move with a code of its own."""
        possible = [move for move in possible_moves(self.cases[number].stage) if move is not Move.INTRODUCE]
        if possible:
            move = possible[choice % len(possible)]
            codes = tuple(CODES.get(move, (None,)))
            self.decided(number, actor, move, codes[choice % len(codes)], NOTE if noted else None, 0)

    @rule(number=NUMBERS, actor=ACTORS, move=DECIDED, code=CODE, late=st.booleans())
    def decide_anyhow(self, number: int, actor: Actor, move: Move, code: str | None, late: bool) -> None:
        """Any move, legal or not, with any code, on the present version or the one before."""
        self.decided(number, actor, move, code, None, int(late))

    def decided(
        self, number: int, actor: Actor, move: Move, code: str | None, note: str | None, late: int
    ) -> None:
        before = self.cases[number]
        version = before.version - late
        found = self.attempt(
            number, actor, lambda: self.desk.decide(number, move, actor, version, code=code, note=note)
        )
        if found is not None:
            assert not late
            assert found.stage is LEGAL[before.stage, move]
            self.leases.pop(number, None)

    @rule(number=NUMBERS, actor=ACTORS)
    def introduce(self, number: int, actor: Actor) -> None:
        """As introductions do it."""
        before = self.cases[number]
        if before.stage is not Stage.SHORTLISTED or self.holder(number) not in (None, actor.id):
            return
        with self.store.writing() as work:
            self.cases[number] = move_case(
                work, before, Move.INTRODUCE, actor, self.at, expected_version=before.version
            )
            work.commit()
        self.moves[number] += 1

    @rule(number=NUMBERS, actor=ACTORS)
    def undo(self, number: int, actor: Actor) -> None:
        self.attempt(number, actor, lambda: self.desk.undo(number, actor, self.cases[number].version))

    @rule(number=NUMBERS, actor=ACTORS)
    def note(self, number: int, actor: Actor) -> None:
        written = self.desk.note(number, actor, NOTE)
        assert written.id not in self.notes
        self.notes.append(written.id)

    @rule(number=st.integers(1, 6), actor=ACTORS)
    def erase(self, number: int, actor: Actor) -> None:
        try:
            self.desk.erase_note(number, actor)
        except (Forbidden, UnknownRecord):
            return

    @rule(minutes=st.sampled_from([1, 1, 11, 40, 60 * 24 * 8]))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def wake(self) -> None:
        for case in self.desk.wake_due():
            assert self.cases[case.id].stage is Stage.SNOOZED
            assert self.holder(case.id) is None
            self.cases[case.id] = case
            self.moves[case.id] += 1

    @invariant()
    def all_is_well(self) -> None:
        with self.store.reading() as work:
            entries = list(work.trail.list_all())
            assert first_break(entries, work.trail.head()[1]) is None
            assert all(NOTE not in str(entry) for entry in entries)
            for number, case in self.cases.items():
                assert work.cases.get(number) == case
                moved = [e for e in work.trail.list_of(f"case/{number}") if e.action in {*Move, "undo"}]
                assert case.version == 1 + len(moved) == 1 + self.moves[number]
                lease = work.leases.find(number, self.at)
                assert (lease.holder if lease else None) == self.holder(number)

    def teardown(self) -> None:
        self.store.engine.dispose()
        shutil.rmtree(self.var)


def test_any_order(alliance_folder: Path, matchmaker: Matchmaker) -> None:
    chosen = settings(max_examples=30, stateful_step_count=40, deadline=None, phases=[Phase.generate])
    run_state_machine_as_test(
        lambda: Desk(alliance_folder, matchmaker.suggestions),  # type: ignore[arg-type]  # any callable will do
        settings=chosen,
    )
