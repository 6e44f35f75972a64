"""One transaction: everything in it happens, or nothing does."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from matchmaker.errors import StorageUnavailable
from matchmaker.storage.access import Accounts, ApiKeys
from matchmaker.storage.cases import Cases
from matchmaker.storage.contacts import Contacts
from matchmaker.storage.database import empty_log, said_by
from matchmaker.storage.desk import Leases, Notes
from matchmaker.storage.introductions import AnswerLinks, Introductions
from matchmaker.storage.outbox import Outbox
from matchmaker.storage.queue import Queue
from matchmaker.storage.repositories import Changes, Members, Partnerships, VectorStore
from matchmaker.storage.rounds import RoundBook
from matchmaker.storage.slates import Slates
from matchmaker.storage.timetables import Timetables
from matchmaker.storage.trail import Trail
from matchmaker.storage.voices import Voices
from matchmaker.storage.webhooks import Deliveries, Endpoints, Events


class UnitOfWork:
    """``with store.writing() as work: ...; work.commit()``. Without a commit it leaves no trace."""

    members: Members
    vectors: VectorStore
    partnerships: Partnerships
    changes: Changes
    cases: Cases
    queue: Queue
    leases: Leases
    notes: Notes
    voices: Voices
    slates: Slates
    trail: Trail
    accounts: Accounts
    keys: ApiKeys
    rounds: RoundBook
    timetables: Timetables
    contacts: Contacts
    introductions: Introductions
    answer_links: AnswerLinks
    outbox: Outbox
    endpoints: Endpoints
    events: Events
    deliveries: Deliveries

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        self._session = Session(self._engine, expire_on_commit=False)
        self.endpoints = Endpoints(self._session)
        self.events = Events(self._session, self.endpoints)
        self.deliveries = Deliveries(self._session)
        self.changes = Changes(self._session, self.events)
        self.members = Members(self._session, self.changes)
        self.vectors = VectorStore(self._session)
        self.partnerships = Partnerships(self._session, self.changes)
        self.cases = Cases(self._session)
        self.queue = Queue(self._session)
        self.leases = Leases(self._session)
        self.notes = Notes(self._session)
        self.voices = Voices(self._session)
        self.slates = Slates(self._session)
        self.trail = Trail(self._session, self.events)
        self.accounts = Accounts(self._session)
        self.keys = ApiKeys(self._session)
        self.rounds = RoundBook(self._session)
        self.timetables = Timetables(self._session)
        self.contacts = Contacts(self._session)
        self.introductions = Introductions(self._session)
        self.answer_links = AnswerLinks(self._session)
        self.outbox = Outbox(self._session)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
        if isinstance(error, DBAPIError):
            raise StorageUnavailable(reason=said_by(error)) from error
        if isinstance(error, PoolTimeout):
            raise StorageUnavailable(reason="all its connections are busy; try again shortly") from error

    def commit(self) -> None:
        """Keep what was done."""
        self._session.commit()


class Store:
    """Hands out transactions on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)

    def reading(self) -> UnitOfWork:
        """A transaction that only looks."""
        return UnitOfWork(self.engine)

    def writing(self) -> UnitOfWork:
        """A transaction that changes; on SQLite one at a time."""
        return UnitOfWork(self._writer)

    def settle(self) -> None:
        """Bring what was erased out of SQLite's write-ahead log, too: there and in the file it would stay readable.

        While somebody reads or writes, it does what it can; the next call does the rest.
        """
        if self.engine.dialect.name == "sqlite":
            empty_log(self.engine)
