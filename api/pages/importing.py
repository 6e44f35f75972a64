"""Members from a file, in steps that work without JavaScript: send it, confirm the columns, look, import."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice, options, read_choice
from api.pages.downloads import XLSX, file_of
from api.pages.import_words import OUTCOMES, STATES, TARGETS
from api.pages.language import Words
from api.pages.rendering import Reader, Reading
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action
from matchmaker.domain.bulk import BulkReport, RowOutcome, RowResult
from matchmaker.domain.job import Job, JobState
from matchmaker.domain.member import Country, Kind, Status, Track
from matchmaker.errors import InvalidInput, UnknownRecord
from matchmaker.formats.column_mapping import ColumnMapping, Suggestion, Target
from matchmaker.formats.fault_words import fault_text, gap_text
from matchmaker.services.bulk import JOB, BulkOptions, Format, OnError

router = APIRouter(prefix="/import", dependencies=[requires(Action.WRITE_MEMBERS)])

SHOWN_ROWS = 100
"""Rows with faults that the page shows; the workbook has all."""
SHOWN_ADVICE = 10
SURE, LIKELY = 0.9, 0.7
LATEST = 10


@dataclass(frozen=True, slots=True)
class JobLine:
    """An import as lists and its own page show it."""

    id: int
    url: str
    state: str
    is_over: bool
    progress: int
    total: int | None
    counts: tuple[tuple[str, int], ...]
    reason: str
    results: str | None


@dataclass(frozen=True, slots=True)
class UploadPage:
    """The first step, and what was imported lately."""

    fault: str | None
    jobs: tuple[JobLine, ...]
    megabytes: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: what it probably says, how sure that is, and its first cells."""

    name: str
    header: str
    choices: tuple[Choice, ...]
    sureness: str
    is_personal: bool
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Default:
    """A value for rows that name none."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class MappingPage:
    """The second step. ``columns`` is empty for JSON Lines."""

    url: str
    rows: int
    columns: tuple[Column, ...]
    defaults: tuple[Default, ...]
    fault: str | None


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that cannot be taken, and why."""

    number: int
    name: str
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Advised:
    """A row that would be found better with more in it."""

    number: int
    name: str
    score: int
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The third step: what would happen. ``fields`` repeats what was chosen."""

    url: str
    counts: tuple[tuple[str, int], ...]
    refused: tuple[FaultyRow, ...]
    refused_count: int
    good_count: int
    advised: tuple[Advised, ...]
    unmapped: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


async def read_form(request: Request) -> FormData:
    """The form of a request; how many columns it has is not known beforehand."""
    return await request.form(max_files=0, max_fields=300)


Filled = Annotated[FormData, Depends(read_form)]


@router.get("")
def show_upload(reader: Reading, matchmaker: Product, actor: CurrentActor) -> Response:
    """Where a file is sent."""
    return reader.render("import.html", _upload_page(reader, matchmaker, actor.id, None), keep=False)


@router.post("")
def take_upload(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    file: Annotated[UploadFile | str | None, File()] = None,
) -> Response:
    """Keep a file for the next steps, or say why it cannot be used (422)."""
    if not isinstance(file, UploadFile) and not hasattr(file, "file"):
        return _refuse_upload(reader, matchmaker, actor.id, reader.words.gettext("Choose a file first."))
    name, kept = matchmaker.job_files.create()
    with kept:
        shutil.copyfileobj(file.file, kept)  # type: ignore[union-attr]
    path = matchmaker.job_files.folder / name
    try:
        if _format_of(path) is Format.TABLE:
            matchmaker.bulk.preview(path)
    except InvalidInput as error:
        matchmaker.job_files.remove(name)
        return _refuse_upload(reader, matchmaker, actor.id, _told(error, reader.words))
    return RedirectResponse(f"/import/{name}", 303)


@router.get("/jobs/{job_id:int}")
def show_job(reader: Reading, matchmaker: Product, actor: CurrentActor, job_id: int) -> Response:
    """How far an import is, or what came of it."""
    job = matchmaker.jobs.get(job_id, actor)
    return reader.render("import_job.html", _job_line(job, reader.words), keep=False)


@router.post("/jobs/{job_id:int}")
def cancel_job(matchmaker: Product, actor: CurrentActor, job_id: int) -> Response:
    """Call an import off."""
    matchmaker.jobs.cancel(job_id, actor)
    return RedirectResponse(f"/import/jobs/{job_id}", 303)


@router.get("/{upload}")
def show_mapping(reader: Reading, matchmaker: Product, upload: str) -> Response:
    """The columns as suggested."""
    page = _mapping_page(reader, matchmaker, upload, None, None)
    return reader.render("import_mapping.html", page, keep=False)


@router.post("/{upload}")
def act(reader: Reading, matchmaker: Product, actor: CurrentActor, upload: str, form: Filled) -> Response:
    """Look what would happen, take the workbook to mend, or import."""
    path = _path(matchmaker, upload)
    try:
        chosen = _options(matchmaker, path, form)
        if form.get("do") == "workbook":
            return file_of(matchmaker.bulk.workbook(path, chosen), XLSX, "members-to-mend.xlsx")
        if form.get("do") == "import":
            job = matchmaker.jobs.submit(JOB, chosen.as_json(), upload, actor.id)
            return RedirectResponse(f"/import/jobs/{job.id}", 303)
        report = matchmaker.bulk.run(path, replace(chosen, dry_run=True))
    except InvalidInput as error:
        again = _mapping_page(reader, matchmaker, upload, form, _told(error, reader.words))
        return reader.render("import_mapping.html", again, 422, keep=False)
    page = _report_page(upload, report, chosen, form, reader)
    return reader.render("import_report.html", page, keep=False)


def _path(matchmaker: Matchmaker, upload: str) -> Path:
    path = matchmaker.job_files.path(upload)
    if path is None:
        raise UnknownRecord(kind="file", id=upload[:40])
    return path


def _format_of(path: Path) -> Format:
    """JSON Lines begin with a brace; whatever else there is may be a table."""
    with path.open("rb") as file:
        first = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return Format.JSON_LINES if first.startswith(b"{") else Format.TABLE


def _told(error: InvalidInput, words: Words) -> str:
    return words.gettext("This cannot be used yet: %(reason)s", reason=error)


def _refuse_upload(reader: Reader, matchmaker: Matchmaker, by: str, fault: str) -> Response:
    return reader.render("import.html", _upload_page(reader, matchmaker, by, fault), 422, keep=False)


def _upload_page(reader: Reader, matchmaker: Matchmaker, by: str, fault: str | None) -> UploadPage:
    latest = matchmaker.jobs.latest(by, LATEST)
    megabytes = matchmaker.settings.import_max_body // 1_048_576
    return UploadPage(fault, tuple(_job_line(job, reader.words) for job in latest), megabytes)


def _job_line(job: Job, words: Words) -> JobLine:
    counts = ((outcome, job.summary.get(outcome.value, 0)) for outcome in RowOutcome)
    has_results = job.state is JobState.DONE and job.result is not None
    return JobLine(
        job.id,
        f"/import/jobs/{job.id}",
        words.gettext(STATES[job.state]),
        job.is_over,
        job.progress,
        job.total,
        tuple(
            (words.gettext(OUTCOMES[outcome]), count)
            for outcome, count in counts
            if isinstance(count, int) and count
        ),
        str(job.summary.get("reason", "")),
        f"/v1/jobs/{job.id}/results" if has_results else None,
    )


def _mapping_page(
    reader: Reader, matchmaker: Matchmaker, upload: str, form: FormData | None, fault: str | None
) -> MappingPage:
    path, words = _path(matchmaker, upload), reader.words
    columns: tuple[Column, ...] = ()
    rows = 0
    if _format_of(path) is Format.TABLE:
        found = matchmaker.bulk.preview(path)
        rows = found.rows
        columns = tuple(
            _column(number, each, found.samples[each.header], form, words)
            for number, each in enumerate(found.suggestions)
        )
    return MappingPage(f"/import/{upload}", rows, columns, _defaults(form, words) if columns else (), fault)


def _column(
    number: int, found: Suggestion, samples: Sequence[str], form: FormData | None, words: Words
) -> Column:
    name = f"c{number}"
    chosen = read_choice(Target, str(form.get(name, ""))) if form is not None else found.target
    shown = () if found.is_personal else tuple(sample[:60] for sample in samples)
    choices = options(TARGETS, chosen, words)
    return Column(name, found.header, choices, _sureness(found, words), found.is_personal, shown)


def _sureness(found: Suggestion, words: Words) -> str:
    if found.is_personal:
        return words.gettext("Concerns persons: never taken")
    if found.target is None:
        return words.gettext("Not recognised")
    if found.confidence >= SURE:
        return words.gettext("Recognised")
    return words.gettext("Probably") if found.confidence >= LIKELY else words.gettext("A guess: please check")


def _defaults(form: FormData | None, words: Words) -> tuple[Default, ...]:
    def chosen(name: str) -> str:
        return str(form.get(name, "")) if form is not None else ""

    gettext = words.gettext
    return (
        Default(
            "country",
            gettext("Country"),
            options(labels.COUNTRIES, read_choice(Country, chosen("country")), words),
        ),
        Default("kind", gettext("Kind"), options(labels.KINDS, read_choice(Kind, chosen("kind")), words)),
        Default(
            "track", gettext("Track"), options(labels.TRACKS, read_choice(Track, chosen("track")), words)
        ),
    )


def _options(matchmaker: Matchmaker, path: Path, form: FormData) -> BulkOptions:
    on_error = OnError.SKIP if form.get("on_error") == "skip" else OnError.STOP
    if _format_of(path) is Format.JSON_LINES:
        return BulkOptions(Format.JSON_LINES, None, on_error=on_error)
    suggestions = matchmaker.bulk.preview(path).suggestions
    columns = {
        each.header: None if each.is_personal else read_choice(Target, str(form.get(f"c{number}", "")))
        for number, each in enumerate(suggestions)
    }
    mapping = ColumnMapping(
        columns,
        read_choice(Country, str(form.get("country", ""))),
        read_choice(Track, str(form.get("track", ""))),
        read_choice(Kind, str(form.get("kind", ""))),
        Status.LISTED,
    )
    return BulkOptions(Format.TABLE, mapping, on_error=on_error)


def _report_page(
    upload: str, report: BulkReport, chosen: BulkOptions, form: FormData, reader: Reader
) -> ReportPage:
    words = reader.words
    counts = tuple((words.gettext(OUTCOMES[outcome]), count) for outcome, count in report.counts.items())
    refused = report.refused
    columns: Mapping[str, Target | None] = chosen.mapping.columns if chosen.mapping else {}
    return ReportPage(
        f"/import/{upload}",
        counts,
        tuple(_faulty(row, reader) for row in refused[:SHOWN_ROWS]),
        len(refused),
        len(report.rows) - len(refused),
        tuple(_advised(report, reader)),
        tuple(header for header, target in columns.items() if target is None),
        tuple((name, str(value)) for name, value in form.items() if name not in ("do", "on_error")),
    )


def _faulty(row: RowResult, reader: Reader) -> FaultyRow:
    faults = tuple((fault.column, fault_text(fault, reader.language)) for fault in row.faults)
    return FaultyRow(row.number, row.name, faults)


def _advised(report: BulkReport, reader: Reader) -> Iterator[Advised]:
    """The rows that lack most."""
    scored = [
        (row.completeness.score, row) for row in report.rows if row.completeness and row.completeness.gaps
    ]
    for score, row in sorted(scored, key=lambda each: each[0])[:SHOWN_ADVICE]:
        gaps = row.completeness.gaps if row.completeness else ()
        yield Advised(row.number, row.name, score, tuple(gap_text(gap, reader.language) for gap in gaps))
