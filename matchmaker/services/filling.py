"""Pairs into the queue when no round runs: a list per member, drawn at random in proportion to the scores.

Every list is kept with all its eligible candidates and the probability with which each was shown, so that decisions
can teach another rule later (`matchmaker.services.decisions`, decision record 7). A candidate is eligible for a list if
the hard rules allow the pair, neither of the two refused, it is not under way or only just ended, and the candidate
has room. The order of the lists is: those who joined first, then those with the fewest open cases, then by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.access import Action, Actor, authorise
from matchmaker.domain.decision import Candidate, DrawnList
from matchmaker.domain.desk import FillReport
from matchmaker.domain.eligibility import is_eligible
from matchmaker.domain.member import Country, Member, Purpose, Status
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.round import LeftOut, LeftOutReason, PairKey
from matchmaker.errors import InvalidInput
from matchmaker.scoring.exploration import Slate, draw_slate, logits_of
from matchmaker.scoring.pool import Ranking
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.shown import written
from matchmaker.services.case_moves import move_case, suggest_case
from matchmaker.services.catalogue import Catalogue, Edition
from matchmaker.services.clock import utc_now
from matchmaker.storage.unit_of_work import Store, UnitOfWork

Rows = NDArray[np.intp]

ENDED = (Stage.DECLINED, Stage.CLOSED)


@dataclass(frozen=True)
class Filling:
    """Fills the queue. ``cool_down``: how long a pair rests after its case ended."""

    store: Store
    catalogue: Catalogue
    cool_down: timedelta = timedelta(days=180)
    now: Callable[[], datetime] = utc_now

    def fill(
        self,
        purpose: Purpose,
        actor: Actor,
        *,
        per_member: int = 8,
        limit: int = 200,
        size: int = 5,
        temperature: float = 0.25,
        seed: int | None = None,
    ) -> FillReport:
        """Draw lists and suggest what they show.

        Args:
            per_member: open cases of one member for this purpose, at most, those that are there included.
            limit: cases put in, at most.
            size: length of a list; shorter where there is less room.
            temperature: near 0 the best are shown, 1 follows the odds (see `matchmaker.scoring.exploration`).
            seed: of the draw; by chance unless given.

        Raises:
            InvalidInput: a number is below 1, or the temperature not above 0.
            NotReady: the index is being built.
            SignInRequired, Forbidden: the actor reviews nothing.
        """
        authorise(actor, Action.REVIEW)
        if min(per_member, limit, size) < 1 or not temperature > 0.0:
            raise InvalidInput("per_member, limit and size are at least 1, the temperature is above 0")
        edition = self.catalogue.current()
        rankings = dict(_rankings(edition, purpose))
        generator = np.random.default_rng(seed)
        with self.store.writing() as work:
            state = _State.of(work, purpose, self.now(), self.cool_down)
            draw = _Draw(edition, purpose, actor, state, per_member, limit, size, temperature, generator)
            for query in _in_order(edition, state, generator):
                draw.list_for(work, query, rankings[query.external_id])
            work.commit()
        return draw.report(_left_out(edition, rankings, draw))


@dataclass(frozen=True, eq=False)
class _State:
    """What is in the queue already. ``open_cases`` counts per member; ``barred`` pairs are not shown."""

    now: datetime
    under_way: frozenset[PairKey]
    cooling: frozenset[PairKey]
    ruled_out: frozenset[PairKey]
    rested: Mapping[PairKey, Case]
    open_cases: Counter[str]
    barred: set[PairKey]

    @classmethod
    def of(cls, work: UnitOfWork, purpose: Purpose, now: datetime, cool_down: timedelta) -> _State:
        cases = {(case.kr, case.sg): case for case in work.cases.list_of(purpose=purpose)}
        ended = {pair: case for pair, case in cases.items() if case.stage in ENDED}
        cooling = frozenset(pair for pair, case in ended.items() if now - case.changed_at < cool_down)
        under_way = frozenset(cases.keys() - ended.keys())
        ruled_out = frozenset(work.voices.ruled_out(purpose))
        open_cases = Counter(member for pair, case in cases.items() if case.is_open for member in pair)
        rested = {pair: case for pair, case in ended.items() if pair not in cooling}
        barred = {*under_way, *cooling, *ruled_out}
        return cls(now, under_way, cooling, ruled_out, rested, open_cases, barred)


@dataclass(eq=False)
class _Draw:
    """One filling, list by list."""

    edition: Edition
    purpose: Purpose
    actor: Actor
    state: _State
    per_member: int
    limit: int
    size: int
    temperature: float
    generator: np.random.Generator
    suggested: list[Case] = field(default_factory=list)
    reopened: list[Case] = field(default_factory=list)
    lists: int = 0

    @property
    def left(self) -> int:
        """How many more cases may be put in."""
        return self.limit - len(self.suggested) - len(self.reopened)

    def room_of(self, member_id: str) -> int:
        """How many more open cases a member may have."""
        return self.per_member - self.state.open_cases[member_id]

    def list_for(self, work: UnitOfWork, query: Member, ranking: Ranking) -> None:
        """Draw a member's list, suggest what it shows, and keep it."""
        size = min(self.size, self.room_of(query.external_id), self.left)
        rows = self._candidates(query, ranking)
        if size < 1 or not len(rows):
            return
        evidence = ranking.evidence.take(rows)
        slate = draw_slate(
            logits_of(evidence, self.edition.pool.rule), size, self.temperature, self.generator
        )
        seq, _ = work.trail.head()
        cases = {row: self._put(work, query, ranking, int(rows[row])) for row in slate.rows}
        work.slates.add(self._drawn(query, ranking.take(rows.tolist()), slate, cases, size, seq))
        self.lists += 1

    def report(self, left_out: tuple[LeftOut, ...]) -> FillReport:
        """What came of it."""
        state = self.state
        return FillReport(
            tuple(self.suggested),
            tuple(self.reopened),
            self.lists,
            len(state.under_way),
            len(state.cooling),
            len(state.ruled_out),
            left_out,
        )

    def _candidates(self, query: Member, ranking: Ranking) -> Rows:
        free = [
            pair_of(query, other) not in self.state.barred and self.room_of(other.external_id) > 0
            for other in ranking.members
        ]
        return np.flatnonzero(np.asarray(free, dtype=bool))

    def _put(self, work: UnitOfWork, query: Member, ranking: Ranking, row: int) -> Case:
        kr, sg = pair = pair_of(query, ranking.members[row])
        score, pool = float(ranking.scores.score[row]), self.edition.pool
        self.state.barred.add(pair)
        self.state.open_cases.update(pair)
        if (ended := self.state.rested.get(pair)) is not None:
            fresh = replace(ended, score=score, rule=pool.rule.name, snapshot=pool.snapshot, round_id=None)
            case = move_case(
                work, fresh, Move.REOPEN, self.actor, self.state.now, expected_version=ended.version
            )
            self.reopened.append(case)
            return case
        case = suggest_case(
            work,
            kr,
            sg,
            self.purpose,
            self.actor,
            self.state.now,
            score=score,
            rule=pool.rule.name,
            snapshot=pool.snapshot,
        )
        self.suggested.append(case)
        return case

    def _drawn(
        self, query: Member, ranking: Ranking, slate: Slate, cases: Mapping[int, Case], size: int, seq: int
    ) -> DrawnList:
        ranks = {row: rank for rank, row in enumerate(slate.rows, start=1)}
        evidence = written(ranking.evidence)
        candidates = tuple(
            Candidate(
                member.external_id,
                float(slate.propensities[row]),
                evidence[row],
                ranks.get(row),
                cases[row].id if row in cases else None,
            )
            for row, member in enumerate(ranking.members)
        )
        return DrawnList(
            query.external_id,
            self.purpose,
            self.edition.pool.rule.name,
            self.edition.pool.snapshot,
            self.state.now,
            size,
            self.temperature,
            seq,
            candidates,
        )


def pair_of(one: Member, other: Member) -> PairKey:
    """The Korean id, then the Singapore id."""
    kr, sg = (one, other) if one.country is Country.KR else (other, one)
    return kr.external_id, sg.external_id


def _rankings(edition: Edition, purpose: Purpose) -> Iterator[tuple[str, Ranking]]:
    """Everybody's eligible partners, best first; made before anything is locked."""
    for side in edition.pool.sides.values():
        for ordinal, entry in enumerate(side.entries):
            yield entry.member.external_id, _ranking(edition, side.profile(ordinal), purpose)


def _ranking(edition: Edition, query: Profile, purpose: Purpose) -> Ranking:
    return edition.pool.rank(
        query, lambda other: is_eligible(query.member, other, edition.ties, purpose), purpose
    )


def _in_order(edition: Edition, state: _State, generator: np.random.Generator) -> list[Member]:
    members = [entry.member for side in edition.pool.sides.values() for entry in side.entries]
    chance = generator.random(len(members)).tolist()
    keys = [
        (member.status is not Status.MEMBER, state.open_cases[member.external_id], luck, member.external_id)
        for member, luck in zip(members, chance, strict=True)
    ]
    by_id = {member.external_id: member for member in members}
    return [by_id[key[-1]] for key in sorted(keys)]


def _left_out(edition: Edition, rankings: Mapping[str, Ranking], draw: _Draw) -> tuple[LeftOut, ...]:
    members = [entry.member for side in edition.pool.sides.values() for entry in side.entries]
    return tuple(
        _without(member, rankings[member.external_id], draw)
        for member in members
        if not draw.state.open_cases[member.external_id]
    )


def _without(member: Member, ranking: Ranking, draw: _Draw) -> LeftOut:
    """Why a member has no open case, and whom it would suit best."""
    if not ranking.members:
        return LeftOut(member.external_id, LeftOutReason.NO_ELIGIBLE_PARTNER)
    free = [other for other in ranking.members if pair_of(member, other) not in draw.state.barred]
    if not free:
        reason = LeftOutReason.RULED_OUT
    elif all(draw.room_of(other.external_id) < 1 for other in free):
        reason = LeftOutReason.PARTNERS_FULL
    else:
        reason = LeftOutReason.NO_CAPACITY
    best = float(ranking.scores.score[0])
    return LeftOut(member.external_id, reason, ranking.members[0].external_id, best)
