"""A proposal becomes cases of the review queue, and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from matchmaker.domain.access import Actor
from matchmaker.domain.eligibility import is_eligible
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.round import (
    PairKey,
    Proposal,
    ProposedPair,
    Round,
    RoundRules,
    Skipped,
    SkipReason,
    Undone,
    is_cooling_down,
    is_under_way,
)
from matchmaker.errors import UnknownRecord
from matchmaker.services.case_moves import (
    move_back,
    move_case,
    standing_moves,
    subject_of,
    suggest_case,
    withdraw_case,
)
from matchmaker.services.catalogue import Edition
from matchmaker.storage.rounds import PublishedCase
from matchmaker.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, eq=False)
class Meanwhile:
    """The alliance as it is when a round is published."""

    edition: Edition
    unwanted: Collection[PairKey]
    now: datetime

    def obstacle(self, pair: ProposedPair, rules: RoundRules, case: Case | None) -> SkipReason | None:
        """Why a pair is impossible by now."""
        kr, sg = self.edition.pool.find(pair.kr), self.edition.pool.find(pair.sg)
        if kr is None or sg is None:
            return SkipReason.MEMBER_LEFT
        if not is_eligible(kr.member, sg.member, self.edition.ties, rules.purpose):
            return SkipReason.NOT_ELIGIBLE
        if (pair.kr, pair.sg) in self.unwanted:
            return SkipReason.RULED_OUT_BY_MEMBER
        if case is not None and is_under_way(case):
            return SkipReason.UNDER_WAY
        if case is not None and not pair.is_pinned and is_cooling_down(case, rules, self.now):
            return SkipReason.COOLING_DOWN
        return None


def publish_pairs(
    work: UnitOfWork, held: Round, proposal: Proposal, meanwhile: Meanwhile, actor: Actor
) -> tuple[list[PublishedCase], tuple[Skipped, ...]]:
    """Open a case for each chosen pair, or open its old one again; the caller commits."""
    cases: list[PublishedCase] = []
    skipped: list[Skipped] = []
    for pair in sorted(proposal.chosen, key=lambda pair: (pair.kr, pair.sg)):
        case = work.cases.find(pair.kr, pair.sg, held.rules.purpose)
        reason = meanwhile.obstacle(pair, held.rules, case)
        if reason is not None:
            skipped.append(Skipped(pair.kr, pair.sg, reason))
        elif case is None:
            cases.append(_opened(work, pair, held, proposal, actor, meanwhile.now))
        else:
            cases.append(_reopened(work, case, pair, held, proposal, actor, meanwhile.now))
    return cases, tuple(skipped)


def take_back(work: UnitOfWork, round_id: int, actor: Actor, now: datetime) -> Undone:
    """Undo what publishing did to the cases that nobody has decided about; the caller commits."""
    taken_back = staying = 0
    for published in work.rounds.list_published(round_id):
        try:
            case = work.cases.hold(published.case_id)
        except UnknownRecord:  # removed with its member: nothing is left to take back
            continue
        if case.stage is not Stage.SUGGESTED or case.version != published.version:
            staying += 1
            continue
        taken_back += 1
        if published.reopened_from is None:
            withdraw_case(work, case, actor, now)
        else:
            reopening = standing_moves(work.trail.list_of(subject_of(case.id)))[-1]
            move_back(work, case, reopening, actor, now, changed_at=published.reopened_from)
    return Undone(taken_back, staying)


def _opened(
    work: UnitOfWork, pair: ProposedPair, held: Round, proposal: Proposal, actor: Actor, now: datetime
) -> PublishedCase:
    case = suggest_case(
        work,
        pair.kr,
        pair.sg,
        held.rules.purpose,
        actor,
        now,
        score=pair.score,
        rule=proposal.rule,
        snapshot=proposal.snapshot,
        round_id=held.id,
    )
    return PublishedCase(case.id, case.version)


def _reopened(
    work: UnitOfWork,
    case: Case,
    pair: ProposedPair,
    held: Round,
    proposal: Proposal,
    actor: Actor,
    now: datetime,
) -> PublishedCase:
    renewed = replace(
        case, score=pair.score, rule=proposal.rule, snapshot=proposal.snapshot, round_id=held.id
    )
    moved = move_case(work, renewed, Move.REOPEN, actor, now, expected_version=case.version)
    return PublishedCase(moved.id, moved.version, case.changed_at)
