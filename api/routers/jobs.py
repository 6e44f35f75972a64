"""Long work: how far it is, what came of it, calling it off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse

from api.dependencies import Product
from api.openapi import ALWAYS, GUARDED, SECURED, refusals
from api.schemas.jobs import JobRead
from api.security import Action, CurrentActor, requires
from matchmaker.domain.job import JobState
from matchmaker.errors import UnknownRecord

router = APIRouter(
    prefix="/jobs",
    tags=["jobs"],
    dependencies=[requires(Action.WRITE_MEMBERS)],
    responses=refusals(*ALWAYS, *GUARDED),
)

JobId = Annotated[int, PathParameter(ge=1, le=2**31 - 1, description="The job’s number.", examples=[7])]
_FAULTS = refusals("unknown-record", "invalid-input")


@router.get(
    "/{job_id}",
    operation_id="read_job",
    summary="Read a job",
    openapi_extra=SECURED,
    response_description="The job as it is now.",
    responses=_FAULTS,
)
def read_job(product: Product, actor: CurrentActor, job_id: JobId) -> JobRead:
    """How far it is. A key sees its own jobs, a coordinator all."""
    return JobRead.of(product.jobs.get(job_id, actor))


@router.delete(
    "/{job_id}",
    operation_id="cancel_job",
    summary="Cancel a job",
    openapi_extra=SECURED,
    response_description="The job; one that runs stops at its next step.",
    responses=_FAULTS,
)
def cancel_job(product: Product, actor: CurrentActor, job_id: JobId) -> JobRead:
    """Ask it to stop. What it has written stays; sending the file again goes on from there."""
    return JobRead.of(product.jobs.cancel(job_id, actor))


@router.get(
    "/{job_id}/results",
    operation_id="read_job_results",
    summary="Read the results of a job",
    openapi_extra=SECURED,
    response_class=Response,
    responses={
        200: {
            "description": "One `RowResultRead` per line, in the order of the file.",
            "content": {"application/jsonl": {"schema": {"type": "string"}}},
        },
        **_FAULTS,
    },
)
def read_job_results(product: Product, actor: CurrentActor, job_id: JobId) -> Response:
    """What became of each row, once the job is done."""
    job = product.jobs.get(job_id, actor)
    path = product.job_files.path(job.result or "")
    if job.state is not JobState.DONE or path is None:
        raise UnknownRecord(kind="result of job", id=job_id)
    return StreamingResponse(_lines(path), media_type="application/jsonl")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file
