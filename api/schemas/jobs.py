"""Jobs, and the results of an import, as they go out."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from api.schemas.members import CompletenessRead
from api.schemas.problems import BothLanguages
from matchmaker.domain.bulk import RowOutcome
from matchmaker.domain.job import Job, JobState


class CellFaultRead(BaseModel):
    """Why a row was not taken."""

    column: str = Field(
        description="The column’s header, or the JSON Pointer within the line.", examples=["국가"]
    )
    code: str = Field(description="For programs.", examples=["unknown-country"])
    detail: BothLanguages
    suggestion: str | None = Field(description="What was probably meant.", examples=["Singapore"])


class RowResultRead(BaseModel):
    """What became of one line or row: a line of the answer."""

    line: int = Field(description="The line of the file, or the row as a spreadsheet shows it.", examples=[3])
    external_id: str | None = Field(description="The member’s id; null where the row was refused.")
    outcome: RowOutcome = Field(
        description=(
            "`kept`: a person edited the record, so it stays. `withdrawn`: it left and stays away. `held`: it is good, "
            "but others were refused and nothing was taken."
        )
    )
    faults: list[CellFaultRead]
    completeness: CompletenessRead | None


class JobRead(BaseModel):
    """Long work. Read it again until its state is `done`, `failed` or `cancelled`."""

    id: int = Field(examples=[7])
    kind: str = Field(examples=["import-members"])
    state: JobState
    progress: int = Field(description="Rows that are done.")
    total: int | None = Field(description="All rows; null until they are counted.")
    dry_run: bool
    cancel_requested: bool
    counts: dict[str, int] = Field(
        description="Rows by outcome, once it is done.", examples=[{"created": 900}]
    )
    problem: str | None = Field(description="Why it failed: a code of /problems/{code}.")
    reason: str | None = Field(description="The same in words for this file.")
    results: str | None = Field(
        description="Where one result per line lies once it is done; kept for some days."
    )
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> Self:
        """As it looks outside."""
        is_done = job.state is JobState.DONE
        counts = {key: value for key, value in job.summary.items() if isinstance(value, int)}
        code, reason = job.summary.get("code"), job.summary.get("reason")
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            progress=job.progress,
            total=job.total,
            dry_run=bool(job.parameters.get("dry_run")),
            cancel_requested=job.cancel_requested,
            counts=counts if is_done else {},
            problem=str(code) if code else None,
            reason=str(reason) if reason else None,
            results=f"/v1/jobs/{job.id}/results" if is_done and job.result else None,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )
