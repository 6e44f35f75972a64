"""How commands talk: tables and progress for people on standard error or a terminal, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from embeddings.protocols import Progress as Report
    from matchmaker.domain.member import Language

out = Console()
errors = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


class Reader(StrEnum):
    """The reader's language."""

    en = "en"
    ko = "ko"

    @property
    def language(self) -> Language:
        """As the domain names it."""
        return "ko" if self is Reader.ko else "en"


class PurposeOption(StrEnum):
    """Purposes, as an option (kept apart from the domain so that help stays light)."""

    startup = "startup"
    research = "research"
    talent = "talent"


@contextmanager
def progress_bar(what: str) -> Iterator[Report]:
    """A bar on standard error while something long runs; silent where that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_json_line(value: Any) -> None:
    """One JSON document on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
