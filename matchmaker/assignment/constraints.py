"""The rules of a problem as rows of one sparse matrix over its open pairs, for every solver that wants inequalities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from matchmaker.assignment.problem import Integers, Mask, Problem


@dataclass(frozen=True, eq=False)
class Constraints:
    """``low <= matrix @ x <= high`` for the open pairs x, each 0 or 1.

    Attributes:
        rows, columns: the open pairs, shape (pairs,).
        matrix: shape (constraints, pairs); first the rows of the problem, then its columns, then the sets of members
            of which a partner meets at most one.
        low, high: shape (constraints,).
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    matrix: csr_array
    low: Integers
    high: Integers


def constraints_of(problem: Problem) -> Constraints:
    """The rules of a problem without pins (see `pins.settled`)."""
    kr, sg = problem.shape
    rows, columns = np.nonzero(problem.allowed)
    at_most_one = (
        _at_most_one(cover(problem.kr.conflicts), rows, columns, sg),
        _at_most_one(cover(problem.sg.conflicts), columns, rows, kr),
    )
    matrix = vstack((incidence(rows, kr), incidence(columns, sg), *at_most_one), format="csr")
    once = np.ones(matrix.shape[0] - kr - sg, dtype=np.int64)
    low = np.concatenate((problem.kr_least, problem.sg_least, np.zeros_like(once)))
    high = np.concatenate((problem.kr_most, problem.sg_most, once))
    return Constraints(rows, columns, csr_array(matrix), low, high)


def incidence(members: NDArray[np.intp], count: int) -> csr_array:
    """Which pairs are whose, shape (count, pairs)."""
    pairs = np.arange(len(members))
    return csr_array((np.ones(len(members)), (members, pairs)), shape=(count, len(members)))


def cover(conflicts: Mask) -> list[NDArray[np.intp]]:
    """Sets of members in which everybody conflicts with everybody, which together hold every conflict.

    Grown greedily: larger sets make fewer and stronger inequalities than one for each conflict.
    """
    open_conflicts, cliques = np.triu(conflicts), []
    while open_conflicts.any():
        first, second = np.argwhere(open_conflicts)[0]
        clique = _grown([int(first), int(second)], conflicts)
        open_conflicts[np.ix_(clique, clique)] = False
        cliques.append(clique)
    return cliques


def _grown(clique: list[int], conflicts: Mask) -> NDArray[np.intp]:
    others = conflicts[clique].all(axis=0)
    while others.any():
        member = int(np.argmax(others))
        clique.append(member)
        others = others & conflicts[member]
    return np.asarray(sorted(clique), dtype=np.intp)


def _at_most_one(
    cliques: list[NDArray[np.intp]], members: NDArray[np.intp], partners: NDArray[np.intp], count: int
) -> csr_array:
    """One row for each clique and partner that could meet two of it."""
    pairs = [np.nonzero(np.isin(members, clique))[0] for clique in cliques]
    if not pairs:
        return csr_array((0, len(members)))
    inside = np.concatenate(pairs)
    keys = np.repeat(np.arange(len(cliques)), [len(part) for part in pairs]) * count + partners[inside]
    _, places, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    matrix = csr_array((np.ones(len(inside)), (places, inside)), shape=(len(sizes), len(members)))
    return csr_array(matrix[np.nonzero(sizes > 1)[0]])
