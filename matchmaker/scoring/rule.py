"""The scoring rule: from what is known of a pair to its score.

For one member (the query) and each candidate of the other country there are four kinds of evidence:

1. *needs*: how well what one side has (offers, sentences of the summary) meets what the other wants (needs): the mean
   of the three best facet pairs. A side without needs falls back to its summary and domains at a fixed discount.
2. *coverage*: the mean over one side's facets of their best match on the other side (the two halves of a Chamfer
   similarity).
3. *words*: TF-IDF cosine of both sides' own words (`matchmaker.scoring.lexical`).
4. *roles*: whether such kinds of organisation work together (`matchmaker.domain.roles`).

Needs and coverage have two directions. Each kind is standardised by the pool's background, and relieved of what both
sides reach with anybody: a profile so general that it is near everything (a hub) gains nothing by that
(Radovanović et al. 2010; the correction is in the spirit of CSLS, Conneau et al. 2018). Two members without a common
language share no words; the other evidence then says what words would most likely say. The four count alike.

Their sum is squashed to an affinity in (0, 1) per direction, and the score is the harmonic mean of both: a one-sided
fit cannot win (RECON, Pizzato et al. 2010). Everything is symmetric: the score is the same whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.scoring.comparison import Array

SLOPE, INTERCEPT = 0.35, -1.0
"""Of the squashing: an average pair has affinity 0.27, two deviations in each kind of evidence make 0.86."""
RELIEF = 0.5
"""Share of both sides' usual standing that is taken off, with a large sample of others."""
RELIEF_SAMPLE = 8
"""With this many others to know the usual standing from, half of `RELIEF` is taken off."""
IMPUTED = 0.6
"""Words that cannot be compared stand at this share of the other evidence (their correlation in the directory)."""
DECIMALS = 4
"""Scores closer than this are equal; ties are ordered by external_id."""
MIN_BACKGROUND = 30
"""Fewer values than this say nothing about a background."""


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
    words: Scale = Scale(0.3, 0.15)
    roles: Scale = Scale(0.5, 0.2)

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
        )


@dataclass(frozen=True, eq=False)
class Channels:
    """What is known of one member against many, before standardising; each of shape (candidates,).

    ``gives``/``covers``: from the query to the candidate; ``gets``/``covered``: the reverse. ``words`` is NaN where
    no language is shared.
    """

    gives: Array
    gets: Array
    covers: Array
    covered: Array
    words: Array
    roles: Array

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
    """Affinity of both directions and their harmonic mean, each in (0, 1), shape (candidates,)."""

    gives: Array
    gets: Array
    score: Array

    def take(self, candidates: NDArray[np.intp]) -> Scores:
        """Some candidates, in the order given."""
        return Scores(**{name: values[candidates] for name, values in vars(self).items()})


def weigh(channels: Channels, background: Background, own: Standing, others: Standing) -> Channels:
    """The evidence: standardised, relieved of both sides' usual standing, and complete.

    Args:
        channels: the query against the candidates.
        own: the query's standing, shape (1,); others: the candidates', shape (candidates,).
    """
    raw, ours, theirs = channels.standardised(background), own.usual, others.usual
    relief = [RELIEF * side.sample / (side.sample + RELIEF_SAMPLE) for side in (own, others)]
    share = min(relief)
    gives = raw.gives - share * (ours.gives + theirs.gets)
    gets = raw.gets - share * (ours.gets + theirs.gives)
    covers = raw.covers - share * (ours.covers + theirs.covered)
    covered = raw.covered - share * (ours.covered + theirs.covers)
    words = raw.words - share * (ours.words + theirs.words)
    likely = IMPUTED * ((gives + gets) + (covers + covered)) / 4
    return Channels(gives, gets, covers, covered, np.where(np.isnan(words), likely, words), raw.roles)


def score(evidence: Channels) -> Scores:
    """Sum, squash, and combine both directions."""
    common = evidence.words + evidence.roles
    gives = _squash(SLOPE * (evidence.gives + evidence.covers + common) + INTERCEPT)
    gets = _squash(SLOPE * (evidence.gets + evidence.covered + common) + INTERCEPT)
    both = 2.0 * gives * gets / (gives + gets)
    return Scores(gives.round(DECIMALS), gets.round(DECIMALS), both.round(DECIMALS))


def parts_of(evidence: Channels) -> dict[str, Array]:
    """The four kinds of evidence, each squashed to (0, 1) on its own, for people who ask how a score was made."""
    kinds = {
        "needs": (evidence.gives + evidence.gets) / 2,
        "coverage": (evidence.covers + evidence.covered) / 2,
        "words": evidence.words,
        "roles": evidence.roles,
    }
    return {name: _squash(values).round(DECIMALS) for name, values in kinds.items()}


def _squash(values: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def mean_of_known(values: Array) -> Array:
    """Means over the rows without what is not known (NaN), 0 where nothing is, shape (columns,)."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
