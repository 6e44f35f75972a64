"""The command line: one file per kind of work. Heavy imports happen inside commands, so that help is instant."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry of the ``matchmaker`` script. Errors of the product end with their sentence and exit status 2."""
    from matchmaker.cli.app import app
    from matchmaker.cli.console import errors
    from matchmaker.errors import MatchmakerError

    try:
        app()
    except MatchmakerError as error:
        errors.print(f"[bold red]Error:[/] {type(error).title}", highlight=False)
        errors.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
