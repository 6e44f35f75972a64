"""Webhooks as their owners see them: endpoints, secrets, and the log of what was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from matchmaker.domain.access import Action, Actor, Role, authorise
from matchmaker.domain.account import new_id
from matchmaker.domain.records import Versions
from matchmaker.domain.trail import Scalar
from matchmaker.domain.webhook import (
    OVERLAP,
    SUBSCRIBED,
    Delivery,
    DeliveryPage,
    DeliveryState,
    DisabledReason,
    Endpoint,
    EventType,
    new_event,
    new_secret,
)
from matchmaker.domain.webhook_target import parse_target
from matchmaker.errors import Fault, IllegalMove, InvalidInput, UnknownRecord
from matchmaker.services.clock import utc_now
from matchmaker.storage.unit_of_work import Store, UnitOfWork

MAX_ENDPOINTS = 20
"""Endpoints of one key or account."""


@dataclass(frozen=True)
class Webhooks:
    """A portal sees and changes its own endpoints; an administrator everybody's."""

    store: Store
    now: Callable[[], datetime] = utc_now
    allows_loopback: bool = False

    def create(self, actor: Actor, url: str, events: Collection[EventType]) -> Endpoint:
        """A new endpoint. Its secret is told now and at a rotation, never again.

        Raises:
            Forbidden: the actor may not read what one of the events tells.
            InvalidInput: the address is none that a webhook may have, or there are too many.
        """
        self._check(actor, url, events)
        endpoint = Endpoint(new_id("wh"), url, frozenset(events), actor.id, new_secret(), self.now())
        with self.store.writing() as work:
            self._note(work, actor, "created", endpoint.id)
            if len(work.endpoints.list_of(actor.id)) >= MAX_ENDPOINTS:
                raise _fault("/url", "too-many", f"at most {MAX_ENDPOINTS} webhooks; remove one first")
            work.endpoints.add(endpoint)
            work.commit()
        return endpoint

    def list_all(self, actor: Actor) -> list[Endpoint]:
        """The actor's endpoints, the oldest first; all of them for an administrator."""
        authorise(actor, Action.MANAGE_WEBHOOKS)
        with self.store.reading() as work:
            return work.endpoints.list_of(None if actor.role is Role.ADMINISTRATOR else actor.id)

    def get(self, actor: Actor, endpoint_id: str) -> Endpoint:
        """One endpoint.

        Raises:
            UnknownRecord: there is none under this id, or it is somebody else's.
        """
        with self.store.reading() as work:
            return _own(work, actor, endpoint_id)

    def revise(
        self,
        actor: Actor,
        endpoint_id: str,
        *,
        url: str | None = None,
        events: Collection[EventType] | None = None,
        is_enabled: bool | None = None,
        expected_version: Versions = None,
    ) -> Endpoint:
        """Change what is given. An endpoint that is disabled loses what waits; enabled again, it starts afresh.

        Raises:
            Forbidden: the actor may not read what one of the events tells.
            InvalidInput: the address is none that a webhook may have, or no event is left.
            StaleVersion: the stored version is another than expected.
            UnknownRecord: there is none under this id, or it is somebody else's.
        """
        with self.store.writing() as work:
            self._note(work, actor, "revised", endpoint_id)
            held = _own(work, actor, endpoint_id, lock=True)
            fresh = replace(
                held, url=url or held.url, events=frozenset(held.events if events is None else events)
            )
            self._check(actor, fresh.url, fresh.events)
            if is_enabled is not None:
                fresh = self._switched(work, fresh, is_enabled)
            saved = work.endpoints.save(fresh, expected_version)
            work.commit()
        return saved

    def remove(self, actor: Actor, endpoint_id: str, expected_version: Versions = None) -> None:
        """Forget an endpoint, its secrets and its log.

        Raises:
            StaleVersion: the stored version is another than expected.
            UnknownRecord: there is none under this id, or it is somebody else's.
        """
        with self.store.writing() as work:
            self._note(work, actor, "removed", endpoint_id)
            _own(work, actor, endpoint_id, lock=True)
            work.endpoints.remove(endpoint_id, expected_version)
            work.commit()

    def rotate(self, actor: Actor, endpoint_id: str) -> Endpoint:
        """A new secret; the one before signs next to it for `OVERLAP`, so that the receiver can change over.

        Raises:
            UnknownRecord: there is none under this id, or it is somebody else's.
        """
        with self.store.writing() as work:
            self._note(work, actor, "rotated", endpoint_id)
            held = _own(work, actor, endpoint_id, lock=True)
            rotated = work.endpoints.save(
                replace(
                    held,
                    secret=new_secret(),
                    previous_secret=held.secret,
                    previous_until=self.now() + OVERLAP,
                )
            )
            work.commit()
        return rotated

    def list_deliveries(self, actor: Actor, endpoint_id: str, after: int | None, limit: int) -> DeliveryPage:
        """What was sent to an endpoint, or will be, the latest first.

        Raises:
            UnknownRecord: there is none under this id, or it is somebody else's.
        """
        with self.store.reading() as work:
            _own(work, actor, endpoint_id)
            return work.deliveries.list_page(endpoint_id, after, limit)

    def replay(self, actor: Actor, endpoint_id: str, delivery_id: int) -> Delivery:
        """Send an event again, under the same id; a delivery that waits is tried now instead.

        Raises:
            IllegalMove: the endpoint is disabled.
            UnknownRecord: there is no such endpoint or delivery, or it is somebody else's.
        """
        with self.store.writing() as work:
            _require_enabled(_own(work, actor, endpoint_id, lock=True), "replay")
            found = work.deliveries.get(endpoint_id, delivery_id, lock=True)
            if found.state in (DeliveryState.DELIVERED, DeliveryState.FAILED):
                found = work.deliveries.add(found.event, endpoint_id, self.now())
            else:
                work.deliveries.hasten(delivery_id, self.now())
                found = work.deliveries.get(endpoint_id, delivery_id)
            work.commit()
        return found

    def test(self, actor: Actor, endpoint_id: str) -> Delivery:
        """Send an event that tells nothing, to see whether it arrives.

        Raises:
            IllegalMove: the endpoint is disabled.
            UnknownRecord: there is none under this id, or it is somebody else's.
        """
        with self.store.writing() as work:
            _require_enabled(_own(work, actor, endpoint_id, lock=True), "test")
            event = new_event(EventType.TEST, self.now(), {"webhook": endpoint_id})
            work.events.add(event, is_spread=True)
            delivery = work.deliveries.add(event, endpoint_id, self.now())
            work.commit()
        return delivery

    def _check(self, actor: Actor, url: str, events: Collection[EventType]) -> None:
        authorise(actor, Action.MANAGE_WEBHOOKS)
        if not events or not set(events) <= set(SUBSCRIBED):
            raise _fault("/events", "invalid", f"name at least one of: {', '.join(SUBSCRIBED)}")
        for each in sorted(events):
            authorise(actor, each.needs)
        parse_target(url, allows_loopback=self.allows_loopback)

    def _switched(self, work: UnitOfWork, endpoint: Endpoint, is_enabled: bool) -> Endpoint:
        if is_enabled:
            return replace(endpoint, disabled_at=None, disabled_reason=None, failing_since=None)
        if endpoint.disabled_at is not None:
            return endpoint
        work.deliveries.give_up(endpoint.id, DisabledReason.SWITCHED_OFF)
        return replace(endpoint, disabled_at=self.now(), disabled_reason=DisabledReason.SWITCHED_OFF)

    def _note(self, work: UnitOfWork, actor: Actor, what: str, endpoint_id: str) -> None:
        """First in every transaction: whoever writes the trail holds its head before anything else."""
        authorise(actor, Action.MANAGE_WEBHOOKS)
        details: dict[str, Scalar] = {}
        work.trail.append(self.now(), actor.id, f"webhook-{what}", f"webhook/{endpoint_id}", details)


def _own(work: UnitOfWork, actor: Actor, endpoint_id: str, *, lock: bool = False) -> Endpoint:
    authorise(actor, Action.MANAGE_WEBHOOKS)
    endpoint = work.endpoints.get(endpoint_id, lock=lock)
    if endpoint.owner != actor.id and actor.role is not Role.ADMINISTRATOR:
        raise UnknownRecord(kind="webhook", id=endpoint_id)
    return endpoint


def _require_enabled(endpoint: Endpoint, move: str) -> None:
    if endpoint.disabled_at is not None:
        raise IllegalMove(move=move, stage="disabled", possible="enable")


def _fault(pointer: str, code: str, reason: str) -> InvalidInput:
    return InvalidInput(reason, (Fault(pointer, code, reason),))
