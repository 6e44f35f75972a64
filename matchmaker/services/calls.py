"""Funding calls: which ones some members could answer, what is missing, and who could fill it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from matchmaker.domain.call import (
    LARGEST_TEAM,
    Call,
    CallState,
    Proof,
    Role,
    Verdict,
    case_of,
    prove,
    rules_out,
)
from matchmaker.domain.call_teams import ScoredTeam, best_teams, mean_score
from matchmaker.domain.eligibility import KnownTies, is_eligible
from matchmaker.domain.member import Country, Member
from matchmaker.errors import Fault, InvalidInput, UnknownMember, UnknownRecord
from matchmaker.scoring.pool import Pool
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.suggestion import wrong_country

_STATES = tuple(CallState)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody for an empty place: mean score with the team's foreign partners; ``is_sure`` by its kind."""

    member: Member
    score: float
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Vacancy:
    """An empty place and the best candidates for it.

    ``needs_partner``: the team has nobody in the other country yet, so nobody can be ranked for this place.
    """

    role: Role
    candidates: tuple[Candidate, ...]
    needs_partner: bool = False


@dataclass(frozen=True)
class Calls:
    """The calls on file, weighed for members of the present edition."""

    calls: tuple[Call, ...]
    catalogue: Catalogue
    now: Callable[[], datetime]

    def list_all(self) -> tuple[Call, ...]:
        """Every call: open ones first, then those to come, the planned and the closed, the next deadline first."""
        return tuple(sorted(self.calls, key=self.order_of))

    def get(self, call_id: str) -> Call:
        """One call.

        Raises:
            UnknownRecord: there is none of this id.
        """
        for call in self.calls:
            if call.id == call_id:
                return call
        raise UnknownRecord(kind="call", id=call_id)

    def prove(self, call_id: str, team: Sequence[str]) -> Proof:
        """The proof, rule by rule, for one to four members.

        Raises:
            UnknownRecord: there is no such call.
            UnknownMember: somebody is not registered.
            InvalidInput: nobody, too many or somebody twice.
        """
        return prove(self.get(call_id), _members(self._pool, team), self.now())

    def for_member(self, external_id: str) -> tuple[Proof, ...]:
        """The proofs of every call for one member, calls it could answer first.

        Raises:
            UnknownMember: nobody has this id.
        """
        return self._proofs([external_id])

    def for_pair(self, kr: str, sg: str) -> tuple[Proof, ...]:
        """The proofs of every call for a pair, calls it could answer first.

        Raises:
            UnknownMember: one of them is not registered.
            InvalidInput: the sides are not Korea and Singapore.
        """
        return self._proofs(self.team_of(kr, sg))

    def team_of(self, kr: str | None, sg: str | None) -> tuple[str, ...]:
        """The sides that are given, the Korean one first.

        Raises:
            UnknownMember: one of them is not registered.
            InvalidInput: none is given, or a side is in the other country.
        """
        pool = self._pool
        given = [(side, country) for side, country in ((kr, Country.KR), (sg, Country.SG)) if side]
        for external_id, country in given:
            if (member := _get(pool, external_id)).country is not country:
                reason = f"“{external_id}” is not in {country}; give the Korean side as kr"
                raise InvalidInput(reason, (wrong_country(member, country, reason),))
        if not given:
            raise InvalidInput("give kr, sg or both", (Fault("/kr", "no-team", "give kr, sg or both"),))
        return tuple(external_id for external_id, _ in given)

    def members_in(self, country: Country) -> tuple[Member, ...]:
        """Everybody in a country, in order of external_id."""
        return tuple(entry.member for entry in self._pool.sides[country].entries)

    def candidates(self, call_id: str, team: Sequence[str], limit: int = 5) -> tuple[Vacancy, ...]:
        """Who could fill each empty place of a team, by mean score with its foreign partners; ties by id.

        Raises:
            UnknownRecord, UnknownMember, InvalidInput: see `prove`.
        """
        call, pool = self.get(call_id), self._pool
        members = _members(pool, team)
        scores = _Scores(pool)
        missing = dict.fromkeys(case_of(call, members).missing)
        return tuple(_vacancy(call, role, members, pool, scores, limit) for role in missing)

    def teams(
        self, call_id: str, member: str, size: int | None = None, limit: int = 5
    ) -> tuple[ScoredTeam, ...]:
        """The best complete teams with a member in them; exact. The dates do not count.

        Args:
            size: members of a team, 2 to 4; None: as many as the call has places.

        Raises:
            UnknownRecord, UnknownMember: see `prove`.
            InvalidInput: no such size.
        """
        call, pool = self.get(call_id), self._pool
        wanted = size if size is not None else max(len(call.roles), 2)
        if not 2 <= wanted <= LARGEST_TEAM:
            raise InvalidInput(f"a team has 2 to {LARGEST_TEAM} members, not {wanted}")
        scores = _Scores(pool)
        scores.row(member)
        return best_teams(call, _get(pool, member), _everybody(pool), scores.between, wanted, limit)

    @property
    def _pool(self) -> Pool:
        return self.catalogue.current().pool

    def _proofs(self, team: Sequence[str]) -> tuple[Proof, ...]:
        members, now = _members(self._pool, team), self.now()
        proofs = [prove(call, members, now) for call in self.list_all()]
        return tuple(sorted(proofs, key=lambda proof: not proof.is_possible))

    def order_of(self, call: Call) -> tuple[int, float, str]:
        """Where a call stands in the list."""
        state = call.state(self.now())
        at = call.closes.at.timestamp() if call.closes else 0.0
        return _STATES.index(state), -at if state is CallState.CLOSED else at, call.id


@dataclass
class _Scores:
    """Scores of pairs, a member's whole row at once; pairs that share no purpose have none."""

    pool: Pool
    rows: dict[str, dict[str, float]] = field(default_factory=dict)

    def row(self, external_id: str) -> dict[str, float]:
        """The scores of a member with everybody in the other country."""
        if external_id not in self.rows:
            profile = self.pool.find(external_id)
            if profile is None:
                raise UnknownMember(external_id=external_id)
            ranking = self.pool.rank(profile, lambda other: is_eligible(profile.member, other, KnownTies()))
            found = zip(ranking.members, ranking.scores.score.tolist(), strict=True)
            self.rows[external_id] = {member.external_id: score for member, score in found}
        return self.rows[external_id]

    def between(self, kr: str, sg: str) -> float | None:
        """The score of a pair."""
        if sg in self.rows:
            return self.rows[sg].get(kr)
        return self.row(kr).get(sg)


def _vacancy(
    call: Call, role: Role, members: Sequence[Member], pool: Pool, scores: _Scores, limit: int
) -> Vacancy:
    partners = [member for member in members if member.country is not role.country]
    if not partners:
        return Vacancy(role, (), needs_partner=True)
    for partner in partners:
        scores.row(partner.external_id)
    found = []
    for member in _everybody(pool):
        verdict = role.fits(member)
        if verdict is Verdict.NOT_MET or member in members or rules_out(call, (*members, member)):
            continue
        score = mean_score((*partners, member), scores.between)
        if score is not None:
            found.append(Candidate(member, score, verdict is Verdict.MET))
    found.sort(key=lambda candidate: (-candidate.score, candidate.member.external_id))
    return Vacancy(role, tuple(found[:limit]))


def _members(pool: Pool, team: Sequence[str]) -> tuple[Member, ...]:
    if not 1 <= len(team) <= LARGEST_TEAM or len(set(team)) != len(team):
        raise InvalidInput(f"name one to {LARGEST_TEAM} different members")
    return tuple(_get(pool, external_id) for external_id in team)


def _get(pool: Pool, external_id: str) -> Member:
    profile = pool.find(external_id)
    if profile is None:
        raise UnknownMember(external_id=external_id)
    return profile.member


def _everybody(pool: Pool) -> list[Member]:
    return [entry.member for side in pool.sides.values() for entry in side.entries]
