"""Collaborations that exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Product
from api.openapi import ALWAYS, refusals
from api.paging import LINK, AskedPage
from api.schemas.partnerships import PartnershipListRead, PartnershipRead
from api.security import Action, requires
from matchmaker.domain.idempotency import digest_of
from matchmaker.domain.member import Partnership

MAX_LIMIT = 200

router = APIRouter(prefix="/partnerships", tags=["partnerships"], responses=refusals(*ALWAYS))


@router.get(
    "",
    operation_id="list_partnerships",
    summary="Known partnerships",
    dependencies=[requires(Action.READ_PARTNERSHIPS)],
    response_description="The partnerships, with their sources.",
    responses={200: {"headers": LINK}, **refusals("bad-cursor", "bad-request", "invalid-input")},
)
def list_partnerships(
    product: Product,
    paging: AskedPage,
    member: Annotated[
        str | None,
        Query(
            max_length=100, description="Only those of this member (external_id).", examples=["kaist-gsai"]
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, description=f"How many at a time; at most {MAX_LIMIT} are given.")
    ] = MAX_LIMIT,
) -> PartnershipListRead:
    """Publicly known collaborations. They explain and filter; they are never evidence that a pair fits."""
    ties = product.catalogue.current().partnerships
    chosen = sorted((tie for tie in ties if member is None or member in (tie.kr, tie.sg)), key=_order_of)
    page, following = paging.cut(chosen, _order_of, min(limit, MAX_LIMIT), ["partnerships", member])
    items = [PartnershipRead.of(tie) for tie in page]
    return PartnershipListRead(items=items, next=following, total=len(chosen))


def _order_of(tie: Partnership) -> tuple[str, ...]:
    """Partnerships of one pair stand by time; the digest tells those of one time apart."""
    return tie.kr, tie.sg, tie.at or "", digest_of(tie.kind or "", tie.what or "", *tie.sources)
