"""What came of the suggestions: funnel, reasons, waiting times, exposure, fields, and the partner that is missing.

Pure functions over `matchmaker.domain.stories.Story` and members; nothing here knows how it is drawn.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from matchmaker.domain.fields import OTHER, Vocabulary
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Kind, Member, Purpose, Statement, Text
from matchmaker.domain.review import DeclineReason, Move, Stage
from matchmaker.domain.roles import COMPATIBILITY
from matchmaker.domain.round import Exposure, PairKey
from matchmaker.domain.stories import Milestone, Story

_Code = TypeVar("_Code", bound=StrEnum | None)

FEW = 5
"""Fewer waits than this say nothing: they are not summed up."""
SLOW = Fraction(9, 10)
"""The slowest tenth begins where this share has ended."""
LIST_SIZE = 5
"""Length of the lists that exposure is measured on."""
UNMET = 0.5
"""A need that nothing on the other side comes closer to than this similarity is called unmet.

About the lowest tenth of what the alliance's needs find at best. It is no measured boundary: some of these needs could
be met by somebody who says so in other words, so what comes closest is always shown beside them.
"""
STALE = timedelta(days=2)
"""A case that waits longer than this for a coordinator is counted apart."""
MOST_KINDS = 3
"""Kinds of newcomer that are named."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many pairs came at least this far. ``of_previous``: of those one step before, in [0, 1]; None at the top."""

    milestone: Milestone
    count: int
    of_previous: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The way from suggested to agreed."""

    steps: tuple[FunnelStep, ...]

    def __getitem__(self, milestone: Milestone) -> FunnelStep:
        return self.steps[milestone.place]

    @property
    def largest_loss(self) -> FunnelStep | None:
        """The step that the smallest share passes, of those that anybody could pass."""
        open_steps = [step for step in self.steps if step.of_previous is not None]
        return min(open_steps, key=lambda step: step.of_previous or 0.0, default=None)


def funnel_of(stories: Iterable[Story]) -> Funnel:
    """Count how far pairs ever came. A step is never larger than the one before it."""
    reached = Counter(story.reached.place for story in stories)
    counts = [sum(count for place, count in reached.items() if place >= each.place) for each in Milestone]
    before = [None, *counts[:-1]]
    return Funnel(
        tuple(
            FunnelStep(each, count, count / previous if previous else None)
            for each, count, previous in zip(Milestone, counts, before, strict=True)
        )
    )


def decline_reasons(stories: Iterable[Story]) -> Mapping[DeclineReason, int]:
    """Why coordinators declined, the most frequent first; every decline that stands counts."""
    return _ranked(
        DeclineReason(step.code)
        for story in stories
        for step in story.steps
        if step.move is Move.DECLINE and step.code is not None
    )


def refusal_reasons(stories: Iterable[Story]) -> Mapping[RefusalReason | None, int]:
    """Why members did not want to be introduced, the most frequent first; None where the trail does not say."""
    return _ranked(
        reply.reason
        for story in stories
        for asking in story.askings
        for reply in asking.replies.values()
        if not reply.accepts
    )


class WaitFor(StrEnum):
    """What somebody waits for."""

    DECISION = "decision"
    KOREA = "korea"
    SINGAPORE = "singapore"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class Wait:
    """How long it took. ``count``: how often it came; ``open``: how many still wait.

    ``median`` and ``slowest`` (where the slowest tenth begins, by nearest rank) are None for fewer than `FEW`.
    """

    count: int
    open: int
    median: timedelta | None
    slowest: timedelta | None


def waits_of(stories: Sequence[Story]) -> Mapping[WaitFor, Wait]:
    """How long coordinators, members and first meetings took, in calendar time.

    A decision is the first shortlisting or declining after a pair was suggested, snoozes included; an answer counts
    from the letter; a meeting from the second yes to the day it was reported (one reported before was no wait).
    """
    return {
        WaitFor.DECISION: _wait(
            [step.at - s.case.opened_at for s in stories if (step := s.first(Move.SHORTLIST, Move.DECLINE))],
            sum(story.case.is_open for story in stories),
        ),
        WaitFor.KOREA: _answers(stories, Country.KR),
        WaitFor.SINGAPORE: _answers(stories, Country.SG),
        WaitFor.MEETING: _wait(
            [
                met.at - accepted_at
                for story in stories
                if (accepted_at := story.accepted_at) is not None
                and (met := story.first(Move.MEET)) is not None
                and met.at >= accepted_at
            ],
            sum(s.accepted_at is not None and s.case.stage is Stage.INTRODUCED for s in stories),
        ),
    }


def _answers(stories: Iterable[Story], country: Country) -> Wait:
    askings = [asking for story in stories for asking in story.askings]
    times = [a.replies[country].at - a.asked_at for a in askings if country in a.replies]
    return _wait(times, sum(country in asking.waits_on for asking in askings))


def _wait(times: Sequence[timedelta], still_open: int) -> Wait:
    if len(times) < FEW:
        return Wait(len(times), still_open, None, None)
    ordered = sorted(times)
    median = (ordered[(len(times) - 1) // 2] + ordered[len(times) // 2]) / 2
    return Wait(len(times), still_open, median, ordered[math.ceil(SLOW * len(times)) - 1])


@dataclass(frozen=True, slots=True)
class MemberExposure:
    """How often one member is shown: in top-five lists, as a case, as an introduction."""

    member_id: str
    lists: int
    proposed: int = 0
    introduced: int = 0


@dataclass(frozen=True, slots=True)
class SideExposure:
    """One country's members, the most shown first, and how alike they are shown in lists."""

    members: tuple[MemberExposure, ...]
    lists: Exposure

    def histogram(self, last: int) -> tuple[int, ...]:
        """Members in 0, 1, ... lists; the last place holds everybody with ``last`` or more."""
        found = Counter(min(each.lists, last) for each in self.members)
        return tuple(found[number] for number in range(last + 1))


def exposure_of(
    members: Iterable[Member], lists: Mapping[str, Sequence[str]], stories: Iterable[Story]
) -> Mapping[Country, SideExposure]:
    """How often everybody is shown.

    Args:
        lists: the partners at the top of each member's list.
    """
    in_lists = Counter(partner for partners in lists.values() for partner in partners)
    proposed: Counter[str] = Counter()
    introduced: Counter[str] = Counter()
    for story in stories:
        proposed.update((story.case.kr, story.case.sg))
        if story.has_reached(Milestone.INTRODUCED):
            introduced.update((story.case.kr, story.case.sg))
    sides: dict[Country, list[MemberExposure]] = {country: [] for country in Country}
    for member in members:
        key = member.external_id
        sides[member.country].append(MemberExposure(key, in_lists[key], proposed[key], introduced[key]))
    return {country: _side(found) for country, found in sides.items()}


def spread_of(counts: Sequence[int]) -> Exposure:
    """How alike counts are (Gini 1912): 0 if all are the same, towards 1 if one has everything."""
    return Exposure(
        gini=gini(counts),
        never_shown=sum(count == 0 for count in counts) / len(counts) if counts else 0.0,
        most=max(counts, default=0),
        participants=len(counts),
    )


def gini(counts: Sequence[int]) -> float:
    """The Gini coefficient of counts that are not negative; 0 where nobody has anything."""
    total, number = sum(counts), len(counts)
    if not total:
        return 0.0
    weighted = sum((2 * rank - number - 1) * count for rank, count in enumerate(sorted(counts), start=1))
    return weighted / (number * total)


def _side(members: list[MemberExposure]) -> SideExposure:
    ordered = sorted(members, key=lambda m: (-m.lists, -m.proposed, -m.introduced, m.member_id))
    return SideExposure(tuple(ordered), spread_of([member.lists for member in ordered]))


@dataclass(slots=True)
class FieldCell:
    """Where a Korean and a Singapore field meet.

    ``offers`` and ``needs``: statements of members of one field that speak of the other, from both sides;
    ``suggested`` and ``agreed``: pairs of a member of each.
    """

    offers: int = 0
    needs: int = 0
    suggested: int = 0
    agreed: int = 0


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The cells by Korean and Singapore field. ``other_share``: members whose domains no word of the list marks."""

    codes: tuple[str, ...]
    cells: Mapping[tuple[str, str], FieldCell]
    members: Mapping[tuple[Country, str], int]
    other_share: float


def field_map(
    members: Sequence[Member],
    stories: Iterable[Story],
    vocabulary: Vocabulary,
    purpose: Purpose | None = None,
) -> FieldMap:
    """Sort members, their statements and their pairs by field.

    Every member stands in one field and every statement and pair in one cell, so the cells add up to what there is. A
    statement that names no other field stays in its member's own.
    """
    field_of = {member.external_id: vocabulary.of_member(member) for member in members}
    cells: dict[tuple[str, str], FieldCell] = defaultdict(FieldCell)
    for member in members:
        own = field_of[member.external_id]
        for offer in _serving(member.offers, purpose):
            cells[_cell(member.country, own, vocabulary.of_statement(offer.text, own))].offers += 1
        for need in _serving(member.needs, purpose):
            cells[_cell(member.country, own, vocabulary.of_statement(need.text, own))].needs += 1
    for story in stories:
        cell = cells[field_of.get(story.case.kr, OTHER), field_of.get(story.case.sg, OTHER)]
        cell.suggested += 1
        cell.agreed += story.has_reached(Milestone.AGREED)
    counts = Counter((member.country, field_of[member.external_id]) for member in members)
    other = sum(code == OTHER for code in field_of.values())
    return FieldMap(vocabulary.codes, dict(cells), counts, other / len(members) if members else 0.0)


def _cell(country: Country, own: str, other: str) -> tuple[str, str]:
    return (own, other) if country is Country.KR else (other, own)


def _serving(statements: Iterable[Statement], purpose: Purpose | None) -> list[Statement]:
    return [each for each in statements if purpose is None or each.serves(purpose)]


@dataclass(frozen=True, slots=True)
class NeedMatch:
    """A need and what comes closest to it on the other side, in [-1, 1]; no partner where nobody is open to it."""

    member_id: str
    text: Text
    purposes: frozenset[Purpose]
    similarity: float
    closest: str | None

    @property
    def is_unmet(self) -> bool:
        """Whether nothing comes close enough (see `UNMET`)."""
        return self.similarity < UNMET


@dataclass(frozen=True, slots=True)
class MissingPartner:
    """A kind of newcomer, and the needs that it would serve.

    ``kinds``: the kinds of organisation that usually work with those who need it (`matchmaker.domain.roles`).
    """

    field: str
    country: Country
    kinds: tuple[Kind, ...]
    needs: tuple[NeedMatch, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Whom it would serve, each once."""
        return tuple(dict.fromkeys(need.member_id for need in self.needs))


def missing_partners(
    needs: Iterable[NeedMatch], members: Mapping[str, Member], vocabulary: Vocabulary
) -> tuple[MissingPartner, ...]:
    """Group unmet needs by the field that they speak of and the country that would answer; most members first."""
    groups: dict[tuple[str, Country], list[NeedMatch]] = defaultdict(list)
    for need in needs:
        member = members.get(need.member_id)
        if need.is_unmet and member is not None:
            spoken_of = vocabulary.of_statement(need.text, vocabulary.of_member(member))
            groups[spoken_of, member.country.other].append(need)
    found = [
        MissingPartner(
            code, country, _fitting_kinds([members[n.member_id] for n in unmet]), _by_member(unmet)
        )
        for (code, country), unmet in groups.items()
    ]
    return tuple(sorted(found, key=lambda m: (-len(m.members), -len(m.needs), m.field, m.country)))


def _by_member(needs: Iterable[NeedMatch]) -> tuple[NeedMatch, ...]:
    return tuple(sorted(needs, key=lambda need: (need.member_id, need.similarity)))


def _fitting_kinds(members: Sequence[Member]) -> tuple[Kind, ...]:
    fit = {kind: sum(COMPATIBILITY[member.kind, kind] for member in members) for kind in Kind}
    best = max(fit.values())
    return tuple(kind for kind, value in fit.items() if math.isclose(value, best))[:MOST_KINDS]


class TieKind(StrEnum):
    """``agreed``: what came of a case; ``known``: publicly known before."""

    AGREED = "agreed"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member stands in the picture: column 0 is Korea, 1 Singapore; ``row`` counts from the top."""

    column: int
    row: float


@dataclass(frozen=True, slots=True)
class Network:
    """Who works with whom; ``isolated`` members have no tie and no place. ``rows``: how tall the picture is."""

    ties: Mapping[PairKey, TieKind]
    places: Mapping[str, Place]
    isolated: int
    rows: float


def ties_of(stories: Iterable[Story], known: Iterable[PairKey]) -> Mapping[PairKey, TieKind]:
    """Every tie once, in order; what was agreed through a case counts as that."""
    found = dict.fromkeys(known, TieKind.KNOWN)
    for story in stories:
        if story.has_reached(Milestone.AGREED):
            found[story.case.kr, story.case.sg] = TieKind.AGREED
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on the coordinators' desk now."""

    waiting: int
    stale: int
    open_introductions: int
    waits_on: Mapping[Country, int]


def desk_of(stories: Sequence[Story], now: datetime) -> Desk:
    """Count what waits for a coordinator and for members."""
    waiting = [story for story in stories if story.case.stage is Stage.SUGGESTED]
    asked = [asking for story in stories for asking in story.askings if asking.waits_on]
    return Desk(
        len(waiting),
        sum(now - story.waiting_since > STALE for story in waiting),
        len(asked),
        {country: sum(country in asking.waits_on for asking in asked) for country in Country},
    )


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """Which cases are looked at: of one purpose, suggested since a moment, proposed by one round."""

    purpose: Purpose | None = None
    since: datetime | None = None
    round_id: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows it."""
        return self == OutcomeChoice()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the pictures show, of one moment.

    ``asked``: members whose lists exposure was measured on; all of them unless the alliance is very large.
    """

    choice: OutcomeChoice
    as_of: datetime
    first_at: datetime | None
    members: Mapping[str, Member]
    desk: Desk
    funnel: Funnel
    by_purpose: Mapping[Purpose, Funnel]
    declines: Mapping[DeclineReason, int]
    refusals: Mapping[RefusalReason | None, int]
    waits: Mapping[WaitFor, Wait]
    exposure: Mapping[Country, SideExposure]
    asked: int
    fields: FieldMap
    vocabulary: Vocabulary
    missing: tuple[MissingPartner, ...]
    needs: int
    network: Network


def _ranked(codes: Iterable[_Code]) -> Mapping[_Code, int]:
    counts = Counter(codes)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or "")))
