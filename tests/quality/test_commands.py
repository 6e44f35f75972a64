"""The measuring commands on the project's own data, as a person types them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matchmaker.cli.app import app
from matchmaker.errors import InvalidInput, UnreadableFile

DATA = Path(__file__).parents[2] / "data"
KS_MATCH = str(DATA / "ks-match")
runner = CliRunner()


def test_benchmark_prints_gain_traps_and_chances() -> None:
    found = runner.invoke(app, ["benchmark", "--data", KS_MATCH, "--split", "dev"])
    assert found.exit_code == 0
    assert "KS-Match 1.0, dev: 36 queries, 793 judged candidates" in found.stdout
    for word in ("nDCG@10", "ineligible   1.00 of 14", "Calibration over"):
        assert word in found.stdout


def test_benchmark_scores_the_run_of_another_system(tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    judgments = [
        json.loads(line) for line in (DATA / "ks-match" / "judgments.jsonl").read_text().splitlines()
    ]
    lines = [{"query_id": j["query_id"], "candidate": j["candidate"], "score": j["grade"]} for j in judgments]
    run.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = runner.invoke(
        app, ["benchmark", "--data", KS_MATCH, "--split", "test", "--run", str(run), "--json"]
    )
    assert found.exit_code == 0
    report = json.loads(found.stdout)
    assert report["ndcg_at_10"]["mean"] == pytest.approx(1.0)
    assert report["traps"]["all"]["passed"] == 1.0
    assert "calibration" not in report


def test_benchmark_names_the_folder_that_is_missing(tmp_path: Path) -> None:
    found = runner.invoke(app, ["benchmark", "--data", str(tmp_path)])
    assert isinstance(found.exception, UnreadableFile)
    assert "name the folder that holds the benchmark" in str(found.exception)


def test_calibrate_prints_what_stands_in_the_rule() -> None:
    from matchmaker.scoring.rule import DEFAULT_RULE

    found = runner.invoke(app, ["calibrate", "--data", KS_MATCH, "--json"])
    assert found.exit_code == 0
    fitted = json.loads(found.stdout)["calibration"]
    assert fitted == pytest.approx(asdict(DEFAULT_RULE.calibration), abs=0.02)


def test_parity_names_a_pair_whose_member_is_missing(tmp_path: Path) -> None:
    members = tmp_path / "members.jsonl"
    lines = (DATA / "alliance" / "members.jsonl").read_text().splitlines()
    members.write_text("".join(f"{line}\n" for line in lines if '"country": "KR"' in line))
    files = ["--members", str(members), "--pairs", str(DATA / "alliance" / "partnerships.jsonl")]
    found = runner.invoke(app, ["parity", *files])
    assert isinstance(found.exception, InvalidInput)
    assert "no member of SG in the member file" in str(found.exception)


def test_parity_compares_both_settings() -> None:
    files = [
        "--members",
        str(DATA / "alliance" / "members.jsonl"),
        "--pairs",
        str(DATA / "alliance" / "partnerships.jsonl"),
    ]
    found = runner.invoke(app, ["parity", *files])
    assert found.exit_code == 0
    assert "30 of 183 members" in found.stdout
    for setting in ("everybody else as they are: 36 queries", "everybody else in English: 36 queries"):
        assert setting in found.stdout
