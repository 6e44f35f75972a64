"""Decisions as arrays: lists of candidates, who was shown with what probability, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.decision import Decision
from matchmaker.errors import InvalidInput
from matchmaker.quality.measures import Values
from matchmaker.scoring.rule import Channels
from matchmaker.scoring.shown import channels_of

Rows = NDArray[np.bool_]
Numbers = NDArray[np.intp]

COMPLETE = 0.1
"""Probabilities of being shown must add up to the number of those shown, within this share."""


@dataclass(frozen=True, eq=False)
class DecisionLog:
    """Lists of candidates, one row per candidate; the rows of a list stand together, by external_id.

    ``lists`` and ``queries`` number the list of every row and the member that it was for, from 0. ``accepted`` is 0
    where nothing was shown. All arrays have the shape (rows,).
    """

    evidence: Channels
    lists: Numbers
    queries: Numbers
    propensities: Values
    is_shown: Rows
    accepted: Values

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> DecisionLog:
        """Put decisions in order.

        Raises:
            InvalidInput: they contradict each other, or candidates that were not shown are left out.
        """
        rows = sorted(decisions, key=lambda row: (row.list_id, row.candidate))
        _check(rows)
        log = cls(
            channels_of([row.evidence for row in rows]),
            numbered(row.list_id for row in rows),
            numbered(row.query for row in rows),
            np.asarray([row.propensity for row in rows], dtype=np.float64),
            np.asarray([row.is_shown for row in rows], dtype=bool),
            np.asarray([bool(row.accepted) for row in rows], dtype=np.float64),
        )
        _check_completeness(log)
        return log

    def __len__(self) -> int:
        return len(self.lists)

    @property
    def decisions(self) -> int:
        """How many candidates were shown and decided."""
        return int(self.is_shown.sum())

    @property
    def asked_by(self) -> Numbers:
        """The query of every list, shape (lists,)."""
        _, first = np.unique(self.lists, return_index=True)
        return np.asarray(self.queries[first])

    def take(self, rows: Rows) -> DecisionLog:
        """Some rows; numbers of lists and queries stay as they are."""
        return DecisionLog(
            self.evidence.take(np.flatnonzero(rows)),
            self.lists[rows],
            self.queries[rows],
            self.propensities[rows],
            self.is_shown[rows],
            self.accepted[rows],
        )

    def counts(self) -> dict[str, int]:
        """How much there is."""
        return {
            "decisions": self.decisions,
            "lists": len(np.unique(self.lists)),
            "queries": len(np.unique(self.queries)),
        }


def numbered(names: Iterable[Hashable]) -> Numbers:
    """Names as numbers from 0, in the order of their first appearance."""
    places: dict[Hashable, int] = {}
    return np.asarray([places.setdefault(name, len(places)) for name in names], dtype=np.intp)


def _check(rows: Sequence[Decision]) -> None:
    if not rows:
        raise InvalidInput("there are no decisions; write down lists first")
    if twice := [name for name, count in Counter(row.decision_id for row in rows).items() if count > 1]:
        raise InvalidInput(f"decision “{twice[0]}” occurs twice; keep one of the lines")
    for name, listed in groupby(rows, key=lambda row: row.list_id):
        _check_list(name, list(listed))


def _check_list(name: str, rows: Sequence[Decision]) -> None:
    if len({(row.query, row.purpose, row.rule, row.snapshot) for row in rows}) > 1:
        raise InvalidInput(
            f"list “{name}” has several queries, purposes, rules or snapshots; give each its own list_id"
        )
    candidates = Counter(row.candidate for row in rows)
    ranks = Counter(row.rank for row in rows if row.rank is not None)
    for what, counts in (("candidate", candidates), ("rank", ranks)):
        if twice := [str(value) for value, count in counts.items() if count > 1]:
            raise InvalidInput(f"list “{name}” has {what} {twice[0]} twice; keep one of the lines")


def _check_completeness(log: DecisionLog) -> None:
    """Probabilities of being shown add up to what was shown, list by list; and something was left to chance."""
    expected = np.bincount(log.lists, log.propensities)
    shown = np.bincount(log.lists, log.is_shown)
    off = np.abs(expected - shown) > COMPLETE * np.maximum(shown, 1)
    if off.any():
        first = int(np.argmax(off))
        raise InvalidInput(
            f"in {int(off.sum())} of {len(off)} lists the probabilities of being shown do not add up to what was "
            f"shown, first {expected[first]:.2f} for {int(shown[first])} shown candidates; every list needs a line "
            "for each of its eligible candidates, shown or not, with the probability of being shown"
        )
    if not (log.propensities < 1.0).any():
        raise InvalidInput(
            "every candidate was sure to be shown, so nothing can be said about other lists; draw lists by chance "
            "(matchmaker.scoring.exploration) and write down who was not shown as well"
        )
