"""A decision as a JSON object: one line of a decision file. Unknown keys are refused, so no text or name gets in."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, model_validator

from matchmaker.domain.decision import Decision, Evidence
from matchmaker.domain.member import Purpose
from matchmaker.formats.member_line import Day, Identifier
from matchmaker.formats.validation import validated

LIMIT = 100.0
"""No evidence lies further from its background than this many deviations."""

Deviations = Annotated[StrictFloat, Field(ge=-LIMIT, le=LIMIT)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceFields(_Closed):
    """The evidence as it was when the list was shown, in deviations from the background."""

    gives: Deviations = Field(description="Needs: what the query has against what the candidate wants.")
    gets: Deviations = Field(description="Needs, the other way.")
    covers: Deviations = Field(description="Coverage, from the query to the candidate.")
    covered: Deviations = Field(description="Coverage, the other way.")
    words: Deviations = Field(description="Shared words.")
    roles: Deviations = Field(description="Whether such kinds of organisation work together.")
    breadth: Deviations = Field(description="In how much both work.")


class DecisionLine(_Closed):
    """One candidate of one list: shown and decided, or not shown (then without rank and accepted)."""

    decision_id: Identifier = Field(description="Unique in the file.")
    list_id: Identifier = Field(description="The list; all its eligible candidates have a line each.")
    query: Identifier = Field(description="external_id of the member that the list was for.")
    candidate: Identifier = Field(description="external_id of the candidate.")
    purpose: Purpose | None = None
    accepted: StrictBool | None = Field(
        default=None, description="What was decided; still open counts as declined."
    )
    rank: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="Where it was shown, from 1."
    )
    propensity: Annotated[StrictFloat, Field(gt=0, le=1)] = Field(
        description="Probability with which this candidate was shown in this list at all."
    )
    evidence: EvidenceFields
    rule: str = Field(min_length=1, max_length=100, description="Name of the rule that made the list.")
    snapshot: str = Field(
        min_length=1, max_length=100, description="Snapshot of the pool that the list came from."
    )
    decided_on: Day = Field(description="The day on which the list was closed.")
    reason: Code | None = Field(
        default=None, description="Code of the coordinator's reason; of shown candidates only."
    )

    @model_validator(mode="after")
    def _is_shown_or_not(self) -> Self:
        if (self.rank is None) != (self.accepted is None):
            raise ValueError(
                "rank and accepted belong together: give both for a candidate that was shown, "
                "neither for one that was not"
            )
        if self.reason is not None and self.rank is None:
            raise ValueError("there is no reason without a decision; leave it out")
        if self.query == self.candidate:
            raise ValueError("query and candidate are the same member")
        return self

    def to_domain(self) -> Decision:
        """As the product knows it."""
        evidence = Evidence(**{name: float(value) for name, value in self.evidence})
        fields = {name: value for name, value in self if name not in ("evidence", "propensity")}
        return Decision(**fields, propensity=float(self.propensity), evidence=evidence)

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """As it looks outside."""
        names = [name for name in cls.model_fields if name != "evidence"]
        evidence = EvidenceFields(
            **{name: getattr(decision.evidence, name) for name in EvidenceFields.model_fields}
        )
        return cls(**{name: getattr(decision, name) for name in names}, evidence=evidence)


def parse_decision(value: Any) -> Decision:
    """A decision from decoded JSON.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    return validated(DecisionLine, value).to_domain()
