"""Engines and the schema's version."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import OperationalError

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from matchmaker.errors import InvalidSetting, SchemaOutdated, StorageUnavailable, UnknownRecord
from matchmaker.storage.tables import Base

MIGRATIONS = Path(__file__).parent / "migrations"
WRITERS = 2026
"""The number of the lock that a writer holds on PostgreSQL until its transaction is over."""


def open_engine(url: str) -> Engine:
    """An engine whose writers wait for each other; on SQLite with write-ahead log and foreign keys.

    Its errors never carry what was written: profile texts stay out of logs.

    Raises:
        InvalidSetting: the address is none, its driver is not installed, or its folder cannot be made.
    """
    try:
        return _open(make_url(url))
    except (ArgumentError, ImportError, OSError) as error:
        raise InvalidSetting(setting="MATCHMAKER_DATABASE_URL or MATCHMAKER_VAR", reason=error) from error


def _open(address: URL) -> Engine:
    if not address.drivername.startswith("sqlite"):
        engine = create_engine(address, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "begin", _queue)
        return engine
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _know_no_such_number)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema to this version.

    Raises:
        StorageUnavailable: the database cannot be reached or written.
    """
    try:
        with engine.execution_options(writes=True).begin() as connection:
            command.upgrade(_config(connection), "head")
    except DBAPIError as error:
        raise StorageUnavailable(reason=said_by(error)) from error


def check_schema(engine: Engine) -> None:
    """Make sure that the schema is this version's.

    Raises:
        SchemaOutdated: it is not.
        StorageUnavailable: the database cannot be reached.
    """
    needed = ScriptDirectory.from_config(_config()).get_current_head()
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise StorageUnavailable(reason=said_by(error)) from error
    if found != needed:
        raise SchemaOutdated(found=found or "none", needed=needed)


def said_by(error: DBAPIError) -> str:
    """What a database says went wrong: the first line, since PostgreSQL repeats rows in those that follow."""
    return str(error.orig).partition("\n")[0]


def pending_changes(engine: Engine) -> list[object]:
    """How the tables differ from what the migrations build; empty when both agree."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def empty_log(engine: Engine) -> None:
    """Write SQLite's write-ahead log into the file and cut it to nothing, without waiting for anybody.

    Raises:
        StorageUnavailable: the database cannot be written.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        before = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout = {before}")
        cursor.close()
    except OperationalError as error:
        raise StorageUnavailable(reason=str(error)) from error
    finally:
        connection.close()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _configure_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # BEGIN is ours, see _begin
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once, so that two writers queue instead of failing half-way."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _know_no_such_number(context: ExceptionContext) -> None:
    """A number beyond 64 bits is nobody's; PostgreSQL compares it as it is, SQLite's driver refuses it."""
    if isinstance(context.original_exception, OverflowError):
        raise UnknownRecord(kind="record", id="of so high a number") from context.original_exception


def _queue(connection: Connection) -> None:
    """On PostgreSQL too: whoever writes sees all that was written before, and no two writers wait in a circle.

    They meet at the trail's end anyway; row locks alone, taken in any order on the way there, end in deadlocks.
    """
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
