"""The ladder: every rung is a way to score the candidates of a question, most of them the product's rule in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import logit
from scipy.stats import rankdata

from matchmaker.domain.member import Country
from matchmaker.quality.measures import SEED, Values
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.rule import (
    DEFAULT_RULE,
    WEIGHTS,
    Calibration,
    Channels,
    Rule,
    Scores,
    Standing,
    score,
    weigh,
)
from tools.quality.bm25 import Bm25, Tokens
from tools.quality.late_interaction import LateInteraction
from tools.quality.yardsticks import Question, Yardstick

RANK_SMOOTHING = 60
"""Of reciprocal rank fusion (Cormack, Clarke & Büttcher 2009)."""
RERANKED = 50


@dataclass(frozen=True, eq=False)
class Bench:
    """What rungs share about one yardstick: its pool, the same pool with languages centred, words, a reranker."""

    yardstick: Yardstick
    tokens: Tokens
    reranker: LateInteraction | None = None

    @property
    def pool(self) -> Pool:
        """The yardstick's pool."""
        return self.yardstick.pool

    @cached_property
    def centred(self) -> Pool:
        """The pool with the mean of each language taken off its vectors."""
        return centred(self.pool, self.means)

    @cached_property
    def means(self) -> Mapping[str, Values]:
        """The mean vector of every language."""
        return language_means(self.pool)

    @cached_property
    def centroids(self) -> Mapping[Country, Values]:
        """One unit vector per member, shape (members, dimensions)."""
        return {country: _centroids(self.pool, country) for country in Country}

    @cached_property
    def bm25(self) -> Mapping[Country, Bm25]:
        """BM25 over each side."""
        return {
            country: Bm25.of(side, self.tokens) for country, side in self.pool.sides.items() if side.entries
        }


@dataclass(frozen=True, eq=False)
class Sheet:
    """One question with all that rungs need, each computed when first asked for."""

    bench: Bench
    question: Question

    @cached_property
    def channels(self) -> Channels:
        """The raw evidence."""
        return self.bench.pool.compare(self.question.profile, self.question.members, self.question.purpose)

    def scores(self, rule: Rule) -> Scores:
        """The product's rule, or one with parts left out."""
        own, others = self._standings
        return score(weigh(self.channels, self.bench.pool.background, own, others, rule.relief), rule)

    @cached_property
    def _standings(self) -> tuple[Standing, Standing]:
        pool, question = self.bench.pool, self.question
        country = question.profile.member.country
        return pool.standing_of(question.profile), pool.standings[country.other].take(question.members)

    @cached_property
    def single(self) -> Values:
        """Cosine of the mean vectors."""
        profile = self.question.profile
        own = profile.vectors.mean(axis=0)
        own = own / np.linalg.norm(own)
        return np.asarray(self.bench.centroids[profile.member.country.other][self.question.members] @ own)

    @cached_property
    def bm25(self) -> Values:
        """BM25 of the candidates."""
        country = self.question.profile.member.country
        return self.bench.bm25[country.other].scores(self.question.profile)[self.question.members]


Rank = Callable[[Sheet], Values]


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to score. ``kind``: a baseline, a step of the ladder to the default, or an alternative beside it."""

    key: str
    title: str
    rank: Rank
    kind: str


RAW = replace(DEFAULT_RULE, calibration=Calibration())
"""The default without its chances: rungs need the order, and evidence that other evidence can be added to."""


def partial_rule(*kinds: str, relief: float = 0.0) -> Rule:
    """The default rule with some kinds of evidence only, not calibrated."""
    weights = {name: weight if name in kinds else 0.0 for name, weight in WEIGHTS.items()}
    return replace(RAW, weights=weights, relief=relief)


SIMILAR = ("needs", "coverage", "words")
BELOW_ROLES = partial_rule(*SIMILAR, relief=DEFAULT_RULE.relief)
BELOW_BREADTH = partial_rule(*SIMILAR, "roles", relief=DEFAULT_RULE.relief)


def standardised(values: Values) -> Values:
    """Distance from the mean in deviations; what is not known stands at the mean."""
    known = np.where(np.isfinite(values), values, np.nan)
    spread = float(np.nanstd(known)) or 1.0
    return np.asarray(np.nan_to_num((known - np.nanmean(known)) / spread))


def places(values: Values) -> Values:
    """1 for the best, 2 for the next; equal ones by their order."""
    return np.asarray(rankdata(-values, method="ordinal"), dtype=np.float64)


def _random(sheet: Sheet) -> Values:
    seed = [SEED, *sheet.question.profile.member.external_id.encode()]
    return np.random.default_rng(seed).random(len(sheet.question.members))


def _popularity(sheet: Sheet) -> Values:
    prior = sheet.question.popularity
    return np.zeros(len(sheet.question.members)) if prior is None else prior


def _rule(rule: Rule) -> Rank:
    return lambda sheet: sheet.scores(rule).score


def _with_bm25(sheet: Sheet) -> Values:
    without = partial_rule("needs", "coverage")
    return np.asarray(standardised(logit(sheet.scores(without).score)) + 0.5 * standardised(sheet.bm25))


def _fused_by_rank(sheet: Sheet) -> Values:
    lists = (sheet.scores(partial_rule("needs", "coverage")).score, sheet.channels.words, sheet.bm25)
    return np.asarray(sum(1.0 / (RANK_SMOOTHING + places(np.nan_to_num(values))) for values in lists))


def _centred(sheet: Sheet) -> Values:
    pool, question = sheet.bench.centred, sheet.question
    profile = pool.find(question.profile.member.external_id)
    if profile is None or profile.wordings != question.profile.wordings:
        profile = centred_profile(question.profile, sheet.bench.means)
    return score(pool.weigh(profile, question.members, question.purpose), BELOW_ROLES).score


def _with_popularity(sheet: Sheet) -> Values:
    default = standardised(logit(sheet.scores(RAW).score))
    return np.asarray(default + 0.5 * standardised(_popularity(sheet)))


def _reranked(sheet: Sheet) -> Values:
    if sheet.bench.reranker is None:
        raise ValueError("no reranker")
    first = logit(sheet.scores(RAW).score)
    best = np.argsort(-first, kind="stable")[:RERANKED]
    side = sheet.bench.pool.sides[sheet.question.profile.member.country.other]
    entries = [side.entries[sheet.question.members[place]] for place in best]
    second = sheet.bench.reranker.scores(sheet.question.profile.entry, entries)
    result = first - first.max() - 100.0
    result[best] = standardised(first[best]) + 0.5 * standardised(second)
    return np.asarray(result)


BASELINES = (
    Rung("random", "random order", _random, "baseline"),
    Rung("popularity", "popularity (own pairs left out)", _popularity, "baseline"),
    Rung(
        "tfidf",
        "TF-IDF of words and letters, one text per member",
        lambda s: np.nan_to_num(s.channels.words),
        "baseline",
    ),
    Rung("bm25", "BM25 of words (Korean by morphemes)", lambda s: s.bm25, "baseline"),
    Rung("single", "single vector", lambda s: s.single, "baseline"),
)
STEPS = (
    Rung(
        "facets",
        "facets, mean of the best three, one direction",
        lambda s: s.scores(partial_rule("needs")).gets,
        "step",
    ),
    Rung("both", "both directions", _rule(partial_rule("needs")), "step"),
    Rung("coverage", "+ coverage", _rule(partial_rule("needs", "coverage")), "step"),
    Rung("words", "+ shared words (TF-IDF), z-scores", _rule(partial_rule(*SIMILAR)), "step"),
    Rung("relief", "+ hubs relieved", _rule(BELOW_ROLES), "step"),
    Rung("roles", "+ roles", _rule(BELOW_BREADTH), "step"),
    Rung("breadth", "+ breadth: the default", _rule(RAW), "step"),
)
ALTERNATIVES = (
    Rung("bm25_z", "coverage rung + BM25 by z-score", _with_bm25, "alternative"),
    Rung("rrf", "coverage rung, TF-IDF and BM25 by reciprocal rank", _fused_by_rank, "alternative"),
    Rung("centred", "relief rung, each language centred", _centred, "alternative"),
    Rung("reranked", "default, best 50 reranked word by word (MiniLM)", _reranked, "alternative"),
    Rung("with_popularity", "default + popularity as a separate part", _with_popularity, "alternative"),
)
RUNGS = (*BASELINES, *STEPS, *ALTERNATIVES)


def _centroids(pool: Pool, country: Country) -> Values:
    side = pool.sides[country]
    means = np.stack([side.profile(i).vectors.mean(axis=0) for i in range(len(side.entries))])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))


def language_means(pool: Pool) -> Mapping[str, Values]:
    """The mean vector of every language in a pool."""
    rows: dict[str, list[Values]] = {}
    for side in pool.sides.values():
        for ordinal in range(len(side.entries)):
            profile = side.profile(ordinal)
            for wording, vector in zip(profile.wordings, profile.vectors, strict=True):
                rows.setdefault(wording.language, []).append(vector)
    return {language: np.mean(vectors, axis=0) for language, vectors in rows.items()}


def centred_profile(profile: Profile, means: Mapping[str, Values]) -> Profile:
    """A profile with the mean of each wording's language taken off."""
    moved = profile.vectors - np.stack([means[w.language] for w in profile.wordings])
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return Profile(profile.entry, (moved / np.maximum(lengths, 1e-6)).astype(np.float32))


def centred(pool: Pool, means: Mapping[str, Values]) -> Pool:
    """The pool with the mean of each language taken off its vectors."""
    from embeddings.exact_index import ExactIndex

    profiles = [
        centred_profile(side.profile(ordinal), means)
        for side in pool.sides.values()
        for ordinal in range(len(side.entries))
    ]
    return Pool.of(profiles, pool.model, profiles[0].vectors.shape[1], ExactIndex, pool.as_of)
