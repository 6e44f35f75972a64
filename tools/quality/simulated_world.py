"""A world in which it is known whom coordinators would accept: a directory, and preferences given to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matchmaker.bootstrap import build_evaluation
from matchmaker.domain.eligibility import KnownTies, is_eligible
from matchmaker.domain.member import Country, Member, Partnership, Purpose
from matchmaker.formats.json_lines import load_members, load_pairs
from matchmaker.quality.decision_log import DecisionLog, Numbers, numbered
from matchmaker.quality.measures import Values
from matchmaker.quality.off_policy import best_of
from matchmaker.scoring.exploration import inclusion, logits_of
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.rule import DEFAULT_RULE, Channels, Rule
from matchmaker.settings import read_settings

SHOWN = 10
"""Candidates on a list."""
TEMPERATURE = 1.0
"""Lists follow the odds of the affinities."""
SLOPE, INTERCEPT = 1.5, 0.0
"""How sharply the true score decides, and how many are accepted."""
PAIR_NOISE = 0.5
"""Deviation, in log-odds, of what coordinators know of a pair and nobody wrote down."""


@dataclass(frozen=True, eq=False)
class World:
    """Every question that could be asked, with all eligible candidates; rows of a list stand together.

    ``pairs`` numbers the two members of a row, whoever asks; ``askers`` the asking member. Shapes (rows,).
    """

    evidence: Channels
    lists: Numbers
    askers: Numbers
    pairs: Numbers
    rule: Rule = DEFAULT_RULE

    @classmethod
    def of(cls, pool: Pool, ties: Sequence[Partnership], rule: Rule = DEFAULT_RULE) -> World:
        """The questions of all members of a pool, one per purpose, if there is more to choose than a list shows."""
        entries = [entry for country in Country for entry in pool.sides[country].entries]
        known = KnownTies.of(ties, {entry.member.external_id: entry.member.family for entry in entries})
        evidence: list[Channels] = []
        names: list[tuple[str, Purpose, str]] = []
        for asker in (entry.member for entry in entries):
            for purpose in Purpose:
                candidates = _candidates(pool, asker, known, purpose)
                query = pool.find(asker.external_id)
                if query is not None and len(candidates) >= 2 * SHOWN:
                    evidence.append(pool.weigh(query, candidates, purpose))
                    names += [(asker.external_id, purpose, name) for name in _names(pool, asker, candidates)]
        return cls(
            _joined(evidence),
            numbered((asker, purpose) for asker, purpose, _ in names),
            numbered(asker for asker, _, _ in names),
            numbered(frozenset((asker, other)) for asker, _, other in names),
            rule,
        )

    @cached_property
    def logs(self) -> Values:
        """Logarithms of the weights that lists are drawn with."""
        return logits_of(self.evidence, self.rule) / TEMPERATURE

    @cached_property
    def propensities(self) -> Values:
        """Every candidate's probability of being shown when its question is asked."""
        _, first = np.unique(self.lists, return_index=True)
        return np.concatenate([inclusion(part, SHOWN) for part in np.split(self.logs, first[1:])])

    def chances(self, weights: Mapping[str, float], generator: np.random.Generator) -> Values:
        """True probabilities of acceptance, with what only coordinators know of a pair."""
        noise = generator.normal(0.0, PAIR_NOISE, self.pairs.max() + 1)
        logits = logits_of(self.evidence, Rule("truth", weights, self.rule.relief))
        return np.asarray(1.0 / (1.0 + np.exp(-(SLOPE * logits + INTERCEPT + noise[self.pairs]))))

    def value(self, rule: Rule, chances: Values) -> float:
        """Share of the best of every list that would truly be accepted."""
        return float(chances[best_of(logits_of(self.evidence, rule), self.lists)].mean())

    def decide(self, decisions: int, chances: Values, generator: np.random.Generator) -> DecisionLog:
        """Lists of some questions, drawn and decided until there are about so many decisions."""
        count = int(self.lists.max()) + 1
        asked = generator.permutation(count)[: max(decisions // SHOWN, 1)]
        rows = np.isin(self.lists, asked)
        noisy = self.logs[rows] + generator.gumbel(size=rows.sum())
        shown = best_of(noisy, self.lists[rows], SHOWN)
        accepted = shown & (generator.random(len(shown)) < chances[rows])
        return DecisionLog(
            self.evidence.take(np.flatnonzero(rows)),
            self.lists[rows],
            self.askers[rows],
            self.propensities[rows],
            shown,
            accepted.astype(np.float64),
        )


def directory() -> World:
    """The world of the alliance's directory, encoded by the model that the settings name."""
    folder = read_settings().alliance
    members, ties = load_members(folder / "members.jsonl"), load_pairs(folder / "partnerships.jsonl")
    return World.of(build_evaluation().pool_of(members), ties)


def _candidates(pool: Pool, asker: Member, ties: KnownTies, purpose: Purpose) -> Numbers:
    entries = pool.sides[asker.country.other].entries
    return np.flatnonzero([is_eligible(asker, entry.member, ties, purpose) for entry in entries])


def _names(pool: Pool, asker: Member, candidates: Numbers) -> list[str]:
    entries = pool.sides[asker.country.other].entries
    return [entries[i].member.external_id for i in candidates]


def _joined(parts: Sequence[Channels]) -> Channels:
    names = vars(parts[0])
    return Channels(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
