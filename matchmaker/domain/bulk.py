"""Many members at once: what became of each row, and why one was not taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matchmaker.domain.completeness import Completeness
from matchmaker.domain.member import Member


class RowOutcome(StrEnum):
    """What became of a row.

    ``kept``: a person edited the record, so it stays; ``withdrawn``: it stays away; ``held``: it is good, but nothing
    was taken because others were refused.
    """

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class CellFault:
    """One fault: the column (or JSON Pointer) it is in, what the cell says, and what was probably meant."""

    column: str
    code: str
    value: str = ""
    suggestion: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as read: a member, or the faults that stand against it. ``number``: its line in the file, from 1.

    ``has_own_id``: the file gave its id; otherwise it was made from the name.
    """

    number: int
    member: Member | None = None
    faults: tuple[CellFault, ...] = ()
    name: str = ""
    has_own_id: bool = True


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row."""

    number: int
    external_id: str | None
    name: str
    outcome: RowOutcome
    faults: tuple[CellFault, ...] = ()
    completeness: Completeness | None = None


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What became of a file, row by row."""

    rows: tuple[RowResult, ...] = ()
    counts: Mapping[RowOutcome, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[RowResult]) -> BulkReport:
        """A report with its counts."""
        found = tuple(rows)
        counted = Counter(row.outcome for row in found)
        return cls(found, {outcome: counted[outcome] for outcome in RowOutcome if counted[outcome]})

    @property
    def refused(self) -> tuple[RowResult, ...]:
        """The rows that were not taken because of faults."""
        return tuple(row for row in self.rows if row.outcome is RowOutcome.REFUSED)
