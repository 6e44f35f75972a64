"""Partners for one member, or for a profile that is not kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from api.dependencies import ForPurpose, JsonBody, MemberId, Product, ReaderLanguage
from api.openapi import ALWAYS, refusals
from api.paging import LINK, AskedPage
from api.schemas.members import ProfileLine
from api.schemas.suggestions import SuggestionListRead
from api.security import Action, requires
from matchmaker.domain.idempotency import digest_of
from matchmaker.domain.member import Track

DEFAULT_LIMIT = 10
MAX_LIMIT = 100

router = APIRouter(
    tags=["suggestions"],
    dependencies=[requires(Action.READ_SUGGESTIONS)],
    responses=refusals(*ALWAYS, "model-unavailable"),
)

OfTrack = Annotated[Track | None, Query(description="Only partners of this track.")]
AtMost = Annotated[int, Query(ge=1, description=f"How many partners; at most {MAX_LIMIT} are given.")]


@router.get(
    "/members/{external_id}/suggestions",
    operation_id="suggest_for_member",
    summary="Partners for a member",
    response_description="Partners, best first.",
    responses={
        200: {"headers": LINK},
        **refusals("bad-cursor", "bad-request", "unknown-member", "invalid-input"),
    },
)
def suggest_for_member(
    product: Product,
    external_id: MemberId,
    language: ReaderLanguage,
    paging: AskedPage,
    purpose: ForPurpose = None,
    track: OfTrack = None,
    limit: AtMost = DEFAULT_LIMIT,
    include_known: Annotated[
        bool, Query(description="Rank existing partners too; each then carries its blocker.")
    ] = False,
) -> SuggestionListRead:
    """The members of the other country that suit this one best, with the pieces of both profiles that matched.

    At most two members of one group are shown. Partners that are known already are listed apart under `known`.
    Follow `next` (or the `Link` header) for what comes after.
    """
    scope = ["suggestions", external_id, purpose, track, include_known]
    after = paging.after(scope)
    found = product.suggestions.for_member(
        external_id,
        purpose,
        track,
        min(limit, MAX_LIMIT),
        language,
        include_known,
        tuple(after) if after else None,
    )
    return SuggestionListRead.of(found, language, paging.following(found.next_after, scope))


@router.post(
    "/suggestions",
    operation_id="suggest_for_profile",
    summary="Partners for a profile that is not kept",
    dependencies=[JsonBody],
    response_description="Partners, best first.",
    responses=refusals(
        "bad-request",
        "broken-json",
        "bad-cursor",
        "cross-site",
        "body-too-large",
        "unsupported-media-type",
        "invalid-input",
    ),
)
def suggest_for_profile(
    product: Product,
    language: ReaderLanguage,
    paging: AskedPage,
    body: Annotated[ProfileLine, Body(description="The profile: a country and something to match on.")],
    purpose: ForPurpose = None,
    track: OfTrack = None,
    limit: AtMost = DEFAULT_LIMIT,
) -> SuggestionListRead:
    """Encodes the profile, answers as for a member, and keeps nothing: neither the texts nor their vectors.

    Left out, `external_id` is `profile`, `track` is `industry`, `kind` is `startup` and `status` is `listed`.
    For what comes after, send the same profile again with `next` as `cursor`.
    """
    scope = ["profile", digest_of(body.model_dump_json()), purpose, track]
    after = paging.after(scope)
    found = product.suggestions.for_profile(
        body.to_domain(), purpose, track, min(limit, MAX_LIMIT), language, tuple(after) if after else None
    )
    return SuggestionListRead.of(found, language, paging.following(found.next_after, scope))
