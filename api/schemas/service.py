"""How the service is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process lives."""

    status: Literal["ok"]
    version: str = Field(description="The product's version.", examples=["0.1.0"])


class Readiness(BaseModel):
    """Requests are answered."""

    status: Literal["ready"]
    members: int = Field(description="How many members can be suggested.", examples=[207])
    lag: int = Field(
        description="Changes in the database that the index has yet to take; the next request takes them."
    )
    model: str = Field(description="Names the weights that compare the texts.", examples=["bundled@3f2a9c10"])
    snapshot: str = Field(description="Names the state of the alliance that answers come from.")
