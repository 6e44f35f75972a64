"""trail, decisions, queue: the record of what was decided, and what waits for a decision."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matchmaker.cli.console import AsJson, PurposeOption, errors, out, print_json

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker
    from matchmaker.domain.desk import FillReport

NewFile = Annotated[Path, typer.Argument(help="New file, one JSON object per line; never overwritten.")]

trail = typer.Typer(help="The record of who decided what.", no_args_is_help=True)
decisions = typer.Typer(help="What coordinators decided, to learn from.", no_args_is_help=True)
queue = typer.Typer(help="What waits for a coordinator.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(trail, name="trail")
    app.add_typer(decisions, name="decisions")
    app.add_typer(queue, name="queue")


@trail.command()
def verify(
    expect: Annotated[str | None, typer.Option(help="Latest hash as noted elsewhere earlier.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow the chain; exit status 1 and the entry where it breaks, if it does. Note the latest hash elsewhere."""
    report = _ready().auditing.verify(expect)
    if as_json:
        broken = {"seq": report.broken.seq, "reason": report.broken.reason} if report.broken else None
        print_json({"holds": report.holds, "entries": report.count, "head": report.head, "broken": broken})
    elif report.broken is None:
        out.print(f"The trail holds: {report.count} entries.", highlight=False)
        out.print(f"Latest hash, to be noted elsewhere: {report.head}", highlight=False, soft_wrap=True)
    else:
        errors.print(
            f"The trail is broken at entry {report.broken.seq}: {report.broken.reason}.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if not report.holds:
        raise typer.Exit(1)


@trail.command("export")
def export_trail(file: NewFile) -> None:
    """Write all entries of the trail."""
    from dataclasses import asdict

    from matchmaker.domain.trail import moment

    entries = _ready().auditing.entries()
    rows = ({**asdict(entry), "at": moment(entry.at)} for entry in entries)
    count = _write(file, (json.dumps(row, ensure_ascii=False) for row in rows))
    errors.print(f"{count} entries written to {file}.", markup=False, highlight=False, soft_wrap=True)


@decisions.command("export")
def export_decisions(file: NewFile) -> None:
    """Write the decisions about all closed lists, as `matchmaker learn` reads them."""
    from matchmaker.formats.decision_line import DecisionLine

    found = _ready().decisions.export()
    lines = (DecisionLine.of(decision).model_dump_json(exclude_none=True) for decision in found)
    count = _write(file, lines)
    errors.print(f"{count} decisions written to {file}.", markup=False, highlight=False, soft_wrap=True)


@queue.command("fill")
def fill_queue(
    purpose: Annotated[PurposeOption, typer.Option(help="What the pairs would meet for.")],
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Cases put in, at most.")] = 200,
    per_member: Annotated[int, typer.Option(min=1, max=100, help="Open cases of one member, at most.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Draw lists of partners for every member and put what they show into the queue."""
    from matchmaker.domain.access import SYSTEM
    from matchmaker.domain.member import Purpose

    matchmaker = _ready()
    matchmaker.catalogue.embed_outdated()
    report = matchmaker.filling.fill(Purpose(purpose), SYSTEM, per_member=per_member, limit=limit)
    if as_json:
        print_json(_as_json(report))
        return
    out.print(
        f"{len(report.suggested)} pairs suggested, {len(report.reopened)} reopened, from {report.lists} lists. "
        f"Not put in: {report.existing} under way, {report.cooling} ended recently, {report.ruled_out} refused.",
        highlight=False,
        soft_wrap=True,
    )
    for reason, count in Counter(each.reason for each in report.left_out).most_common():
        out.print(f"  {count} members have nothing in the queue: {reason}", highlight=False)


def _as_json(report: FillReport) -> dict[str, object]:
    return {
        "suggested": len(report.suggested),
        "reopened": len(report.reopened),
        "lists": report.lists,
        "existing": report.existing,
        "cooling": report.cooling,
        "ruled_out": report.ruled_out,
        "left_out": [{"member": each.member_id, "reason": each.reason} for each in report.left_out],
    }


def _write(file: Path, lines: Iterable[str]) -> int:
    """Write a new file; returns the number of lines."""
    from matchmaker.errors import InvalidInput

    count = 0
    try:
        with file.open("x", encoding="utf-8") as target:
            for line in lines:
                target.write(f"{line}\n")
                count += 1
    except FileExistsError as error:
        raise InvalidInput(f"{file} exists; name a new file") from error
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}; name another file") from error
    return count


def _ready() -> Matchmaker:
    from matchmaker.bootstrap import build_matchmaker

    matchmaker = build_matchmaker()
    matchmaker.check()
    return matchmaker
