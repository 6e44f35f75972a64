"""How the service is, and what its problems mean."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import Product
from api.errors import STATUS_OF_CODE, Refusal
from api.openapi import refusals
from api.problems import problem_text
from api.schemas.problems import BothLanguages, ProblemKind
from api.schemas.service import Health, Readiness
from matchmaker import __version__

router = APIRouter(tags=["service"])


@router.get(
    "/healthz",
    operation_id="check_health",
    summary="Does the process live?",
    response_description="It does.",
    responses=refusals("internal-error"),
)
def check_health() -> Health:
    """For the restart probe of an orchestrator: touches neither database nor model."""
    return Health(status="ok", version=__version__)


@router.get(
    "/readyz",
    operation_id="check_readiness",
    summary="Are requests answered?",
    response_description="They are.",
    responses=refusals(
        "storage-unavailable", "schema-outdated", "model-unavailable", "not-ready", "internal-error"
    ),
)
def check_readiness(product: Product) -> Readiness:
    """For the traffic probe: the database answers, its schema fits, the model is loaded and the index is built."""
    lag = product.catalogue.lag()
    pool = product.catalogue.current().pool
    return Readiness(status="ready", members=len(pool), lag=lag, model=pool.model, snapshot=pool.snapshot)


@router.get(
    "/problems/{code}",
    operation_id="describe_problem",
    summary="What a problem means",
    response_description="The kind of problem, in both languages.",
    responses=refusals("not-found", "invalid-input", "internal-error"),
)
def describe_problem(
    code: Annotated[str, Path(description="`code` of a problem.", examples=["unknown-member"])],
) -> ProblemKind:
    """Resolves the `type` of problem documents."""
    if code not in STATUS_OF_CODE:
        raise Refusal("not-found")
    english, korean = problem_text(code, "en"), problem_text(code, "ko")
    return ProblemKind(
        type=f"/problems/{code}",
        code=code,
        status=STATUS_OF_CODE[code],
        title=BothLanguages(en=english.title, ko=korean.title),
        detail=BothLanguages(en=english.detail, ko=korean.detail),
    )
