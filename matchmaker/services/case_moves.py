"""How a case comes to be, moves, and moves back: the change and its entry in the trail, in one transaction.

Nothing else writes cases. A move's entry tells where the case came from, so that a move can be taken back from the
trail alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from matchmaker.domain.access import Actor
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Agreement, Case, CloseReason, DeclineReason, Move, Stage, next_stage
from matchmaker.domain.trail import Entry, Scalar, moment
from matchmaker.errors import AlreadyDecided, CaseHeld, Fault, InvalidInput
from matchmaker.storage.unit_of_work import UnitOfWork

SUGGEST, UNDO, WITHDRAW = "suggest", "undo", "withdraw"
"""Entries of a case that are no moves: how it began, that a move was taken back, that its suggestion was."""

CODES: Mapping[Move, type[StrEnum]] = {
    Move.DECLINE: DeclineReason,
    Move.AGREE: Agreement,
    Move.CLOSE: CloseReason,
}
"""The moves that say why, and with which codes."""


def subject_of(case_id: int) -> str:
    """What the trail calls a case."""
    return f"case/{case_id}"


def suggest_case(
    work: UnitOfWork,
    kr: str,
    sg: str,
    purpose: Purpose,
    actor: Actor,
    now: datetime,
    *,
    score: float,
    rule: str,
    snapshot: str,
    round_id: int | None = None,
) -> Case:
    """A new case for a pair that has none for this purpose, suggested (see `move_case` for one that has)."""
    case = work.cases.add(
        kr, sg, purpose, score=score, rule=rule, snapshot=snapshot, at=now, round_id=round_id
    )
    work.trail.append(now, actor.id, SUGGEST, subject_of(case.id), _present(case))
    return case


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
    extra: Mapping[str, Scalar] | None = None,
) -> Case:
    """Move a case and write the trail; the caller commits.

    Args:
        case: as it was read. What is changed of it beforehand is kept with the move: a new score, rule, snapshot or
            round when it is reopened.
        expected_version: the version that the decision was made on.
        code: why, for the moves that `CODES` names; none for others.
        snoozed_until: for a snooze, and only for it.
        note_hash: of a note written with the move (`matchmaker.domain.trail.salted_hash`).
        extra: further ids, codes and numbers for the trail, never texts.

    Raises:
        AlreadyDecided: the case is at another version.
        IllegalMove: the move does not lead on from its stage.
        InvalidInput: the code or the time is missing or not one of this move's.
        UnknownRecord: the case is gone.
    """
    before = work.cases.hold(case.id)
    if before.version != expected_version:
        raise AlreadyDecided(id=case.id, stage=before.stage)
    stage = next_stage(before.stage, move)
    _check_code(move, code)
    _check_time(move, snoozed_until, now)
    after = work.cases.save(
        replace(case, stage=stage, code=code, snoozed_until=snoozed_until, changed_at=now), expected_version
    )
    note = {"note_hash": note_hash} if note_hash is not None else {}
    work.trail.append(
        now,
        actor.id,
        move,
        subject_of(case.id),
        {**_present(after), **_past(before), **note, **(extra or {})},
    )
    return after


def check_lease(work: UnitOfWork, case_id: int, actor: Actor, now: datetime) -> None:
    """Make sure that nobody else works on a case.

    Raises:
        CaseHeld: another coordinator does.
    """
    lease = work.leases.find(case_id, now)
    if lease is not None and lease.holder != actor.id:
        raise CaseHeld(id=case_id, holder=lease.role, until=moment(lease.until))


def withdraw_case(work: UnitOfWork, case: Case, actor: Actor, now: datetime) -> None:
    """Forget a case that nobody has decided about, as if it had not been suggested, and write the trail.

    Raises:
        UnknownRecord: the case is gone.
    """
    work.cases.remove(case.id)
    work.trail.append(now, actor.id, WITHDRAW, subject_of(case.id), _present(case))


def move_back(
    work: UnitOfWork,
    case: Case,
    taken_back: Entry,
    actor: Actor,
    now: datetime,
    *,
    changed_at: datetime | None = None,
) -> Case:
    """Put a case where it was before a move, and write the trail; the caller has checked that it may.

    Args:
        changed_at: when it came there, where that matters (a cool-down counts from then); None: now.

    Raises:
        AlreadyDecided: the case is at another version than ``case``.
    """
    was = taken_back.details
    earlier = replace(
        case,
        stage=Stage(str(was["from"])),
        code=_text(was["from_code"]),
        snoozed_until=_time(was["from_until"]),
        score=float(str(was["from_score"])),
        rule=str(was["from_rule"]),
        snapshot=str(was["from_snapshot"]),
        round_id=int(str(was["from_round"])) if was["from_round"] is not None else None,
        changed_at=changed_at or now,
    )
    after = work.cases.save(earlier, case.version)
    details = {**_present(after), "undoes": taken_back.seq, "undone": taken_back.action}
    work.trail.append(now, actor.id, UNDO, subject_of(case.id), details)
    return after


def standing_moves(entries: Iterable[Entry]) -> list[Entry]:
    """The moves of one case, in order, without those that were taken back."""
    kept = list(entries)
    undone = {entry.details["undoes"] for entry in kept if entry.action == UNDO}
    return [entry for entry in kept if entry.action in set(Move) and entry.seq not in undone]


def _present(case: Case) -> dict[str, Scalar]:
    """What the trail keeps of a case as it is now."""
    return {
        "kr": case.kr,
        "sg": case.sg,
        "purpose": case.purpose.value,
        "stage": case.stage.value,
        "version": case.version,
        "score": case.score,
        "rule": case.rule,
        "snapshot": case.snapshot,
        "round": case.round_id,
        "code": case.code,
        "until": _moment(case.snoozed_until),
    }


def _past(case: Case) -> dict[str, Scalar]:
    """What the trail keeps of a case as it was before a move."""
    return {
        "from": case.stage.value,
        "from_code": case.code,
        "from_until": _moment(case.snoozed_until),
        "from_score": case.score,
        "from_rule": case.rule,
        "from_snapshot": case.snapshot,
        "from_round": case.round_id,
    }


def _check_code(move: Move, code: str | None) -> None:
    possible = tuple(CODES.get(move, ()))
    if (code in possible) if possible else (code is None):
        return
    reason = f"“{move}” needs one of: {', '.join(possible)}" if possible else f"“{move}” takes no reason code"
    raise InvalidInput(reason, (Fault("/code", "unknown-code", reason),))


def _check_time(move: Move, until: datetime | None, now: datetime) -> None:
    if move is Move.SNOOZE and (until is None or until <= now):
        reason = "a case is snoozed until a time that lies ahead"
        raise InvalidInput(reason, (Fault("/until", "not-ahead", reason),))
    if move is not Move.SNOOZE and until is not None:
        reason = f"“{move}” takes no time"
        raise InvalidInput(reason, (Fault("/until", "not-wanted", reason),))


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _time(value: Scalar) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value is not None else None


def _text(value: Scalar) -> str | None:
    return str(value) if value is not None else None
