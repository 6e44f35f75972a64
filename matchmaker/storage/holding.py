"""One transaction for a whole request, though every service in it commits for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session


class Hold:
    """Keeps the first writing transaction open until somebody settles it; later ones become parts of it.

    What a unit of work commits meanwhile is a savepoint: seen by whoever reads through the hold, and by nobody else.
    It is used by one thread at a time.
    """

    def __init__(self) -> None:
        self._session: Session | None = None

    def session(self, engine: Engine, *, writes: bool) -> Session | None:
        """The session to join; None for a reader before anything was written."""
        if self._session is None and writes:
            self._session = Session(engine, expire_on_commit=False)
        return self._session

    def settle(self) -> None:
        """Keep everything."""
        if self._session is not None:
            self._session.commit()
        self.drop()

    def drop(self) -> None:
        """Keep nothing of what was not settled."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


_present: ContextVar[Hold | None] = ContextVar("hold", default=None)


@contextmanager
def held_by(hold: Hold) -> Iterator[None]:
    """Inside, and in whatever threads the framework runs the request's work in, transactions join the hold."""
    token = _present.set(hold)
    try:
        yield
    finally:
        _present.reset(token)


def present_hold() -> Hold | None:
    """The hold of the request at hand."""
    return _present.get()
