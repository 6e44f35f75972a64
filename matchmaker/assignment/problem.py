"""What a round asks for and what it gets, as arrays.

Rows are Korean members, columns Singapore members. A pair is chosen or not. Every rule is a bound on how many pairs of
some set are chosen:

- a member's pairs number at least ``least`` and at most ``most`` (equal bounds ask for an exact number);
- a pair that is not ``allowed`` is never chosen, a ``pinned`` one always;
- of one group a member of the other side meets at most one;
- two rivals share no partner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matchmaker.errors import Fault, InvalidInput

Scalar = TypeVar("Scalar", bound=np.generic)
Weights = NDArray[np.float64]
Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]
Rivals = Sequence[tuple[int, int]]

Progress = Callable[[float, str], None]
"""Hears the share of the work that is done, in [0, 1], and the name of the step: ``flow``, ``search``, …"""
Cancelled = Callable[[], bool]
"""Asked now and then; true stops the work."""

ALONE = -1
"""The group of a member that belongs to none."""


@dataclass(frozen=True, eq=False)
class Side:
    """What is asked of the members of one country. Arrays of shape (members,)."""

    least: Integers
    most: Integers
    groups: Integers | None
    rivals: tuple[tuple[int, int], ...]

    @cached_property
    def conflicts(self) -> Mask:
        """Members that may not share a partner, shape (members, members): of one group, or rivals."""
        conflicts = np.zeros((len(self.least), len(self.least)), dtype=np.bool_)
        if self.groups is not None:
            conflicts |= (self.groups[:, None] == self.groups) & (self.groups != ALONE)
        for one, other in self.rivals:
            conflicts[one, other] = conflicts[other, one] = True
        np.fill_diagonal(conflicts, False)
        return conflicts

    @cached_property
    def cliques(self) -> Integers | None:
        """Shape (members,): who shares a number conflicts with everybody else of it and with nobody beyond.

        None if rivalry does not split like that (A rivals B, B rivals C, but A and C do not mind each other).
        """
        if not self.conflicts.any():
            return np.arange(len(self.least), dtype=np.int64)
        _, labels = connected_components(coo_array(self.conflicts), directed=False)
        together = labels[:, None] == labels
        np.fill_diagonal(together, False)
        return labels.astype(np.int64) if np.array_equal(together, self.conflicts) else None


@dataclass(frozen=True, eq=False)
class Problem:
    """A round. ``kr`` rows, ``sg`` columns.

    Attributes:
        weights: what a pair is worth, shape (kr, sg); may be negative. Ignored where a pair is not allowed, but finite.
        allowed: pairs that may be chosen, shape (kr, sg).
        kr_least, kr_most: pairs of a Korean member at least and at most, shape (kr,). Likewise ``sg_…``, shape (sg,).
        pinned: pairs that must be chosen, shape (kr, sg). One that is not allowed makes the problem unsolvable.
        kr_groups: group of each Korean member, shape (kr,), -1 for none: a Singapore member meets at most one of a
            group. ``sg_groups`` likewise, shape (sg,). None: nobody has a group.
        kr_rivals: pairs of rows that may not share a partner. ``sg_rivals``: pairs of columns.

    Raises:
        InvalidInput: shapes do not fit, a number is not finite, bounds cross or are negative, or an index is outside.
    """

    weights: Weights
    allowed: Mask
    kr_least: Integers
    kr_most: Integers
    sg_least: Integers
    sg_most: Integers
    pinned: Mask
    kr_groups: Integers | None = None
    sg_groups: Integers | None = None
    kr_rivals: tuple[tuple[int, int], ...] = ()
    sg_rivals: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if faults := tuple(_faults(self)):
            raise InvalidInput("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults), faults)

    @classmethod
    def of(
        cls,
        weights: ArrayLike,
        *,
        allowed: ArrayLike = True,
        kr_least: ArrayLike = 0,
        kr_most: ArrayLike = 1,
        sg_least: ArrayLike = 0,
        sg_most: ArrayLike = 1,
        pinned: ArrayLike = False,
        kr_groups: ArrayLike | None = None,
        sg_groups: ArrayLike | None = None,
        kr_rivals: Rivals = (),
        sg_rivals: Rivals = (),
    ) -> Self:
        """A problem from anything that looks like arrays; a single number holds for every member or pair.

        Raises:
            InvalidInput: see the class.
        """
        table = np.asarray(weights, dtype=np.float64)
        if table.ndim != 2:
            raise InvalidInput(f"weights must have two dimensions, not {table.ndim}")
        kr, sg = table.shape
        return cls(
            weights=table,
            allowed=_spread(allowed, table.shape, np.bool_, "allowed"),
            kr_least=_spread(kr_least, (kr,), np.int64, "kr_least"),
            kr_most=_spread(kr_most, (kr,), np.int64, "kr_most"),
            sg_least=_spread(sg_least, (sg,), np.int64, "sg_least"),
            sg_most=_spread(sg_most, (sg,), np.int64, "sg_most"),
            pinned=_spread(pinned, table.shape, np.bool_, "pinned"),
            kr_groups=None if kr_groups is None else _spread(kr_groups, (kr,), np.int64, "kr_groups"),
            sg_groups=None if sg_groups is None else _spread(sg_groups, (sg,), np.int64, "sg_groups"),
            kr_rivals=tuple((int(one), int(other)) for one, other in kr_rivals),
            sg_rivals=tuple((int(one), int(other)) for one, other in sg_rivals),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Korean members, Singapore members."""
        kr, sg = self.weights.shape
        return kr, sg

    @cached_property
    def kr(self) -> Side:
        """What is asked of the rows."""
        return Side(self.kr_least, self.kr_most, self.kr_groups, self.kr_rivals)

    @cached_property
    def sg(self) -> Side:
        """What is asked of the columns."""
        return Side(self.sg_least, self.sg_most, self.sg_groups, self.sg_rivals)

    @property
    def is_flow(self) -> bool:
        """Whether every rule is a capacity of a network, so that the optimum needs no search (see `flow`)."""
        return self.kr.cliques is not None and self.sg.cliques is not None

    @cached_property
    def reachable(self) -> tuple[Mask, Mask]:
        """Whom the rules leave at all one partner, shapes (kr,) and (sg,)."""
        open_pairs: Mask = self.allowed & (self.kr_most > 0)[:, None] & (self.sg_most > 0)
        return np.any(open_pairs, axis=1), np.any(open_pairs, axis=0)


@dataclass(frozen=True, eq=False)
class Assignment:
    """The chosen pairs, by row and then column.

    Attributes:
        rows, columns: shape (pairs,).
        total: sum of the pairs' weights.
        is_optimal: nothing better exists, as far as the method's own aim goes; else ``bound`` says how much better
            at most, or the time was up.
        bound: no assignment under these rules has a larger total; None where no bound is known.
        floor: the total of the member that is worst off, among those the method looked after; None where it looked
            after nobody in particular.
        floor_bound: no assignment that serves as many members lifts the floor above this; None likewise.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    total: float
    is_optimal: bool
    bound: float | None = None
    floor: float | None = None
    floor_bound: float | None = None

    @property
    def gap(self) -> float | None:
        """How much better the total could be at most."""
        return None if self.bound is None else max(0.0, self.bound - self.total)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Row and column of each pair."""
        return list(zip(self.rows.tolist(), self.columns.tolist(), strict=True))

    def counts(self, shape: tuple[int, int]) -> tuple[Integers, Integers]:
        """How many pairs each member has, shapes (kr,) and (sg,)."""
        kr, sg = shape
        return np.bincount(self.rows, minlength=kr), np.bincount(self.columns, minlength=sg)


def chosen(problem: Problem, pairs: Mask, **known: float | bool | None) -> Assignment:
    """The assignment of a mask of pairs, shape (kr, sg); ``known`` are its other attributes."""
    rows, columns = np.nonzero(pairs)
    fields = {"is_optimal": True, **known}
    return Assignment(rows, columns, float(problem.weights[rows, columns].sum()), **fields)  # type: ignore[arg-type]


def _spread(value: ArrayLike, shape: tuple[int, ...], dtype: type[Scalar], name: str) -> NDArray[Scalar]:
    try:
        return np.broadcast_to(np.asarray(value).astype(dtype, casting="same_kind"), shape)
    except (TypeError, ValueError):
        fault = Fault(f"/{name}", "shape", f"must be {dtype.__name__} of shape {shape}")
        raise InvalidInput(f"{fault.pointer}: {fault.message}", (fault,)) from None


def _faults(problem: Problem) -> Iterator[Fault]:
    if problem.weights.ndim != 2:
        yield Fault("/weights", "shape", f"must have two dimensions, not {problem.weights.ndim}")
        return
    yield from _misshapen(problem)
    if not np.isfinite(problem.weights).all():
        yield Fault("/weights", "not-finite", "every weight must be a finite number")
    for name, count in zip(("kr", "sg"), problem.shape, strict=True):
        yield from _crossed(name, getattr(problem, f"{name}_least"), getattr(problem, f"{name}_most"))
        yield from _outside(f"/{name}_rivals", getattr(problem, f"{name}_rivals"), count)


def _misshapen(problem: Problem) -> Iterator[Fault]:
    kr, sg = problem.shape
    wanted: tuple[tuple[tuple[int, ...], tuple[str, ...]], ...] = (
        ((kr, sg), ("allowed", "pinned")),
        ((kr,), ("kr_least", "kr_most", "kr_groups")),
        ((sg,), ("sg_least", "sg_most", "sg_groups")),
    )
    for shape, names in wanted:
        for name in names:
            found = getattr(problem, name)
            if found is not None and found.shape != shape:
                yield Fault(f"/{name}", "shape", f"must have shape {shape}, not {found.shape}")


def _crossed(name: str, least: Integers, most: Integers) -> Iterator[Fault]:
    if least.shape == most.shape and (least > most).any():
        first = int(np.argmax(least > most))
        yield Fault(
            f"/{name}_least/{first}", "crossed", f"{least[first]} at least, but {most[first]} at most"
        )
    if (least < 0).any():
        yield Fault(f"/{name}_least/{int(np.argmax(least < 0))}", "negative", "must not be negative")


def _outside(pointer: str, rivals: Rivals, count: int) -> Iterator[Fault]:
    for place, (one, other) in enumerate(rivals):
        if one == other or not (0 <= one < count and 0 <= other < count):
            message = f"must be two different numbers from 0 to {count - 1}, not {one} and {other}"
            yield Fault(f"{pointer}/{place}", "outside", message)


def loosened(problem: Problem) -> Problem:
    """The problem without the rivals that make it a search; groups stay."""
    kr = () if problem.kr.cliques is None else problem.kr_rivals
    sg = () if problem.sg.cliques is None else problem.sg_rivals
    return replace(problem, kr_rivals=kr, sg_rivals=sg)
