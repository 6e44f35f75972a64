"""Webhooks: what is told to other sites, signed by Standard Webhooks 1.0.0, and how often it is tried.

A payload holds ids and codes, never a profile: whoever receives it asks the API for the rest, as what it may see. ::

    waiting <──> sending ──> delivered
       └────────────┴──────> failed ──replay──> a new delivery of the same event
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from matchmaker.domain.access import Action
from matchmaker.domain.review import Move
from matchmaker.domain.trail import Entry, Scalar

SECRET_MARK = "whsec_"
SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""
OVERLAP = timedelta(hours=24)
"""How long the secret before a rotation still signs, next to the new one."""
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long to wait after each try that failed, before jitter; after the last one a delivery has failed."""
JITTER = 0.2
"""A pause is up to this share shorter or longer, so that many deliveries do not come back at once."""
FAILING_AFTER = timedelta(days=5)
"""An endpoint that took nothing for so long is disabled: longer than all pauses of one delivery."""
GONE = 410
"""The receiver's way to say: never again."""


class EventType(StrEnum):
    """What may be subscribed to; `TEST` is sent on request alone."""

    MEMBER_REGISTERED = "member.registered"
    MEMBER_REVISED = "member.revised"
    MEMBER_WITHDRAWN = "member.withdrawn"
    CASE_MOVED = "case.moved"
    INTRODUCTION_ASKED = "introduction.asked"
    INTRODUCTION_ANSWERED = "introduction.answered"
    INTRODUCTION_ACCEPTED = "introduction.accepted"
    ROUND_PUBLISHED = "round.published"
    TEST = "webhook.test"

    @property
    def needs(self) -> Action:
        """What its receiver must be allowed to do: nobody is told what it could not read."""
        return _NEEDS[self.partition(".")[0]]


_NEEDS: Mapping[str, Action] = {
    "member": Action.READ_MEMBERS,
    "case": Action.REVIEW,
    "introduction": Action.INTRODUCE,
    "round": Action.RUN_ROUNDS,
    "webhook": Action.MANAGE_WEBHOOKS,
}
SUBSCRIBED = tuple(each for each in EventType if each is not EventType.TEST)
"""What an endpoint may ask for."""
CASE_ACTIONS = frozenset({*Move, "suggest", "undo", "withdraw"})
"""Entries of the trail by which a case comes to be, moves, moves back and goes."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledReason(StrEnum):
    """Why an endpoint is told nothing any more: it said 410, took nothing for days, its owner's key or account is
    closed or may no longer see what it asked for, or somebody switched it off."""

    GONE = "gone"
    FAILING = "failing"
    OWNER = "owner"
    SWITCHED_OFF = "switched-off"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go. ``secret`` signs; ``owner`` is the id of the key or account that made it."""

    id: str
    url: str
    events: frozenset[EventType]
    owner: str
    secret: str = field(repr=False)
    created_at: datetime
    version: int = 1
    previous_secret: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None

    def live_secrets(self, now: datetime) -> tuple[str, ...]:
        """What signs now, the newest first: two for a while after a rotation."""
        is_live = self.previous_until is not None and now < self.previous_until
        return (self.secret, self.previous_secret) if is_live and self.previous_secret else (self.secret,)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``told`` holds ids and codes."""

    id: str
    type: EventType
    at: datetime
    told: Mapping[str, Scalar]

    def body(self) -> bytes:
        """The payload as it is signed and sent, the same for every try."""
        content = {"type": self.type.value, "timestamp": self.at.isoformat(), "data": dict(self.told)}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one try: the receiver's status, or a code for why there is none. ``duration`` in ms."""

    status: int | None
    error: str | None
    duration: int

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it; a redirect is no yes, and is not followed."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint, with what its last try came to."""

    id: int
    event: Event
    endpoint_id: str
    state: DeliveryState
    attempt: int
    created_at: datetime
    next_attempt_at: datetime | None = None
    attempted_at: datetime | None = None
    status: int | None = None
    error: str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Part of an endpoint's log, the latest first; ``next_after`` continues it, None at the end."""

    items: tuple[Delivery, ...]
    next_after: int | None


def new_event(kind: EventType, at: datetime, told: Mapping[str, Scalar]) -> Event:
    """An event under a fresh id."""
    return Event(f"evt_{uuid4().hex}", kind, at, told)


def event_of_change(subject: str, action: str, at: datetime) -> Event | None:
    """What a change of the directory tells, if anything."""
    kind = f"member.{action}"
    return new_event(EventType(kind), at, {"member": subject}) if kind in set(EventType) else None


def event_of_entry(entry: Entry) -> Event | None:
    """What an entry of the trail tells, if anything."""
    at, action, details = entry.at, entry.action, entry.details
    what, _, number = entry.subject.partition("/")
    if what == "case" and action in CASE_ACTIONS:
        told = {name: details.get(name) for name in ("kr", "sg", "purpose", "stage")}
        return new_event(EventType.CASE_MOVED, at, {"case": int(number), "move": action, **told})
    kind = action.replace("-", ".", 1)
    if what in ("introduction", "round") and kind in set(EventType):
        return new_event(EventType(kind), at, {what: int(number)})
    return None


def new_secret() -> str:
    """A fresh signing secret: mark and 256 random bits in base 64."""
    return SECRET_MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, event_id: str, at: datetime, body: bytes) -> str:
    """One signature: ``v1,`` and the base 64 of HMAC-SHA256 over ``id.seconds.body``."""
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    content = f"{event_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def signed_headers(event_id: str, at: datetime, body: bytes, live_secrets: Sequence[str]) -> dict[str, str]:
    """The headers of one try: the event's id (the same each time), when it is sent, one signature per secret."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(sign(secret, event_id, at, body) for secret in live_secrets),
    }


def pause_after(attempt: int, chance: random.Random) -> timedelta | None:
    """How long to wait after so many tries; None: that was the last."""
    if attempt > len(PAUSES):
        return None
    return PAUSES[attempt - 1] * chance.uniform(1 - JITTER, 1 + JITTER)
