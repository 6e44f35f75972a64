"""Whom a summit brings together: members that both accepted an introduction."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.domain.introduction import State
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Stage
from matchmaker.storage.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True)
class AcceptedIntroductions:
    """A `matchmaker.services.timetables.MeetingSource` over the introductions."""

    store: Store

    def accepted_pairs(self, purpose: Purpose | None) -> list[tuple[str, str, float]]:
        """Korean id, Singapore id and score of each pair that both accepted and that is not over, best first."""
        with self.store.reading() as work:
            cases = work.cases.list_of(stages=(Stage.INTRODUCED, Stage.MET, Stage.AGREED), purpose=purpose)
            accepted = _accepted(work)
            best: dict[tuple[str, str], float] = {}
            for case in cases:
                if case.id in accepted:
                    pair = (case.kr, case.sg)
                    best[pair] = max(case.score, best.get(pair, 0.0))
        return [(kr, sg, score) for (kr, sg), score in best.items()]


def _accepted(work: UnitOfWork) -> frozenset[int]:
    found = work.introductions.list_of(states=(State.ACCEPTED,))
    return frozenset(introduction.case_id for introduction in found)
