"""rounds open, solve, show, publish, undo, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from matchmaker.cli.console import AsJson, PurposeOption, errors, out, print_json

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker
    from matchmaker.domain.round import Proposal, Relaxation, Round, RoundRules
    from matchmaker.services.round_tables import Sheet

Number = Annotated[int, typer.Argument(help="Number of a round.")]

rounds = typer.Typer(help="Match the whole alliance at once.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(rounds, name="rounds")


@rounds.command("open")
def open_round(
    name: Annotated[str, typer.Argument(help="What to call it.")] = "Round",
    purpose: Annotated[PurposeOption | None, typer.Option("--purpose", help="What it is for.")] = None,
    least: Annotated[int, typer.Option(min=0, help="Introductions per member at least.")] = 0,
    most: Annotated[int, typer.Option(min=0, help="Introductions per member at most.")] = 3,
    joined_only: Annotated[bool, typer.Option("--joined-only", help="Only who has joined.")] = False,
    rules: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="All rules as a JSON file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """State a round's rules, by options or all of them in a file."""
    from matchmaker.domain.access import SYSTEM
    from matchmaker.formats.round_rules import parse_rules, read_rules

    if (purpose is None) == (rules is None):
        raise typer.BadParameter("give either --purpose with bounds, or --rules with a file")
    if rules is not None:
        stated = read_rules(rules.read_text(encoding="utf-8"))
    else:
        usual = {"least": least, "most": most}
        stated = parse_rules({"purpose": purpose, "usual": usual, "joined_only": joined_only})
    _print(_ready().rounds.open(name, stated, SYSTEM), as_json)


@rounds.command()
def solve(number: Number, as_json: AsJson = False) -> None:
    """Propose pairs; where the rules cannot all hold, say which to give up."""
    from matchmaker.domain.access import SYSTEM

    _print(_ready().rounds.solve_now(number, SYSTEM), as_json)


@rounds.command()
def show(
    number: Number,
    rules: Annotated[bool, typer.Option("--rules", help="Print the rules as a file for --rules.")] = False,
    as_json: AsJson = False,
) -> None:
    """A round as it stands."""
    from matchmaker.formats.round_rules import write_rules

    found = _ready().rounds.get(number)
    if rules:
        typer.echo(write_rules(found.rules), nl=False)
    else:
        _print(found, as_json)


@rounds.command()
def publish(number: Number) -> None:
    """Bring the proposed pairs into the review queue."""
    from matchmaker.domain.access import SYSTEM

    service = _ready().rounds
    count = service.publish(number, SYSTEM)
    out.print(f"{count} cases wait for review.", highlight=False)
    for pair in service.get(number).skipped:
        out.print(f"Left out: {pair.kr} - {pair.sg} ({pair.reason})", markup=False, highlight=False)


@rounds.command()
def undo(number: Number) -> None:
    """Take back the published cases that nobody has decided about."""
    from matchmaker.domain.access import SYSTEM

    undone = _ready().rounds.undo_publish(number, SYSTEM)
    out.print(
        f"{undone.taken_back} cases taken back; {undone.staying} are decided and stay.", highlight=False
    )


@rounds.command()
def export(number: Number, file: Annotated[Path, typer.Argument(help="A .xlsx or .csv file.")]) -> None:
    """Write a round's pairs, and in a workbook also who is left out and what the rules cost, as tables."""
    from matchmaker.errors import InvalidInput
    from matchmaker.formats.spreadsheet import csv_text, xlsx_bytes

    sheets = _sheets(_ready(), number)
    if file.suffix.lower() == ".xlsx":
        content = xlsx_bytes(sheets)
    elif file.suffix.lower() == ".csv":
        content = csv_text(sheets[0][1]).encode()
    else:
        raise InvalidInput(f"{file.name} is neither .xlsx nor .csv; choose one of them")
    try:
        file.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}; choose another file") from error
    errors.print(f"Wrote {file}", markup=False, highlight=False)


def _sheets(matchmaker: Matchmaker, number: int) -> list[Sheet]:
    from matchmaker.services.round_tables import sheets_of

    pool = matchmaker.catalogue.current().pool

    def name_of(member_id: str) -> str:
        profile = pool.find(member_id)
        return profile.member.names.best("en")[0] if profile else member_id

    return sheets_of(matchmaker.rounds.get(number), name_of)


def _print(found: Round, as_json: bool) -> None:
    if as_json:
        print_json(round_as_json(found))
        return
    out.print(f"Round {found.id}: [bold]{escape(found.name)}[/], {found.state}", highlight=False)
    if found.stage:
        out.print(f"  {found.stage}", markup=False, highlight=False)
    if found.proposal is not None:
        _print_proposal(found.proposal, found.rules)
    if found.relaxation is not None:
        _print_relaxation(found.relaxation)


def round_as_json(found: Round) -> dict[str, Any]:
    """A round for machines, without the private reasons."""
    from matchmaker.formats.round_results import proposal_as_json, relaxation_as_json
    from matchmaker.formats.round_rules import rules_as_json

    return {
        "id": found.id,
        "name": found.name,
        "state": found.state.value,
        "version": found.version,
        "stage": found.stage,
        "progress": found.progress,
        "rules": rules_as_json(found.rules, with_reasons=False),
        "proposal": proposal_as_json(found.proposal) if found.proposal else None,
        "relaxation": relaxation_as_json(found.relaxation) if found.relaxation else None,
        "skipped": [{"kr": s.kr, "sg": s.sg, "reason": s.reason.value} for s in found.skipped],
    }


def _print_proposal(proposal: Proposal, rules: RoundRules) -> None:
    say = _say
    say(f"{len(proposal.chosen)} pairs for {rules.purpose}; {proposal.expected:.2f} matches expected.")
    for pair in proposal.chosen:
        say(f"  {pair.kr} - {pair.sg}  {pair.score:.2f}{'  pinned' if pair.is_pinned else ''}")
    say(f"{len(proposal.left_out)} members are left with nothing:")
    for each in proposal.left_out:
        best = f"; best partner {each.best_partner} {each.best_score:.2f}" if each.best_partner else ""
        say(f"  {each.member_id}: {each.reason}{best}")
    for cost in proposal.costs:
        subject = f" {cost.subject}" if cost.subject else ""
        say(f"Without “{cost.rule}”{subject}: {cost.cost:+.2f} expected matches")
    for who, spread in proposal.exposure.items():
        say(f"{who}: Gini {spread.gini:.2f}, never shown {spread.never_shown:.0%} of {spread.participants}")


def _print_relaxation(relaxation: Relaxation) -> None:
    proven = "the fewest possible" if relaxation.is_proven else "perhaps not the fewest"
    _say(f"The rules cannot all hold. Give up ({proven}):")
    for rule, subject in relaxation.rules:
        _say(f"  {rule} {subject or ''}".rstrip())
    _say(f"That would give {len(relaxation.pairs)} pairs, {relaxation.expected:.2f} matches expected.")


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _ready() -> Matchmaker:
    from matchmaker.bootstrap import build_matchmaker

    matchmaker = build_matchmaker()
    matchmaker.check()
    matchmaker.catalogue.embed_outdated()
    return matchmaker
