"""One move of a case, kept and told to the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from matchmaker.domain.access import Actor
from matchmaker.domain.review import Case, Move, next_stage
from matchmaker.domain.trail import Scalar
from matchmaker.storage.unit_of_work import UnitOfWork

NOTHING: Mapping[str, Scalar] = {}


def move_case(
    work: UnitOfWork,
    case: Case,
    move: Move,
    actor: Actor,
    now: datetime,
    *,
    expected_version: int,
    code: str | None = None,
    snoozed_until: datetime | None = None,
    note_hash: str | None = None,
    extra: Mapping[str, Scalar] = NOTHING,
) -> Case:
    """Take a case where a move leads; the caller commits.

    Raises:
        IllegalMove: the move leads nowhere from the case's stage.
        AlreadyDecided: the case is at another version than expected.
    """
    stage = next_stage(case.stage, move)
    fresh = replace(case, stage=stage, code=code, changed_at=now, snoozed_until=snoozed_until)
    saved = work.cases.save(fresh, expected_version)
    details: dict[str, Scalar] = {"from": case.stage, "to": stage, "code": code, "note": note_hash}
    details |= {"score": case.score, "rule": case.rule, "snapshot": case.snapshot, **extra}
    work.trail.append(now, actor.id, f"case-{move}", f"case/{case.id}", details)
    return saved
