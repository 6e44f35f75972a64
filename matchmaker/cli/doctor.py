"""doctor: is everything in place, and if not, what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import typer

from matchmaker.cli.console import AsJson, out, print_json
from matchmaker.errors import MatchmakerError

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker

PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "fastapi", "sqlalchemy")


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    is_good: bool
    says: str


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Check Python, packages, rule, model, database and index, and say what to do."""
    from matchmaker.bootstrap import build_matchmaker

    findings = list(_look(build_matchmaker()))
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "[green]ok  [/]" if finding.is_good else "[red]fail[/]"
            out.print(f"{mark} {finding.what:10}", end=" ", highlight=False)
            out.print(finding.says, markup=False, highlight=False, soft_wrap=True)
    if not all(finding.is_good for finding in findings):
        raise typer.Exit(1)


def _look(matchmaker: Matchmaker) -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield _attempt("packages", lambda: ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    yield _attempt("files", lambda: _alliance(matchmaker))
    yield _attempt("rule", lambda: _rule(matchmaker))
    yield _attempt("model", lambda: _model(matchmaker))
    yield _attempt("database", lambda: _database(matchmaker))
    yield _attempt("index", lambda: _index(matchmaker))


def _attempt(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except (MatchmakerError, PackageNotFoundError, ImportError, OSError) as error:
        return Finding(what, False, str(error))


def _alliance(matchmaker: Matchmaker) -> str:
    from matchmaker.formats.json_lines import load_members, load_pairs

    folder = matchmaker.settings.alliance
    members, pairs = load_members(folder / "members.jsonl"), load_pairs(folder / "partnerships.jsonl")
    return f"{len(members)} members and {len(pairs)} partnerships in {folder}"


def _rule(matchmaker: Matchmaker) -> str:
    from matchmaker.scoring.rule_store import LearnedRule

    name, path = matchmaker.rule.name, matchmaker.settings.rule
    if path is None:
        return f"{name}, built in"
    learned = LearnedRule.load(path).provenance
    return (
        f"{name} in {path}, learned from {learned.decisions} decisions on {learned.trained_at}, "
        f"in place of {learned.base_rule}"
    )


def _model(matchmaker: Matchmaker) -> str:
    return f"{matchmaker.profiler.model}, {matchmaker.profiler.encoder.dimensions} dimensions"


def _database(matchmaker: Matchmaker) -> str:
    matchmaker.check()
    return matchmaker.store.engine.url.render_as_string(hide_password=True)


def _index(matchmaker: Matchmaker) -> str:
    pool = matchmaker.catalogue.current().pool
    return f"{len(pool)} members, snapshot {pool.snapshot}"
