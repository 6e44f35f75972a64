"""deliver."""

from __future__ import annotations

import typer

from matchmaker.cli.console import errors


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(deliver)


def deliver() -> None:
    """Send letters that are due, remind the silent, end what lapsed: once. The server does so by itself."""
    from matchmaker.bootstrap import build_matchmaker

    matchmaker = build_matchmaker()
    matchmaker.check()
    matchmaker.introductions.follow_up()
    if matchmaker.mailer is None:
        errors.print("No mail server is set (MATCHMAKER_SMTP_HOST): letters wait in the outbox.")
