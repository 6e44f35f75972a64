"""A scoring rule as a JSON file: what was learned, and from what. A file does nothing until a setting names it.

The name of a rule goes into every snapshot, so it ends with a digest of what it scores with: a file whose numbers were
changed by hand, but not its name, is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, model_validator

from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.member_line import Day
from matchmaker.formats.validation import validated

DIGITS = 12
"""Hex digits of the digest."""

Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Weight = Annotated[StrictFloat, Field(ge=0, le=100)]
Count = Annotated[StrictInt, Field(ge=0)]
Interval = tuple[Number, Number]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightFields(_Closed):
    """A weight for each of the five kinds of evidence; at least one is not 0."""

    needs: Weight
    coverage: Weight
    words: Weight
    roles: Weight
    breadth: Weight

    @model_validator(mode="after")
    def _weighs_something(self) -> Self:
        if not any(value for _, value in self):
            raise ValueError("all weights are 0; give at least one kind of evidence a weight above 0")
        return self


class CalibrationFields(_Closed):
    """From affinity to chance: a sigmoid below a ceiling."""

    slope: Annotated[StrictFloat, Field(gt=0, le=100)]
    intercept: Annotated[StrictFloat, Field(ge=-100, le=100)]
    ceiling: Annotated[StrictFloat, Field(gt=0, le=1)]


class ComparisonFields(_Closed):
    """How the rule did against its base, on decisions that it had not learned from (means of the top of a list)."""

    base_value: Number
    value: Number
    difference: Number
    interval: Interval
    difference_by_weighting: Number
    interval_by_weighting: Interval


class ProvenanceFields(_Closed):
    """Where the rule comes from."""

    trained_at: Day
    decisions: Count = Field(description="Decisions on shown candidates that it was learned from.")
    lists: Count
    queries: Count
    base_rule: str = Field(min_length=1)
    comparison: ComparisonFields


class RuleFile(_Closed):
    """The whole file."""

    name: str = Field(min_length=1, max_length=100)
    weights: WeightFields
    relief: Annotated[StrictFloat, Field(ge=0, le=1)]
    calibration: CalibrationFields
    provenance: ProvenanceFields

    @property
    def digest(self) -> str:
        """Of everything that it scores with."""
        return digest_of(dict(self.weights), self.relief, dict(self.calibration))

    @model_validator(mode="after")
    def _is_named_after_its_content(self) -> Self:
        if not self.name.endswith(f"-{self.digest}"):
            raise ValueError(
                f"the name “{self.name}” belongs to other numbers, and two rules must not share a name; "
                f"if the change is meant, name the rule “{name_of(self.name, self.digest)}”"
            )
        return self


def digest_of(weights: Mapping[str, float], relief: float, calibration: Mapping[str, float]) -> str:
    """Twelve hex digits over what a rule scores with."""
    content = [
        {name: float(values[name]) for name in sorted(values)}
        for values in (weights, {"relief": relief}, calibration)
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:DIGITS]


def name_of(base: str, digest: str) -> str:
    """The name of a rule that descends from another: the line's name and the digest."""
    line, dash, tail = base.rpartition("-")
    is_learned = dash and len(tail) == DIGITS and set(tail) <= set("0123456789abcdef")
    return f"{line if is_learned else base}-{digest}"


def read_rule_file(path: Path) -> RuleFile:
    """A rule from a file.

    Raises:
        UnreadableFile: it is missing, not JSON, or breaks a rule of the format.
    """
    try:
        return validated(RuleFile, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path} does not exist; learn a rule with: matchmaker learn") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"{path} is no JSON text ({error}); learn it again, or restore a copy"
        ) from error
    except InvalidInput as error:
        raise UnreadableFile(f"{path} is no usable rule: {error}", error.faults) from error


def write_rule_file(path: Path, rule: RuleFile) -> None:
    """Write a rule into a new file.

    Raises:
        InvalidInput: there is such a file already, or it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_text(json.dumps(rule.model_dump(mode="json"), indent=2) + "\n", encoding="utf-8")
        path.hardlink_to(unfinished)
    except FileExistsError as error:
        raise InvalidInput(never_overwritten(path)) from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}; choose another --output") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def never_overwritten(path: Path) -> str:
    """Why an existing file is left alone."""
    return (
        f"{path} exists already; choose another --output: a rule file is never overwritten, as a running "
        "service may be set to it"
    )


def provenance(
    trained_at: date, counts: Mapping[str, int], base_rule: str, comparison: Mapping[str, object]
) -> ProvenanceFields:
    """The provenance block from plain values."""
    return validated(
        ProvenanceFields,
        {"trained_at": trained_at, **counts, "base_rule": base_rule, "comparison": dict(comparison)},
    )
