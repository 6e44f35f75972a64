"""Two profiles side by side: how alike their facets are, and what that says in each direction.

A facet pair takes the mean over its pairs of wordings, in any languages: the best of four would favour whoever writes
in two languages over whoever writes in one. Similarities of grid vectors are exact, weights are fractions of powers of
two and sums run in float64, so every figure is the same whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Purpose
from matchmaker.scoring.profile import KINDS, PURPOSES, FacetLabels, FacetTable

Array = NDArray[np.float64]

BEST = 3
"""How many facet pairs make the evidence of a direction."""
DISCOUNT = 0.875
"""What a match counts where the wanting side states no needs."""
OFF_PURPOSE = 0.75
"""What a statement counts that does not serve the purpose asked for."""

_OFFER, _NEED = KINDS.index(FacetKind.OFFER), KINDS.index(FacetKind.NEED)
_SUMMARY, _DOMAIN = KINDS.index(FacetKind.SUMMARY), KINDS.index(FacetKind.DOMAIN)


@dataclass(frozen=True, eq=False)
class Comparison:
    """One member's facets (rows) against the facets of many candidates (columns), over all pairs of languages.

    ``similarity``: shape (query facets, candidate facets). ``candidates``: how many members the columns belong to.
    """

    similarity: Array
    query: FacetLabels
    others: FacetLabels
    candidates: int
    purpose: Purpose | None = None

    @classmethod
    def of(
        cls, query: FacetTable, others: Sequence[FacetTable], candidates: int, purpose: Purpose | None = None
    ) -> Comparison:
        """Compare everything with everything; ``others`` are tables over the same candidates, one per facet kind."""
        similarity = np.concatenate([mean_of_languages(query, table) for table in others], axis=1)
        labels = FacetLabels.concatenate([table.labels for table in others])
        by_member = np.argsort(labels.member, kind="stable")
        return cls(similarity[:, by_member], query.labels, labels.take(by_member), candidates, purpose)

    @cached_property
    def weighted(self) -> Array:
        """Similarities, never negative, less where a statement does not serve the purpose."""
        return (
            np.maximum(self.similarity, 0.0)
            * purpose_weight(self.query, self.purpose)[:, None]
            * purpose_weight(self.others, self.purpose)[None, :]
        )

    @cached_property
    def gives(self) -> Array:
        """How well what the query has meets what each candidate wants, shape (candidates,)."""
        rows = has(self.query, 1)
        columns, discount = wants(self.others, self.candidates)
        return self._best_pairs(rows, columns, discount[None, :])

    @cached_property
    def gets(self) -> Array:
        """How well what each candidate has meets what the query wants, shape (candidates,)."""
        rows, discount = wants(self.query, 1)
        columns = has(self.others, self.candidates)
        return self._best_pairs(rows, columns, discount[:, None])

    @cached_property
    def covers(self) -> Array:
        """Mean over each candidate's facets of their best match in the query, shape (candidates,)."""
        best = self.weighted.max(axis=0, initial=0.0)
        counts = np.bincount(self.others.member, minlength=self.candidates)
        return np.bincount(self.others.member, best, minlength=self.candidates) / np.maximum(counts, 1)

    @cached_property
    def covered(self) -> Array:
        """Mean over the query's facets of their best match in each candidate, shape (candidates,)."""
        if not len(self.query) or not len(self.others):
            return np.zeros(self.candidates)
        starts = np.flatnonzero(np.diff(self.others.member, prepend=-1))
        best = np.zeros((len(self.query), self.candidates))
        best[:, self.others.member[starts]] = np.maximum.reduceat(self.weighted, starts, axis=1)
        return np.asarray(best.sum(axis=0) / len(self.query))

    def _best_pairs(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_], discount: Array) -> Array:
        values = (self.weighted * discount)[np.ix_(rows, columns)]
        values = -np.partition(-values, BEST - 1, axis=0)[:BEST] if len(values) > BEST else values
        owners = np.repeat(self.others.member[columns], len(values))
        return mean_of_best(values.T.ravel(), owners, self.candidates)


def mean_of_languages(query: FacetTable, others: FacetTable) -> Array:
    """Similarity of facets, the mean over their pairs of wordings, shape (query facets, other facets).

    A facet has one or two wordings, so the divisors are powers of two and the means exact.
    """
    if not len(query.labels) or not len(others.labels):
        return np.zeros((len(query.labels), len(others.labels)))
    wordings = (query.vectors @ others.vectors.T).astype(np.float64)
    by_column = np.add.reduceat(wordings, others.row_start[:-1], axis=1) / np.diff(others.row_start)
    by_row = np.add.reduceat(by_column, query.row_start[:-1], axis=0) / np.diff(query.row_start)[:, None]
    return np.asarray(by_row)


def best_of_languages(query: FacetTable, others: FacetTable) -> Array:
    """Similarity of facets, each pair at its best pair of wordings, shape (query facets, other facets)."""
    if not len(query.labels) or not len(others.labels):
        return np.zeros((len(query.labels), len(others.labels)))
    wordings = query.vectors @ others.vectors.T
    by_column = np.maximum.reduceat(wordings, others.row_start[:-1], axis=1)
    return np.maximum.reduceat(by_column, query.row_start[:-1], axis=0).astype(np.float64)


def purpose_weight(table: FacetLabels, purpose: Purpose | None) -> Array:
    """1, or `OFF_PURPOSE` for a facet that does not serve the purpose, shape (facets,)."""
    if purpose is None:
        return np.ones(len(table))
    return np.where(table.purposes & (1 << PURPOSES.index(purpose)), 1.0, OFF_PURPOSE)


def has(table: FacetLabels, members: int) -> NDArray[np.bool_]:
    """Facets that say what a member has: offers and summary; everything where it states neither."""
    stated = (table.kind == _OFFER) | (table.kind == _SUMMARY)
    return np.asarray(stated | ~_members_with(stated, table, members)[table.member])


def wants(table: FacetLabels, members: int) -> tuple[NDArray[np.bool_], Array]:
    """Facets that say what a member wants, and what a match with each counts.

    Needs where stated; else summary and domains at a discount; else whatever there is, at the same discount.
    """
    needs = table.kind == _NEED
    states_needs = _members_with(needs, table, members)[table.member]
    topics = (table.kind == _SUMMARY) | (table.kind == _DOMAIN)
    has_topics = _members_with(topics, table, members)[table.member]
    fallback = ~states_needs & (topics | ~has_topics)
    return needs | fallback, np.where(needs, 1.0, DISCOUNT)


def _members_with(facets: NDArray[np.bool_], table: FacetLabels, members: int) -> NDArray[np.bool_]:
    return np.bincount(table.member[facets], minlength=members) > 0


def mean_of_best(values: Array, owners: NDArray[np.intp], count: int, best: int = BEST) -> Array:
    """Mean of each owner's ``best`` largest values (of fewer where it has fewer, 0 without any), shape (count,)."""
    order = np.lexsort((-values, owners))
    values, owners = values[order], owners[order]
    starts = np.searchsorted(owners, np.arange(count))
    kept = np.arange(len(owners)) - starts[owners] < best
    sums = np.bincount(owners[kept], values[kept], minlength=count)
    return sums / np.maximum(np.bincount(owners[kept], minlength=count), 1)
