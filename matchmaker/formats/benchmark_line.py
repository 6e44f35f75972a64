"""The files of a judged benchmark: queries, judgments and traps, one JSON object per line, and runs to be scored."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from matchmaker.domain.member import Purpose, Text

Grade = Literal[0, 1, 2, 3]
Split = Literal["dev", "test"]
TrapKind = Literal["competing", "ineligible", "sense", "expired", "one-sided", "language"]


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class BenchmarkFile(_Line):
    """What the benchmark is: ``benchmark.json``. ``as_of`` is its day: what ended before counts as over."""

    name: str
    version: str
    as_of: date


class Wanted(_Line):
    """What a member looks for, in both languages."""

    en: str = Field(min_length=1)
    ko: str = Field(min_length=1)

    def to_domain(self) -> Text:
        """As the product knows it."""
        return Text(self.en, self.ko)


class QueryLine(_Line):
    """One request: who asks, for what purpose, in words."""

    query_id: str = Field(min_length=1)
    member: str = Field(min_length=1)
    purpose: Purpose
    looking_for: Wanted
    split: Split


class JudgmentLine(_Line):
    """How well one candidate answers a query (0 to 3), and the two passes it comes from."""

    query_id: str
    candidate: str
    grade: Grade
    reason: str = ""
    passes: tuple[Grade, Grade]


class TrapLine(_Line):
    """``better`` must rank above ``trap``; ``type`` says what makes the trap look good."""

    query_id: str
    type: TrapKind
    trap: str
    better: str
    why: str = ""


class RunLine(_Line):
    """What some system thinks of a candidate: higher is better. ``chance``: of a grade of at least 2, if it has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query_id: str
    candidate: str
    score: float = Field(allow_inf_nan=False, strict=True)
    chance: float | None = Field(default=None, ge=0, le=1)
