"""A whole round at once: who takes part, what must and must not happen, and what came out.

A coordinator states the rules, the solver proposes pairs, the coordinator publishes them into the review queue or takes
them back. Nothing is sent to anybody by a round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from matchmaker.domain.member import Member, Purpose, Status, Track
from matchmaker.domain.review import Case, Stage

PairKey = tuple[str, str]
"""Korean id, Singapore id."""


class Method(StrEnum):
    """How a round is solved.

    ``balanced``: the most expected matches within the capacities; ``fair``: first the member that is worst off as well
    off as possible, then the most expected matches; ``equilibrium``: ranked by a congestion-aware equilibrium.
    """

    BALANCED = "balanced"
    FAIR = "fair"
    EQUILIBRIUM = "equilibrium"


class RoundState(StrEnum):
    """``solving`` may be cancelled; ``published`` may be undone for the pairs that nobody has decided about."""

    DRAFT = "draft"
    SOLVING = "solving"
    PROPOSED = "proposed"
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Capacity:
    """Introductions of one member in a round, at least and at most."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Avoid:
    """A pair that must not be proposed, for a reason that only coordinators see."""

    pair: PairKey
    reason: str


@dataclass(frozen=True, slots=True)
class RoundRules:
    """What a coordinator states.

    ``tracks`` and ``domains`` (words that a domain must contain) narrow who takes part, empty means all; ``members``
    names participants one by one, empty means all. ``usual`` holds for everybody without an own entry in
    ``capacities``. ``cool_down_days``: no pair whose case was declined or closed more recently. ``one_per_group``: no
    member meets two siblings of one group, and no two siblings meet the same member. ``keep_rivals_apart``: two members
    of one country with much the same offers are not proposed to the same partner. ``min_score``: weaker pairs are left
    out.
    """

    purpose: Purpose
    tracks: frozenset[Track] = frozenset()
    domains: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()
    joined_only: bool = False
    usual: Capacity = Capacity(0, 3)
    capacities: Mapping[str, Capacity] = field(default_factory=dict)
    pins: frozenset[PairKey] = frozenset()
    forbidden: frozenset[PairKey] = frozenset()
    avoid: tuple[Avoid, ...] = ()
    cool_down_days: int = 180
    one_per_group: bool = True
    keep_rivals_apart: bool = False
    min_score: float = 0.0
    alternates: int = 2
    method: Method = Method.BALANCED


class RoundRule(StrEnum):
    """A rule by name, in costs and relaxations. Its subject: a pair ``kr/sg``, a member's id, or none for all of it.

    ``group``'s subject is ``family/partner``, ``rivals``' is ``one/other``; ``capacities`` are the members' own
    entries.
    """

    PIN = "pin"
    FORBIDDEN = "forbidden"
    AVOID = "avoid"
    COOL_DOWN = "cool-down"
    MIN_SCORE = "min-score"
    GROUP = "group"
    RIVALS = "rivals"
    LEAST = "least"
    MOST = "most"
    CAPACITIES = "capacities"


class LeftOutReason(StrEnum):
    """Why a participant got nothing.

    ``no-eligible-partner``: no participant of the other country may be suggested to it; ``all-too-weak``: all such
    pairs are below the round's lowest score; ``ruled-out``: the strong ones are forbidden, avoided, cooling down, under
    way already or declined by a member, or would meet a sibling's or rival's partner; ``partners-full``: all that
    remain have their introductions; ``no-capacity``: it may have none; ``not-chosen``: a pair was possible, but the
    method did not take it.
    """

    NO_ELIGIBLE_PARTNER = "no-eligible-partner"
    ALL_TOO_WEAK = "all-too-weak"
    RULED_OUT = "ruled-out"
    PARTNERS_FULL = "partners-full"
    NO_CAPACITY = "no-capacity"
    NOT_CHOSEN = "not-chosen"


class SkipReason(StrEnum):
    """Why a proposed pair was not published."""

    MEMBER_LEFT = "member-left"
    NOT_ELIGIBLE = "not-eligible"
    RULED_OUT_BY_MEMBER = "ruled-out-by-member"
    UNDER_WAY = "under-way"
    COOLING_DOWN = "cooling-down"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A proposed pair that became impossible before it was published."""

    kr: str
    sg: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A participant without a pair, why, and the best partner it would have had."""

    member_id: str
    reason: LeftOutReason
    best_partner: str | None = None
    best_score: float | None = None


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """A chosen pair or an alternate; ``rank`` 0 is chosen, 1 and up stand by, best first."""

    kr: str
    sg: str
    score: float
    rank: int = 0
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What one rule costs: the expected matches that leaving it out would add."""

    rule: RoundRule
    subject: str | None
    expected_without: float
    cost: float


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The smallest set of rules to relax when not all can hold, and what that would give.

    ``is_proven``: no smaller set exists; otherwise none was found in the time allowed. ``excess`` says by how much each
    rule is broken: introductions above a maximum or below a minimum, 1 for a pair.
    """

    rules: tuple[tuple[RoundRule, str | None], ...]
    expected: float
    is_proven: bool
    pairs: tuple[ProposedPair, ...] = ()
    excess: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposure:
    """How introductions spread over the participants. ``gini`` 0: all alike, towards 1: few have all."""

    gini: float
    never_shown: float
    most: int
    participants: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a solver proposes. ``expected``: the sum of the chosen pairs' chances to be worth an introduction.

    ``exposure``: what the proposal gives each country's members, by ``kr`` and ``sg``; under ``kr-lists`` and
    ``sg-lists`` how often they would show if everybody of the other country read a list of their best instead.
    ``has_all_costs``: False if time ran out before every rule's cost was known. ``is_optimal``: nothing better exists.
    """

    pairs: tuple[ProposedPair, ...]
    expected: float
    left_out: tuple[LeftOut, ...]
    exposure: Mapping[str, Exposure]
    costs: tuple[RuleCost, ...]
    rule: str
    snapshot: str
    is_optimal: bool = True
    has_all_costs: bool = True

    @property
    def chosen(self) -> tuple[ProposedPair, ...]:
        """The pairs proposed, without alternates."""
        return tuple(pair for pair in self.pairs if pair.rank == 0)


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it is kept. ``progress`` in [0, 1] while solving.

    ``stage``: while solving, what is being done: ``scoring``, ``solving``, ``costing``, ``relaxing``; afterwards why
    there is no proposal: ``cancelled``, ``interrupted``, ``out-of-time``, ``no-way-out``, ``failed``. ``skipped``: what
    publishing left out.
    """

    id: int
    name: str
    rules: RoundRules
    state: RoundState
    version: int
    opened_by: str
    opened_at: datetime
    progress: float = 0.0
    stage: str | None = None
    proposal: Proposal | None = None
    relaxation: Relaxation | None = None
    published_at: datetime | None = None
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking a publication back did: cases that nobody had decided about went, the others stay."""

    taken_back: int
    staying: int


MAY_REVISE = frozenset({RoundState.DRAFT, RoundState.PROPOSED, RoundState.INFEASIBLE, RoundState.FAILED})
"""States in which rules may change and a round may be solved or discarded."""


def subject_of(pair: PairKey) -> str:
    """How a pair is named as a rule's subject."""
    return "/".join(pair)


def takes_part(member: Member, rules: RoundRules) -> bool:
    """Whether the rules let a member into the round."""
    words = [word.casefold() for word in rules.domains]
    domains = [
        wording.casefold() for domain in member.domains for wording in (domain.en, domain.ko) if wording
    ]
    return (
        (not rules.tracks or member.track in rules.tracks)
        and (not words or any(word in domain for word in words for domain in domains))
        and (not rules.members or member.external_id in rules.members)
        and (not rules.joined_only or member.status is Status.MEMBER)
    )


def is_cooling_down(case: Case, rules: RoundRules, now: datetime) -> bool:
    """Whether a case that ended did so too recently."""
    ended = case.stage in (Stage.DECLINED, Stage.CLOSED)
    return ended and now - case.changed_at < timedelta(days=rules.cool_down_days)


def is_under_way(case: Case) -> bool:
    """Whether somebody works on the pair already: proposing it again would say nothing new."""
    return case.stage not in (Stage.DECLINED, Stage.CLOSED)
