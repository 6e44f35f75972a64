"""The trail on the command line: verified, exported, and found broken when somebody altered it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from matchmaker.bootstrap import Matchmaker
from matchmaker.cli import trail
from matchmaker.cli.app import app
from matchmaker.errors import InvalidInput
from tests.factories import make_matchmaker

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matchmaker:
    product = make_matchmaker(tmp_path / "var")
    monkeypatch.setattr(trail, "_ready", lambda: product)
    append(product, 4)
    return product


def append(product: Matchmaker, count: int) -> None:
    for number in range(count):
        with product.store.writing() as work:
            work.trail.append(NOW, "a_1", "shortlist", f"case/{number}", {"score": 0.25})
            work.commit()


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["trail", *words])


def alter(product: Matchmaker, change: str) -> None:
    with product.store.engine.begin() as connection:
        for trigger in ("content", "rows"):
            connection.execute(text(f"DROP TRIGGER trail_keeps_{trigger}"))
        connection.execute(text(change))


def test_a_trail_that_holds_tells_the_hash_to_note(product: Matchmaker) -> None:
    found = run("verify")
    with product.store.reading() as work:
        _, head = work.trail.head()
    assert found.exit_code == 0
    assert "4 entries" in found.stdout
    assert head in found.stdout
    append(product, 1)
    assert run("verify", "--expect", head).exit_code == 0
    assert json.loads(run("verify", "--json").stdout)["entries"] == 5


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        ("UPDATE trail SET details = replace(details, '0.25', '0.35') WHERE seq = 3", 3),
        ("DELETE FROM trail WHERE seq = 2", 2),
        ("DELETE FROM trail WHERE seq = 4", 4),
        ("UPDATE trail SET actor = 'a_2' WHERE seq = 1", 1),
    ],
)
def test_the_entry_where_it_breaks_is_named(product: Matchmaker, change: str, entry: int) -> None:
    alter(product, change)
    found = run("verify")
    assert found.exit_code == 1
    assert f"broken at entry {entry}" in found.stderr


def test_a_whole_trail_written_anew_is_found_by_the_noted_hash(product: Matchmaker) -> None:
    assert run("verify", "--expect", "f" * 64).exit_code == 1
    assert json.loads(run("verify", "--expect", "f" * 64, "--json").stdout)["broken"]["seq"] == 4


def test_an_export_can_be_verified_elsewhere(product: Matchmaker, tmp_path: Path) -> None:
    from matchmaker.domain.trail import Entry, first_break

    file = tmp_path / "trail.jsonl"
    assert run("export", str(file)).exit_code == 0
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    entries = [Entry(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]
    assert len(entries) == 4
    assert first_break(entries) is None
    for path in (file, tmp_path / "missing" / "trail.jsonl"):
        assert isinstance(run("export", str(path)).exception, InvalidInput)
