"""Rounds on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from matchmaker.bootstrap import Matchmaker
from matchmaker.cli import rounds
from matchmaker.cli.app import app
from matchmaker.errors import InvalidInput


@pytest.fixture
def ready(matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch) -> Matchmaker:
    """The product that the commands of this file use."""
    monkeypatch.setattr(rounds, "_ready", lambda: matchmaker)
    return matchmaker


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["rounds", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_round_from_open_to_undo(ready: Matchmaker, tmp_path: Path) -> None:
    opened = json.loads(run("open", "Autumn", "--purpose", "startup", "--most", "1", "--json"))
    number = str(opened["id"])
    solved = json.loads(run("solve", number, "--json"))
    pairs = [pair for pair in solved["proposal"]["pairs"] if pair["rank"] == 0]
    assert pairs
    assert f"{len(pairs)} pairs for startup" in run("show", number)
    run("export", number, str(tmp_path / "round.xlsx"))
    run("export", number, str(tmp_path / "round.csv"))
    book = load_workbook(tmp_path / "round.xlsx")
    assert book.sheetnames == ["Pairs", "Left out", "Costs", "Exposure"]
    rows = list(csv.reader((tmp_path / "round.csv").read_text("utf-8-sig").splitlines()))
    assert [row[1] for row in rows[1 : len(pairs) + 1]] == [pair["kr"] for pair in pairs]
    assert f"{len(pairs)} cases wait for review." in run("publish", number)
    assert f"{len(pairs)} cases taken back; 0 are decided and stay." in run("undo", number)
    with pytest.raises(InvalidInput):
        run("export", number, str(tmp_path / "round.pdf"))


def test_rules_go_out_as_a_file_and_come_in_again(ready: Matchmaker, tmp_path: Path) -> None:
    run("open", "--purpose", "research", "--least", "1", "--most", "2")
    file = tmp_path / "rules.json"
    file.write_text(run("show", "1", "--rules"), encoding="utf-8")
    run("open", "Again", "--rules", str(file))
    first, second = ready.rounds.get(1), ready.rounds.get(2)
    assert second.rules == first.rules
    assert "draft" in run("show", "2")


def test_what_cannot_hold_is_said_with_the_way_out(ready: Matchmaker) -> None:
    run("open", "--purpose", "startup", "--least", "1", "--most", "3")
    said = run("solve", "1")
    assert "The rules cannot all hold. Give up (the fewest possible):" in said
    assert "least sg-quiet" in said
