"""Pairs of members, seen from neither side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import ForPurpose, MemberId, Product, ReaderLanguage
from api.openapi import ALWAYS, refusals
from api.paging import LINK, AskedPage
from api.schemas.suggestions import PairListRead, PairRead
from api.security import Action, requires

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

router = APIRouter(
    prefix="/pairs",
    tags=["pairs"],
    dependencies=[requires(Action.READ_SUGGESTIONS)],
    responses=refusals(*ALWAYS),
)


@router.get(
    "",
    operation_id="list_best_pairs",
    summary="The best pairs of the alliance",
    response_description="Pairs, best first.",
    responses={200: {"headers": LINK}, **refusals("bad-cursor", "bad-request", "invalid-input")},
)
def list_best_pairs(
    product: Product,
    language: ReaderLanguage,
    paging: AskedPage,
    purpose: ForPurpose = None,
    limit: Annotated[
        int, Query(ge=1, description=f"How many pairs; at most {MAX_LIMIT} are given.")
    ] = DEFAULT_LIMIT,
) -> PairListRead:
    """The eligible pairs with the highest scores. Compares everybody with everybody, so it takes longer than a list.

    Follow `next` (or the `Link` header) until it is null: the best 2,000 pairs are ranked.
    """
    pool = product.catalogue.current().pool
    scope = ["pairs", purpose]
    after = paging.after(scope)
    pairs, last = product.suggestions.page_of_pairs(
        purpose, tuple(after) if after else None, min(limit, MAX_LIMIT), language
    )
    return PairListRead(
        items=[PairRead.of(pair, language) for pair in pairs],
        next=paging.following(last, scope),
        model=pool.model,
        snapshot=pool.snapshot,
        purpose=purpose,
    )


@router.get(
    "/{kr}/{sg}",
    operation_id="explain_pair",
    summary="Explain one pair",
    response_description="The pair, with everything for and against it.",
    responses=refusals("unknown-member", "invalid-input"),
)
def explain_pair(
    product: Product,
    language: ReaderLanguage,
    kr: Annotated[MemberId, Path(description="external_id of the Korean side.", examples=["kaist-gsai"])],
    sg: Annotated[MemberId, Path(description="external_id of the Singapore side.", examples=["nus-soc"])],
    purpose: ForPurpose = None,
) -> PairRead:
    """Score, parts, reasons and blockers of any pair, also of one that may not be suggested: see `blockers[].hard`."""
    return PairRead.of(product.suggestions.explain(kr, sg, purpose, language), language)
