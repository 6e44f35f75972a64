"""Collaborations that exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Product
from api.openapi import ALWAYS, refusals
from api.schemas.partnerships import PartnershipListRead, PartnershipRead
from api.security import Action, requires

router = APIRouter(prefix="/partnerships", tags=["partnerships"], responses=refusals(*ALWAYS))


@router.get(
    "",
    operation_id="list_partnerships",
    summary="Known partnerships",
    dependencies=[requires(Action.READ_PARTNERSHIPS)],
    response_description="The partnerships, with their sources.",
    responses=refusals("invalid-input"),
)
def list_partnerships(
    product: Product,
    member: Annotated[
        str | None,
        Query(
            max_length=100, description="Only those of this member (external_id).", examples=["kaist-gsai"]
        ),
    ] = None,
) -> PartnershipListRead:
    """Publicly known collaborations. They explain and filter; they are never evidence that a pair fits."""
    ties = product.catalogue.current().partnerships
    items = [PartnershipRead.of(tie) for tie in ties if member is None or member in (tie.kr, tie.sg)]
    return PartnershipListRead(items=items, next=None, total=len(items))
