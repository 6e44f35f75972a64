"""Which rules to give up when not all can hold: the fewest, and of those the ones that are missed the least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.assignment.problem import Assignment, Cancelled, Problem, Progress


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
    """Every rule of a problem that could be given up, except that only the pairs are open that are allowed.

    Whoever forbids pairs by choice adds ``Rule(RuleKind.FORBIDDEN, (row, column))`` for those.
    """
    raise NotImplementedError


def relax(
    problem: Problem,
    soft: Sequence[Rule] | None = None,
    *,
    time_limit: float = 30.0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Relaxed:
    """Break as few of the ``soft`` rules as possible (all of `rules_of` if None); every other rule holds.

    First the number of broken rules is made as small as possible, then by how much they are broken, then the total
    weight as large as possible.

    Raises:
        InvalidInput: a rule is not one of this problem.
        NoAssignment: the other rules cannot hold even without the soft ones, or nothing was found in time.
        SolvingCancelled: ``cancelled`` said so.
    """
    raise NotImplementedError
