"""Which rules to give up when not all can hold.

Finding the fewest rules whose removal makes a system feasible is the minimum-cardinality correction set, the complement
of the maximum feasible subsystem (Amaldi & Kann 1995; Chinneck 2008), NP-hard in general. CP-SAT (see `search`) gives
every soft rule a whole number by which it may be exceeded, and minimises one aim after the other: how many rules are
broken, by how much in all, and then minus the total weight. The second aim keeps a maximum that has to give way from
being ignored altogether.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

import numpy as np
from ortools.sat.python import cp_model

from matchmaker.assignment.errors import NoAssignment
from matchmaker.assignment.problem import (
    ALONE,
    Assignment,
    Cancelled,
    Integers,
    Mask,
    Problem,
    Progress,
    chosen,
)
from matchmaker.assignment.search import Outcome, on_grid, run, worth
from matchmaker.assignment.watch import Watch
from matchmaker.errors import Fault, InvalidInput


class RuleKind(StrEnum):
    """What a rule of a problem says, and the ``subject`` that names it among its kind."""

    PIN = "pin"
    """This pair must be chosen. Row, column."""
    FORBIDDEN = "forbidden"
    """This pair, not allowed in the problem, must not be chosen. Row, column."""
    KR_LEAST = "kr-least"
    """This row's minimum. Row."""
    SG_LEAST = "sg-least"
    """This column's minimum. Column."""
    KR_MOST = "kr-most"
    """This row's maximum. Row."""
    SG_MOST = "sg-most"
    """This column's maximum. Column."""
    KR_GROUP = "kr-group"
    """Of this Korean group this column meets at most one. Group number, column."""
    SG_GROUP = "sg-group"
    """Of this Singapore group this row meets at most one. Group number, row."""
    KR_RIVALS = "kr-rivals"
    """These rows share no partner. Row, row."""
    SG_RIVALS = "sg-rivals"
    """These columns share no partner. Column, column."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a problem that may be given up."""

    kind: RuleKind
    subject: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The way out.

    Attributes:
        rules: the rules that the assignment breaks, in the order given. Empty if all can hold.
        excess: by how much it breaks each: introductions above a maximum or below a minimum, 1 for a pair, partners
            shared too many.
        assignment: the best under these concessions; ``is_optimal`` says whether that is proven.
        is_proven: no smaller set of rules would do; otherwise no smaller one was found in time.
    """

    rules: tuple[Rule, ...]
    excess: tuple[int, ...]
    assignment: Assignment
    is_proven: bool


def rules_of(problem: Problem) -> tuple[Rule, ...]:
    """Every rule of a problem that could be given up, but for which pairs are allowed.

    Maxima are listed for everybody, minima above 0. Whoever forbids pairs by choice adds
    ``Rule(RuleKind.FORBIDDEN, (row, column))`` for those.
    """
    return (
        *(Rule(RuleKind.PIN, (int(row), int(column))) for row, column in np.argwhere(problem.pinned)),
        *_each(RuleKind.KR_LEAST, problem.kr_least > 0),
        *_each(RuleKind.SG_LEAST, problem.sg_least > 0),
        *_each(RuleKind.KR_MOST, np.ones(problem.shape[0], dtype=np.bool_)),
        *_each(RuleKind.SG_MOST, np.ones(problem.shape[1], dtype=np.bool_)),
        *_group_rules(RuleKind.KR_GROUP, problem.kr_groups, problem.shape[1]),
        *_group_rules(RuleKind.SG_GROUP, problem.sg_groups, problem.shape[0]),
        *(Rule(RuleKind.KR_RIVALS, rivals) for rivals in problem.kr_rivals),
        *(Rule(RuleKind.SG_RIVALS, rivals) for rivals in problem.sg_rivals),
    )


def relax(
    problem: Problem,
    soft: Sequence[Rule] | None = None,
    *,
    time_limit: float = 30.0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Relaxed:
    """Break as few of the ``soft`` rules as possible (of all `rules_of` if None); every other rule holds.

    Args:
        soft: a rule that is named twice counts once.
        time_limit: seconds for all three steps.

    Raises:
        InvalidInput: a rule is not one of this problem.
        NoAssignment: the other rules cannot hold even without the soft ones, or nothing was found in time.
        SolvingCancelled: ``cancelled`` said so.
    """
    watch = Watch(time_limit, progress, cancelled)
    rules = tuple(dict.fromkeys(rules_of(problem) if soft is None else soft))
    _refuse_strangers(problem, rules)
    search = _Search.of(problem, rules)
    aim = search.fewest()
    fewest = search.run(aim, watch, "fewest rules")
    if not fewest.is_found:
        reason = "the rules that stay cannot all hold" if fewest.is_proven else "nothing was found in time"
        raise NoAssignment(reason, is_proven=fewest.is_proven)
    best, is_proven = fewest, fewest.is_proven
    is_optimal = is_proven
    for following, stage in ((search.least_excess(), "least excess"), (search.best_total(), "best total")):
        search.settle(aim, best)
        aim = following
        found = search.run(aim, watch, stage)
        best, is_optimal = (found if found.is_found else best), is_optimal and found.is_proven
    return search.told(best, is_proven, is_optimal)


@dataclass(eq=False)
class _Search:
    """A model whose soft rules may be exceeded, each by a whole number.

    The objectives come one after the other: what one has reached becomes a rule for the next, and where it was reached
    the starting point.
    """

    problem: Problem
    rules: tuple[Rule, ...]
    model: cp_model.CpModel
    pairs: dict[tuple[int, int], cp_model.IntVar]
    excess: dict[Rule, cp_model.IntVar] = field(default_factory=dict)
    broken: dict[Rule, cp_model.IntVar] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: Problem, rules: tuple[Rule, ...]) -> Self:
        model = cp_model.CpModel()
        forbidden = {rule.subject for rule in rules if rule.kind is RuleKind.FORBIDDEN}
        open_pairs = problem.allowed | problem.pinned
        for row, column in forbidden:
            open_pairs = _with(open_pairs, row, column)
        pairs = {(int(row), int(column)): model.new_bool_var("") for row, column in np.argwhere(open_pairs)}
        search = cls(problem, rules, model, pairs)
        for rule in rules:
            search._may_break(rule)
        search._state()
        return search

    def _may_break(self, rule: Rule) -> None:
        # A linear bond between the two, and a tight one, lets the relaxation prove how many rules must go.
        most = self._most_excess(rule)
        self.excess[rule] = self.model.new_int_var(0, most, "")
        self.broken[rule] = self.model.new_bool_var("")
        self.model.add(self.excess[rule] <= most * self.broken[rule])

    def _most_excess(self, rule: Rule) -> int:
        problem, (kr, sg), first = self.problem, self.problem.shape, rule.subject[0]
        return {
            RuleKind.KR_LEAST: lambda: int(problem.kr_least[first]),
            RuleKind.SG_LEAST: lambda: int(problem.sg_least[first]),
            RuleKind.KR_MOST: lambda: max(0, sg - int(problem.kr_most[first])),
            RuleKind.SG_MOST: lambda: max(0, kr - int(problem.sg_most[first])),
            RuleKind.KR_GROUP: lambda: kr,
            RuleKind.SG_GROUP: lambda: sg,
            RuleKind.KR_RIVALS: lambda: sg,
            RuleKind.SG_RIVALS: lambda: kr,
        }.get(rule.kind, lambda: 1)()

    def _by(self, kind: RuleKind, *subject: int) -> cp_model.IntVar | int:
        return self.excess.get(Rule(kind, subject), 0)

    def _state(self) -> None:
        for (row, column), pair in self.pairs.items():
            if self.problem.pinned[row, column]:
                self.model.add(pair + self._by(RuleKind.PIN, row, column) >= 1)
            if not self.problem.allowed[row, column]:
                self.model.add(pair <= self._by(RuleKind.FORBIDDEN, row, column))
        for is_kr in (True, False):
            self._state_bounds(is_kr)
            self._state_groups(is_kr)
            self._state_rivals(is_kr)

    def _state_bounds(self, is_kr: bool) -> None:
        side = self.problem.kr if is_kr else self.problem.sg
        least, most = (
            (RuleKind.KR_LEAST, RuleKind.KR_MOST) if is_kr else (RuleKind.SG_LEAST, RuleKind.SG_MOST)
        )
        theirs = self._theirs(is_kr)
        for member, (low, high) in enumerate(zip(side.least.tolist(), side.most.tolist(), strict=True)):
            count = cp_model.LinearExpr.sum(list(theirs[member].values()))
            self.model.add(count + self._by(least, member) >= low)
            self.model.add(count - self._by(most, member) <= high)

    def _state_groups(self, is_kr: bool) -> None:
        groups = self.problem.kr_groups if is_kr else self.problem.sg_groups
        kind = RuleKind.KR_GROUP if is_kr else RuleKind.SG_GROUP
        if groups is None:
            return
        for partner, met in self._theirs(not is_kr).items():
            by_group: dict[int, list[cp_model.IntVar]] = {}
            for member, pair in met.items():
                by_group.setdefault(int(groups[member]), []).append(pair)
            for group, siblings in by_group.items():
                if group != ALONE and len(siblings) > 1:
                    count = cp_model.LinearExpr.sum(siblings)
                    self.model.add(count - self._by(kind, group, partner) <= 1)

    def _state_rivals(self, is_kr: bool) -> None:
        rivals = self.problem.kr_rivals if is_kr else self.problem.sg_rivals
        kind = RuleKind.KR_RIVALS if is_kr else RuleKind.SG_RIVALS
        theirs = self._theirs(is_kr)
        for one, other in dict.fromkeys(rivals):
            shared = []
            for partner in theirs[one].keys() & theirs[other].keys():
                both = self.model.new_bool_var("")
                self.model.add(theirs[one][partner] + theirs[other][partner] <= 1 + both)
                shared.append(both)
            self.model.add(cp_model.LinearExpr.sum(shared) <= self._by(kind, one, other))

    def _theirs(self, is_kr: bool) -> dict[int, dict[int, cp_model.IntVar]]:
        """The pairs of each member of a side, by partner."""
        theirs: dict[int, dict[int, cp_model.IntVar]] = {
            member: {} for member in range(self.problem.shape[0 if is_kr else 1])
        }
        for (row, column), pair in self.pairs.items():
            member, partner = (row, column) if is_kr else (column, row)
            theirs[member][partner] = pair
        return theirs

    def fewest(self) -> cp_model.LinearExpr:
        return cp_model.LinearExpr.sum(list(self.broken.values()))

    def least_excess(self) -> cp_model.LinearExpr:
        return cp_model.LinearExpr.sum(list(self.excess.values()))

    def best_total(self) -> cp_model.LinearExpr:
        """The largest total, as something to make small."""
        places = tuple(np.array(list(self.pairs), dtype=np.intp).reshape(-1, 2).T)
        weights, _ = on_grid(self.problem.weights[places])
        return worth(list(self.pairs.values()), -weights)

    def run(self, aim: cp_model.LinearExpr, watch: Watch, stage: str) -> Outcome:
        """Make the aim as small as possible."""
        self.model.minimize(aim)
        return run(self.model, watch, stage)

    def settle(self, aim: cp_model.LinearExpr, outcome: Outcome) -> None:
        """The aim may not get worse than what was reached; go on from there."""
        self.model.add(aim <= outcome.solver.value(aim))
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for variable in (*self.pairs.values(), *self.excess.values(), *self.broken.values()):
            self.model.add_hint(variable, outcome.solver.value(variable))

    def told(self, outcome: Outcome, is_proven: bool, is_optimal: bool) -> Relaxed:
        """The answer in terms of the problem."""
        values = {rule: int(outcome.solver.value(by)) for rule, by in self.excess.items()}
        given_up = [(rule, value) for rule, value in values.items() if value]
        pairs = np.zeros(self.problem.shape, dtype=np.bool_)
        for place, pair in self.pairs.items():
            pairs[place] = outcome.solver.boolean_value(pair)
        return Relaxed(
            tuple(rule for rule, _ in given_up),
            tuple(value for _, value in given_up),
            chosen(self.problem, pairs, is_optimal=is_optimal),
            is_proven,
        )


def _with(mask: Mask, row: int, column: int) -> Mask:
    wider = mask.copy()
    wider[row, column] = True
    return wider


def _each(kind: RuleKind, is_asked: Mask) -> tuple[Rule, ...]:
    return tuple(Rule(kind, (int(member),)) for member in np.nonzero(is_asked)[0])


def _group_rules(kind: RuleKind, groups: Integers | None, partners: int) -> tuple[Rule, ...]:
    if groups is None:
        return ()
    numbers, sizes = np.unique(groups[groups != ALONE], return_counts=True)
    return tuple(
        Rule(kind, (int(group), partner)) for group in numbers[sizes > 1] for partner in range(partners)
    )


def _refuse_strangers(problem: Problem, rules: tuple[Rule, ...]) -> None:
    known = set(rules_of(problem))
    for place, rule in enumerate(rules):
        is_forbidden = rule.kind is RuleKind.FORBIDDEN and _is_forbidden(problem, rule.subject)
        if rule not in known and not is_forbidden:
            message = f"the problem has no rule {rule.kind.value} {rule.subject}"
            raise InvalidInput(message, (Fault(f"/soft/{place}", "unknown", message),))


def _is_forbidden(problem: Problem, subject: tuple[int, ...]) -> bool:
    return (
        len(subject) == 2
        and all(0 <= at < size for at, size in zip(subject, problem.shape, strict=True))
        and not problem.allowed[subject]
    )
