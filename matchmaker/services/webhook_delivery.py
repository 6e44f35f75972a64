"""Events leave: given to the endpoints that want them, signed, tried again by a schedule, and forgotten in the end.

Each delivery is claimed by one worker for a while. One whose worker died is taken up again when its lease is over, so a
receiver may see an event twice: its ``webhook-id`` is the same each time.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from matchmaker.domain.access import Actor, is_allowed
from matchmaker.domain.webhook import (
    FAILING_AFTER,
    GONE,
    Answer,
    Delivery,
    DeliveryState,
    DisabledReason,
    Endpoint,
    pause_after,
    signed_headers,
)
from matchmaker.errors import UnknownRecord
from matchmaker.services.posting import Poster
from matchmaker.storage.unit_of_work import Store, UnitOfWork

LEASE = timedelta(minutes=2)
"""How long a worker may take for one delivery; far longer than the poster's timeouts."""
BATCH = 500
"""Events that are spread, and deliveries that are looked at, in one turn."""
TURN = 20.0
"""Seconds after which a turn starts no further delivery: letters are the same worker's work."""
AGENT = "Alliance-Matchmaker-Webhooks/1"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WebhookDelivery:
    """Tells portals what happened; nothing is kept longer than ``keeps``."""

    store: Store
    poster: Poster
    now: Callable[[], datetime]
    keeps: timedelta = timedelta(days=30)
    chance: random.Random = field(default_factory=random.Random)

    def follow_up(self) -> int:
        """One turn: spread what happened, try what is due, forget what is old; how many were taken."""
        self.spread()
        taken = self.deliver()
        self.purge()
        return taken

    def spread(self) -> None:
        """Make a delivery for each endpoint that wants an event."""
        with self.store.reading() as work:
            is_waiting = work.events.has_unspread()
        if is_waiting:
            with self.store.writing() as work:
                events = work.events.take_unspread(BATCH)
                work.deliveries.add_all(events, work.endpoints.list_enabled(), self.now())
                work.commit()

    def deliver(self) -> int:
        """Try what is due; an endpoint that fails is left alone for the rest of the turn. How many were taken."""
        with self.store.reading() as work:
            due = work.deliveries.list_due(self.now(), BATCH)
        ends, failed, taken = time.monotonic() + TURN, set[str](), 0
        for delivery_id, endpoint_id in due:
            if endpoint_id in failed:
                continue
            if time.monotonic() > ends:
                break
            answer = self._try(delivery_id)
            if answer is not None and answer.is_taken:
                taken += 1
            elif answer is not None:
                failed.add(endpoint_id)
        return taken

    def purge(self) -> None:
        """Forget events that are older than they are kept, and their deliveries."""
        oldest = self.now() - self.keeps
        with self.store.reading() as work:
            count = work.events.count_before(oldest)
        if count:
            with self.store.writing() as work:
                work.events.remove_before(oldest)
                work.commit()

    def _try(self, delivery_id: int) -> Answer | None:
        claimed = self._claim(delivery_id)
        if claimed is None:
            return None
        delivery, endpoint = claimed
        body, sent_at = delivery.event.body(), self.now()
        signed = signed_headers(delivery.event.id, sent_at, body, endpoint.live_secrets(sent_at))
        headers = {"Content-Type": "application/json", "User-Agent": AGENT, **signed}
        answer = self.poster.post(endpoint.url, headers, body)
        self._keep(delivery, answer)
        return answer

    def _claim(self, delivery_id: int) -> tuple[Delivery, Endpoint] | None:
        """A delivery that is ours for a while, and where it goes."""
        with self.store.writing() as work:
            delivery = work.deliveries.claim(delivery_id, self.now(), LEASE)
            if delivery is None:
                return None
            endpoint = work.endpoints.get(delivery.endpoint_id)
            may_go = _may_be_told(work, endpoint, delivery, self.now())
            work.commit()
        if not may_go:
            self._silence(endpoint.id)
        return (delivery, endpoint) if may_go and endpoint.disabled_at is None else None

    def _silence(self, endpoint_id: str) -> None:
        """Disable an endpoint whose owner may not be told any more. Locks come in the order endpoint, delivery."""
        with self.store.writing() as work:
            self._disable(work, work.endpoints.get(endpoint_id, lock=True), DisabledReason.OWNER)
            work.commit()

    def _keep(self, delivery: Delivery, answer: Answer) -> None:
        with self.store.writing() as work:
            try:
                endpoint = work.endpoints.get(delivery.endpoint_id, lock=True)
            except UnknownRecord:  # removed meanwhile, with its log
                return
            pause = None if answer.is_taken else pause_after(delivery.attempt, self.chance)
            next_at = self.now() + pause if pause is not None else None
            if work.deliveries.finish(delivery, _state_after(answer, pause), answer, next_at):
                self._judge(work, endpoint, answer)
            work.commit()
        if not answer.is_taken:
            what = answer.error or answer.status
            log.info("webhook delivery %s was not taken (%s), try %s", delivery.id, what, delivery.attempt)

    def _judge(self, work: UnitOfWork, endpoint: Endpoint, answer: Answer) -> None:
        """What a try says about its endpoint."""
        since = None if answer.is_taken else endpoint.failing_since or self.now()
        if answer.status == GONE:
            self._disable(work, endpoint, DisabledReason.GONE)
        elif since is not None and self.now() - since >= FAILING_AFTER:
            self._disable(work, endpoint, DisabledReason.FAILING)
        elif since != endpoint.failing_since:
            work.endpoints.note(endpoint.id, since)

    def _disable(self, work: UnitOfWork, endpoint: Endpoint, reason: DisabledReason) -> None:
        if endpoint.disabled_at is not None:
            return
        work.endpoints.save(replace(endpoint, disabled_at=self.now(), disabled_reason=reason))
        work.deliveries.give_up(endpoint.id, reason)
        log.warning("webhook %s is disabled: %s", endpoint.id, reason)


def _state_after(answer: Answer, pause: timedelta | None) -> DeliveryState:
    if answer.is_taken:
        return DeliveryState.DELIVERED
    return DeliveryState.WAITING if pause is not None else DeliveryState.FAILED


def _may_be_told(work: UnitOfWork, endpoint: Endpoint, delivery: Delivery, now: datetime) -> bool:
    """Whether who made an endpoint could still read what the event tells."""
    owner = _owner(work, endpoint.owner, now)
    return owner is not None and is_allowed(owner, delivery.event.type.needs)


def _owner(work: UnitOfWork, owner: str, now: datetime) -> Actor | None:
    try:
        if owner.startswith("k_"):
            key = work.keys.get(owner)
            return Actor(key.id, key.role) if key.is_valid(now) else None
        account = work.accounts.get(owner)
    except UnknownRecord:
        return None
    return None if account.is_disabled else Actor(account.id, account.role)
