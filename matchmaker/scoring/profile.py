"""A member with its vectors, and many of them as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import VectorIndex, Vectors
from matchmaker.domain.facets import FacetKind, Wording
from matchmaker.domain.member import Member, Purpose

KINDS = tuple(FacetKind)
PURPOSES = tuple(Purpose)


@dataclass(frozen=True, slots=True)
class Entry:
    """A member and its wordings, in the order of `KINDS`."""

    member: Member
    wordings: tuple[Wording, ...]

    def positions(self, kind: FacetKind) -> list[int]:
        """Where the wordings of one kind stand."""
        return [position for position, wording in enumerate(self.wordings) if wording.kind is kind]


@dataclass(frozen=True, eq=False)
class Profile:
    """An entry with one unit vector per wording, shape (wordings, dimensions)."""

    entry: Entry
    vectors: Vectors

    @property
    def member(self) -> Member:
        """Whose profile it is."""
        return self.entry.member

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """What the rows of ``vectors`` say."""
        return self.entry.wordings


@dataclass(frozen=True, eq=False)
class FacetLabels:
    """What the facets of many members are, each array of shape (facets,).

    ``member``: ordinal of the member it belongs to, ascending. ``kind``: position in `KINDS`. ``purposes``: one bit per
    purpose, all bits where none is stated.
    """

    member: NDArray[np.intp]
    kind: NDArray[np.int8]
    purposes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.member)

    def take(self, facets: NDArray[np.intp]) -> FacetLabels:
        """Some of the facets, in the order given."""
        return FacetLabels(self.member[facets], self.kind[facets], self.purposes[facets])

    @classmethod
    def concatenate(cls, parts: Sequence[FacetLabels]) -> Self:
        """Several lists one after the other."""
        return cls(
            np.concatenate([part.member for part in parts]),
            np.concatenate([part.kind for part in parts]),
            np.concatenate([part.purposes for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class FacetTable:
    """The facets of many members, sorted by member; a facet is one or two wordings (languages) in a row.

    ``vectors``: one row per wording, shape (wordings, dimensions). ``row_start``: first row of each facet and one past
    the last, shape (facets + 1,).
    """

    labels: FacetLabels
    vectors: Vectors
    row_start: NDArray[np.intp]

    @classmethod
    def of(cls, wordings: Sequence[Sequence[Wording]], vectors: Vectors) -> Self:
        """Lay out the wordings of many members, whose vectors stand one after the other."""
        row_start, member, kind, purposes = [0], [], [], []
        for ordinal, part in enumerate(wordings):
            previous: tuple[FacetKind, int] | None = None
            for wording in part:
                if (wording.kind, wording.number) == previous:
                    row_start[-1] += 1
                    continue
                previous = (wording.kind, wording.number)
                row_start.append(row_start[-1] + 1)
                member.append(ordinal)
                kind.append(KINDS.index(wording.kind))
                purposes.append(purpose_bits(wording.purposes))
        labels = FacetLabels(
            np.asarray(member, dtype=np.intp),
            np.asarray(kind, dtype=np.int8),
            np.asarray(purposes, dtype=np.uint8),
        )
        return cls(labels, vectors, np.asarray(row_start, dtype=np.intp))

    def select(self, members: NDArray[np.intp]) -> FacetTable:
        """The facets of some members (ascending ordinals), renumbered from zero."""
        first = np.searchsorted(self.labels.member, members, side="left")
        counts = np.searchsorted(self.labels.member, members, side="right") - first
        facets = ranges(first, counts)
        lengths = self.row_start[facets + 1] - self.row_start[facets]
        labels = self.labels.take(facets)
        return FacetTable(
            FacetLabels(np.repeat(np.arange(len(members)), counts), labels.kind, labels.purposes),
            self.vectors[ranges(self.row_start[facets], lengths)],
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp),
        )


@dataclass(frozen=True, eq=False)
class Partition:
    """One facet kind of one country: the table and the index that searches its rows (None where it has none).

    The table reads the index's own memory: vectors are held once.
    """

    table: FacetTable
    index: VectorIndex | None
    member_of_row: NDArray[np.intp]

    @classmethod
    def of(cls, wordings: Sequence[Sequence[Wording]], index: VectorIndex | None, dimensions: int) -> Self:
        """Lay out one kind of wordings of many members over the index that holds their vectors.

        Raises:
            ValueError: there is not one vector per wording.
        """
        vectors = index.vectors if index is not None else np.zeros((0, dimensions), np.float32)
        if sum(map(len, wordings)) != len(vectors):
            raise ValueError(f"{len(vectors)} vectors cannot belong to {sum(map(len, wordings))} wordings")
        table = FacetTable.of(wordings, vectors)
        return cls(table, index, np.repeat(table.labels.member, np.diff(table.row_start)))

    def rows_of(self, member: int) -> slice:
        """The rows of one member."""
        first, last = np.searchsorted(self.member_of_row, [member, member + 1])
        return slice(int(first), int(last))


def purpose_bits(purposes: frozenset[Purpose]) -> int:
    """One bit per purpose; no purpose stated counts for all."""
    return sum(1 << PURPOSES.index(purpose) for purpose in purposes or frozenset(Purpose))


def ranges(starts: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """``start, start + 1, ...`` of each range, one after the other."""
    total = int(counts.sum())
    offsets = (
        np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) if total else np.zeros(0)
    )
    return (np.arange(total) + offsets).astype(np.intp)
