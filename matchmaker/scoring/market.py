"""Everybody of one country against everybody of the other, as matrices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country, Purpose
from matchmaker.scoring.pool import Pool, Side
from matchmaker.scoring.rule import score

BLOCK = 2048
"""Members that one member is compared with at a time: bounds the memory of a row."""

Ordinals = NDArray[np.intp]
Progress = Callable[[float], None]
"""Hears the share that is done, in [0, 1]; may raise to stop."""


def score_matrix(
    pool: Pool,
    kr: Ordinals,
    sg: Ordinals,
    eligible: NDArray[np.bool_],
    purpose: Purpose,
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """The score of each eligible pair.

    Args:
        kr, sg: ordinals of the members in the pool's sides, ascending.
        eligible: pairs that may be suggested at all, shape (kr, sg).

    Returns:
        Chances in (0, 1), shape (kr, sg); NaN where a pair is not eligible.
    """
    scores = np.full((len(kr), len(sg)), np.nan)
    for row, ordinal in enumerate(kr):
        columns = np.flatnonzero(eligible[row])
        query = pool.sides[Country.KR].profile(int(ordinal))
        for start in range(0, len(columns), BLOCK):
            block = columns[start : start + BLOCK]
            scores[row, block] = score(pool.weigh(query, sg[block], purpose), pool.rule).score
        if progress is not None:
            progress((row + 1) / len(kr))
    return scores


def rivals_among(side: Side, members: Ordinals, threshold: float) -> list[tuple[int, int]]:
    """Positions in ``members`` of the pairs that offer much the same.

    Args:
        members: ordinals in the side.
        threshold: the cosine of their closest offers from which two compete.
    """
    offers = [_offers(side, int(ordinal)) for ordinal in members]
    return [
        (one, other)
        for one in range(len(members))
        for other in range(one + 1, len(members))
        if len(offers[one])
        and len(offers[other])
        and float((offers[one] @ offers[other].T).max()) >= threshold
    ]


def _offers(side: Side, ordinal: int) -> NDArray[np.float32]:
    profile = side.profile(ordinal)
    return profile.vectors[profile.entry.positions(FacetKind.OFFER)]
