"""Member and pair files into the database. A second run takes only what changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path

from embeddings.protocols import Progress
from matchmaker.domain.member import Member, merged
from matchmaker.domain.records import StoredMember
from matchmaker.errors import Fault, InvalidInput, UnreadableFile
from matchmaker.formats.json_lines import Line, load_pairs, read_lines
from matchmaker.formats.member_line import MemberLine, parse_member
from matchmaker.services.profiling import Profiler
from matchmaker.storage.unit_of_work import Store, UnitOfWork

BATCH = 256
"""Members that are encoded and written together."""
SHOWN_FAULTS = 20


class Outcome(StrEnum):
    """What became of one line."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    BROKEN = "broken"


_WRITTEN = (Outcome.CREATED, Outcome.UPDATED)


@dataclass(frozen=True)
class BrokenLine:
    """A line that could not be taken."""

    number: int
    reason: str
    faults: tuple[Fault, ...] = ()


@dataclass
class ImportReport:
    """What became of a file. ``kept``: a person edited the record, so it stays; ``withdrawn``: it stays away."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    broken: list[BrokenLine] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For machines."""
        return {
            **{outcome.value: self.counts[outcome] for outcome in Outcome},
            "lines": [{"line": line.number, "reason": line.reason} for line in self.broken],
        }


@dataclass(frozen=True)
class Importing:
    """Imports are idempotent by external_id and never overwrite what a person wrote."""

    store: Store
    profiler: Profiler

    def import_members(
        self, path: Path, keep_going: bool = False, dry_run: bool = False, progress: Progress | None = None
    ) -> ImportReport:
        """Import a member file.

        Args:
            keep_going: take the good lines of a file that has broken ones; otherwise nothing is taken.
            dry_run: report what would happen and write nothing.
            progress: counts members.

        Raises:
            UnreadableFile: the file cannot be read at all.
            InvalidInput: lines are broken and ``keep_going`` is off.
        """
        if path.is_fifo() or path.is_char_device():
            raise UnreadableFile(
                f"{path} is no ordinary file; save what it holds to a file, which is read twice"
            )
        report = ImportReport()
        total = self._check(path, report)
        if report.broken and not keep_going:
            raise InvalidInput(
                _refusal(path, report), tuple(f for line in report.broken for f in line.faults)
            )
        done = 0
        members = (line.value for line in _distinct(read_lines(path, parse_member)) if line.value is not None)
        while batch := list(islice(members, BATCH)):
            report.counts.update(self.take(batch, dry_run).values())
            done += len(batch)
            if progress is not None:
                progress(done, total)
        return report

    def import_partnerships(self, path: Path) -> int:
        """Import a pair file; returns how many pairs were new or changed.

        Raises:
            InvalidInput: a line is broken; nothing is taken.
        """
        pairs = merged(load_pairs(path))
        with self.store.writing() as work:
            changed = sum(work.partnerships.put(pair) for pair in pairs)
            work.commit()
        return changed

    def _check(self, path: Path, report: ImportReport) -> int:
        """Read the whole file once without keeping it: how many good lines, and which are broken."""
        good = 0
        for line in _distinct(read_lines(path, parse_member)):
            if line.error is None:
                good += 1
            else:
                report.broken.append(BrokenLine(line.number, str(line.error), line.error.faults))
        report.counts[Outcome.BROKEN] = len(report.broken)
        return good

    def take(self, members: Sequence[Member], dry_run: bool) -> dict[str, Outcome]:
        """Write those of a few members that changed, in one transaction; what became of each, by external_id."""
        with self.store.reading() as work:
            outcomes = _outcomes(work, members)
        fresh = [member for member in members if outcomes[member.external_id] in _WRITTEN]
        if fresh and not dry_run:
            outcomes |= self._write(fresh)
        return outcomes

    def _write(self, members: Sequence[Member]) -> dict[str, Outcome]:
        """Encode, then write what is still to be written: a person may have been faster meanwhile."""
        profiles = self.profiler.profile_all(members)
        with self.store.writing() as work:
            outcomes = _outcomes(work, members)
            for profile in profiles:
                outcome = outcomes[profile.member.external_id]
                if outcome in _WRITTEN:
                    write = work.members.add if outcome is Outcome.CREATED else work.members.replace
                    write(profile, self.profiler.model, source_hash=_hash(profile.member), is_edited=False)
            work.commit()
        return outcomes


def _outcomes(work: UnitOfWork, members: Sequence[Member]) -> dict[str, Outcome]:
    stored = work.members.find_many([member.external_id for member in members])
    withdrawn = work.members.list_withdrawn()
    return {member.external_id: _outcome(member, stored, withdrawn) for member in members}


def _outcome(member: Member, stored: dict[str, StoredMember], withdrawn: frozenset[str]) -> Outcome:
    if member.external_id in withdrawn:
        return Outcome.WITHDRAWN
    found = stored.get(member.external_id)
    if found is None:
        return Outcome.CREATED
    if found.is_edited:
        return Outcome.KEPT
    return Outcome.UNCHANGED if found.source_hash == _hash(member) else Outcome.UPDATED


def _distinct(lines: Iterator[Line[Member]]) -> Iterator[Line[Member]]:
    """The lines, a repeated external_id turned into an error."""
    seen: dict[str, int] = {}
    for line in lines:
        if line.value is None:
            yield line
            continue
        first = seen.setdefault(line.value.external_id, line.number)
        if first == line.number:
            yield line
        else:
            fault = Fault(
                "/external_id", "duplicate", f"“{line.value.external_id}” stands in line {first} already"
            )
            yield Line(line.number, None, InvalidInput(f"/external_id: {fault.message}", (fault,)))


def _hash(member: Member) -> str:
    return hashlib.sha256(MemberLine.of(member).model_dump_json().encode()).hexdigest()


def _refusal(path: Path, report: ImportReport) -> str:
    shown = [f"  line {line.number}: {line.reason}" for line in report.broken[:SHOWN_FAULTS]]
    more = len(report.broken) - len(shown)
    tail = [f"  and {more} more"] if more > 0 else []
    head = (
        f"{path} has broken lines ({len(report.broken)}), so nothing was imported. "
        "Mend them, or import the rest with --keep-going:"
    )
    return "\n".join([head, *shown, *tail])
