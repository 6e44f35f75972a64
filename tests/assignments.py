"""Small rounds of every kind, and an oracle that tries all assignments of one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from matchmaker.assignment.problem import ALONE, Assignment, Mask, Problem, Side, Weights
from matchmaker.assignment.relaxing import Rule, RuleKind

Tables = NDArray[np.bool_]


@cache
def every_table(kr: int, sg: int) -> Tables:
    """All ways to choose pairs, shape (2 ** (kr * sg), kr, sg)."""
    numbers = np.arange(2 ** (kr * sg))[:, None]
    return (numbers >> np.arange(kr * sg) & 1).astype(np.bool_).reshape(-1, kr, sg)


def keepers(problem: Problem) -> Tables:
    """Every assignment that keeps all rules."""
    tables = every_table(*problem.shape)
    fits: Mask = np.all((~tables | problem.allowed) & (tables | ~problem.pinned), axis=(1, 2))
    for side, axis in ((problem.kr, 2), (problem.sg, 1)):
        counts = tables.sum(axis=axis)
        fits &= ((counts >= side.least) & (counts <= side.most)).all(axis=1)
        for one, other in forbidden_together(side):
            shared = tables.take(one, axis=3 - axis) & tables.take(other, axis=3 - axis)
            fits &= ~np.any(shared, axis=1)
    return tables[fits]


def forbidden_together(side: Side) -> Iterator[tuple[int, int]]:
    """Members that may not share a partner, from the definitions."""
    yield from side.rivals
    if side.groups is not None:
        for one, other in combinations(range(len(side.groups)), 2):
            if side.groups[one] == side.groups[other] != ALONE:
                yield one, other


def totals(problem: Problem, tables: Tables) -> Weights:
    """What each assignment is worth."""
    worth: Weights = np.where(tables, problem.weights, 0.0).sum(axis=(1, 2))
    return worth


def table_of(problem: Problem, assignment: Assignment) -> Mask:
    """The chosen pairs as a table."""
    table = np.zeros(problem.shape, dtype=np.bool_)
    table[assignment.rows, assignment.columns] = True
    return table


def keeps_all(problem: Problem, assignment: Assignment) -> bool:
    """Whether a small assignment keeps every rule."""
    return bool((keepers(problem) == table_of(problem, assignment)).all(axis=(1, 2)).any())


@st.composite
def problems(draw: st.DrawFn, *, with_rivals: bool = False, largest: int = 3) -> Problem:
    """Rounds of up to ``largest`` members a side; many cannot be solved."""
    kr, sg = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rivals = (_rivals(rng, kr), _rivals(rng, sg)) if with_rivals else ((), ())
    weights = rng.integers(-3, 10, (kr, sg)) / rng.choice([1, 3, 7])
    kr_most, sg_most = rng.integers(0, sg + 1, kr), rng.integers(0, kr + 1, sg)
    return Problem.of(
        weights,
        allowed=rng.random((kr, sg)) < draw(st.sampled_from([0.6, 0.9, 1.0])),
        kr_most=kr_most,
        sg_most=sg_most,
        kr_least=np.minimum(kr_most, rng.integers(0, 3, kr) * (rng.random(kr) < 0.3)),
        sg_least=np.minimum(sg_most, rng.integers(0, 3, sg) * (rng.random(sg) < 0.3)),
        pinned=rng.random((kr, sg)) < draw(st.sampled_from([0.0, 0.0, 0.15])),
        kr_groups=rng.integers(-1, 2, kr) if draw(st.booleans()) else None,
        sg_groups=rng.integers(-1, 2, sg) if draw(st.booleans()) else None,
        kr_rivals=rivals[0],
        sg_rivals=rivals[1],
    )


def _rivals(rng: np.random.Generator, members: int) -> tuple[tuple[int, int], ...]:
    return tuple(pair for pair in combinations(range(members), 2) if rng.random() < 0.5)


def excess_of(problem: Problem, rule: Rule) -> NDArray[np.int64]:
    """By how much each assignment of `every_table` breaks a rule, from the rule's definition."""
    tables = every_table(*problem.shape).astype(np.int64)
    # A Singapore rule is a Korean one of the round seen from the other side.
    is_kr = rule.kind.value.startswith("kr-")
    side, seen = (problem.kr, tables) if is_kr else (problem.sg, tables.transpose(0, 2, 1))
    one, other = rule.subject[0], rule.subject[-1]
    excess: NDArray[np.int64]
    if rule.kind is RuleKind.PIN:
        excess = 1 - tables[:, one, other]
    elif rule.kind is RuleKind.FORBIDDEN:
        excess = tables[:, one, other]
    elif rule.kind in (RuleKind.KR_LEAST, RuleKind.SG_LEAST):
        excess = side.least[one] - seen[:, one].sum(axis=1)
    elif rule.kind in (RuleKind.KR_MOST, RuleKind.SG_MOST):
        excess = seen[:, one].sum(axis=1) - side.most[one]
    elif rule.kind in (RuleKind.KR_RIVALS, RuleKind.SG_RIVALS):
        excess = (seen[:, one] & seen[:, other]).sum(axis=1)
    else:
        excess = seen[:, side.groups == one, other].sum(axis=1) - 1
    return np.maximum(excess, 0)
