"""Why a pair fits: the facet pairs that carry its score, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.facets import FacetKind, Wording
from matchmaker.domain.member import Country, Language, Purpose
from matchmaker.domain.suggestion import Direction, Quote, Reason
from matchmaker.scoring.comparison import best_of_languages, has, mean_of_languages, purpose_weight, wants
from matchmaker.scoring.pool import table_of
from matchmaker.scoring.profile import FacetTable, Profile

PER_DIRECTION = 2
WEAK = 0.2
"""A facet pair below this similarity is no reason."""


def reasons_for(
    one: Profile, other: Profile, language: Language, purpose: Purpose | None = None
) -> tuple[Reason, ...]:
    """The strongest facet pairs of both directions, strongest first, quoted for a reader of ``language``."""
    kr, sg = (one, other) if one.member.country is Country.KR else (other, one)
    korea, singapore = table_of(kr), table_of(sg)
    alike = mean_of_languages(korea, singapore), best_of_languages(korea, singapore)
    found = [
        *_direction(Direction.KR_TO_SG, kr, korea, sg, singapore, *alike, language, purpose),
        *_direction(Direction.SG_TO_KR, sg, singapore, kr, korea, alike[0].T, alike[1].T, language, purpose),
    ]
    return tuple(sorted(found, key=lambda reason: -reason.similarity))


def _direction(
    direction: Direction,
    giver: Profile,
    given: FacetTable,
    taker: Profile,
    taken: FacetTable,
    scored: NDArray[np.float64],
    similarity: NDArray[np.float64],
    language: Language,
    purpose: Purpose | None,
) -> Iterator[Reason]:
    wanted, discount = wants(taken.labels, 1)
    shown = _is_shown(giver, given, language)[:, None] & _is_shown(taker, taken, language)[None, :]
    allowed = has(given.labels, 1)[:, None] & wanted[None, :] & shown
    weight = (
        purpose_weight(given.labels, purpose)[:, None]
        * (purpose_weight(taken.labels, purpose) * discount)[None, :]
    )
    value = np.where(allowed, np.maximum(scored, 0.0) * weight, -1.0)
    for row, column in _best_distinct(value):
        if similarity[row, column] < WEAK:
            continue
        yield Reason(
            direction,
            _quote(giver, given, row, language),
            _quote(taker, taken, column, language),
            round(float(similarity[row, column]), 4),
        )


def _best_distinct(value: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """The best cells, no row and no column twice, at most `PER_DIRECTION`."""
    value = value.copy()
    for _ in range(min(PER_DIRECTION, *value.shape)):
        row, column = np.unravel_index(int(np.argmax(value)), value.shape)
        if value[row, column] < 0:
            return
        yield int(row), int(column)
        value[row, :] = value[:, column] = -1.0


def _is_shown(profile: Profile, table: FacetTable, language: Language) -> NDArray[np.bool_]:
    """False for a summary sentence that the reader could have in their own language instead."""
    sentences = [w for w in profile.wordings if w.kind is FacetKind.SUMMARY]
    if not any(sentence.language == language for sentence in sentences):
        return np.ones(len(table.labels), dtype=bool)
    firsts = [profile.wordings[row] for row in table.row_start[:-1]]
    return np.asarray([w.kind is not FacetKind.SUMMARY or w.language == language for w in firsts], dtype=bool)


def _quote(profile: Profile, table: FacetTable, facet: int, language: Language) -> Quote:
    wordings = profile.wordings[table.row_start[facet] : table.row_start[facet + 1]]
    shown = _preferred(wordings, language)
    others = [wording.text for wording in wordings if wording is not shown and not wording.is_translation]
    return Quote(
        profile.member.external_id,
        shown.kind,
        shown.number,
        shown.text,
        shown.language,
        shown.is_translation,
        others[0] if shown.is_translation and others else None,
    )


def _preferred(wordings: Sequence[Wording], language: Language) -> Wording:
    return next((wording for wording in wordings if wording.language == language), wordings[0])
