"""The evidence of candidates as decisions keep it: the same numbers for who writes lists and for who learns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matchmaker.domain.decision import Evidence
from matchmaker.domain.member import Purpose
from matchmaker.errors import UnknownMember
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.rule import DECIMALS, Channels

CHANNELS = ("gives", "gets", "covers", "covered", "words", "roles", "breadth")


def evidence_of(
    pool: Pool, query: Profile, candidates: Sequence[str], purpose: Purpose | None = None
) -> tuple[Evidence, ...]:
    """What the pool knows of one member with some candidates, in their order.

    Raises:
        UnknownMember: a candidate is not in the pool, or not of the other country.
    """
    ordinal = pool.sides[query.member.country.other].ordinal
    for candidate in candidates:
        if candidate not in ordinal:
            raise UnknownMember(external_id=candidate)
    rows = np.asarray([ordinal[candidate] for candidate in candidates], dtype=np.intp)
    members, places = np.unique(rows, return_inverse=True)
    return written(pool.weigh(query, members, purpose).take(places))


def written(evidence: Channels) -> tuple[Evidence, ...]:
    """The evidence of a ranking, one per candidate, rounded as it is kept."""
    columns = [getattr(evidence, name).round(DECIMALS).tolist() for name in CHANNELS]
    return tuple(Evidence(*row) for row in zip(*columns, strict=True))


def channels_of(evidence: Sequence[Evidence]) -> Channels:
    """The evidence as arrays of shape (candidates,), in the order given."""
    return Channels(
        **{name: np.asarray([getattr(one, name) for one in evidence], dtype=np.float64) for name in CHANNELS}
    )
