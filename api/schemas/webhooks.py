"""Webhooks as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from matchmaker.domain.webhook import (
    SUBSCRIBED,
    Delivery,
    DeliveryState,
    DisabledReason,
    Endpoint,
    EventType,
)
from matchmaker.domain.webhook_target import MAX_URL

Subscribed = Literal[
    EventType.MEMBER_REGISTERED,
    EventType.MEMBER_REVISED,
    EventType.MEMBER_WITHDRAWN,
    EventType.CASE_MOVED,
    EventType.INTRODUCTION_ASKED,
    EventType.INTRODUCTION_ANSWERED,
    EventType.INTRODUCTION_ACCEPTED,
    EventType.ROUND_PUBLISHED,
]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_URL),
    Field(
        description="A public https address on port 443 or 8443, without user name and without #.",
        examples=["https://portal.example.org/hooks/alliance"],
    ),
]
Events = Annotated[
    list[Subscribed],
    Field(
        min_length=1,
        max_length=len(SUBSCRIBED),
        description="What to be told. Only what the key could also read may be asked for.",
        examples=[["member.registered", "member.revised", "member.withdrawn"]],
    ),
]


class WebhookCreate(BaseModel):
    """A new webhook."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "url": "https://portal.example.org/hooks/alliance",
                    "events": ["member.registered", "member.withdrawn"],
                }
            ]
        },
    )

    url: Url
    events: Events


class WebhookUpdate(BaseModel):
    """What to change of a webhook; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"events": ["member.revised"], "enabled": True}]}
    )

    url: Url | None = None
    events: Events | None = None
    enabled: bool | None = Field(
        default=None,
        description="False: nothing is sent any more, and what waits is given up. True: from now on again.",
    )


class WebhookRead(BaseModel):
    """Where events are sent."""

    id: str = Field(examples=["wh_7Hq2mZ0bXc"])
    url: Url
    events: list[EventType]
    created_at: datetime
    version: int = Field(description="Counts the writes; the ETag is this number in quotes.", examples=[1])
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: DisabledReason | None = Field(
        description=(
            "`gone`: it answered 410. `failing`: it took nothing for five days. `owner`: the key that made it is "
            "closed or may no longer read what it asked for. `switched-off`: on request."
        )
    )
    failing_since: datetime | None = Field(description="Since when it has taken nothing.")
    previous_secret_until: datetime | None = Field(
        description="Until when the secret before the last rotation signs, too."
    )

    @classmethod
    def of(cls, endpoint: Endpoint) -> WebhookRead:
        """As it looks outside: without its secrets."""
        return WebhookRead(**_fields(endpoint))


class WebhookSecretRead(WebhookRead):
    """A webhook with its secret, told this once."""

    secret: str = Field(
        description="Verify signatures with it, by the Standard Webhooks rules.", examples=["whsec_…"]
    )

    @classmethod
    def of(cls, endpoint: Endpoint) -> WebhookSecretRead:
        """As it looks outside, once."""
        return WebhookSecretRead(**_fields(endpoint), secret=endpoint.secret)


class WebhookListRead(BaseModel):
    """All webhooks of a key, the oldest first."""

    items: list[WebhookRead]
    next: str | None = Field(description="Always null: the list is whole.")


class WebhookDeliveryRead(BaseModel):
    """One event on its way to a webhook, with what the last try came to."""

    id: int = Field(examples=[42])
    event: str = Field(
        description="The header `webhook-id`, the same for every try and replay.",
        examples=["evt_0f8a54c9a3b1a7d0e64be1c0f2a5d94a"],
    )
    type: EventType
    data: dict[str, str | int | float | bool | None] = Field(
        description="Ids and codes.", examples=[{"member": "kaist-gsai"}]
    )
    state: DeliveryState = Field(description="`waiting`: for its first or next try. `failed`: given up.")
    attempt: int = Field(description="How often it was tried.")
    created_at: datetime
    attempted_at: datetime | None = Field(description="When it was tried last.")
    next_attempt_at: datetime | None
    status: int | None = Field(description="What the receiver answered last.")
    error: str | None = Field(
        description="Why there is no answer, as a code, such as `timeout`, `certificate` or `target-refused`."
    )
    duration_ms: int | None = Field(description="How long the last try took.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """As it looks outside."""
        return cls(
            id=delivery.id,
            event=delivery.event.id,
            type=delivery.event.type,
            data=dict(delivery.event.told),
            state=delivery.state,
            attempt=delivery.attempt,
            created_at=delivery.created_at,
            attempted_at=delivery.attempted_at,
            next_attempt_at=delivery.next_attempt_at,
            status=delivery.status,
            error=delivery.error,
            duration_ms=delivery.duration,
        )


class WebhookDeliveryPageRead(BaseModel):
    """Part of a webhook's log, the latest first."""

    items: list[WebhookDeliveryRead]
    next: str | None = Field(description="Cursor of the next page; null at the end.")


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": sorted(endpoint.events),
        "created_at": endpoint.created_at,
        "version": endpoint.version,
        "enabled": endpoint.disabled_at is None,
        "disabled_at": endpoint.disabled_at,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": endpoint.failing_since,
        "previous_secret_until": endpoint.previous_until,
    }
