"""What every door asks for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from pydantic import AfterValidator

from api.cursors import Cursors
from api.errors import Refusal
from api.languages import language_of
from api.startup import Startup
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Language, Purpose
from matchmaker.errors import UnknownMember

MAX_ID = 100
"""Characters of an external_id."""


def get_startup(request: Request) -> Startup:
    """How far the server's start has come."""
    startup: Startup = request.app.state.startup
    return startup


def get_matchmaker(request: Request) -> Matchmaker:
    """The product behind this application.

    Raises:
        MatchmakerError: it is not ready yet; see `api.startup.Startup.require`.
    """
    get_startup(request).require()
    matchmaker: Matchmaker = request.app.state.matchmaker
    return matchmaker


Product = Annotated[Matchmaker, Depends(get_matchmaker)]


def get_cursors(request: Request) -> Cursors:
    """Signs and reads cursors."""
    cursors: Cursors = request.app.state.cursors
    return cursors


PageCursors = Annotated[Cursors, Depends(get_cursors)]


def reader_language(
    request: Request,
    response: Response,
    lang: Annotated[
        Language | None,
        Query(description="The reader's language; without it `Accept-Language` decides, else English."),
    ] = None,
) -> Language:
    """The language of the answer, which is then marked with it."""
    language = lang or language_of(request)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language


ReaderLanguage = Annotated[Language, Depends(reader_language)]


def _conceivable(external_id: str) -> str:
    """An id that could be somebody's; the database is not asked for others."""
    if len(external_id) > MAX_ID or not external_id.isprintable():
        raise UnknownMember(external_id=external_id[:MAX_ID])
    return external_id


MemberId = Annotated[
    str, Path(description="The member's external_id.", examples=["kaist-gsai"]), AfterValidator(_conceivable)
]
RecordNumber = Annotated[int, Path(le=2**31 - 1)]
"""The number of a case, a note or a round; larger ones no database keeps."""
ForPurpose = Annotated[
    Purpose | None,
    Query(
        description=(
            "Why they would meet: market entry, customers, PoCs and investment (`startup`), joint R&D (`research`) "
            "or exchange and hiring (`talent`). Without it, all of them."
        )
    ),
]


def require_json(request: Request) -> None:
    """Refuse a body that is not declared to be JSON.

    Raises:
        Refusal: ``unsupported-media-type``.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (
        declared == "application/json" or (declared.startswith("application/") and declared.endswith("+json"))
    ):
        raise Refusal("unsupported-media-type")


JsonBody: Any = Depends(require_json)
