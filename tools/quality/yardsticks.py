"""Yardsticks: what is asked of a ranking, and how an answer is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.member import Country, Partnership, Purpose, merged
from matchmaker.quality.ks_match import KsMatch
from matchmaker.quality.measures import MEASURES, Values, ndcg_at, rank_of
from matchmaker.scoring.pool import Pool, Side, without_expired
from matchmaker.scoring.profile import Profile
from tools.quality.organisations import Organisations, Project

Judge = Callable[[Values], Mapping[str, float]]
"""From the scores of a question's candidates to its measures."""


@dataclass(frozen=True, eq=False)
class Question:
    """One member asks. ``members``: ordinals of the candidates, ascending; ``popularity``: a prior on them, if known.

    ``group``: questions of one group are not independent; ``parts``: what else to average over.
    """

    profile: Profile
    members: NDArray[np.intp]
    purpose: Purpose | None
    judge: Judge
    group: Hashable
    popularity: Values | None = None
    organisation: str | None = None


@dataclass(frozen=True, eq=False)
class Yardstick:
    """Questions to one pool, and the measure that counts."""

    key: str
    title: str
    measure: str
    pool: Pool
    questions: tuple[Question, ...]


def partner_yardstick(key: str, title: str, pool: Pool, pairs: Sequence[Partnership]) -> Yardstick:
    """Where true partners rank, from both sides; the query's other known partners are left out.

    Popularity is how many known partners a candidate has without the asking organisation's.
    """
    pairs = merged(pairs)
    questions = []
    for pair in pairs:
        for query, partner in ((pair.kr, pair.sg), (pair.sg, pair.kr)):
            profile = pool.find(query)
            if profile is None:
                raise ValueError(f"{query} is not in the pool")
            side = pool.sides[profile.member.country.other]
            others = {p.id_in(side_country(side)) for p in pairs if query in (p.kr, p.sg)} - {partner}
            members = np.asarray(
                [i for i, e in enumerate(side.entries) if e.member.external_id not in others]
            )
            place = int(np.flatnonzero(members == side.ordinal[partner])[0])
            questions.append(
                Question(
                    profile,
                    members,
                    None,
                    partial(judge_rank, place),
                    (pair.kr, pair.sg),
                    _ties_of_others(side, members, pairs, query),
                    pair.kr,
                )
            )
    return Yardstick(key, title, "mrr", pool, tuple(questions))


def side_country(side: Side) -> Country:
    """The country of a side that is not empty."""
    return side.entries[0].member.country


def judge_rank(place: int, scores: Values) -> Mapping[str, float]:
    """Measures of the rank of the candidate at ``place``."""
    rank = np.asarray([rank_of(scores[place], np.delete(scores, place).tolist())])
    return {name: float(measure(rank)[0]) for name, measure in MEASURES.items()}


def _ties_of_others(
    side: Side, members: NDArray[np.intp], pairs: Sequence[Partnership], query: str
) -> Values:
    counts = Counter(p.id_in(side_country(side)) for p in pairs if query not in (p.kr, p.sg))
    return np.asarray([counts[side.entries[i].member.external_id] for i in members], dtype=np.float64)


def judged_yardstick(key: str, title: str, ks_match: KsMatch) -> Yardstick:
    """Judged candidates of KS-Match; whoever a hard rule keeps out stands last."""
    return _judged(key, title, ks_match, ks_match.pool, ks_match.askers)


def own_language_yardstick(key: str, title: str, ks_match: KsMatch) -> Yardstick:
    """The same where every member speaks the language of its country only."""
    return _judged(key, title, ks_match, ks_match.own_language_pool, ks_match.own_language_askers)


def _judged(key: str, title: str, ks_match: KsMatch, pool: Pool, askers: Mapping[str, Profile]) -> Yardstick:
    questions = []
    for query in ks_match.benchmark.queries:
        asker = without_expired(askers[query.query_id], pool.as_of)
        side = pool.sides[asker.member.country.other]
        accepts = ks_match.accepts(asker.member, query)
        members = np.flatnonzero([accepts(entry.member) for entry in side.entries])
        grades = ks_match.benchmark.grades[query.query_id]
        places = {side.entries[i].member.external_id: place for place, i in enumerate(members)}
        judge = partial(_judge_grades, [places.get(name, -1) for name in grades], list(grades.values()))
        questions.append(Question(asker, members, query.purpose, judge, query.query_id))
    return Yardstick(key, title, "ndcg_at_10", pool, tuple(questions))


def _judge_grades(places: list[int], grades: list[int], scores: Values) -> Mapping[str, float]:
    padded = np.append(scores, -np.inf)
    return {"ndcg_at_10": ndcg_at(padded[places], np.asarray(grades, dtype=np.float64))}


def organisation_yardstick(key: str, title: str, bench: Organisations) -> Yardstick:
    """Foreign organisations for a project."""
    return Yardstick(key, title, "ndcg_at_10", bench.pool, tuple(_project_questions(bench)))


def _project_questions(bench: Organisations) -> Iterator[Question]:
    for project in bench.projects:
        profile = bench.pool.find(project.name)
        if profile is None:
            raise ValueError(f"{project.name} is not in the pool")
        abroad = (bench.countries != project.country) & ~np.isin(bench.names, list(project.known))
        yield Question(
            profile,
            np.arange(len(abroad)),
            None,
            partial(_judge_partners, abroad, _is_partner(bench, project)),
            project.name,
            np.where(abroad, bench.popularity, 0.0),
        )


def _is_partner(bench: Organisations, project: Project) -> Values:
    return np.asarray([float(name in project.partners) for name in bench.names])


def _judge_partners(abroad: NDArray[np.bool_], relevant: Values, scores: Values) -> Mapping[str, float]:
    order = np.argsort(-scores[abroad], kind="stable")[:10]
    found = relevant[abroad]
    recall = float(found[order].sum() / max(found.sum(), 1.0))
    return {"ndcg_at_10": ndcg_at(scores[abroad], found), "recall_at_10": recall}
