"""Pinned pairs are settled before anything is solved: what remains is a smaller problem without pins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matchmaker.assignment.errors import NoAssignment
from matchmaker.assignment.problem import Integers, Mask, Problem


def settled(problem: Problem) -> Problem:
    """The problem that remains once the pinned pairs are taken.

    Each uses up one introduction of both its members, and no rival or sibling may share its partner any more.

    Raises:
        NoAssignment: two pins contradict each other, or one contradicts another rule.
    """
    if not problem.pinned.any():
        return problem
    ruled_out = _ruled_out(problem)
    kr_used, sg_used = problem.pinned.sum(axis=1), problem.pinned.sum(axis=0)
    _refuse(problem, ruled_out, kr_used, sg_used)
    return replace(
        problem,
        allowed=problem.allowed & ~problem.pinned & ~ruled_out,
        pinned=np.zeros_like(problem.pinned),
        kr_least=np.maximum(problem.kr_least - kr_used, 0),
        kr_most=problem.kr_most - kr_used,
        sg_least=np.maximum(problem.sg_least - sg_used, 0),
        sg_most=problem.sg_most - sg_used,
    )


def _ruled_out(problem: Problem) -> Mask:
    pinned = problem.pinned.astype(np.int64)
    shared: Mask = (problem.kr.conflicts @ pinned > 0) | (pinned @ problem.sg.conflicts > 0)
    return shared


def _refuse(problem: Problem, ruled_out: Mask, kr_used: Integers, sg_used: Integers) -> None:
    if (problem.pinned & ~problem.allowed).any():
        raise NoAssignment("a pinned pair is not allowed", is_proven=True)
    if (problem.pinned & ruled_out).any():
        raise NoAssignment("two pinned pairs share a partner that they must not share", is_proven=True)
    if (kr_used > problem.kr_most).any() or (sg_used > problem.sg_most).any():
        raise NoAssignment("a member is pinned more often than it may be introduced", is_proven=True)
