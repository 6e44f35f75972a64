"""Whom a summit brings together: members that both accepted an introduction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.domain.introduction import State
from matchmaker.domain.member import Purpose, Status
from matchmaker.domain.review import Case, Stage
from matchmaker.storage.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True)
class AcceptedIntroductions:
    """A `matchmaker.services.timetables.MeetingSource` over the introductions."""

    store: Store

    def accepted_pairs(self, purpose: Purpose | None) -> list[tuple[str, str, float]]:
        """Korean id, Singapore id and score of each pair that both accepted and that is not over, best first.

        What a pair said when it was introduced last counts; both must still be members.
        """
        with self.store.reading() as work:
            cases = work.cases.list_of(stages=(Stage.INTRODUCED, Stage.MET, Stage.AGREED), purpose=purpose)
            accepted, joined = _accepted(work), _joined(work, cases)
            best: dict[tuple[str, str], float] = {}
            for case in cases:
                if case.id in accepted and {case.kr, case.sg} <= joined:
                    pair = (case.kr, case.sg)
                    best[pair] = max(case.score, best.get(pair, 0.0))
        return [(kr, sg, score) for (kr, sg), score in best.items()]


def _accepted(work: UnitOfWork) -> frozenset[int]:
    last: dict[int, State] = {}
    for introduction in work.introductions.list_of():
        last.setdefault(introduction.case_id, introduction.state)
    return frozenset(case_id for case_id, state in last.items() if state is State.ACCEPTED)


def _joined(work: UnitOfWork, cases: Iterable[Case]) -> frozenset[str]:
    found = work.members.find_many(sorted({each for case in cases for each in (case.kr, case.sg)}))
    return frozenset(key for key, stored in found.items() if stored.member.status is Status.MEMBER)
