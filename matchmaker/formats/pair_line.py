"""A pair as a JSON object: one line of a pair file. Unknown keys are ignored."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from matchmaker.domain.member import Partnership, Purpose
from matchmaker.formats.validation import validated


class PairLine(BaseModel):
    """A Korean and a Singapore member by external_id."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kr: str = Field(min_length=1, description="external_id of the Korean side.")
    sg: str = Field(min_length=1, description="external_id of the Singapore side.")
    purpose: list[Purpose] | None = None
    kind: str | None = None
    what: str | None = None
    date: str | None = None
    sources: list[str] = Field(default_factory=list)
    in_seed: bool = Field(default=False, description="One of the summit's MoUs.")

    def to_domain(self) -> Partnership:
        """As the product knows it."""
        return Partnership(
            self.kr,
            self.sg,
            frozenset(self.purpose or ()),
            self.kind,
            self.what,
            self.date,
            tuple(self.sources),
            self.in_seed,
        )


def parse_pair(value: Any) -> Partnership:
    """A pair from decoded JSON.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    return validated(PairLine, value).to_domain()
