"""A pair as a JSON object: one line of a pair file. Unknown keys are ignored."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from matchmaker.domain.member import Partnership, Purpose
from matchmaker.formats.validation import validated


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> Any:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Remark = Annotated[str | None, BeforeValidator(_text)]
"""A text that nothing depends on: what is of another type is left out."""


class PairLine(BaseModel):
    """A Korean and a Singapore member by external_id. What else stands there explains and is never matched on."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kr: str = Field(min_length=1, description="external_id of the Korean side.")
    sg: str = Field(min_length=1, description="external_id of the Singapore side.")
    purpose: Annotated[list[Purpose] | None, BeforeValidator(_listed)] = None
    kind: Remark = None
    what: Remark = None
    date: Remark = None
    sources: Annotated[list[str], BeforeValidator(_texts)] = Field(default_factory=list)
    in_seed: Annotated[bool, BeforeValidator(lambda value: value is True)] = Field(
        default=False, description="One of the summit's MoUs."
    )

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

    @classmethod
    def of(cls, partnership: Partnership) -> Self:
        """As it looks outside."""
        return cls(
            kr=partnership.kr,
            sg=partnership.sg,
            purpose=sorted(partnership.purposes),
            kind=partnership.kind,
            what=partnership.what,
            date=partnership.at,
            sources=list(partnership.sources),
            in_seed=partnership.from_summit,
        )


def parse_pair(value: Any) -> Partnership:
    """A pair from decoded JSON.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    return validated(PairLine, value).to_domain()
