"""The directory: look members up, register, revise and withdraw them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Body, Query, Request, Response

from api.dependencies import JsonBody, MemberId, PageCursors, Product
from api.etags import ExpectedVersion, etag_of, is_unchanged
from api.openapi import ALWAYS, GUARDED, SECURED, refusals
from api.schemas.members import MemberCreate, MemberPageRead, MemberRead, MemberUpdate
from api.security import Action, requires
from matchmaker.domain.member import Country, Kind, Status, Track
from matchmaker.domain.records import MemberFilter
from matchmaker.formats.member_line import clean

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_WORDS = 10

router = APIRouter(prefix="/members", tags=["members"], responses=refusals(*ALWAYS))

_ETAG: dict[str, Any] = {
    "ETag": {
        "description": "The version in quotes, for If-Match and If-None-Match.",
        "schema": {"type": "string"},
    }
}
_LOCATION: dict[str, Any] = {
    "Location": {"description": "The member's address.", "schema": {"type": "string"}}
}
_LINK: dict[str, Any] = {
    "Link": {"description": 'The next page, `rel="next"`; absent at the end.', "schema": {"type": "string"}}
}


@router.get(
    "",
    operation_id="list_members",
    summary="List and search members",
    dependencies=[requires(Action.READ_MEMBERS)],
    response_description="A page of members, in order of external_id.",
    responses={200: {"headers": _LINK}, **refusals("bad-request", "bad-cursor", "invalid-input")},
)
def list_members(
    request: Request,
    response: Response,
    product: Product,
    cursors: PageCursors,
    q: Annotated[
        str,
        Query(
            max_length=200,
            description="Words that must all occur in names or texts, also as parts of words, in Korean or English.",
            examples=["로봇", "hospital robot"],
        ),
    ] = "",
    country: Annotated[Country | None, Query(description="Only members of this country.")] = None,
    track: Annotated[Track | None, Query(description="Only members of this track.")] = None,
    kind: Annotated[Kind | None, Query(description="Only organisations of this kind.")] = None,
    status: Annotated[Status | None, Query(description="Only listed ones, or only members.")] = None,
    limit: Annotated[
        int, Query(ge=1, description=f"How many at a time; at most {MAX_LIMIT} are given.")
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None,
        Query(max_length=500, description="`next` of the page before, asked with the same filter."),
    ] = None,
) -> MemberPageRead:
    """All members in order of external_id, a page at a time. Filters may be combined.

    Follow `next` (or the `Link` header) until it is null. A cursor belongs to its filter: change the filter and start
    from the first page.
    """
    words = tuple(str(clean(q) or "").split()[:MAX_WORDS])
    chosen = MemberFilter(country, track, kind, status, words)
    scope = [country, track, kind, status, words]
    after = cursors.read(cursor, scope) if cursor else None
    page = product.directory.list_page(chosen, after, min(limit, MAX_LIMIT))
    following = cursors.sign(page.next_after, scope) if page.next_after else None
    if following:
        response.headers["Link"] = _next_link(request, following)
    items = [MemberRead.of_stored(stored) for stored in page.items]
    return MemberPageRead(items=items, next=following, total=product.directory.count(chosen))


@router.post(
    "",
    operation_id="register_member",
    summary="Register a member",
    status_code=201,
    dependencies=[requires(Action.WRITE_MEMBERS), JsonBody],
    openapi_extra=SECURED,
    response_description="The member as it is kept.",
    responses={
        201: {"headers": _LOCATION | _ETAG},
        **refusals(
            "bad-request",
            "broken-json",
            *GUARDED,
            "duplicate-member",
            "body-too-large",
            "unsupported-media-type",
            "invalid-input",
        ),
    },
)
def register_member(
    response: Response,
    product: Product,
    body: Annotated[MemberCreate, Body(description="The new member.")],
) -> MemberRead:
    """Keep a new member. Its texts are encoded now, so suggestions for it and of it are there with the next request.

    What is registered here counts as written by a person: no import overwrites it. Texts are cleaned (Unicode NFC,
    invisible characters removed, white space folded), so read the answer back.
    """
    stored = product.registration.register(body.to_domain())
    response.headers["Location"] = f"/v1/members/{quote(stored.member.external_id, safe='')}"
    response.headers["ETag"] = etag_of(stored.version)
    return MemberRead.of_stored(stored)


@router.get(
    "/{external_id}",
    operation_id="read_member",
    summary="Read a member",
    dependencies=[requires(Action.READ_MEMBERS)],
    response_model=MemberRead,
    response_description="The member as it is kept.",
    responses={
        200: {"headers": _ETAG},
        304: {"description": "The version named in If-None-Match is the present one."},
        **refusals("unknown-member", "invalid-input"),
    },
)
def read_member(
    request: Request, response: Response, product: Product, external_id: MemberId
) -> MemberRead | Response:
    """One member with its version. Send the ETag back as `If-None-Match` to learn cheaply whether it has changed."""
    stored = product.directory.get(external_id)
    tag = etag_of(stored.version)
    if is_unchanged(request.headers.get("if-none-match"), stored.version):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return MemberRead.of_stored(stored)


@router.put(
    "/{external_id}",
    operation_id="revise_member",
    summary="Write a member anew",
    dependencies=[requires(Action.WRITE_MEMBERS), JsonBody],
    openapi_extra=SECURED,
    response_description="The member as it is kept.",
    responses={
        200: {"headers": _ETAG},
        **refusals(
            "bad-request",
            "broken-json",
            *GUARDED,
            "unknown-member",
            "stale-version",
            "body-too-large",
            "unsupported-media-type",
            "invalid-input",
            "precondition-required",
        ),
    },
)
def revise_member(
    response: Response,
    product: Product,
    external_id: MemberId,
    expected: ExpectedVersion,
    body: Annotated[MemberUpdate, Body(description="The whole member.")],
) -> MemberRead:
    """Replace a member as a whole: what is left out is emptied. Requires `If-Match` with the ETag that was read.

    To change one field, read the member, drop `version`, `updated_at`, `is_edited`, `completeness` and `notice`, change
    the field and send the rest back.
    """
    stored = product.registration.revise(external_id, body.to_member(external_id), expected)
    response.headers["ETag"] = etag_of(stored.version)
    return MemberRead.of_stored(stored)


@router.delete(
    "/{external_id}",
    operation_id="withdraw_member",
    summary="Withdraw a member",
    status_code=204,
    dependencies=[requires(Action.WRITE_MEMBERS)],
    openapi_extra=SECURED,
    response_description="The member is forgotten.",
    responses=refusals(*GUARDED, "unknown-member", "stale-version", "invalid-input", "precondition-required"),
)
def withdraw_member(product: Product, external_id: MemberId, expected: ExpectedVersion) -> None:
    """Forget a member and everything made from it; only its id is kept, so that no import brings it back.

    Requires `If-Match` with the ETag that was read. It is suggested no more from the next request on.
    """
    product.registration.withdraw(external_id, expected)


def _next_link(request: Request, cursor: str) -> str:
    """Relative, so that no Host header finds its way into an answer."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f'<{request.url.path}?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'
