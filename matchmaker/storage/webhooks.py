"""Webhooks in the database: where events go, what happened, what became of telling it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from matchmaker.domain.records import Versions, check_version
from matchmaker.domain.webhook import (
    Answer,
    Delivery,
    DeliveryPage,
    DeliveryState,
    DisabledReason,
    Endpoint,
    Event,
    EventType,
)
from matchmaker.errors import UnknownRecord
from matchmaker.storage.tables import DeliveryRow, EndpointRow, EventRow
from matchmaker.storage.times import kept, told


class Endpoints:
    """Where events go."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, endpoint_id: str, *, lock: bool = False) -> Endpoint:
        """One endpoint; ``lock`` makes other writers of it wait.

        Raises:
            UnknownRecord: there is none under this id.
        """
        return _endpoint(self._row(endpoint_id, lock))

    def list_of(self, owner: str | None = None) -> list[Endpoint]:
        """All endpoints, or those of one key or account, the oldest first."""
        query = select(EndpointRow).order_by(EndpointRow.created_at, EndpointRow.id)
        if owner is not None:
            query = query.where(EndpointRow.owner == owner)
        return [_endpoint(row) for row in self._session.scalars(query)]

    def list_enabled(self) -> list[Endpoint]:
        """Those that are told something."""
        query = select(EndpointRow).where(EndpointRow.disabled_at.is_(None)).order_by(EndpointRow.id)
        return [_endpoint(row) for row in self._session.scalars(query)]

    def list_wanted(self) -> frozenset[EventType]:
        """What somebody wants to be told."""
        found = self._session.scalars(select(EndpointRow.events).where(EndpointRow.disabled_at.is_(None)))
        return frozenset(kind for events in found for kind in _kinds(events))

    def add(self, endpoint: Endpoint) -> None:
        """Keep a new endpoint."""
        row = EndpointRow(id=endpoint.id, owner=endpoint.owner, created_at=kept(endpoint.created_at))
        _fill(row, endpoint, endpoint.version)
        self._session.add(row)
        self._session.flush()

    def save(self, endpoint: Endpoint, expected_version: Versions = None) -> Endpoint:
        """Write an endpoint anew, at the next version.

        Raises:
            StaleVersion: the stored version is another than expected.
            UnknownRecord: there is none under this id.
        """
        row = self._row(endpoint.id, True, expected_version)
        _fill(row, endpoint, row.version + 1)
        self._session.flush()
        return _endpoint(row)

    def note(self, endpoint_id: str, failing_since: datetime | None) -> None:
        """Since when an endpoint has taken nothing; its version stays."""
        self._row(endpoint_id, True).failing_since = kept(failing_since)

    def remove(self, endpoint_id: str, expected_version: Versions = None) -> None:
        """Forget an endpoint and its log.

        Raises:
            StaleVersion: the stored version is another than expected.
            UnknownRecord: there is none under this id.
        """
        self._session.delete(self._row(endpoint_id, True, expected_version))
        self._session.flush()

    def _row(self, endpoint_id: str, lock: bool, expected_version: Versions = None) -> EndpointRow:
        row = self._session.get(
            EndpointRow, endpoint_id, with_for_update=lock or None, populate_existing=lock
        )
        if row is None:
            raise UnknownRecord(kind="webhook", id=endpoint_id)
        check_version(endpoint_id, row.version, expected_version)
        return row


class Events:
    """What happened, written in the transaction in which it happens."""

    def __init__(self, session: Session, endpoints: Endpoints) -> None:
        self._session = session
        self._endpoints = endpoints

    @cached_property
    def _wanted(self) -> frozenset[EventType]:
        """Asked once per transaction, so that an import of thousands stays quick."""
        return self._endpoints.list_wanted()

    def tell(self, event: Event | None) -> None:
        """Keep an event that somebody wants to be told; it is kept with the transaction it is part of."""
        if event is not None and event.type in self._wanted:
            self.add(event, is_spread=False)

    def add(self, event: Event, *, is_spread: bool) -> None:
        """Keep an event; ``is_spread``: whoever is to be told of it knows already."""
        text = json.dumps(dict(event.told), ensure_ascii=False)
        row = EventRow(id=event.id, type=event.type.value, told=text, at=kept(event.at), is_spread=is_spread)
        self._session.add(row)

    def has_unspread(self) -> bool:
        """Whether something waits for `take_unspread`."""
        return (
            self._session.scalar(select(EventRow.id).where(EventRow.is_spread.is_(False)).limit(1))
            is not None
        )

    def take_unspread(self, limit: int) -> list[Event]:
        """Events that no delivery was made for yet, the oldest first, and mark them; no other worker has them."""
        query = select(EventRow).where(EventRow.is_spread.is_(False)).order_by(EventRow.at, EventRow.id)
        rows = list(self._session.scalars(query.limit(limit).with_for_update(skip_locked=True)))
        for row in rows:
            row.is_spread = True
        return [_event(row) for row in rows]

    def count_before(self, moment: datetime) -> int:
        """How many events are older."""
        query = select(func.count()).select_from(EventRow).where(EventRow.at < kept(moment))
        return self._session.scalar(query) or 0

    def remove_before(self, moment: datetime) -> None:
        """Forget older events and their deliveries."""
        self._session.execute(delete(EventRow).where(EventRow.at < kept(moment)))


class Deliveries:
    """Events on their way."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, endpoint_id: str, delivery_id: int, *, lock: bool = False) -> Delivery:
        """One delivery to an endpoint.

        Raises:
            UnknownRecord: there is none of this number.
        """
        query = select(DeliveryRow).where(
            DeliveryRow.id == delivery_id, DeliveryRow.endpoint_id == endpoint_id
        )
        row = self._session.scalar(_with_event(query.with_for_update(of=DeliveryRow) if lock else query))
        if row is None:
            raise UnknownRecord(kind="delivery", id=delivery_id)
        return _delivery(row)

    def list_page(self, endpoint_id: str, after: int | None, limit: int) -> DeliveryPage:
        """``limit`` deliveries to an endpoint, the latest first, after a number."""
        query = select(DeliveryRow).where(DeliveryRow.endpoint_id == endpoint_id)
        if after is not None:
            query = query.where(DeliveryRow.id < after)
        query = query.order_by(DeliveryRow.id.desc()).limit(limit + 1)
        rows = list(self._session.scalars(_with_event(query)))
        more = rows[limit - 1].id if len(rows) > limit else None
        return DeliveryPage(tuple(_delivery(row) for row in rows[:limit]), more)

    def add(self, event: Event, endpoint_id: str, at: datetime) -> Delivery:
        """A new delivery, due at once."""
        moment = kept(at)
        row = DeliveryRow(
            event_id=event.id,
            endpoint_id=endpoint_id,
            state=DeliveryState.WAITING,
            attempt=0,
            created_at=moment,
            next_attempt_at=moment,
        )
        self._session.add(row)
        self._session.flush()
        return _told_of(row, event)

    def add_all(self, events: Iterable[Event], endpoints: Collection[Endpoint], at: datetime) -> None:
        """Deliveries of some events to every endpoint that wants them."""
        for event in events:
            for endpoint in endpoints:
                if event.type in endpoint.events:
                    self.add(event, endpoint.id, at)

    def hasten(self, delivery_id: int, at: datetime) -> None:
        """Try a waiting delivery now."""
        self._session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id == delivery_id, DeliveryRow.state == DeliveryState.WAITING)
            .values(next_attempt_at=kept(at))
            .execution_options(synchronize_session="fetch")
        )

    def list_due(self, now: datetime, limit: int) -> list[tuple[int, str]]:
        """Number and endpoint of deliveries that may be tried now, the longest due first."""
        query = select(DeliveryRow.id, DeliveryRow.endpoint_id).join(
            EndpointRow, EndpointRow.id == DeliveryRow.endpoint_id
        )
        query = query.where(_is_due(now), EndpointRow.disabled_at.is_(None))
        query = query.order_by(DeliveryRow.next_attempt_at, DeliveryRow.id).limit(limit)
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def claim(self, delivery_id: int, now: datetime, lease: timedelta) -> Delivery | None:
        """Take a due delivery; None if somebody else has it, or it is not due any more.

        One that was left half-sent is due again when its lease is over.
        """
        query = select(DeliveryRow).where(DeliveryRow.id == delivery_id, _is_due(now))
        row = self._session.scalar(_with_event(query.with_for_update(of=DeliveryRow, skip_locked=True)))
        if row is None:
            return None
        row.state, row.leased_until = DeliveryState.SENDING, kept(now + lease)
        row.attempt, row.attempted_at = row.attempt + 1, kept(now)
        self._session.flush()
        return _delivery(row)

    def finish(
        self,
        claimed: Delivery,
        state: DeliveryState,
        answer: Answer,
        next_attempt_at: datetime | None = None,
    ) -> bool:
        """Keep what a try came to, unless its lease ended and somebody else took it up; whether it was kept."""
        mine = and_(
            DeliveryRow.id == claimed.id,
            DeliveryRow.state == DeliveryState.SENDING,
            DeliveryRow.attempt == claimed.attempt,
        )
        values = {
            "state": state,
            "status": answer.status,
            "error": answer.error,
            "duration": answer.duration,
            "next_attempt_at": kept(next_attempt_at),
            "leased_until": None,
        }
        written = update(DeliveryRow).where(mine).values(values).returning(DeliveryRow.id)
        return self._session.scalar(written) is not None

    def give_up(self, endpoint_id: str, error: str) -> None:
        """What has not been taken by an endpoint will not be tried again."""
        pending = DeliveryRow.state.in_([DeliveryState.WAITING, DeliveryState.SENDING])
        self._session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.endpoint_id == endpoint_id, pending)
            .values(state=DeliveryState.FAILED, error=error, next_attempt_at=None, leased_until=None)
            .execution_options(synchronize_session="fetch")
        )


def _is_due(now: datetime) -> ColumnElement[bool]:
    at = kept(now)
    waiting = and_(DeliveryRow.state == DeliveryState.WAITING, DeliveryRow.next_attempt_at <= at)
    return or_(waiting, and_(DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.leased_until <= at))


def _with_event(query: Select[DeliveryRow]) -> Select[DeliveryRow]:
    return query.options(joinedload(DeliveryRow.event, innerjoin=True)).execution_options(
        populate_existing=True
    )


def _kinds(text: str) -> frozenset[EventType]:
    return frozenset(map(EventType, text.split()))


def _fill(row: EndpointRow, endpoint: Endpoint, version: int) -> None:
    row.url, row.events, row.version = endpoint.url, " ".join(sorted(endpoint.events)), version
    row.secret, row.previous_secret = endpoint.secret, endpoint.previous_secret
    row.previous_until = kept(endpoint.previous_until)
    row.disabled_at, row.disabled_reason = kept(endpoint.disabled_at), endpoint.disabled_reason
    row.failing_since = kept(endpoint.failing_since)


def _endpoint(row: EndpointRow) -> Endpoint:
    return Endpoint(
        row.id,
        row.url,
        _kinds(row.events),
        row.owner,
        row.secret,
        told(row.created_at),
        row.version,
        row.previous_secret,
        told(row.previous_until),
        told(row.disabled_at),
        DisabledReason(row.disabled_reason) if row.disabled_reason else None,
        told(row.failing_since),
    )


def _event(row: EventRow) -> Event:
    return Event(row.id, EventType(row.type), told(row.at), json.loads(row.told))


def _delivery(row: DeliveryRow) -> Delivery:
    return _told_of(row, _event(row.event))


def _told_of(row: DeliveryRow, event: Event) -> Delivery:
    return Delivery(
        row.id,
        event,
        row.endpoint_id,
        DeliveryState(row.state),
        row.attempt,
        told(row.created_at),
        told(row.next_attempt_at),
        told(row.attempted_at),
        row.status,
        row.error,
        row.duration,
    )
