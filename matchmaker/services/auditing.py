"""Reading the whole trail: does it hold, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.domain.trail import GENESIS, Break, Entry, first_break
from matchmaker.storage.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class TrailReport:
    """How many entries there are, the latest hash, and where the chain fails first; None if it holds."""

    count: int
    head: str
    broken: Break | None

    @property
    def holds(self) -> bool:
        """Whether nothing was altered, removed or inserted."""
        return self.broken is None


@dataclass(frozen=True)
class Auditing:
    """The trail as a whole."""

    store: Store

    def head(self) -> tuple[int, str]:
        """How many entries there are, and the latest hash."""
        with self.store.reading() as work:
            return work.trail.head()

    def verify(self, expected: str | None = None) -> TrailReport:
        """Follow the chain from its beginning.

        Args:
            expected: the latest hash as it was noted elsewhere, some time ago; some entry must still have it.
        """
        with self.store.reading() as work:
            count, head = work.trail.head()
            hashes = {GENESIS}

            def watched() -> Iterator[Entry]:
                for entry in work.trail.list_all():
                    hashes.add(entry.hash)
                    yield entry

            broken = first_break(watched(), head)
        if broken is None and expected is not None and expected not in hashes:
            broken = Break(count, "no entry has the hash that was noted elsewhere; the end was written anew")
        return TrailReport(count, head, broken)

    def entries(self) -> Iterator[Entry]:
        """All entries in order."""
        with self.store.reading() as work:
            yield from work.trail.list_all()
