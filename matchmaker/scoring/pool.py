"""Everybody who can be suggested, frozen: members, facets, indexes, vocabulary and background.

A pool never changes; when members change a new one takes its place. Its ``snapshot`` names what it was made of.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import IndexFactory, VectorIndex
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country, Kind, Member, Purpose
from matchmaker.domain.roles import COMPATIBILITY
from matchmaker.scoring.comparison import Comparison
from matchmaker.scoring.lexical import Lexicon, WordMatrix, document_of, shared_words
from matchmaker.scoring.profile import KINDS, Entry, FacetTable, Partition, Profile
from matchmaker.scoring.rule import (
    DEFAULT_RULE,
    Background,
    Channels,
    Rule,
    Scores,
    Standing,
    mean_of_known,
    score,
    weigh,
)

SAMPLE = 64
"""Members per country that the background and everybody's usual standing are measured against."""

LEAST_STATED, MOST_STATED = 4, 20
"""Saying fewer things than this costs nothing more (somebody who only asks says one); saying more earns nothing."""
KIND_ORDER = {kind: position for position, kind in enumerate(Kind)}
ROLES = np.asarray([[COMPATIBILITY[one, other] for other in Kind] for one in Kind])
"""Compatibility of kinds by their positions in `KIND_ORDER`."""

Accept = Callable[[Member], bool]
PartitionKey = tuple[Country, FacetKind]


@dataclass(frozen=True, eq=False)
class Side:
    """The members of one country, in order of external_id, with their arrays."""

    entries: tuple[Entry, ...]
    partitions: tuple[Partition, ...]
    words: WordMatrix
    ordinal: Mapping[str, int]
    sample: NDArray[np.intp]
    kinds: NDArray[np.intp]
    breadth: NDArray[np.float64]

    def profile(self, ordinal: int) -> Profile:
        """One member with its vectors."""
        rows = [partition.table.vectors[partition.rows_of(ordinal)] for partition in self.partitions]
        return Profile(self.entries[ordinal], np.concatenate(rows))

    def tables(self, members: NDArray[np.intp]) -> list[FacetTable]:
        """The facets of some members (ascending ordinals), a table per facet kind; no copy if all are asked for."""
        if len(members) == len(self.entries):
            return [partition.table for partition in self.partitions]
        return [partition.table.select(members) for partition in self.partitions]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Candidates of one member, best first: who they are, the evidence and the scores, row by row."""

    members: tuple[Member, ...]
    evidence: Channels
    scores: Scores

    def take(self, rows: Sequence[int]) -> Ranking:
        """Some rows, in the order given."""
        chosen = np.asarray(rows, dtype=np.intp)
        return Ranking(
            tuple(self.members[i] for i in rows), self.evidence.take(chosen), self.scores.take(chosen)
        )


@dataclass(frozen=True, eq=False)
class Pool:
    """See the module."""

    snapshot: str
    model: str
    as_of: date
    sides: Mapping[Country, Side]
    lexicon: Lexicon
    background: Background
    standings: Mapping[Country, Standing]
    rule: Rule = DEFAULT_RULE

    @classmethod
    def of(
        cls,
        profiles: Iterable[Profile],
        model: str,
        dimensions: int,
        make_index: IndexFactory,
        as_of: date,
        rule: Rule = DEFAULT_RULE,
    ) -> Pool:
        """Freeze some profiles. What has expired by ``as_of`` is left out."""
        current = sorted((without_expired(p, as_of) for p in profiles), key=lambda p: p.member.external_id)
        indexes = {
            (country, kind): make_index(np.concatenate(rows))
            for country in Country
            for kind in KINDS
            if (rows := _rows([p for p in current if p.member.country is country], kind))
        }
        return cls.restore([profile.entry for profile in current], indexes, model, dimensions, as_of, rule)

    @classmethod
    def restore(
        cls,
        entries: Sequence[Entry],
        indexes: Mapping[PartitionKey, VectorIndex],
        model: str,
        dimensions: int,
        as_of: date,
        rule: Rule = DEFAULT_RULE,
    ) -> Pool:
        """Put a pool together from current entries, in order of external_id, and the indexes made of their vectors."""
        lexicon, words = Lexicon.learn([document_of(entry.wordings) for entry in entries])
        sides = {country: _side(entries, words, country, indexes, dimensions) for country in Country}
        snapshot = snapshot_of(entries, model, rule)
        pool = cls(snapshot, model, as_of, sides, lexicon, Background(), {}, rule)
        return _measured(pool)

    def __len__(self) -> int:
        return sum(len(side.entries) for side in self.sides.values())

    def find(self, external_id: str) -> Profile | None:
        """The profile of a member, or None."""
        for side in self.sides.values():
            if (ordinal := side.ordinal.get(external_id)) is not None:
                return side.profile(ordinal)
        return None

    def rank(
        self, query: Profile, accept: Accept, purpose: Purpose | None = None, depth: int | None = None
    ) -> Ranking:
        """Rank the other country for one member: retrieve, keep the accepted, score, sort.

        Args:
            query: the member, stored or not; it need not be in the pool.
            accept: the hard rules and the asker's filters; who is refused is not scored.
            purpose: weights facets; never empties a list.
            depth: neighbours retrieved per facet wording; None scores everybody.
        """
        query = without_expired(query, self.as_of)
        side = self.sides[query.member.country.other]
        accepted = np.asarray([accept(entry.member) for entry in side.entries], dtype=bool)
        kept = retrieve(query, side, accepted, depth)
        evidence = self.weigh(query, kept, purpose)
        scores = score(evidence, self.rule)
        order = np.lexsort((kept, -scores.score))
        members = tuple(side.entries[i].member for i in kept[order])
        return Ranking(members, evidence.take(order), scores.take(order))

    def weigh(self, query: Profile, members: NDArray[np.intp], purpose: Purpose | None = None) -> Channels:
        """The evidence for one member with some of the other side (ascending ordinals)."""
        others = self.standings[query.member.country.other].take(members)
        channels = self.compare(query, members, purpose)
        return weigh(channels, self.background, self.standing_of(query), others, self.rule.relief)

    def compare(self, query: Profile, members: NDArray[np.intp], purpose: Purpose | None = None) -> Channels:
        """The channels of one member against some of the other side (ascending ordinals)."""
        side = self.sides[query.member.country.other]
        comparison = Comparison.of(table_of(query), side.tables(members), len(members), purpose)
        return Channels(
            comparison.gives,
            comparison.gets,
            comparison.covers,
            comparison.covered,
            shared_words(self._words_of(query), side.words.select(members), len(members)),
            ROLES[KIND_ORDER[query.member.kind], side.kinds[members]],
            breadth_of(query.entry) + side.breadth[members],
        )

    def standing_of(self, query: Profile) -> Standing:
        """How a member, in the pool or not, usually stands against the other country; its arrays of shape (1,)."""
        own = self.sides[query.member.country]
        ordinal = own.ordinal.get(query.member.external_id)
        if ordinal is not None and own.entries[ordinal] is query.entry:
            return self.standings[query.member.country].take(np.asarray([ordinal]))
        sample = self.sides[query.member.country.other].sample
        return Standing(self.compare(query, sample).standardised(self.background).mean(), len(sample))

    def _words_of(self, query: Profile) -> WordMatrix:
        own = self.sides[query.member.country]
        ordinal = own.ordinal.get(query.member.external_id)
        if ordinal is not None and own.entries[ordinal] is query.entry:
            return own.words.select(np.asarray([ordinal]))
        return self.lexicon.encode([document_of(query.wordings)])


def retrieve(query: Profile, side: Side, accepted: NDArray[np.bool_], depth: int | None) -> NDArray[np.intp]:
    """Ordinals of the accepted members that own one of the ``depth`` nearest accepted wordings of any kind, ascending.

    The filter is applied inside the search, so nobody is lost to it; where no kind has more wordings than ``depth``, a
    search would return everybody, and is spared.
    """
    if depth is None or not len(query.vectors) or all(len(p.member_of_row) <= depth for p in side.partitions):
        return np.flatnonzero(accepted)
    found = [np.zeros(0, dtype=np.intp)]
    for partition in side.partitions:
        if partition.index is not None:
            allowed = accepted[partition.member_of_row]
            hits = partition.index.search(query.vectors, min(depth, len(allowed)), allowed)
            found.append(partition.member_of_row[hits.positions[hits.positions >= 0]])
    return np.unique(np.concatenate(found))


def snapshot_of(entries: Sequence[Entry], model: str, rule: Rule = DEFAULT_RULE) -> str:
    """A name for what a pool is made of: twelve hex digits over rule, model and what is scored of every member."""
    digest = hashlib.sha256(json.dumps([asdict(rule), model], sort_keys=True).encode())
    for entry in entries:
        member = entry.member
        wordings = [[w.kind, w.number, w.language, sorted(w.purposes), w.text] for w in entry.wordings]
        stated = [member.external_id, member.country, member.kind, len(member.domains), wordings]
        digest.update(json.dumps(stated).encode())
    return digest.hexdigest()[:12]


def current_entry(entry: Entry, today: date) -> Entry:
    """The entry without wordings whose last day is over."""
    kept = tuple(wording for wording in entry.wordings if wording.until is None or wording.until >= today)
    return entry if len(kept) == len(entry.wordings) else Entry(entry.member, kept)


def without_expired(profile: Profile, today: date) -> Profile:
    """The profile without wordings whose last day is over."""
    entry = current_entry(profile.entry, today)
    if entry is profile.entry:
        return profile
    kept = [i for i, wording in enumerate(profile.wordings) if wording in entry.wordings]
    return Profile(entry, profile.vectors[kept])


def breadth_of(entry: Entry) -> float:
    """Logarithm of how much a member states: its fields, offers and needs, between `LEAST_STATED` and `MOST_STATED`."""
    stated = {(w.kind, w.number) for w in entry.wordings if w.kind in (FacetKind.OFFER, FacetKind.NEED)}
    count = len(entry.member.domains) + len(stated)
    return math.log1p(min(max(count, LEAST_STATED), MOST_STATED))


def table_of(query: Profile) -> FacetTable:
    """One member's facets as a table of one."""
    return FacetTable.of([query.wordings], query.vectors)


def _rows(profiles: Sequence[Profile], kind: FacetKind) -> list[NDArray[np.float32]]:
    return [p.vectors[positions] for p in profiles if (positions := p.entry.positions(kind))]


def _side(
    everybody: Sequence[Entry],
    words: WordMatrix,
    country: Country,
    indexes: Mapping[PartitionKey, VectorIndex],
    dimensions: int,
) -> Side:
    own = np.asarray(
        [i for i, entry in enumerate(everybody) if entry.member.country is country], dtype=np.intp
    )
    entries = tuple(everybody[i] for i in own)

    def part(kind: FacetKind) -> Partition:
        wordings = [[wording for wording in entry.wordings if wording.kind is kind] for entry in entries]
        return Partition.of(wordings, indexes.get((country, kind)), dimensions)

    return Side(
        entries,
        tuple(part(kind) for kind in KINDS),
        words.select(own),
        {entry.member.external_id: ordinal for ordinal, entry in enumerate(entries)},
        np.unique(np.linspace(0, max(len(entries) - 1, 0), min(len(entries), SAMPLE)).astype(np.intp)),
        np.asarray([KIND_ORDER[entry.member.kind] for entry in entries], dtype=np.intp),
        np.asarray([breadth_of(entry) for entry in entries], dtype=np.float64),
    )


def _measured(pool: Pool) -> Pool:
    """The pool with its background and everybody's standing, both measured against a sample of the other country."""
    seen = {country: _seen_by_sample(pool, country) for country in Country}
    every = [channels for country in Country for channels in seen[country]]
    if every:
        pool = replace(pool, background=Background.of(every))
    standings = {country: _standing(pool, country, seen[country]) for country in Country}
    return replace(pool, standings=standings)


def _seen_by_sample(pool: Pool, country: Country) -> list[Channels]:
    """Each sampled member of the other country against everybody of this one."""
    other = pool.sides[country.other]
    everybody = np.arange(len(pool.sides[country].entries))
    return [pool.compare(other.profile(ordinal), everybody) for ordinal in other.sample if len(everybody)]


def _standing(pool: Pool, country: Country, seen: Sequence[Channels]) -> Standing:
    """Everybody's usual standing; what the sample gives is what the member gets, and the reverse."""
    count = len(pool.sides[country].entries)
    if not seen:
        nothing = np.zeros(count)
        return Standing(Channels(*[nothing] * 7), 0)
    scaled = [channels.standardised(pool.background) for channels in seen]

    def mean(name: str) -> NDArray[np.float64]:
        return mean_of_known(np.stack([getattr(channels, name) for channels in scaled]))

    usual = Channels(
        mean("gets"),
        mean("gives"),
        mean("covered"),
        mean("covers"),
        mean("words"),
        mean("roles"),
        mean("breadth"),
    )
    return Standing(usual, len(seen))
