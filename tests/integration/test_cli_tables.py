"""Importing tables as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import matchmaker.bootstrap
from matchmaker.bootstrap import Matchmaker
from matchmaker.cli.app import app
from matchmaker.domain.records import MemberFilter
from tests.factories import make_matchmaker
from tests.tables import ROWS, SINGAPUR, csv_bytes, workbook_bytes, written

runner = CliRunner()


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matchmaker:
    """What the commands work on."""
    found = make_matchmaker(tmp_path / "var")
    monkeypatch.setattr(matchmaker.bootstrap, "build_matchmaker", lambda: found)
    return found


def count(product: Matchmaker) -> int:
    return product.directory.count(MemberFilter())


def test_a_suggested_mapping_is_given_back(product: Matchmaker, tmp_path: Path) -> None:
    table = str(written(tmp_path / "members.csv", csv_bytes(ROWS, "cp949")))
    suggested = runner.invoke(app, ["import", table, "--suggest-mapping"])
    assert suggested.exit_code == 0
    assert "concerns persons" in suggested.stderr
    mapping = tmp_path / "mapping.json"
    mapping.write_text(suggested.stdout, encoding="utf-8")
    assert json.loads(suggested.stdout)["columns"]["회사명"] == "names"
    done = runner.invoke(app, ["import", table, "--mapping", str(mapping)])
    assert (done.exit_code, count(product)) == (0, 2)
    assert "2 created" in done.stderr


def test_faults_are_told_and_written_down(product: Matchmaker, tmp_path: Path) -> None:
    table = str(written(tmp_path / "members.xlsx", workbook_bytes([*ROWS, SINGAPUR])))
    report = tmp_path / "report.xlsx"
    refused = runner.invoke(app, ["import", table, "--report", str(report)])
    assert (refused.exit_code, count(product)) == (1, 0)
    assert "row 4, 국가" in refused.stderr
    assert "Singapur → Singapore?" in refused.stderr
    assert load_workbook(report).sheetnames == ["To mend 고칠 행", "All rows 전체"]
    taken = runner.invoke(app, ["import", table, "--keep-going", "--json"])
    assert json.loads(taken.stdout)["counts"] == {"created": 2, "refused": 1}


def test_a_dry_run_writes_nothing(product: Matchmaker, tmp_path: Path) -> None:
    table = str(written(tmp_path / "members.csv", csv_bytes(ROWS)))
    assert "Would be: 2 created" in runner.invoke(app, ["import", table, "--dry-run"]).stderr
    assert count(product) == 0


def test_a_mapping_that_is_none_is_refused(product: Matchmaker, tmp_path: Path) -> None:
    table = str(written(tmp_path / "members.csv", csv_bytes(ROWS)))
    broken = str(written(tmp_path / "mapping.json", b"{"))
    assert "is no mapping" in str(runner.invoke(app, ["import", table, "--mapping", broken]).exception)
