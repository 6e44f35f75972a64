"""demo, serve, migrate."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from matchmaker.cli.console import errors, progress_bar

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker
    from matchmaker.settings import Settings

Host = Annotated[str | None, typer.Option(help="Address to listen on; default MATCHMAKER_HOST or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="Port; default MATCHMAKER_PORT or 8000; 0 takes a free one.")]

DEMO_LINK = timedelta(hours=24)
"""How long the links work that a demonstration prints."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(demo)
    app.command()(serve)
    app.command()(migrate)


def demo(host: Host = None, port: Port = None) -> None:
    """Prepare the database, import the alliance's directory, and serve it."""
    started = time.perf_counter()
    errors.print("Loading the encoder …")
    from matchmaker.bootstrap import build_matchmaker
    from matchmaker.storage.database import migrate as migrate_database

    matchmaker = build_matchmaker()
    migrate_database(matchmaker.store.engine)
    import_alliance(matchmaker)
    prepare_index(matchmaker)
    matchmaker.demo_contacts.ensure()
    errors.print(f"Ready after {time.perf_counter() - started:.1f} s.")
    run_server(matchmaker.settings, host, port, partial(print_links, matchmaker))


def serve(host: Host = None, port: Port = None) -> None:
    """Serve what is in the database."""
    from matchmaker.bootstrap import load_rule
    from matchmaker.settings import read_settings

    settings = read_settings()
    load_rule(settings)  # an unusable rule is noticed before anybody is let in
    run_server(settings, host, port)


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only check that migrations and tables agree.")
    ] = False,
) -> None:
    """Bring the database's schema to this version."""
    from sqlalchemy import create_engine

    from matchmaker.bootstrap import build_matchmaker
    from matchmaker.errors import SchemaOutdated
    from matchmaker.storage.database import migrate as migrate_database
    from matchmaker.storage.database import pending_changes

    if check:
        scratch = create_engine("sqlite://")
        migrate_database(scratch)
        if pending := pending_changes(scratch):
            raise SchemaOutdated(found="migrations", needed=f"tables: {pending}")
        errors.print("Migrations and tables agree.")
        return
    migrate_database(build_matchmaker().store.engine)
    errors.print("The schema is up to date.")


def import_alliance(matchmaker: Matchmaker) -> None:
    """Import the directory and its partnerships; only what changed is taken."""
    folder = matchmaker.settings.alliance
    with progress_bar("Importing members") as report:
        imported = matchmaker.importing.import_members(folder / "members.jsonl", progress=report)
    pairs = matchmaker.importing.import_partnerships(folder / "partnerships.jsonl")
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in imported.counts.items() if count)
    errors.print(f"Members: {counts or 'none'}. Partnerships: {pairs} new or changed.")


def prepare_index(matchmaker: Matchmaker) -> None:
    """Embed who lacks vectors of the present model, and build the index."""
    with progress_bar("Embedding members") as report:
        embedded = matchmaker.catalogue.embed_outdated(report)
    if embedded:
        errors.print(f"Embedded {embedded} members anew with {matchmaker.profiler.model}.", markup=False)
    pool = matchmaker.catalogue.current().pool
    errors.print(f"Index: {len(pool)} members, snapshot {pool.snapshot}.")


def print_links(matchmaker: Matchmaker, base_url: str) -> None:
    """Say how to sign in under each role: one link per demonstration account, for a day."""
    accounts = replace(matchmaker.accounts, base_url=base_url)
    errors.print("\nSign in (each link works once, within 24 hours):")
    for account in matchmaker.demo_accounts.ensure():
        if not account.is_disabled:
            url = accounts.url_of(accounts.issue_link(account.id, DEMO_LINK))
            name = (account.label or account.role).removeprefix("Demo: ")
            errors.print(f"  {name:36}  {url}", markup=False, highlight=False, soft_wrap=True)


def run_server(
    settings: Settings, host: str | None, port: int | None, announce: Callable[[str], None] | None = None
) -> None:
    """Serve until interrupted. The application is named by its import string: the product imports no door.

    Args:
        announce: told where people reach the service, once the address is known and before it serves.

    Raises:
        InvalidSetting: the address cannot be listened on.
    """
    import uvicorn

    from matchmaker.settings import web_address

    listener = _listen(host or settings.host, settings.port if port is None else port)
    address, number = listener.getsockname()[:2]
    url = settings.public_url.rstrip("/") or web_address(address, number)
    os.environ["MATCHMAKER_PUBLIC_URL"] = url  # the application reads its settings anew
    errors.print(f"Open [bold]{url}/[/]  (stop with Ctrl+C)", highlight=False)
    if announce is not None:
        announce(url)
    config = uvicorn.Config("api.app:create_app", factory=True, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    from matchmaker.errors import InvalidSetting

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        reason = f"{host}:{port} cannot be listened on ({error.strerror}). Choose another with --port"
        raise InvalidSetting(setting="MATCHMAKER_HOST or MATCHMAKER_PORT", reason=reason) from error
    return listener
