"""How well true partners rank: measured on files, through the code path of suggestions, without a database.

For each pair and each side: the rank of the true partner among all members of the other country, the query's other
known partners removed. ``rank = 1 + better + half of the equal``. Known ties are never evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import IndexFactory, Progress
from matchmaker.domain.member import Country, Member, Partnership, Purpose, merged
from matchmaker.errors import InvalidInput
from matchmaker.quality.measures import MEASURES, bootstrap, rank_of
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.rule import DEFAULT_RULE, Rule
from matchmaker.services.profiling import Profiler

RankOf = Callable[[Profile], dict[str, float]]
"""A ranking rule: for a query, the score of each candidate by external_id."""


@dataclass(frozen=True, slots=True)
class RankedQuery:
    """One side of one pair: who asked, for whom, and where the true partner stands among how many."""

    query: str
    partner: str
    pair: tuple[str, str]
    purposes: frozenset[Purpose]
    rank: float
    candidates: int


@dataclass(frozen=True, slots=True)
class PairScore:
    """The score of one pair."""

    kr: str
    sg: str
    score: float
    kr_to_sg: float
    sg_to_kr: float


@dataclass(frozen=True)
class Evaluation:
    """Measures rankings of the members of a file, by one rule."""

    profiler: Profiler
    make_index: IndexFactory
    rule: Rule = DEFAULT_RULE

    def evaluate(
        self,
        members: Sequence[Member],
        pairs: Sequence[Partnership],
        known: Sequence[Partnership] = (),
        purpose: Purpose | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Measures of the rule's ranking, with baselines, per purpose and per organisation.

        Args:
            pairs: the true partners whose ranks count.
            known: further known partners, removed from lists but not asked for.
            purpose: keep only this purpose's pairs and weight its facets.

        Raises:
            InvalidInput: a pair names a member that is not there, or none is left.
        """
        pool = self.pool_of(members, progress, self.rule)
        check_pairs(pool, pairs)
        pairs = merged(pairs)
        chosen = [pair for pair in pairs if purpose is None or purpose in pair.purposes]
        if not chosen:
            raise InvalidInput(
                f"no pair of the file has the purpose “{purpose}”" if purpose else "the pair file is empty"
            )
        partners = [*pairs, *known]
        ranked = rank_pairs(pool, chosen, partners, lambda query: scores_by_id(pool, query, purpose))
        centroids = _centroids(pool)
        single = rank_pairs(pool, chosen, partners, lambda query: _centroid_scores(pool, centroids, query))
        return {
            **measures(ranked),
            "purpose": purpose,
            "pairs": len(chosen),
            "members": len(pool),
            "model": pool.model,
            "rule": pool.rule.name,
            "snapshot": pool.snapshot,
            "intervals": intervals_of(ranked),
            "per_purpose": {
                str(each): measures(part)
                for each in Purpose
                if (part := [q for q in ranked if each in q.purposes])
            },
            "per_organisation": _per_organisation(ranked),
            "baselines": {
                "random": _random(ranked),
                "single_vector": {**measures(single), "intervals": intervals_of(single)},
            },
            "ranks": [
                {"query": q.query, "partner": q.partner, "rank": q.rank, "candidates": q.candidates}
                for q in ranked
            ],
        }

    def score_pairs(
        self,
        members: Sequence[Member],
        pairs: Sequence[Partnership],
        purpose: Purpose | None = None,
        progress: Progress | None = None,
    ) -> Iterator[PairScore]:
        """The score of each pair, in the order given.

        Raises:
            InvalidInput: a pair names a member that is not there.
        """
        pool = self.pool_of(members, progress, self.rule)
        check_pairs(pool, pairs)
        for pair in pairs:
            korea = pool.find(pair.kr)
            if korea is not None:
                yield score_pair(pool, korea, pair.sg, purpose)

    def pool_of(
        self, members: Sequence[Member], progress: Progress | None = None, rule: Rule = DEFAULT_RULE
    ) -> Pool:
        """A pool of some members, outside of any database."""
        profiles = self.profiler.profile_all(members, progress)
        dimensions = self.profiler.encoder.dimensions
        return Pool.of(profiles, self.profiler.model, dimensions, self.make_index, date.today(), rule)


def score_pair(pool: Pool, korea: Profile, sg: str, purpose: Purpose | None) -> PairScore:
    """The score of one pair of a pool."""
    scores = pool.rank(korea, lambda member: member.external_id == sg, purpose).scores
    return PairScore(
        korea.member.external_id, sg, float(scores.score[0]), float(scores.gives[0]), float(scores.gets[0])
    )


def rank_pairs(
    pool: Pool, pairs: Iterable[Partnership], known: Iterable[Partnership], scores_of: RankOf
) -> list[RankedQuery]:
    """Rank the true partner of every pair from both sides, the query's other known partners left out."""
    partners = _partners(known)
    ranked = []
    cache: dict[str, dict[str, float]] = {}
    for pair in pairs:
        for query, partner in ((pair.kr, pair.sg), (pair.sg, pair.kr)):
            profile = pool.find(query)
            if profile is None:
                continue
            if query not in cache:
                cache[query] = scores_of(profile)
            scores = cache[query]
            others = [value for name, value in scores.items() if name not in partners[query]]
            rank = rank_of(scores[partner], others)
            ranked.append(
                RankedQuery(query, partner, (pair.kr, pair.sg), pair.purposes, rank, len(others) + 1)
            )
    return ranked


def measures(ranked: Sequence[RankedQuery]) -> dict[str, float]:
    """Mean reciprocal rank, recall and nDCG of single true partners."""
    ranks = np.asarray([query.rank for query in ranked])
    return {
        "queries": len(ranked),
        **{name: round(float(measure(ranks).mean()), 4) for name, measure in MEASURES.items()},
    }


def intervals_of(ranked: Sequence[RankedQuery]) -> dict[str, list[float]]:
    """95% intervals of the measures; pairs are drawn, as both sides of a pair are not independent."""
    ranks = np.asarray([query.rank for query in ranked])
    pairs = [query.pair for query in ranked]
    estimates = {name: bootstrap(measure(ranks).tolist(), pairs) for name, measure in MEASURES.items()}
    return {name: [round(found.low, 4), round(found.high, 4)] for name, found in estimates.items()}


def scores_by_id(pool: Pool, query: Profile, purpose: Purpose | None) -> dict[str, float]:
    """What the product's rule thinks of everybody of the other country."""
    ranking = pool.rank(query, lambda _member: True, purpose)
    ids = [member.external_id for member in ranking.members]
    return dict(zip(ids, ranking.scores.score.tolist(), strict=True))


def _centroids(pool: Pool) -> dict[str, NDArray[np.float32]]:
    centroids = {}
    for side in pool.sides.values():
        for ordinal, entry in enumerate(side.entries):
            centroids[entry.member.external_id] = side.profile(ordinal).vectors.mean(axis=0)
    return centroids


def _centroid_scores(
    pool: Pool, centroids: dict[str, NDArray[np.float32]], query: Profile
) -> dict[str, float]:
    own = centroids[query.member.external_id]
    entries = pool.sides[query.member.country.other].entries
    ids = [entry.member.external_id for entry in entries]
    return {name: _cosine(own, centroids[name]) for name in ids}


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-12))


def _random(ranked: Sequence[RankedQuery]) -> dict[str, float]:
    """What a uniformly random order would give on average."""
    expected: dict[str, float] = {}
    for name, measure in MEASURES.items():
        values = [measure(np.arange(1, query.candidates + 1, dtype=np.float64)).mean() for query in ranked]
        expected[name] = round(float(fmean(values)), 4)
    return expected


def _per_organisation(ranked: Sequence[RankedQuery]) -> dict[str, Any]:
    """Means per organisation of each country, so that one with many partners does not speak for all."""
    report: dict[str, Any] = {}
    for country, side in ((Country.KR, 0), (Country.SG, 1)):
        groups = defaultdict(list)
        for query in ranked:
            groups[query.pair[side]].append(query)
        means = {name: measures(part) for name, part in sorted(groups.items())}
        names = list(MEASURES)
        report[country.value] = {
            "organisations": len(means),
            **{name: round(fmean(mean[name] for mean in means.values()), 4) for name in names},
            "each": {name: mean["mrr"] for name, mean in means.items()},
        }
    return report


def _partners(pairs: Iterable[Partnership]) -> dict[str, set[str]]:
    partners: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        partners[pair.kr].add(pair.sg)
        partners[pair.sg].add(pair.kr)
    return partners


def check_pairs(pool: Pool, pairs: Iterable[Partnership]) -> None:
    """Make sure that every pair names members of the pool, each on its side.

    Raises:
        InvalidInput: one does not.
    """
    for number, pair in enumerate(pairs, start=1):
        for external_id, country in ((pair.kr, Country.KR), (pair.sg, Country.SG)):
            if external_id not in pool.sides[country].ordinal:
                hint = "; are the sides swapped?" if external_id in pool.sides[country.other].ordinal else ""
                raise InvalidInput(
                    f"pair {number} names “{external_id}”, no member of {country} in the member file{hint}"
                )
