"""Partner suggestions: load, retrieve, keep the eligible, score, rank, explain, cut."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from matchmaker.domain.eligibility import Blocker, blockers_of, is_eligible
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country, Language, Member, Purpose, Track
from matchmaker.domain.outcome import LIST_SIZE
from matchmaker.domain.suggestion import Pair, Reason, Suggestion, SuggestionList
from matchmaker.errors import Fault, InvalidInput, UnknownMember
from matchmaker.scoring.pool import Pool, Ranking, without_expired
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.reasons import reasons_for
from matchmaker.scoring.rule import Channels, parts_of, score
from matchmaker.services.catalogue import Catalogue, Edition, RankedPair
from matchmaker.services.profiling import Profiler

PER_FAMILY = 2
"""How many siblings of one group a list shows."""
MOST_PAIRS = 2000
"""How many of the best pairs are kept."""
MOST_ASKED = 1000
"""Members of a side whose lists exposure is measured on."""
THIN = 0.25
"""Where the best matched words are less alike than this, the evidence is called thin."""
Rank = tuple[float, str]
"""Where somebody stands in a list: the score, negative, then the external_id."""
COMPETING = 0.6
"""Two offers more alike than this probably compete."""


@dataclass(frozen=True)
class Suggestions:
    """Who suits whom. ``depth``: neighbours retrieved per facet before scoring."""

    catalogue: Catalogue
    profiler: Profiler
    depth: int

    def for_member(
        self,
        external_id: str,
        purpose: Purpose | None = None,
        track: Track | None = None,
        limit: int = 10,
        language: Language = "en",
        include_known: bool = False,
        after: Rank | None = None,
    ) -> SuggestionList:
        """Partners for a stored member; nothing is encoded.

        Args:
            track: only partners of this track.
            include_known: suggest existing partners too.
            after: ``next_after`` of the page before.

        Raises:
            UnknownMember: nobody has this id.
        """
        edition = self.catalogue.current()
        query = _get(edition.pool, external_id)
        return self._suggest(edition, query, purpose, track, limit, language, include_known, after)

    def for_profile(
        self,
        member: Member,
        purpose: Purpose | None = None,
        track: Track | None = None,
        limit: int = 10,
        language: Language = "en",
        after: Rank | None = None,
    ) -> SuggestionList:
        """Partners for a member that is not stored and will not be; ``after``: ``next_after`` of the page before."""
        edition = self.catalogue.current()
        query = without_expired(self.profiler.profile(member), edition.pool.as_of)
        return self._suggest(edition, query, purpose, track, limit, language, False, after)

    def best_pairs(
        self,
        purpose: Purpose | None = None,
        limit: int = 20,
        language: Language = "en",
        per_member: int | None = None,
    ) -> tuple[Pair, ...]:
        """The best eligible pairs of the alliance; ``per_member`` bounds how often one member shows."""
        edition = self.catalogue.current()
        chosen = _spread_out(_best_pairs(edition, purpose, self.depth), limit, per_member)
        return tuple(_explain(edition, kr, sg, purpose, language) for _, kr, sg in chosen)

    def page_of_pairs(
        self, purpose: Purpose | None, after: RankedPair | None, limit: int, language: Language = "en"
    ) -> tuple[tuple[Pair, ...], RankedPair | None]:
        """``limit`` of the best eligible pairs after one, and what the next page comes after; None at the end.

        At most `MOST_PAIRS` are ranked.
        """
        edition = self.catalogue.current()
        ranked = _best_pairs(edition, purpose, self.depth)
        start = 0 if after is None else bisect_right(ranked, after)
        chosen = ranked[start : start + limit]
        following = chosen[-1] if start + limit < len(ranked) else None
        return tuple(_explain(edition, kr, sg, purpose, language) for _, kr, sg in chosen), following

    def top_lists(self, purpose: Purpose | None = None) -> Mapping[str, tuple[str, ...]]:
        """The partners at the top of everybody's list; of evenly spread members where there are too many to ask.

        The lists are `LIST_SIZE` long, and made once per edition and purpose.
        """
        edition = self.catalogue.current()
        if purpose not in edition.top_lists:
            edition.top_lists[purpose] = dict(_top_lists(edition, purpose, self.depth))
        return edition.top_lists[purpose]

    def explain(self, kr: str, sg: str, purpose: Purpose | None = None, language: Language = "en") -> Pair:
        """Everything about one pair, eligible or not.

        Raises:
            UnknownMember: one of them is not registered.
            InvalidInput: the sides are not Korea and Singapore.
        """
        return _explain(self.catalogue.current(), kr, sg, purpose, language)

    def _suggest(
        self,
        edition: Edition,
        query: Profile,
        purpose: Purpose | None,
        track: Track | None,
        limit: int,
        language: Language,
        include_known: bool,
        after: Rank | None,
    ) -> SuggestionList:
        accept = _acceptance(edition, query.member, purpose, track, include_known)
        ranking = edition.pool.rank(query, accept, purpose, self.depth)
        chosen, following = _page_of(ranking, limit, after)
        return SuggestionList(
            query.member,
            purpose,
            _suggestions(edition, query, ranking.take(chosen), purpose, language),
            _known_partners(edition, query.member),
            edition.pool.model,
            edition.pool.snapshot,
            following,
        )


def _explain(edition: Edition, kr: str, sg: str, purpose: Purpose | None, language: Language) -> Pair:
    korea, singapore = _get(edition.pool, kr), _get(edition.pool, sg)
    for side, country in ((korea, Country.KR), (singapore, Country.SG)):
        if side.member.country is not country:
            raise _swapped(side.member, country)
    ordinal = edition.pool.sides[Country.SG].ordinal[sg]
    evidence = edition.pool.weigh(korea, np.asarray([ordinal]), purpose)
    scores = score(evidence, edition.pool.rule)
    reasons = reasons_for(korea, singapore, language, purpose)
    return Pair(
        korea.member,
        singapore.member,
        float(scores.score[0]),
        float(scores.gives[0]),
        float(scores.gets[0]),
        _parts(evidence)[0],
        reasons,
        _checks(korea, singapore, edition, purpose, reasons),
        edition.pool.model,
        edition.pool.snapshot,
    )


def _swapped(member: Member, country: Country) -> InvalidInput:
    reason = (
        f"“{member.external_id}” is in {member.country}, not {country}; "
        "give the Korean member first, then the Singapore member"
    )
    return InvalidInput(reason, (wrong_country(member, country, reason),))


def wrong_country(member: Member, country: Country, reason: str) -> Fault:
    """A member stands where one of another country should."""
    params = {"id": member.external_id, "found": member.country, "wanted": country}
    return Fault(f"/{country.lower()}", "wrong-country", reason, params)


def _get(pool: Pool, external_id: str) -> Profile:
    profile = pool.find(external_id)
    if profile is None:
        raise UnknownMember(external_id=external_id)
    return profile


def _acceptance(
    edition: Edition, member: Member, purpose: Purpose | None, track: Track | None, include_known: bool
) -> Callable[[Member], bool]:
    ties = replace(edition.ties, pairs=frozenset(), families=frozenset()) if include_known else edition.ties
    return lambda other: (track is None or other.track is track) and is_eligible(member, other, ties, purpose)


def _page_of(ranking: Ranking, limit: int, after: Rank | None) -> tuple[list[int], Rank | None]:
    """The rows of one page, and what the next one comes after."""

    def rank_of(row: int) -> Rank:
        return -float(ranking.scores.score[row]), ranking.members[row].external_id

    allowed = _without_many_siblings(ranking.members)
    rows = list(islice((row for row in allowed if after is None or rank_of(row) > after), limit + 1))
    return rows[:limit], rank_of(rows[limit - 1]) if len(rows) > limit else None


def _few_siblings(members: Iterable[Member], limit: int) -> list[int]:
    return list(islice(_without_many_siblings(members), limit))


def _without_many_siblings(members: Iterable[Member]) -> Iterator[int]:
    shown: Counter[str] = Counter()
    for row, member in enumerate(members):
        shown[member.family] += 1
        if shown[member.family] <= PER_FAMILY:
            yield row


def _suggestions(
    edition: Edition, query: Profile, ranking: Ranking, purpose: Purpose | None, language: Language
) -> tuple[Suggestion, ...]:
    parts = _parts(ranking.evidence)
    return tuple(
        _suggestion(edition, query, ranking, row, parts[row], purpose, language)
        for row in range(len(ranking.members))
    )


def _suggestion(
    edition: Edition,
    query: Profile,
    ranking: Ranking,
    row: int,
    parts: Mapping[str, float],
    purpose: Purpose | None,
    language: Language,
) -> Suggestion:
    partner = _get(edition.pool, ranking.members[row].external_id)
    reasons = reasons_for(query, partner, language, purpose)
    return Suggestion(
        partner.member,
        float(ranking.scores.score[row]),
        float(ranking.scores.gives[row]),
        float(ranking.scores.gets[row]),
        parts,
        reasons,
        _checks(query, partner, edition, purpose, reasons),
    )


def _checks(
    one: Profile, other: Profile, edition: Edition, purpose: Purpose | None, reasons: tuple[Reason, ...]
) -> tuple[Blocker, ...]:
    found = list(blockers_of(one.member, other.member, edition.ties, purpose))
    if not all(profile.entry.positions(FacetKind.NEED) for profile in (one, other)):
        found.append(Blocker.NO_NEEDS_STATED)
    if not reasons or max(reason.similarity for reason in reasons) < THIN:
        found.append(Blocker.THIN_EVIDENCE)
    if _offers_overlap(one, other):
        found.append(Blocker.OVERLAPPING_OFFER)
    return tuple(found)


def _offers_overlap(one: Profile, other: Profile) -> bool:
    ours, theirs = (p.vectors[p.entry.positions(FacetKind.OFFER)] for p in (one, other))
    return bool(len(ours) and len(theirs) and (ours @ theirs.T).max() >= COMPETING)


def _known_partners(edition: Edition, member: Member) -> tuple[Member, ...]:
    ids = sorted(
        tie.id_in(member.country.other)
        for tie in edition.partnerships
        if tie.id_in(member.country) == member.external_id
    )
    return tuple(
        profile.member for external_id in ids if (profile := edition.pool.find(external_id)) is not None
    )


def _parts(evidence: Channels) -> list[dict[str, float]]:
    columns = parts_of(evidence)
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _best_pairs(edition: Edition, purpose: Purpose | None, depth: int) -> tuple[RankedPair, ...]:
    """The best eligible pairs of an edition, at most `MOST_PAIRS`; ranked once per edition and purpose."""
    if purpose not in edition.best_pairs:
        edition.best_pairs[purpose] = tuple(heapq.nsmallest(MOST_PAIRS, _all_pairs(edition, purpose, depth)))
    return edition.best_pairs[purpose]


def _all_pairs(edition: Edition, purpose: Purpose | None, depth: int) -> Iterator[RankedPair]:
    korea = edition.pool.sides[Country.KR]
    for ordinal in range(len(korea.entries)):
        query = korea.profile(ordinal)
        accept = _acceptance(edition, query.member, purpose, None, False)
        ranking = edition.pool.rank(query, accept, purpose, depth)
        for member, value in zip(ranking.members, ranking.scores.score.tolist(), strict=True):
            yield (-value, query.member.external_id, member.external_id)


def _top_lists(
    edition: Edition, purpose: Purpose | None, depth: int
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for side in edition.pool.sides.values():
        every = -(-len(side.entries) // MOST_ASKED) or 1
        for ordinal in range(0, len(side.entries), every):
            query = side.profile(ordinal)
            accept = _acceptance(edition, query.member, purpose, None, False)
            members = edition.pool.rank(query, accept, purpose, depth).members
            chosen = _few_siblings(members, LIST_SIZE)
            yield query.member.external_id, tuple(members[row].external_id for row in chosen)


def _spread_out(ranked: Iterable[RankedPair], limit: int, per_member: int | None) -> list[RankedPair]:
    shown: Counter[str] = Counter()
    chosen: list[RankedPair] = []
    for row in ranked:
        if len(chosen) == limit:
            break
        if per_member is None or max(shown[row[1]], shown[row[2]]) < per_member:
            chosen.append(row)
            shown.update(row[1:])
    return chosen
