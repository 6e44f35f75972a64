"""Many members at once: read from JSON Lines or a table, checked row by row, taken in batches, reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from matchmaker.domain.bulk import BulkReport, CellFault, ReadRow, RowOutcome, RowResult
from matchmaker.domain.completeness import completeness_of
from matchmaker.domain.job import Job
from matchmaker.domain.member import Country, Member
from matchmaker.domain.records import MemberFilter
from matchmaker.errors import Fault, InvalidInput, UnreadableFile
from matchmaker.formats.bulk_results import counts_as_json, report_workbook, result_line
from matchmaker.formats.code_words import folded
from matchmaker.formats.column_mapping import (
    ColumnMapping,
    MappingFile,
    Suggestion,
    check_mapping,
    is_header,
    parse_mapping,
    suggest_columns,
    suggested_mapping,
)
from matchmaker.formats.fault_words import fault_text
from matchmaker.formats.json_lines import Line, read_lines
from matchmaker.formats.member_line import parse_member
from matchmaker.formats.member_row import read_row, row_id
from matchmaker.formats.table_file import Table, TableLimits, read_table
from matchmaker.services.importing import BATCH, Importing, Outcome
from matchmaker.services.job_files import JobFiles
from matchmaker.services.jobs import Finished, Heard
from matchmaker.storage.unit_of_work import Store

JOB = "import-members"
PAGE = 200
SAMPLES = 3
"""Cells of a column that are shown beside its suggestion."""


class Format(StrEnum):
    """What a file is."""

    JSON_LINES = "jsonl"
    TABLE = "table"


class OnError(StrEnum):
    """What becomes of the good rows of a file that has others: nothing is taken, or they are."""

    STOP = "stop"
    SKIP = "skip"


@dataclass(frozen=True)
class BulkOptions:
    """How a file is taken. ``mapping`` is for tables; None: as suggested."""

    format: Format = Format.JSON_LINES
    mapping: ColumnMapping | None = None
    dry_run: bool = False
    on_error: OnError = OnError.STOP

    def as_json(self) -> dict[str, object]:
        """To keep with a job."""
        mapping = MappingFile.of(self.mapping).model_dump(mode="json") if self.mapping else None
        return {
            "format": self.format.value,
            "mapping": mapping,
            "dry_run": self.dry_run,
            "on_error": self.on_error.value,
        }

    @classmethod
    def of(cls, value: Mapping[str, object]) -> BulkOptions:
        """As it was kept."""
        mapping = parse_mapping(value["mapping"]) if value["mapping"] else None
        return cls(
            Format(str(value["format"])), mapping, bool(value["dry_run"]), OnError(str(value["on_error"]))
        )


@dataclass(frozen=True)
class Preview:
    """A table before anybody confirmed what its columns say."""

    suggestions: tuple[Suggestion, ...]
    samples: Mapping[str, tuple[str, ...]]
    rows: int


def _unheard(done: int, total: int) -> None:
    """Nobody waits for news."""


@dataclass(frozen=True)
class Bulk:
    """Safe to run again: a row that says what is stored changes nothing, and what a person edited stays."""

    store: Store
    importing: Importing
    files: JobFiles
    limits: TableLimits = field(default_factory=TableLimits)

    def preview(self, path: Path) -> Preview:
        """What a table's columns probably say.

        Raises:
            UnreadableFile: it is no table.
        """
        table = self.table(path)
        samples = {header: _samples(table, header) for header in table.headers}
        return Preview(suggest_columns(table.headers), samples, len(table.rows))

    def table(self, path: Path) -> Table:
        """A table within the limits.

        Raises:
            UnreadableFile: it is none.
        """
        return read_table(path, is_header, self.limits)

    def run(self, path: Path, options: BulkOptions, heard: Heard = _unheard) -> BulkReport:
        """Take a file, or with ``dry_run`` say what would happen.

        Raises:
            UnreadableFile: it cannot be read at all.
            InvalidInput: the mapping does not suit the table.
        """
        rows = list(_distinct(self._read(path, options)))
        heard(0, len(rows))
        is_held = options.on_error is OnError.STOP and any(row.member is None for row in rows)
        if is_held and not options.dry_run:
            return BulkReport.of(_held(row) for row in rows)
        return BulkReport.of(self._take(rows, options.dry_run, heard))

    def work(self, job: Job, heard: Heard) -> Finished:
        """A job that takes the file it names.

        Raises:
            UnreadableFile: the file is gone or cannot be read.
        """
        path = self.files.path(job.source or "")
        if path is None:
            raise UnreadableFile("the file of this job is gone; send it again")
        report = self.run(path, BulkOptions.of(job.parameters), heard)
        name, file = self.files.create(".jsonl")
        with file:
            file.writelines(result_line(row).encode() for row in report.rows)
        return Finished(name, counts_as_json(report))

    def workbook(self, path: Path, options: BulkOptions) -> bytes:
        """What a file would come to, as a workbook to mend it in.

        Raises:
            UnreadableFile: it cannot be read at all.
            InvalidInput: the mapping does not suit the table.
        """
        report = self.run(path, replace(options, dry_run=True))
        return report_workbook(report, self.table(path) if options.format is Format.TABLE else None)

    def export(self) -> Iterator[Member]:
        """Every member in order of external_id, read a page at a time."""
        after: str | None = None
        while True:
            with self.store.reading() as work:
                page = work.members.list_page(MemberFilter(), after, PAGE)
            yield from (stored.member for stored in page.items)
            if page.next_after is None:
                return
            after = page.next_after

    def _read(self, path: Path, options: BulkOptions) -> Iterator[ReadRow]:
        if options.format is Format.JSON_LINES:
            return self._read_lines(path)
        return iter(self._read_table(path, options.mapping))

    def _read_lines(self, path: Path) -> Iterator[ReadRow]:
        for count, line in enumerate(read_lines(path, parse_member), start=1):
            if count > self.limits.rows:
                raise UnreadableFile(f"the file has more than {self.limits.rows} lines; divide it")
            yield _of_line(line)

    def _read_table(self, path: Path, chosen: ColumnMapping | None) -> list[ReadRow]:
        table = self.table(path)
        mapping = _completed(chosen, table)
        check_mapping(mapping, table.headers)
        ids = [row_id(row, mapping) for row in table.rows]
        with self.store.reading() as work:
            stored = {key: found.member for key, found in work.members.find_many(ids).items()}
            named = _by_name(work.members.list_names())
        rows = (read_row(row, mapping, stored) for row in table.rows)
        return [_unless_named(row, stored, named) for row in rows]

    def _take(self, rows: Sequence[ReadRow], dry_run: bool, heard: Heard) -> Iterator[RowResult]:
        done = 0
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            members = [row.member for row in batch if row.member is not None]
            outcomes = self.importing.take(members, dry_run)
            yield from (_result(row, outcomes) for row in batch)
            done += len(batch)
            heard(done, len(rows))


def faults_of(report: BulkReport) -> tuple[Fault, ...]:
    """The faults of a report as those of a request: the pointer names line and column."""
    return tuple(
        Fault(_pointer(row, fault), fault.code, fault_text(fault, "en"))
        for row in report.refused
        for fault in row.faults
    )


def require_taken(report: BulkReport, options: BulkOptions) -> None:
    """Pass unless nothing was taken because of faults.

    Raises:
        InvalidInput: rows were refused, the others held.
    """
    if report.refused and options.on_error is OnError.STOP and not options.dry_run:
        first = report.refused[0]
        reason = (
            f"{len(report.refused)} of {len(report.rows)} rows have faults, so nothing was imported; the first is "
            f"row {first.number}: {fault_text(first.faults[0], 'en')}. Mend them, or take the rest with on_error=skip"
        )
        raise InvalidInput(reason, faults_of(report))


def _completed(chosen: ColumnMapping | None, table: Table) -> ColumnMapping:
    """The chosen mapping; one that names no column gives the defaults for the suggested ones."""
    suggested = suggested_mapping(table.headers)
    if chosen is None:
        return suggested
    return chosen if chosen.columns else replace(chosen, columns=suggested.columns)


def _samples(table: Table, header: str) -> tuple[str, ...]:
    found = (row.cells[header] for row in table.rows if row.cells[header])
    return tuple(dict.fromkeys(cell for _, cell in zip(range(SAMPLES), found, strict=False)))


def _of_line(line: Line[Member]) -> ReadRow:
    if line.value is not None:
        return ReadRow(line.number, line.value, name=line.value.names.best("en")[0])
    faults = line.error.faults if line.error is not None else ()
    found = (CellFault(fault.pointer, "rule", detail=fault.message) for fault in faults)
    return ReadRow(line.number, None, tuple(found) or (CellFault("", "rule", detail=str(line.error)),))


def _distinct(rows: Iterable[ReadRow]) -> Iterator[ReadRow]:
    """The rows, one that repeats an organisation refused."""
    seen: dict[str, int] = {}
    for row in rows:
        first = seen.setdefault(row.member.external_id, row.number) if row.member else row.number
        if first == row.number:
            yield row
        else:
            fault = CellFault("external_id", "duplicate", str(first))
            yield replace(row, member=None, faults=(fault,))


def _by_name(names: Iterable[tuple[str, Country, object]]) -> Mapping[tuple[Country, str], str]:
    found: dict[tuple[Country, str], str] = {}
    for external_id, country, text in names:
        for wording in (getattr(text, "en", None), getattr(text, "ko", None)):
            if wording:
                found.setdefault((country, folded(wording)), external_id)
    return found


def _unless_named(
    row: ReadRow, stored: Mapping[str, Member], named: Mapping[tuple[Country, str], str]
) -> ReadRow:
    """The row, refused if its id was made from its name and another record bears that name."""
    member = row.member
    if member is None or row.has_own_id or member.external_id in stored:
        return row
    wordings = filter(None, (member.names.en, member.names.ko))
    others = (named.get((member.country, folded(wording))) for wording in wordings)
    other = next(filter(None, others), None)
    if other is None:
        return row
    return replace(row, member=None, faults=(CellFault("external_id", "same-name", suggestion=other),))


def _result(row: ReadRow, outcomes: Mapping[str, Outcome]) -> RowResult:
    if row.member is None:
        return RowResult(row.number, None, row.name, RowOutcome.REFUSED, row.faults)
    outcome = RowOutcome(outcomes[row.member.external_id].value)
    return RowResult(row.number, row.member.external_id, row.name, outcome, (), completeness_of(row.member))


def _held(row: ReadRow) -> RowResult:
    if row.member is None:
        return RowResult(row.number, None, row.name, RowOutcome.REFUSED, row.faults)
    return RowResult(
        row.number, row.member.external_id, row.name, RowOutcome.HELD, (), completeness_of(row.member)
    )


def _pointer(row: RowResult, fault: CellFault) -> str:
    column = fault.column.lstrip("/").replace("~", "~0")
    if not fault.column.startswith("/"):
        column = column.replace("/", "~1")
    return f"/{row.number}/{column}"
