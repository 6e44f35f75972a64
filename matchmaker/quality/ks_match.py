"""KS-Match: a judged benchmark of Korea-Singapore matching, and how a ranking does on it.

A ranking is judged on the judged candidates of each query alone. Whoever is not in a ranking (because a hard rule keeps
the pair apart) stands below everybody who is.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.protocols import IndexFactory
from matchmaker.domain.eligibility import KnownTies, is_eligible
from matchmaker.domain.member import Country, Language, Member, Need, Partnership, in_language
from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.benchmark_line import (
    BenchmarkFile,
    JudgmentLine,
    QueryLine,
    RunLine,
    TrapLine,
)
from matchmaker.formats.json_lines import load_all, load_members, load_pairs
from matchmaker.formats.validation import validated
from matchmaker.quality.measures import (
    Values,
    bootstrap,
    brier_score,
    expected_calibration_error,
    ndcg_at,
    reliability,
    weighted_kappa,
)
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.rule import DEFAULT_RULE, Rule
from matchmaker.services.profiling import Profiler

WORTH_IT = 2
"""From this grade on a pair is worth an introduction."""
OWN_LANGUAGE: Mapping[Country, Language] = {Country.KR: "ko", Country.SG: "en"}

Run = Mapping[str, Mapping[str, float]]
"""Scores by query and candidate; higher is better."""


@dataclass(frozen=True)
class Benchmark:
    """What the folder of the benchmark holds."""

    about: BenchmarkFile
    members: tuple[Member, ...]
    partnerships: tuple[Partnership, ...]
    queries: tuple[QueryLine, ...]
    judgments: tuple[JudgmentLine, ...]
    traps: tuple[TrapLine, ...]

    @classmethod
    def load(cls, folder: Path) -> Benchmark:
        """Read a folder.

        Raises:
            UnreadableFile: a file is missing, a line is broken or names somebody unknown.
        """
        benchmark = cls(
            _about(folder / "benchmark.json"),
            tuple(load_members(folder / "members.jsonl")),
            tuple(load_pairs(folder / "partnerships.jsonl")),
            tuple(load_all(folder / "queries.jsonl", partial(validated, QueryLine))),
            tuple(load_all(folder / "judgments.jsonl", partial(validated, JudgmentLine))),
            tuple(load_all(folder / "traps.jsonl", partial(validated, TrapLine))),
        )
        _check_names(benchmark, folder)
        return benchmark

    def part(self, split: str | None) -> Benchmark:
        """Only the queries of one split, with their judgments and traps; everything for None.

        Raises:
            InvalidInput: there are none.
        """
        if split is None:
            return self
        kept = {query.query_id for query in self.queries if query.split == split}
        if not kept:
            raise InvalidInput(f"the benchmark has no queries of the split “{split}”")
        return replace(
            self,
            queries=tuple(q for q in self.queries if q.query_id in kept),
            judgments=tuple(j for j in self.judgments if j.query_id in kept),
            traps=tuple(t for t in self.traps if t.query_id in kept),
        )

    @cached_property
    def grades(self) -> Mapping[str, Mapping[str, int]]:
        """Grade by query and candidate."""
        grades: dict[str, dict[str, int]] = defaultdict(dict)
        for judgment in self.judgments:
            grades[judgment.query_id][judgment.candidate] = judgment.grade
        return grades

    @cached_property
    def ties(self) -> KnownTies:
        """Who works together already."""
        return KnownTies.of(self.partnerships, {m.external_id: m.family for m in self.members})

    def asker(self, query: QueryLine) -> Member:
        """The member that asks, what it looks for standing among its needs."""
        member = next(member for member in self.members if member.external_id == query.member)
        wanted = Need(query.looking_for.to_domain(), frozenset({query.purpose}))
        return replace(member, needs=(*member.needs, wanted))

    def in_own_languages(self) -> Benchmark:
        """Korean members in Korean only, those of Singapore in English only."""
        return replace(
            self, members=tuple(in_language(member, OWN_LANGUAGE[member.country]) for member in self.members)
        )

    def agreement(self) -> dict[str, float]:
        """How far the two passes of grading agree: quadratic weighted kappa, and shares of equal and of near grades."""
        ones, others = zip(*(judgment.passes for judgment in self.judgments), strict=True)
        distance = np.abs(np.asarray(ones) - np.asarray(others))
        return {
            "weighted_kappa": round(weighted_kappa(ones, others), 4),
            "equal": round(float((distance == 0).mean()), 4),
            "within_one": round(float((distance <= 1).mean()), 4),
        }


@dataclass(frozen=True)
class Judged:
    """What a system thinks of the candidates of every query: scores, and chances where it gives them."""

    scores: Run
    chances: Run = field(default_factory=dict)


@dataclass(frozen=True)
class KsMatch:
    """Ranks the queries of a benchmark with the product's own code, by its ``rule`` unless told otherwise."""

    benchmark: Benchmark
    profiler: Profiler
    make_index: IndexFactory
    rule: Rule = DEFAULT_RULE

    @cached_property
    def pool(self) -> Pool:
        """All members of the benchmark, in both languages."""
        return self._pool_of(self.benchmark)

    @cached_property
    def own_language_pool(self) -> Pool:
        """All members in the language of their country."""
        return self._pool_of(self.benchmark.in_own_languages())

    @cached_property
    def askers(self) -> Mapping[str, Profile]:
        """The profile of every query's member."""
        return self._askers(None)

    @cached_property
    def own_language_askers(self) -> Mapping[str, Profile]:
        """The same in the language of the member's country."""
        return self._askers(OWN_LANGUAGE)

    def ranked(self, rule: Rule | None = None) -> Judged:
        """What the rule says; its scores are chances."""
        scores = self._run(self.pool, self.askers, rule or self.rule)
        return Judged(scores, scores)

    def ranked_in_own_languages(self, rule: Rule | None = None) -> Judged:
        """The same where every member speaks the language of its country only."""
        return Judged(self._run(self.own_language_pool, self.own_language_askers, rule or self.rule))

    def _run(self, pool: Pool, askers: Mapping[str, Profile], rule: Rule) -> dict[str, dict[str, float]]:
        ruled = replace(pool, rule=rule)
        return {
            query.query_id: self._scores(ruled, askers[query.query_id], query)
            for query in self.benchmark.queries
        }

    def _scores(self, pool: Pool, asker: Profile, query: QueryLine) -> dict[str, float]:
        accept = self.accepts(asker.member, query)
        ranking = pool.rank(asker, accept, query.purpose)
        names = (member.external_id for member in ranking.members)
        return dict(zip(names, ranking.scores.score.tolist(), strict=True))

    def accepts(self, asker: Member, query: QueryLine) -> Callable[[Member], bool]:
        """The hard rules for one query."""
        return lambda other: is_eligible(asker, other, self.benchmark.ties, query.purpose)

    def _askers(self, languages: Mapping[Country, Language] | None) -> dict[str, Profile]:
        askers = [self.benchmark.asker(query) for query in self.benchmark.queries]
        if languages is not None:
            askers = [in_language(asker, languages[asker.country]) for asker in askers]
        profiles = self.profiler.profile_all(askers)
        return {query.query_id: asker for query, asker in zip(self.benchmark.queries, profiles, strict=True)}

    def _pool_of(self, benchmark: Benchmark) -> Pool:
        profiles = self.profiler.profile_all(benchmark.members)
        return Pool.of(
            profiles,
            self.profiler.model,
            self.profiler.encoder.dimensions,
            self.make_index,
            benchmark.about.as_of,
        )


def report_on(benchmark: Benchmark, judged: Judged, in_own_languages: Judged | None = None) -> dict[str, Any]:
    """All measures of a run: nDCG@10 with interval, per purpose and country, traps, and calibration of its chances.

    Args:
        in_own_languages: the run that language traps are looked up in; they are left out without it.
    """
    gains = ndcg_of(benchmark, judged.scores)
    countries = {member.external_id: member.country.value for member in benchmark.members}
    report: dict[str, Any] = {
        "queries": len(benchmark.queries),
        "judgments": len(benchmark.judgments),
        "ndcg_at_10": asdict(bootstrap(list(gains.values()))),
        "per_purpose": _means(benchmark, gains, lambda query: query.purpose.value),
        "per_country": _means(benchmark, gains, lambda query: countries[query.member]),
        "traps": traps_passed(
            benchmark, judged.scores, in_own_languages.scores if in_own_languages else None
        ),
    }
    chances, outcomes = chances_and_outcomes(benchmark, judged.chances)
    if len(chances):
        report["calibration"] = calibration_report(chances, outcomes)
    return report


def ndcg_of(benchmark: Benchmark, run: Run) -> dict[str, float]:
    """nDCG@10 of every query over its judged candidates."""
    return {
        query.query_id: _ndcg(benchmark.grades[query.query_id], run[query.query_id])
        for query in benchmark.queries
    }


def _ndcg(grades: Mapping[str, int], scores: Mapping[str, float]) -> float:
    values = np.asarray([scores.get(candidate, -np.inf) for candidate in grades])
    return ndcg_at(values, np.asarray(list(grades.values()), dtype=np.float64))


def traps_passed(benchmark: Benchmark, run: Run, own_language_run: Run | None) -> dict[str, dict[str, float]]:
    """Per kind of trap and in all: how many there are, and the share where the better candidate stands above."""
    passed: dict[str, list[bool]] = defaultdict(list)
    for trap in benchmark.traps:
        used = own_language_run if trap.type == "language" else run
        if used is not None:
            scores = used[trap.query_id]
            result = scores.get(trap.better, -np.inf) > scores.get(trap.trap, -np.inf)
            passed[trap.type].append(result)
            passed["all"].append(result)
    return {
        kind: {"count": len(results), "passed": round(float(np.mean(results)), 4)}
        for kind, results in sorted(passed.items())
    }


def chances_and_outcomes(benchmark: Benchmark, run: Run) -> tuple[Values, Values]:
    """What was predicted for every judged pair, and whether it was worth it; pairs kept apart are left out."""
    rows = [
        (run[judgment.query_id][judgment.candidate], judgment.grade >= WORTH_IT)
        for judgment in benchmark.judgments
        if judgment.candidate in run.get(judgment.query_id, {})
    ]
    chances, outcomes = np.asarray(rows, dtype=np.float64).reshape(-1, 2).T
    return chances, outcomes


def calibration_report(chances: Values, outcomes: Values) -> dict[str, Any]:
    """How far predicted chances can be taken at their word."""
    return {
        "pairs": len(chances),
        "worth_it": round(float(outcomes.mean()), 4),
        "expected_calibration_error": round(expected_calibration_error(chances, outcomes), 4),
        "brier_score": round(brier_score(chances, outcomes), 4),
        "brier_score_of_base_rate": round(brier_score(np.full_like(outcomes, outcomes.mean()), outcomes), 4),
        "bins": [asdict(part) for part in reliability(chances, outcomes)],
    }


def load_run(path: Path, benchmark: Benchmark) -> Judged:
    """A run of some other system: one line per query and candidate.

    Raises:
        UnreadableFile: the file cannot be read, or a line is broken.
        InvalidInput: a query of the benchmark has no line, or the lines do not fit it or each other.
    """
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    chances: dict[str, dict[str, float]] = defaultdict(dict)
    lines: list[RunLine] = load_all(path, partial(validated, RunLine))
    _check_run(lines, benchmark, path)
    for line in lines:
        scores[line.query_id][line.candidate] = line.score
        if line.chance is not None:
            chances[line.query_id][line.candidate] = line.chance
    if missing := [query.query_id for query in benchmark.queries if query.query_id not in scores]:
        raise InvalidInput(
            f"{path} has no line for {len(missing)} of the queries, the first is {missing[0]}; rank every query, or "
            "choose the split that the run is for"
        )
    return Judged(scores, chances)


def _check_run(lines: list[RunLine], benchmark: Benchmark, path: Path) -> None:
    members = {member.external_id: member for member in benchmark.members}
    askers = {query.query_id: members[query.member] for query in benchmark.queries}
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=1):
        if line.candidate not in members:
            raise InvalidInput(
                f"{path}, line {number}: the benchmark has no member “{line.candidate}”; correct the id"
            )
        asker = askers.get(line.query_id)
        if asker is not None and members[line.candidate].country is asker.country:
            raise InvalidInput(
                f"{path}, line {number}: “{line.candidate}” is of the asker's own country; leave it out"
            )
        if (line.query_id, line.candidate) in seen:
            raise InvalidInput(
                f"{path}, line {number}: {line.query_id} has “{line.candidate}” already; keep one line"
            )
        seen.add((line.query_id, line.candidate))
    if len({line.chance is None for line in lines}) > 1:
        raise InvalidInput(
            f"{path}: some lines have a chance and some have none; give all of them one, or none"
        )


def _means(
    benchmark: Benchmark, gains: Mapping[str, float], group_of: Callable[[QueryLine], str]
) -> dict[str, float]:
    groups: dict[str, list[float]] = defaultdict(list)
    for query in benchmark.queries:
        groups[group_of(query)].append(gains[query.query_id])
    return {name: round(float(np.mean(values)), 4) for name, values in sorted(groups.items())}


def _about(path: Path) -> BenchmarkFile:
    try:
        return validated(BenchmarkFile, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path} does not exist; name the folder that holds the benchmark") from error
    except (OSError, ValueError, RecursionError, InvalidInput) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error


def _check_names(benchmark: Benchmark, folder: Path) -> None:
    members = {member.external_id: member for member in benchmark.members}
    queries = {query.query_id: query for query in benchmark.queries}
    for name, lines in (("judgments", benchmark.judgments), ("traps", benchmark.traps)):
        if unknown := sorted({line.query_id for line in lines} - queries.keys()):
            raise UnreadableFile(f"{folder / name}.jsonl names the unknown query {unknown[0]}")
    candidates = [(j.query_id, j.candidate) for j in benchmark.judgments]
    candidates += [(t.query_id, name) for t in benchmark.traps for name in (t.trap, t.better)]
    for query in benchmark.queries:
        if query.member not in members:
            raise UnreadableFile(
                f"{folder / 'queries.jsonl'}: {query.query_id} is by the unknown member {query.member}"
            )
    for query_id, candidate in candidates:
        if candidate not in members:
            raise UnreadableFile(f"{folder}: {query_id} has the unknown candidate {candidate}")
        if members[candidate].country is members[queries[query_id].member].country:
            raise UnreadableFile(
                f"{folder}: candidate {candidate} of {query_id} is of the asker's own country"
            )
    for query_id in queries:
        if not any(benchmark.grades.get(query_id, {}).values()):
            raise UnreadableFile(
                f"{folder}: {query_id} has no candidate with a grade above 0; judge it or leave it out"
            )
