"""The fair round: nobody is sacrificed for the total.

Max-min fairness: first as many members as possible get something at all, then the member that is worst off is lifted as
high as possible, and only then the total counts. This is the aim of PeerReview4All (Stelmakh, Shah & Singh 2019), which
approximates it for papers, and of the local fairness constraints of Kobren, Saha & McCallum (2019), who ask for a floor
below each paper and round a linear programme. Finding the best floor is NP-hard (it holds the Santa Claus problem), but
its linear relaxation is a strong bound: the floor is first asked to be as high as that bound; only if no whole
assignment reaches it, the floor is bisected. For a given floor the largest total is a mixed-integer programme that
HiGHS (Huangfu & Hall 2018) solves at alliance size in about two seconds; with the floor itself as the objective twenty
were not enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import block_array, csr_array, diags_array, vstack

from matchmaker.assignment import flow
from matchmaker.assignment.constraints import Constraints, constraints_of, incidence
from matchmaker.assignment.errors import NoAssignment
from matchmaker.assignment.pins import settled
from matchmaker.assignment.problem import Assignment, Cancelled, Mask, Problem, Progress, Weights, chosen
from matchmaker.assignment.watch import Watch

TOLERANCE = 1e-6
"""Floors closer than this, relative to the largest weight, count as equal."""
BISECTION_SHARE = 0.7
"""Of the time, for bisecting the floor; the rest is for the total."""

OPTIMAL, INFEASIBLE = 0, 2
ANY, BEST = 10.0, 0.0
"""Relative gaps at which a programme may stop: with the first whole assignment, or with the best."""


def upper_bound(problem: Problem) -> float:
    """No assignment has a larger total: the optimum of the linear relaxation.

    Without rivals it is the optimum itself (the rules are a network).

    Raises:
        NoAssignment: not even fractions of pairs keep the rules.
    """
    constraints = constraints_of(settled(problem))
    weights = problem.weights[constraints.rows, constraints.columns]
    if not len(weights):
        return float(problem.weights[flow.best_pairs(problem)].sum())
    rules = LinearConstraint(constraints.matrix, constraints.low, constraints.high)
    found = milp(-weights, constraints=rules, bounds=Bounds(0, 1))
    if found.status == INFEASIBLE:
        raise NoAssignment("the rules cannot all hold", is_proven=True)
    return float(problem.weights[problem.pinned].sum()) - float(found.fun or 0.0)


def fair(
    problem: Problem,
    *,
    time_limit: float,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    kr: bool = True,
    sg: bool = True,
) -> Assignment:
    """The assignment with the highest floor, and of those the one with the largest total.

    A member that the rules leave no partner at all is not looked after; where not all others can be served at once, as
    many as possible are. `Assignment.floor` is the smallest total among those served.

    Args:
        kr, sg: whether to look after the members of this side.

    Raises:
        NoAssignment: the rules cannot all hold, or nothing was found in time.
        SolvingCancelled: ``cancelled`` said so.
    """
    watch = Watch(time_limit, progress, cancelled)
    programme = Programme.of(problem, kr=kr, sg=sg)
    if not len(programme.weights):
        return _without_choice(programme)
    served, served_bound = programme.serve_most(watch)
    low, high = programme.floor_of(served), programme.highest(served)
    best = programme.best_above(high, served, watch, BEST)
    if best.pairs is None and best.is_proven:
        high, best = _bisected(programme, Found(served, False), low, high, watch)
        low = programme.floor_of(_pairs(best))
        best = programme.best_above(low, served, watch, BEST).or_else(best)
    elif best.pairs is None:
        best = Found(served, False)
    pairs = _pairs(best)
    floor = programme.floor_of(pairs)
    is_optimal = best.is_proven and served_bound and high - floor <= 3 * programme.tolerance
    bound = upper_bound(problem)
    return chosen(
        problem, pairs, is_optimal=is_optimal, bound=bound, floor=floor, floor_bound=max(floor, high)
    )


def _without_choice(programme: Programme) -> Assignment:
    pinned = flow.best_pairs(programme.problem)
    floor, total = programme.floor_of(pinned), float(programme.problem.weights[pinned].sum())
    return chosen(programme.problem, pinned, bound=total, floor=floor, floor_bound=floor)


@dataclass(frozen=True, eq=False)
class Found:
    """Pairs, shape (kr, sg), or none; ``is_proven``: they are the best, or there are none."""

    pairs: Mask | None
    is_proven: bool

    def or_else(self, other: Found) -> Found:
        """The other one's pairs where there are none here."""
        return self if self.pairs is not None else Found(other.pairs, False)


def _bisected(
    programme: Programme, best: Found, low: float, high: float, watch: Watch
) -> tuple[float, Found]:
    """Narrow the floor down: the lowest floor known to be out of reach, and pairs with the highest one reached."""
    search = replace(watch, time_limit=watch.time_limit * BISECTION_SHARE)
    while search.remaining > 0 and high - low > programme.tolerance:
        target = (low + high) / 2
        found = programme.best_above(target, _pairs(best), search, ANY)
        if found.pairs is not None:
            best, low = found, max(target, programme.floor_of(found.pairs))
        elif found.is_proven:
            high = target
        else:
            break
    return high, best


def _pairs(found: Found) -> Mask:
    if found.pairs is None:
        raise NoAssignment("no assignment was found in time", is_proven=False)
    return found.pairs


@dataclass(frozen=True, eq=False)
class Programme:
    """The rules with two kinds of unknowns: pairs x, and for each member looked after whether it is served, y.

    Attributes:
        problem: as given; ``constraints``: of what its pins leave open.
        weights: of the open pairs, shape (pairs,).
        theirs: which open pair is whose, shape (members looked after, pairs).
        members: positions of those members among the rows and then the columns, shape (members looked after,).
        pins: pinned pairs of each of them, and ``given``: what those are worth, shape (members looked after,).
    """

    problem: Problem
    constraints: Constraints
    weights: Weights
    theirs: csr_array
    members: NDArray[np.intp]
    pins: Weights
    given: Weights

    @classmethod
    def of(cls, problem: Problem, *, kr: bool, sg: bool) -> Programme:
        """The programme of a problem.

        Raises:
            NoAssignment: its pins contradict its rules.
        """
        constraints = constraints_of(settled(problem))
        rows, columns = constraints.rows, constraints.columns
        reachable = np.concatenate((problem.reachable[0] & kr, problem.reachable[1] & sg))
        members = np.nonzero(reachable)[0]
        theirs = vstack(
            (incidence(rows, problem.shape[0]), incidence(columns, problem.shape[1])), format="csr"
        )
        pinned = np.where(problem.pinned, problem.weights, 0.0)
        return cls(
            problem,
            constraints,
            problem.weights[rows, columns],
            csr_array(theirs[members]),
            members,
            _sums(problem.pinned.astype(np.float64))[members],
            _sums(pinned)[members],
        )

    @property
    def tolerance(self) -> float:
        """Difference of floors that does not count."""
        return TOLERANCE * max(float(np.abs(self.problem.weights).max(initial=0.0)), TOLERANCE)

    def floor_of(self, pairs: Mask) -> float:
        """The smallest total among the members looked after that have a pair."""
        totals = _sums(np.where(pairs, self.problem.weights, 0.0))[self.members]
        return float(totals[self._served(pairs)].min(initial=np.inf)) if self._served(pairs).any() else 0.0

    def serve_most(self, watch: Watch) -> tuple[Mask, bool]:
        """Pairs that serve as many members as possible, and whether that is proven.

        Raises:
            NoAssignment: the rules cannot all hold, or nothing was found in time.
        """
        count = len(self.members)
        objective = np.concatenate((np.zeros(len(self.weights)), np.ones(count)))
        found = self._solve(
            objective, [self._rules(), self._serving()], np.zeros(count), watch, BEST, "serving"
        )
        if found.pairs is None:
            reason = "the rules cannot all hold" if found.is_proven else "no assignment was found in time"
            raise NoAssignment(reason, is_proven=found.is_proven)
        return found.pairs, found.is_proven

    def highest(self, served: Mask) -> float:
        """No assignment that serves as many members lifts the floor above this."""
        count = int(self._served(served).sum())
        if count < len(self.members):
            return float(np.sort(self._best_totals())[::-1][count - 1]) if count else 0.0
        if not count:
            return self.floor_of(served)
        last = csr_array(-np.ones((count, 1)))
        nothing = csr_array((self.constraints.matrix.shape[0], 1))
        rules = LinearConstraint(
            block_array([[self.constraints.matrix, nothing]], format="csr"),
            self.constraints.low,
            self.constraints.high,
        )
        floors = LinearConstraint(block_array([[self._worth(), last]], format="csr"), -self.given, np.inf)
        pairs = np.zeros(len(self.weights))
        bounds = Bounds(np.append(pairs, -np.inf), np.append(pairs + 1, np.inf))
        found = milp(np.append(pairs, -1.0), constraints=[rules, floors], bounds=bounds)
        if found.fun is None:
            raise RuntimeError(f"the linear programme ended without an answer: {found.message}")
        return -float(found.fun)

    def best_above(self, floor: float, served: Mask, watch: Watch, gap: float) -> Found:
        """The largest total among the assignments that serve as many members, each of them no worse than ``floor``."""
        count = len(self.members)
        number = int(self._served(served).sum())
        asked = floor - self.tolerance
        # Who is not served (y = 0) may have any total, which negative weights can make negative.
        slack = asked + self._most_below()
        floors = LinearConstraint(
            block_array([[self._worth(), _diagonal(-slack)]], format="csr"),
            asked - slack - self.given,
            np.inf,
        )
        objective = np.concatenate((self.weights, np.zeros(count)))
        least = np.full(count, float(number == count))
        rules = [self._rules(), self._serving(), floors, self._at_least(number)]
        return self._solve(objective, rules, least, watch, gap, "fairness")

    def _served(self, pairs: Mask) -> Mask:
        served: Mask = _sums(pairs.astype(np.float64))[self.members] > 0
        return served

    def _worth(self) -> csr_array:
        return csr_array(self.theirs.multiply(self.weights[None, :]))

    def _rules(self) -> LinearConstraint:
        matrix = self.constraints.matrix
        nothing = csr_array((matrix.shape[0], len(self.members)))
        return LinearConstraint(
            block_array([[matrix, nothing]], format="csr"), self.constraints.low, self.constraints.high
        )

    def _serving(self) -> LinearConstraint:
        """Served is only who has a pair."""
        matrix = block_array([[self.theirs, _diagonal(-np.ones(len(self.members)))]], format="csr")
        return LinearConstraint(matrix, -self.pins, np.inf)

    def _at_least(self, number: int) -> LinearConstraint:
        row = np.concatenate((np.zeros(len(self.weights)), np.ones(len(self.members))))
        return LinearConstraint(csr_array(row[None, :]), number, np.inf)

    def _most_below(self) -> Weights:
        below: Weights = self.theirs @ np.maximum(-self.weights, 0.0) + np.maximum(-self.given, 0.0)
        return below

    def _best_totals(self) -> Weights:
        best: Weights = self.given + self.theirs @ np.maximum(self.weights, 0.0)
        return best

    def _solve(
        self,
        objective: Weights,
        rules: list[LinearConstraint],
        least: Weights,
        watch: Watch,
        gap: float,
        stage: str,
    ) -> Found:
        bounds = Bounds(np.concatenate((np.zeros(len(self.weights)), least)), np.ones(len(objective)))

        def work() -> OptimizeResult:
            return milp(
                -objective,
                constraints=rules,
                bounds=bounds,
                integrality=np.ones(len(objective), dtype=np.int64),
                options={"time_limit": watch.remaining, "mip_rel_gap": gap},
            )

        found = watch.attend(work, stage)
        if found.x is None:
            return Found(None, found.status == INFEASIBLE)
        pairs = self.problem.pinned.copy()
        pairs[self.constraints.rows, self.constraints.columns] = found.x[: len(self.weights)] > 0.5
        return Found(pairs, found.status == OPTIMAL and gap == BEST)


def _sums(table: Weights) -> Weights:
    """Of each row and then each column."""
    return np.concatenate((table.sum(axis=1), table.sum(axis=0)))


def _diagonal(values: Weights) -> csr_array:
    return csr_array(diags_array(values))
