"""Webhooks: a portal says what it wants to be told and where, and sees what became of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from api.dependencies import JsonBody, Product
from api.etags import ExpectedVersion, etag_of
from api.openapi import ALWAYS, GUARDED, SECURED, refusals
from api.paging import LINK, AskedPage
from api.schemas.webhooks import (
    WebhookCreate,
    WebhookDeliveryPageRead,
    WebhookDeliveryRead,
    WebhookListRead,
    WebhookRead,
    WebhookSecretRead,
    WebhookUpdate,
)
from api.security import Action, CurrentActor, requires
from matchmaker.domain.webhook import Endpoint

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_NUMBER = 2**31 - 1

router = APIRouter(
    prefix="/webhooks",
    tags=["webhooks"],
    dependencies=[requires(Action.MANAGE_WEBHOOKS)],
    responses=refusals(*ALWAYS, *GUARDED),
)

WebhookId = Annotated[str, Path(description="The webhook's id.", max_length=20, examples=["wh_7Hq2mZ0bXc"])]
DeliveryId = Annotated[int, Path(description="The delivery's number.", ge=1, le=MAX_NUMBER)]
_BODY = ("broken-json", "body-too-large", "unsupported-media-type")
_ETAG: dict[str, Any] = {
    "ETag": {"description": "The version in quotes, for If-Match.", "schema": {"type": "string"}}
}
_LOCATION: dict[str, Any] = {
    "Location": {"description": "The webhook's address.", "schema": {"type": "string"}}
}


@router.get(
    "",
    operation_id="list_webhooks",
    summary="List webhooks",
    openapi_extra=SECURED,
    response_description="The key's webhooks; all of them for an administrator.",
)
def list_webhooks(product: Product, actor: CurrentActor) -> WebhookListRead:
    """Every webhook that this key made, without its secrets."""
    found = product.webhooks.list_all(actor)
    return WebhookListRead(items=[WebhookRead.of(each) for each in found], next=None)


@router.post(
    "",
    operation_id="create_webhook",
    summary="Make a webhook",
    status_code=201,
    dependencies=[JsonBody],
    openapi_extra=SECURED,
    response_description="The webhook with its secret.",
    responses={201: {"headers": _LOCATION | _ETAG}, **refusals(*_BODY, "invalid-input")},
)
def create_webhook(
    response: Response,
    product: Product,
    actor: CurrentActor,
    body: Annotated[WebhookCreate, Body(description="Where to send what.")],
) -> WebhookSecretRead:
    """Events from now on are posted to the address, signed by Standard Webhooks 1.0.0 (https://www.standardwebhooks.com).

    A payload is `{"type", "timestamp", "data"}`, where `data` holds ids and codes: read the rest here. Answer with
    a 2xx within fifteen seconds; anything else, a redirect included, is tried again for three days. 410 ends it for
    good. The secret is told only now.
    """
    endpoint = product.webhooks.create(actor, body.url, body.events)
    response.headers["Location"] = f"/v1/webhooks/{endpoint.id}"
    return _with_secret(response, endpoint)


@router.get(
    "/{webhook_id}",
    operation_id="read_webhook",
    summary="Read a webhook",
    openapi_extra=SECURED,
    response_description="The webhook, without its secrets.",
    responses={200: {"headers": _ETAG}, **refusals("unknown-record", "invalid-input")},
)
def read_webhook(
    response: Response, product: Product, actor: CurrentActor, webhook_id: WebhookId
) -> WebhookRead:
    """One webhook, with whether it is told anything and why not."""
    endpoint = product.webhooks.get(actor, webhook_id)
    response.headers["ETag"] = etag_of(endpoint.version)
    return WebhookRead.of(endpoint)


@router.patch(
    "/{webhook_id}",
    operation_id="revise_webhook",
    summary="Change a webhook",
    dependencies=[JsonBody],
    openapi_extra=SECURED,
    response_description="The webhook as it is now.",
    responses={
        200: {"headers": _ETAG},
        **refusals(*_BODY, "unknown-record", "stale-version", "precondition-required", "invalid-input"),
    },
)
def revise_webhook(
    response: Response,
    product: Product,
    actor: CurrentActor,
    webhook_id: WebhookId,
    expected: ExpectedVersion,
    body: Annotated[WebhookUpdate, Body(description="What to change.")],
) -> WebhookRead:
    """Change the address or the events, switch it off or on. Requires `If-Match` with the ETag that was read."""
    endpoint = product.webhooks.revise(
        actor,
        webhook_id,
        url=body.url,
        events=body.events,
        is_enabled=body.enabled,
        expected_version=expected,
    )
    response.headers["ETag"] = etag_of(endpoint.version)
    return WebhookRead.of(endpoint)


@router.delete(
    "/{webhook_id}",
    operation_id="remove_webhook",
    summary="Remove a webhook",
    status_code=204,
    openapi_extra=SECURED,
    response_description="The webhook and its log are forgotten.",
    responses=refusals("unknown-record", "stale-version", "precondition-required", "invalid-input"),
)
def remove_webhook(
    product: Product, actor: CurrentActor, webhook_id: WebhookId, expected: ExpectedVersion
) -> None:
    """Forget a webhook, its secrets and its log. Requires `If-Match` with the ETag that was read."""
    product.webhooks.remove(actor, webhook_id, expected)


@router.post(
    "/{webhook_id}/rotate",
    operation_id="rotate_webhook_secret",
    summary="Change a webhook's secret",
    openapi_extra=SECURED,
    response_description="The webhook with its new secret.",
    responses={200: {"headers": _ETAG}, **refusals("unknown-record", "invalid-input")},
)
def rotate_webhook_secret(
    response: Response, product: Product, actor: CurrentActor, webhook_id: WebhookId
) -> WebhookSecretRead:
    """A new secret, told only now. For 24 hours events carry a signature by each of the two."""
    endpoint = product.webhooks.rotate(actor, webhook_id)
    return _with_secret(response, endpoint)


@router.post(
    "/{webhook_id}/test",
    operation_id="test_webhook",
    summary="Send a test event",
    status_code=202,
    openapi_extra=SECURED,
    response_description="The delivery; it leaves within a minute.",
    responses=refusals("unknown-record", "illegal-move", "invalid-input"),
)
def test_webhook(product: Product, actor: CurrentActor, webhook_id: WebhookId) -> WebhookDeliveryRead:
    """Post an event of the type `webhook.test`; look into the deliveries for what came of it."""
    return WebhookDeliveryRead.of(product.webhooks.test(actor, webhook_id))


@router.get(
    "/{webhook_id}/deliveries",
    operation_id="list_webhook_deliveries",
    summary="List a webhook's deliveries",
    openapi_extra=SECURED,
    response_description="A page of deliveries, the latest first.",
    responses={200: {"headers": LINK}, **refusals("bad-cursor", "unknown-record", "invalid-input")},
)
def list_webhook_deliveries(
    product: Product,
    paging: AskedPage,
    actor: CurrentActor,
    webhook_id: WebhookId,
    limit: Annotated[
        int, Query(ge=1, description=f"How many at a time; at most {MAX_LIMIT} are given.")
    ] = DEFAULT_LIMIT,
) -> WebhookDeliveryPageRead:
    """What was sent to a webhook, or will be, and what it answered; kept for a month.

    Follow `next` (or the `Link` header) until it is null.
    """
    scope = ["webhook-deliveries", webhook_id]
    page = product.webhooks.list_deliveries(actor, webhook_id, paging.after(scope), min(limit, MAX_LIMIT))
    return WebhookDeliveryPageRead(
        items=[WebhookDeliveryRead.of(each) for each in page.items],
        next=paging.following(page.next_after, scope),
    )


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    operation_id="replay_webhook_delivery",
    summary="Send an event again",
    status_code=202,
    openapi_extra=SECURED,
    response_description="The delivery; it leaves within a minute.",
    responses=refusals("unknown-record", "illegal-move", "invalid-input"),
)
def replay_webhook_delivery(
    product: Product, actor: CurrentActor, webhook_id: WebhookId, delivery_id: DeliveryId
) -> WebhookDeliveryRead:
    """A new delivery of the same event, under the same `webhook-id`. One that still waits is tried at once instead."""
    return WebhookDeliveryRead.of(product.webhooks.replay(actor, webhook_id, delivery_id))


def _with_secret(response: Response, endpoint: Endpoint) -> WebhookSecretRead:
    """The one answer that holds the secret; nobody keeps a copy on the way."""
    response.headers["ETag"] = etag_of(endpoint.version)
    response.headers["Cache-Control"] = "no-store"
    return WebhookSecretRead.of(endpoint)
