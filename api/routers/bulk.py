"""Many members at once: in from JSON Lines, CSV or XLSX, out as JSON Lines or CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from api.dependencies import Product
from api.openapi import ALWAYS, GUARDED, SECURED, refusals
from api.schemas.jobs import JobRead
from api.security import Action, CurrentActor, requires
from api.uploads import XLSX, Upload, Uploaded
from matchmaker.domain.member import Country, Kind, Member, Status, Track
from matchmaker.errors import InvalidInput
from matchmaker.formats.bulk_results import result_line
from matchmaker.formats.column_mapping import ColumnMapping, parse_mapping
from matchmaker.formats.member_line import MemberLine
from matchmaker.formats.member_table import HEADERS, table_row
from matchmaker.formats.spreadsheet import BYTE_ORDER_MARK, csv_line
from matchmaker.services.bulk import JOB, BulkOptions, OnError, require_taken

router = APIRouter(tags=["members"], responses=refusals(*ALWAYS))

JSON_LINES = "application/jsonl"
PACKED = 8
"""How many times a workbook weighs more than its bytes when it is decided whether its sender waits."""
MAX_MAPPING = 20_000

_LINE = MemberLine.model_json_schema()["examples"][0]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is, at most 32 MB unless the operator set another limit.",
        "content": {
            JSON_LINES: {
                "schema": {
                    "type": "string",
                    "description": "One member per line (`matchmaker schema member`).",
                },
                "example": json.dumps(_LINE, ensure_ascii=False) + "\n",
            },
            "text/csv": {
                "schema": {
                    "type": "string",
                    "description": "UTF-8, UTF-16 with its mark, or CP949; any delimiter.",
                },
                "example": "회사명,영문명,국가,유형,필요\n병동로봇,Ward Robots,한국,스타트업,해외 실증 병원\n",
            },
            XLSX: {
                "schema": {"type": "string", "format": "binary", "description": "The first visible sheet."}
            },
        },
    }
}


class ExportFormat(StrEnum):
    """How members go out."""

    jsonl = "jsonl"
    csv = "csv"


@router.post(
    "/members:import",
    operation_id="import_members",
    summary="Import many members",
    dependencies=[requires(Action.WRITE_MEMBERS)],
    openapi_extra=SECURED | _BODY,
    response_class=Response,
    responses={
        200: {
            "description": "One `RowResultRead` per line, in the order of the file.",
            "content": {JSON_LINES: {"schema": {"type": "string"}}},
        },
        202: {
            "description": "It became a job; ask for it at `Location`.",
            "model": JobRead,
            "headers": {
                "Location": {"description": "The job’s address.", "schema": {"type": "string"}},
                "Retry-After": {
                    "description": "Seconds until it is worth asking.",
                    "schema": {"type": "string"},
                },
            },
        },
        **refusals(
            "bad-request", *GUARDED, "body-too-large", "unsupported-file", "invalid-input", "unreadable-file"
        ),
    },
)
def import_members(
    request: Request,
    product: Product,
    actor: CurrentActor,
    upload: Uploaded,
    dry_run: Annotated[bool, Query(description="Say what would happen; write nothing.")] = False,
    on_error: Annotated[
        OnError,
        Query(description="With faults in some rows: `stop` takes nothing, `skip` takes the others."),
    ] = OnError.STOP,
    mapping: Annotated[
        str | None,
        Query(
            max_length=MAX_MAPPING,
            description="For tables: which column says what, as JSON; without it, what the headers suggest.",
            examples=['{"columns": {"회사명": "names.ko", "비고": null}}'],
        ),
    ] = None,
    country: Annotated[Country | None, Query(description="For rows of a table that name none.")] = None,
    track: Annotated[Track | None, Query(description="For rows of a table that name none.")] = None,
    kind: Annotated[Kind | None, Query(description="For rows of a table that name none.")] = None,
    status: Annotated[Status | None, Query(description="For rows of a table that name none.")] = None,
) -> Response:
    """Take a whole file. Sending it again is safe: a line that says what is stored changes nothing.

    A small file is answered at once, one result per line. A larger one, or any with `Prefer: respond-async`, becomes a
    job. What a person edited stays, and who was withdrawn stays away. In tables, what no column says stays as it is
    stored. A row without an id gets one made from country and name, the same in every run. With `on_error=stop` and
    faults nothing is written and the answer is 422; `dry_run=true` shows all results instead.
    """
    chosen = _mapping(mapping, country, track, kind, status)
    options = BulkOptions(upload.format, chosen, dry_run, on_error)
    if _is_long(request, upload, product.settings.import_now):
        job = product.jobs.submit(JOB, options.as_json(), upload.name, actor.id)
        upload.is_handed_over = True
        headers = {"Location": f"/v1/jobs/{job.id}", "Retry-After": "2"}
        return JSONResponse(JobRead.of(job).model_dump(mode="json"), 202, headers)
    report = product.bulk.run(upload.path, options)
    require_taken(report, options)
    return StreamingResponse(map(result_line, report.rows), media_type=JSON_LINES)


@router.get(
    "/members:export",
    operation_id="export_members",
    summary="Export all members",
    dependencies=[requires(Action.READ_MEMBERS)],
    response_class=Response,
    responses={
        200: {
            "description": "All members in order of external_id, one per line or row.",
            "content": {
                JSON_LINES: {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        },
        **refusals("invalid-input"),
    },
)
def export_members(
    product: Product,
    format: Annotated[
        ExportFormat,
        Query(description="`jsonl` holds everything; `csv` leaves out purposes and last days of statements."),
    ] = ExportFormat.jsonl,
) -> Response:
    """Stream the directory in a form that the import reads. Cells of the table never are formulas."""
    members = product.bulk.export()
    if format is ExportFormat.jsonl:
        return StreamingResponse(map(_line, members), media_type=JSON_LINES)
    return StreamingResponse(_table(members), media_type="text/csv; charset=utf-8")


def _line(member: Member) -> str:
    return MemberLine.of(member).model_dump_json(exclude_none=True) + "\n"


def _table(members: Iterator[Member]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(HEADERS)
    for member in members:
        yield csv_line(table_row(member))


def _is_long(request: Request, upload: Upload, most: int) -> bool:
    wants_job = "respond-async" in request.headers.get("prefer", "").lower()
    return wants_job or upload.size * (PACKED if upload.is_packed else 1) > most


def _mapping(
    text: str | None, country: Country | None, track: Track | None, kind: Kind | None, status: Status | None
) -> ColumnMapping | None:
    """The mapping with the defaults of the query filled in; None if nothing is given."""
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise InvalidInput("mapping: this is no JSON") from error
    given = parse_mapping(value)
    mapping = ColumnMapping(
        given.columns,
        country or given.country,
        track or given.track,
        kind or given.kind,
        status or given.status,
    )
    return None if mapping == ColumnMapping() else mapping
