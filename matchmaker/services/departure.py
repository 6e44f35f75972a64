"""A member leaves: what was said of it and to it is erased, its open cases end. Ids and codes stay in the trail."""

from __future__ import annotations

from datetime import datetime

from matchmaker.domain.access import SYSTEM, Actor
from matchmaker.domain.review import Case, CloseReason, DeclineReason, Move, Stage
from matchmaker.services.case_moves import move_case
from matchmaker.storage.unit_of_work import UnitOfWork

ENDS = {
    Stage.SUGGESTED: (Move.DECLINE, DeclineReason.OTHER),
    Stage.SNOOZED: (Move.DECLINE, DeclineReason.OTHER),
    Stage.SHORTLISTED: (Move.DECLINE, DeclineReason.OTHER),
    Stage.INTRODUCED: (Move.CLOSE, CloseReason.MEMBER_LEFT),
    Stage.MET: (Move.CLOSE, CloseReason.MEMBER_LEFT),
}
"""How a case ends when a member leaves; what was agreed stays agreed."""


def erase_member(
    work: UnitOfWork, external_id: str, now: datetime, actor: Actor = SYSTEM
) -> tuple[Case, ...]:
    """End a member's open cases and erase whatever was written by it, about it or to it; the caller commits.

    Its introductions that are under way end in the worker's next turn, which finds their cases closed.

    Returns:
        The cases that ended here.
    """
    open_cases = work.cases.list_of(stages=list(ENDS), member_id=external_id)
    ended = tuple(_ended(work, case, external_id, actor, now) for case in open_cases)
    for case in ended:
        work.leases.remove(case.id)
    details = {
        "cases": len(ended),
        "notes": work.notes.remove_about(external_id),
        "voices": work.voices.remove_about(external_id),
        "lists": work.slates.remove_about(external_id),
        "reasons": work.rounds.erase_reasons_of(external_id),
    }
    work.accounts.remove_of_member(external_id)
    work.contacts.remove(external_id)
    work.outbox.erase_member(external_id)
    work.attempts.erase_member(external_id)
    if any(details.values()):
        work.trail.append(now, actor.id, "leave", f"member/{external_id}", details)
    return ended


def _ended(work: UnitOfWork, case: Case, external_id: str, actor: Actor, now: datetime) -> Case:
    move, code = ENDS[case.stage]
    extra = {"left": external_id}
    return move_case(work, case, move, actor, now, expected_version=case.version, code=code, extra=extra)
