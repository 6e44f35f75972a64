"""A market of alliance size in which some are popular: who would accept whom, and what the product sees of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Chances = NDArray[np.float64]

KOREAN, SINGAPORE = 120, 80
BASE, POPULARITY, FIT, TASTE, BLUR = -1.5, 1.0, 0.7, 0.7, 0.5
"""Logits: of a middling acceptance, and standard deviations of what makes it vary; see `Market`."""


@dataclass(frozen=True, eq=False)
class Market:
    """Chances of shape (kr, sg).

    The logit of an acceptance is a base, plus how popular the other one is with everybody, plus how well the two fit
    (the same for both), plus a taste of one's own. The product sees each logit blurred by noise.

    Attributes:
        kr_accepts, sg_accepts: that the Korean, the Singapore member of a pair would say yes.
        kr_seems, sg_seems: the same as the product estimates it.
    """

    kr_accepts: Chances
    sg_accepts: Chances
    kr_seems: Chances
    sg_seems: Chances

    @property
    def mutual(self) -> Chances:
        """That both would say yes, as the product estimates it."""
        return self.kr_seems * self.sg_seems

    @property
    def harmonic(self) -> Chances:
        """Harmonic mean of both estimates."""
        mean: Chances = 2 * self.mutual / (self.kr_seems + self.sg_seems)
        return mean


def market(seed: int, shape: tuple[int, int] = (KOREAN, SINGAPORE)) -> Market:
    """The market of a seed."""
    rng = np.random.default_rng(seed)
    kr, sg = shape
    fit = BASE + FIT * rng.normal(size=shape)
    kr_logits = fit + POPULARITY * rng.normal(size=sg) + TASTE * rng.normal(size=shape)
    sg_logits = fit + POPULARITY * rng.normal(size=kr)[:, None] + TASTE * rng.normal(size=shape)
    seen = (logits + BLUR * rng.normal(size=shape) for logits in (kr_logits, sg_logits))
    return Market(expit(kr_logits), expit(sg_logits), *(expit(logits) for logits in seen))
