"""Looking members up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.domain.records import Counts, MemberFilter, MemberPage, StoredMember
from matchmaker.storage.unit_of_work import Store


@dataclass(frozen=True)
class Directory:
    """Reads of the member list."""

    store: Store

    def get(self, external_id: str) -> StoredMember:
        """One member.

        Raises:
            UnknownMember: nobody has this id.
        """
        with self.store.reading() as work:
            return work.members.get(external_id)

    def find_many(self, external_ids: Sequence[str]) -> dict[str, StoredMember]:
        """Those of some members that exist, by id."""
        with self.store.reading() as work:
            return work.members.find_many(external_ids)

    def list_page(self, chosen: MemberFilter, after: str | None = None, limit: int = 50) -> MemberPage:
        """``limit`` members after an id, in order of external_id."""
        with self.store.reading() as work:
            return work.members.list_page(chosen, after, limit)

    def count(self, chosen: MemberFilter) -> int:
        """How many members a filter leaves."""
        with self.store.reading() as work:
            return work.members.count(chosen)

    def count_by_track(self) -> Counts:
        """How many members each track has in each country."""
        with self.store.reading() as work:
            return work.members.count_by_track()
