"""One transaction: everything in it happens, or nothing does."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, SessionTransaction

from matchmaker.errors import StorageUnavailable
from matchmaker.storage.access import Accounts, ApiKeys
from matchmaker.storage.attempts import Attempts
from matchmaker.storage.cases import Cases
from matchmaker.storage.contacts import Contacts
from matchmaker.storage.database import empty_log, said_by
from matchmaker.storage.desk import Leases, Notes
from matchmaker.storage.holding import Hold, present_hold
from matchmaker.storage.introductions import AnswerLinks, Introductions
from matchmaker.storage.jobs import Jobs
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
    """``with store.writing() as work: ...; work.commit()``. Without a commit it leaves no trace.

    Inside a request that is held together (see `matchmaker.storage.holding`) it is a part of that transaction.
    """

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
    attempts: Attempts
    jobs: Jobs
    endpoints: Endpoints
    events: Events
    deliveries: Deliveries

    def __init__(self, engine: Engine, *, writes: bool = False) -> None:
        self._engine = engine
        self._writes = writes

    def __enter__(self) -> Self:
        self._session, self._savepoint = self._begin()
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
        self.attempts = Attempts(self._session)
        self.jobs = Jobs(self._session)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._savepoint is None:
            self._session.close()
        elif self._savepoint.is_active:
            self._savepoint.rollback()
        if error is not None:
            _raise_as_ours(error)

    def commit(self) -> None:
        """Keep what was done."""
        if self._savepoint is None:
            self._session.commit()
        else:
            self._savepoint.commit()
            self._savepoint = self._session.begin_nested()

    def _begin(self) -> tuple[Session, SessionTransaction | None]:
        hold = present_hold()
        session = hold.session(self._engine, writes=self._writes) if hold is not None else None
        if session is None:
            return Session(self._engine, expire_on_commit=False), None
        return session, session.begin_nested()


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
        return UnitOfWork(self._writer, writes=True)

    def keep(self, hold: Hold) -> None:
        """Keep what was done through a hold.

        Raises:
            StorageUnavailable: the database refuses; nothing is kept.
        """
        try:
            hold.settle()
        except (DBAPIError, PoolTimeout) as error:
            hold.drop()
            _raise_as_ours(error)

    def settle(self) -> None:
        """Bring what was erased out of SQLite's write-ahead log, too: there and in the file it would stay readable.

        While somebody reads or writes, it does what it can; the next call does the rest.
        """
        if self.engine.dialect.name == "sqlite" and present_hold() is None:
            empty_log(self.engine)


def _raise_as_ours(error: BaseException) -> None:
    if isinstance(error, DBAPIError):
        raise StorageUnavailable(reason=said_by(error)) from error
    if isinstance(error, PoolTimeout):
        raise StorageUnavailable(reason="all its connections are busy; try again shortly") from error
