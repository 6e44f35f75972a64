"""Funding calls, and who could answer them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import MAX_ID, Product, ReaderLanguage
from api.openapi import ALWAYS, refusals
from api.paging import LINK, AskedPage
from api.schemas.calls import CallListRead, CallRead, ProofRead
from api.security import Action, requires
from matchmaker.errors import UnknownRecord

MAX_LIMIT = 200

router = APIRouter(
    prefix="/calls",
    tags=["calls"],
    dependencies=[requires(Action.READ_MEMBERS)],
    responses=refusals(*ALWAYS),
)

CallId = Annotated[str, Path(description="The call's id.", examples=["eureka-kr-sg-2022"])]


@router.get(
    "",
    operation_id="list_calls",
    summary="Funding calls",
    response_description="The calls, with their rules and sources.",
    responses={200: {"headers": LINK}, **refusals("bad-cursor", "bad-request", "invalid-input")},
)
def list_calls(
    product: Product,
    language: ReaderLanguage,
    paging: AskedPage,
    limit: Annotated[
        int, Query(ge=1, description=f"How many at a time; at most {MAX_LIMIT} are given.")
    ] = MAX_LIMIT,
) -> CallListRead:
    """Every call on file, open ones first. `fictional` ones are invented, to show how a call is proved."""
    calls = product.calls
    now = calls.now()
    page, following = paging.cut(calls.list_all(), calls.order_of, min(limit, MAX_LIMIT), ["calls"])
    return CallListRead(items=[CallRead.of(call, now, language) for call in page], next=following)


@router.get(
    "/{call_id}",
    operation_id="read_call",
    summary="Read a funding call",
    response_description="The call, with its rules and sources.",
    responses=refusals("unknown-record", "invalid-input"),
)
def read_call(product: Product, language: ReaderLanguage, call_id: CallId) -> CallRead:
    """Who may apply together, by which rules, and what each of them rests on."""
    return CallRead.of(product.calls.get(_short(call_id)), product.calls.now(), language)


@router.get(
    "/{call_id}/proof",
    operation_id="prove_call",
    summary="Could a member or a pair answer a call?",
    response_description="The proof, rule by rule, and the best candidates for what is missing.",
    responses=refusals("unknown-record", "unknown-member", "invalid-input"),
)
def prove_call(
    product: Product,
    language: ReaderLanguage,
    call_id: CallId,
    kr: Annotated[str | None, Query(max_length=MAX_ID, description="external_id of the Korean side.")] = None,
    sg: Annotated[
        str | None, Query(max_length=MAX_ID, description="external_id of the Singapore side.")
    ] = None,
) -> ProofRead:
    """Give one side or both. What no profile states is `unknown`: ask; it is never taken for fulfilled."""
    calls, call_id = product.calls, _short(call_id)
    team = calls.team_of(kr, sg)
    return ProofRead.of(calls.prove(call_id, team), calls.candidates(call_id, team), language)


def _short(call_id: str) -> str:
    if len(call_id) > MAX_ID or not call_id.isprintable():
        raise UnknownRecord(kind="call", id=call_id[:MAX_ID])
    return call_id
