"""The scoring rule: from what is known of a pair to its score.

For one member (the query) and each candidate of the other country there are five kinds of evidence:

1. *needs*: how well what one side has (offers, sentences of the summary) meets what the other wants (needs): the mean
   of the three best facet pairs. A side without needs falls back to its summary and domains at a fixed discount.
2. *coverage*: the mean over one side's facets of their best match on the other side (the two halves of a Chamfer
   similarity).
3. *words*: what is shared of both sides' own words (`matchmaker.scoring.lexical`).
4. *roles*: whether such kinds of organisation work together (`matchmaker.domain.roles`).
5. *breadth*: in how many fields both work and how much they offer and need. Means over facets favour whoever says
   little; this is the slope that pivoted length normalisation gives back (Singhal, Buckley & Mitra 1996).

Needs and coverage have two directions. Each kind is standardised by the pool's background, and relieved of what both
sides reach with anybody: a profile so general that it is near everything (a hub) gains nothing by that
(Radovanović et al. 2010; the correction is in the spirit of CSLS, Conneau et al. 2018). Two members without a common
language share no words; the other evidence then says what words would most likely say. All count alike.

Their sum is squashed to an affinity in (0, 1) per direction, and both are joined by the harmonic mean: a one-sided
fit cannot win (RECON, Pizzato et al. 2010). What is shown is calibrated: the chance that a judge finds the pair worth
an introduction (`Calibration`). Everything is symmetric: the score is the same whoever asks.

What may be chosen or learned (weights, relief, calibration) is a `Rule`; the rest is the same for every rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matchmaker.scoring.comparison import Array

SLOPE, INTERCEPT = 0.35, -1.0
"""Of the squashing: an average pair has affinity 0.27, two deviations in each kind of evidence make over 0.9."""
RELIEF_SAMPLE = 8
"""With this many others to know the usual standing from, half of a rule's relief is taken off."""
IMPUTED = 0.6
"""Words that cannot be compared stand at this share of the other evidence (their correlation in the directory)."""
DECIMALS = 6
"""Scores closer than this are equal; ties are ordered by external_id."""
CERTAIN = 1e-9
"""No affinity is nearer to 0 or 1 than this."""
MIN_BACKGROUND = 30
"""Fewer values than this say nothing about a background."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From an affinity to a chance: ``ceiling / (1 + exp(-(slope * logit(affinity) + intercept)))``.

    Platt's sigmoid (1999) below an upper asymptote (Barton & Lord 1981): the best-looking pair may still be wrong.
    """

    slope: float = 1.0
    intercept: float = 0.0
    ceiling: float = 1.0

    def apply(self, affinities: Array) -> Array:
        """Chances in (0, 1), in the order of the affinities."""
        logits = np.log(affinities / (1.0 - affinities))
        return self.ceiling * _squash(self.slope * logits + self.intercept)


WEIGHTS = {"needs": 1.0, "coverage": 1.0, "words": 1.0, "roles": 1.0, "breadth": 1.0}
"""Every kind of evidence counts alike: there is too little labelled data to justify anything else."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be chosen or learned about scoring.

    ``weights``: of the kinds of evidence by name, each at least 0. ``relief``: share of both sides' usual standing that
    is taken off, with a large sample of others. ``name`` goes into the snapshot: two rules' scores never mix.
    """

    name: str = "2"
    weights: Mapping[str, float] = field(default_factory=lambda: dict(WEIGHTS))
    relief: float = 0.5
    calibration: Calibration = Calibration(slope=1.6366, intercept=-0.7125, ceiling=0.3319)


DEFAULT_RULE = Rule()


@dataclass(frozen=True, slots=True)
class Scale:
    """Background of one channel: mean and standard deviation over pairs of the pool."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Array, fallback: Scale) -> Scale:
        """Measured over the finite values; rounded, so that a rebuilt pool gives the same scores to the last bit."""
        finite = values[np.isfinite(values)]
        if len(finite) < MIN_BACKGROUND:
            return fallback
        return cls(round(float(finite.mean()), 6), max(round(float(finite.std()), 6), 0.01))

    def standardise(self, values: Array) -> Array:
        """Distance from the mean in deviations."""
        return (values - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class Background:
    """The scales of a pool, frozen with its snapshot. Roles have a scale of their own that no pool changes."""

    needs: Scale = Scale(0.3, 0.15)
    coverage: Scale = Scale(0.3, 0.15)
    words: Scale = Scale(1.0, 1.0)
    roles: Scale = Scale(0.5, 0.2)
    breadth: Scale = Scale(4.6, 0.4)

    @classmethod
    def of(cls, seen: Sequence[Channels]) -> Background:
        """Measured over some members against many."""
        usual = cls()

        def over(*names: str) -> Array:
            return np.concatenate([getattr(channels, name) for channels in seen for name in names])

        return cls(
            Scale.of(over("gives", "gets"), usual.needs),
            Scale.of(over("covers", "covered"), usual.coverage),
            Scale.of(over("words"), usual.words),
            breadth=Scale.of(over("breadth"), usual.breadth),
        )


@dataclass(frozen=True, eq=False)
class Channels:
    """What is known of one member against many, before standardising; each of shape (candidates,).

    ``gives``/``covers``: from the query to the candidate; ``gets``/``covered``: the reverse. ``words`` is NaN where
    no language is shared. ``breadth``: sum of both sides' logarithms of what they state.
    """

    gives: Array
    gets: Array
    covers: Array
    covered: Array
    words: Array
    roles: Array
    breadth: Array

    def take(self, candidates: NDArray[np.intp]) -> Channels:
        """Some candidates, in the order given."""
        return Channels(**{name: values[candidates] for name, values in vars(self).items()})

    def standardised(self, background: Background) -> Channels:
        """Each channel in deviations from its background."""
        return Channels(
            background.needs.standardise(self.gives),
            background.needs.standardise(self.gets),
            background.coverage.standardise(self.covers),
            background.coverage.standardise(self.covered),
            background.words.standardise(self.words),
            background.roles.standardise(self.roles),
            background.breadth.standardise(self.breadth),
        )

    def mean(self) -> Channels:
        """Means over the candidates (0 where nothing is known), each of shape (1,)."""
        return Channels(**{name: mean_of_known(values[:, None]) for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Standing:
    """How members usually stand against the other country, standardised: what a hub has in excess.

    ``usual`` is seen from each member's own side, its arrays of shape (members,); ``sample``: others it was taken from.
    """

    usual: Channels
    sample: int

    def take(self, members: NDArray[np.intp]) -> Standing:
        """Some members, in the order given."""
        return Standing(self.usual.take(members), self.sample)


@dataclass(frozen=True, eq=False)
class Scores:
    """Both directions and their harmonic mean, each calibrated, in (0, 1), shape (candidates,)."""

    gives: Array
    gets: Array
    score: Array

    def take(self, candidates: NDArray[np.intp]) -> Scores:
        """Some candidates, in the order given."""
        return Scores(**{name: values[candidates] for name, values in vars(self).items()})


def weigh(
    channels: Channels,
    background: Background,
    own: Standing,
    others: Standing,
    relief: float = DEFAULT_RULE.relief,
) -> Channels:
    """The evidence: standardised, relieved of both sides' usual standing, and complete.

    Args:
        channels: the query against the candidates.
        own: the query's standing, shape (1,); others: the candidates', shape (candidates,).
        relief: the rule's.
    """
    raw, ours, theirs = channels.standardised(background), own.usual, others.usual
    sample = min(own.sample, others.sample)
    share = relief * sample / (sample + RELIEF_SAMPLE)
    gives = raw.gives - share * (ours.gives + theirs.gets)
    gets = raw.gets - share * (ours.gets + theirs.gives)
    covers = raw.covers - share * (ours.covers + theirs.covered)
    covered = raw.covered - share * (ours.covered + theirs.covers)
    words = raw.words - share * (ours.words + theirs.words)
    likely = IMPUTED * ((gives + gets) + (covers + covered)) / 4
    known_words = np.where(np.isnan(words), likely, words)
    return Channels(gives, gets, covers, covered, known_words, raw.roles, raw.breadth)


def score(evidence: Channels, rule: Rule = DEFAULT_RULE) -> Scores:
    """Sum, squash, combine both directions, calibrate."""
    weights = rule.weights
    common = (
        weights["words"] * evidence.words
        + weights["roles"] * evidence.roles
        + weights["breadth"] * evidence.breadth
    )
    gives = _affinity(weights["needs"] * evidence.gives + weights["coverage"] * evidence.covers + common)
    gets = _affinity(weights["needs"] * evidence.gets + weights["coverage"] * evidence.covered + common)
    both = 2.0 * gives * gets / (gives + gets)
    return Scores(*(rule.calibration.apply(each).round(DECIMALS) for each in (gives, gets, both)))


def _affinity(evidence: Array) -> Array:
    """Squashed to (0, 1), with a little room at both ends for what comes after."""
    return np.clip(_squash(SLOPE * evidence + INTERCEPT), CERTAIN, 1.0 - CERTAIN)


def parts_of(evidence: Channels) -> dict[str, Array]:
    """The kinds of evidence, each squashed to (0, 1) on its own, for people who ask how a score was made."""
    kinds = {
        "needs": (evidence.gives + evidence.gets) / 2,
        "coverage": (evidence.covers + evidence.covered) / 2,
        "words": evidence.words,
        "roles": evidence.roles,
        "breadth": evidence.breadth,
    }
    return {name: _squash(values).round(DECIMALS) for name, values in kinds.items()}


def _squash(values: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def mean_of_known(values: Array) -> Array:
    """Means over the rows without what is not known (NaN), 0 where nothing is, shape (columns,)."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
