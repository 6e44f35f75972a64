"""Collaborations that exist."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from matchmaker.domain.member import Partnership, Purpose


class PartnershipRead(BaseModel):
    """A publicly known collaboration. Never evidence of fit: an explanation and a filter."""

    kr: str = Field(description="external_id of the Korean side.", examples=["kaist-gsai"])
    sg: str = Field(description="external_id of the Singapore side.", examples=["nus-soc"])
    purposes: list[Purpose]
    kind: str | None = Field(examples=["mou"])
    what: str | None = Field(description="What was agreed, in English.")
    date: str | None = Field(
        description="Year, month or day, as precise as it is known.", examples=["2026-03"]
    )
    sources: list[str] = Field(description="Where it was published.")
    from_summit: bool = Field(description="Whether it is one of the summit's agreements.")

    @classmethod
    def of(cls, tie: Partnership) -> Self:
        """As it looks outside."""
        return cls(
            kr=tie.kr,
            sg=tie.sg,
            purposes=sorted(tie.purposes),
            kind=tie.kind,
            what=tie.what,
            date=tie.at,
            sources=list(tie.sources),
            from_summit=tie.from_summit,
        )


class PartnershipListRead(BaseModel):
    """All known partnerships that a filter leaves."""

    items: list[PartnershipRead]
    next: str | None = Field(description="Send it as `cursor` for what follows; null at the end.")
    total: int = Field(examples=[36])
