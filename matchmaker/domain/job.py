"""Long work: what is known of it while it waits, runs and after it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work. ``source`` and ``result`` name files in the folder of jobs; ``summary`` is what came of it.

    ``progress`` of ``total`` rows are done; ``total`` is None until it is known. ``attempt`` counts the workers that
    took it up; ``claim`` is the mark of the last one.
    """

    id: int
    kind: str
    state: JobState
    created_by: str
    created_at: datetime
    parameters: Mapping[str, object] = field(default_factory=dict)
    progress: int = 0
    total: int | None = None
    source: str | None = None
    result: str | None = None
    summary: Mapping[str, object] = field(default_factory=dict)
    cancel_requested: bool = False
    attempt: int = 0
    claim: str | None = None
    heartbeat: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in OVER
