"""One attempt at solving a round: from the present state of the alliance to a proposal, or to the way out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from matchmaker.assignment.errors import NoAssignment, SolvingCancelled
from matchmaker.assignment.solving import solve
from matchmaker.domain.review import Case
from matchmaker.domain.round import PairKey, Proposal, Relaxation, Round
from matchmaker.services.catalogue import Edition
from matchmaker.services.round_encoding import problem_of
from matchmaker.services.round_market import Market, market_of
from matchmaker.services.round_proposing import (
    Solved,
    alternates_of,
    chosen_pairs,
    costs_of,
    exposures_of,
    left_out_of,
)
from matchmaker.services.round_relaxing import way_out
from matchmaker.storage.unit_of_work import Store

EVERY = 0.25
"""Seconds between two looks at whether somebody wants to cancel."""
SPANS = {"scoring": (0.0, 0.3), "solving": (0.3, 0.5), "costing": (0.5, 1.0), "relaxing": (0.5, 1.0)}
"""Which part of the progress a stage fills."""


@dataclass
class Watch:
    """Tells the database how far an attempt is, and hears from it whether to go on."""

    store: Store
    round_id: int
    version: int
    _stage: str = ""
    _progress: float = 0.0
    _looked: float = field(default=float("-inf"))
    _is_cancelled: bool = False

    def enter(self, stage: str) -> None:
        """Begin a stage.

        Raises:
            SolvingCancelled: somebody wanted so.
        """
        self._stage, self._progress, self._looked = stage, SPANS[stage][0], float("-inf")
        self._stop_if_wanted()

    def heard(self, share: float) -> None:
        """A share of the present stage is done, in [0, 1].

        Raises:
            SolvingCancelled: somebody wanted so.
        """
        first, last = SPANS[self._stage]
        self._progress = max(self._progress, first + (last - first) * min(max(share, 0.0), 1.0))
        self._stop_if_wanted()

    def cancelled(self) -> bool:
        """Whether somebody wants the attempt to stop; the database is asked now and then."""
        if not self._is_cancelled and time.monotonic() - self._looked >= EVERY:
            with self.store.writing() as work:
                goes_on = work.rounds.report(self.round_id, self.version, self._progress, self._stage)
                work.commit()
            self._is_cancelled, self._looked = not goes_on, time.monotonic()
        return self._is_cancelled

    def _stop_if_wanted(self) -> None:
        if self.cancelled():
            raise SolvingCancelled


def attempt(
    opened: Round,
    edition: Edition,
    cases: Iterable[Case],
    unwanted: Collection[PairKey],
    now: datetime,
    watch: Watch,
) -> Proposal | Relaxation:
    """A proposal, or what to give up if the rules cannot all hold.

    Raises:
        NoAssignment: neither was found.
        SolvingCancelled: somebody wanted so.
        InvalidInput: more take part than a round can hold.
    """
    rules = opened.rules
    watch.enter("scoring")
    market = market_of(edition, rules, cases, unwanted, now, watch.heard)
    problem = problem_of(market, rules)
    watch.enter("solving")
    try:
        assignment = solve(
            problem, rules.method, progress=lambda share, _: watch.heard(share), cancelled=watch.cancelled
        )
    except NoAssignment as error:
        if not error.is_proven:
            raise
        watch.enter("relaxing")
        return way_out(market, problem, watch.heard, watch.cancelled)
    watch.enter("costing")
    return _proposal(opened, market, Solved(market, problem, assignment), watch)


def _proposal(opened: Round, market: Market, solved: Solved, watch: Watch) -> Proposal:
    rules = opened.rules
    costs, has_all = costs_of(solved, rules, watch.heard, watch.cancelled)
    return Proposal(
        (*chosen_pairs(solved), *alternates_of(solved, rules.alternates)),
        solved.expected,
        left_out_of(solved, rules),
        exposures_of(solved, rules),
        costs,
        market.rule,
        market.snapshot,
        solved.assignment.is_optimal,
        has_all,
    )
