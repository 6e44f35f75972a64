"""A learned rule ranks once a setting names its file, and not before; `matchmaker learn` makes such files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matchmaker.bootstrap import Matchmaker, load_rule
from matchmaker.cli import main
from matchmaker.errors import InvalidSetting
from matchmaker.formats.rule_file import provenance, write_rule_file
from matchmaker.scoring.rule import DEFAULT_RULE, WEIGHTS, Rule
from matchmaker.scoring.rule_store import LearnedRule, named_after
from matchmaker.services.profiling import Profiler
from matchmaker.settings import Settings
from tests.decisions import OTHER, TODAY, decide, decisions_of, make_world, write_decisions
from tests.factories import FakeEncoder

WORLD = make_world()
FIGURES = dict.fromkeys(("base_value", "value", "difference", "difference_by_weighting"), 0.1) | {
    "interval": [0.05, 0.15],
    "interval_by_weighting": [0.05, 0.15],
}
ONLY_ROLES = {**dict.fromkeys(WEIGHTS, 0.0), "roles": 5.0}

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line; gives the exit status."""

    def call(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["matchmaker", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code if isinstance(caught.value.code, int) else 0

    return call


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    """A rule that looks at roles alone."""
    rule = named_after(DEFAULT_RULE, Rule("", ONLY_ROLES))
    counts = {"decisions": 1000, "lists": 100, "queries": 80}
    path = tmp_path / "rule.json"
    write_rule_file(path, LearnedRule(rule, provenance(TODAY, counts, "2", FIGURES)).to_file())
    return path


def under(matchmaker: Matchmaker, rule: Path | None) -> Matchmaker:
    """The same product with another setting."""
    product = Matchmaker(Settings(_env_file=None, var=matchmaker.settings.var, rule=rule))
    vars(product)["profiler"] = Profiler(FakeEncoder())
    return product


def suggested(product: Matchmaker) -> tuple[str, dict[str, float]]:
    found = product.suggestions.for_member("kr-one")
    return found.snapshot, {item.member.external_id: item.score for item in found.items}


def test_the_setting_switches_ranking_and_snapshot_and_unsetting_it_switches_back(
    matchmaker: Matchmaker, rule_file: Path
) -> None:
    before, scores = suggested(under(matchmaker, None))
    after, other_scores = suggested(under(matchmaker, rule_file))
    assert before != after
    assert scores.keys() == other_scores.keys()
    assert scores != other_scores
    assert suggested(under(matchmaker, None)) == (before, scores)


def test_index_files_of_one_rule_are_not_taken_for_anothers(matchmaker: Matchmaker, rule_file: Path) -> None:
    first = under(matchmaker, rule_file).catalogue.current().pool
    again = under(matchmaker, rule_file).catalogue.current().pool
    assert first.snapshot == again.snapshot
    assert again.rule == LearnedRule.load(rule_file).rule
    assert under(matchmaker, None).catalogue.current().pool.rule is DEFAULT_RULE


def test_nobody_is_served_by_a_rule_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matchmaker.cli.serving import serve

    monkeypatch.setenv("MATCHMAKER_RULE", str(tmp_path / "nothing.json"))
    with pytest.raises(InvalidSetting, match="does not exist"):
        serve(port=0)


def test_an_empty_setting_means_the_built_in_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHMAKER_RULE", "")
    assert load_rule(Settings(_env_file=None)) is DEFAULT_RULE


def test_a_setting_that_names_no_rule_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"MATCHMAKER_RULE .*nowhere.* unset MATCHMAKER_RULE"):
        load_rule(Settings(_env_file=None, rule=tmp_path / "nowhere.json"))


@pytest.fixture
def service(matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch) -> Matchmaker:
    """The product that commands work with."""
    monkeypatch.setattr("matchmaker.bootstrap.build_matchmaker", lambda: matchmaker)
    return matchmaker


def rule_finding(text: str) -> dict[str, Any]:
    return next(finding for finding in json.loads(text) if finding["what"] == "rule")


def test_the_doctor_says_which_rule_is_in_force(
    service: Matchmaker,
    run: Run,
    rule_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("doctor", "--json") == 0
    assert rule_finding(capsys.readouterr().out)["says"] == "2, built in"
    monkeypatch.setattr("matchmaker.bootstrap.build_matchmaker", lambda: under(service, rule_file))
    assert run("doctor", "--json") == 0
    says = rule_finding(capsys.readouterr().out)["says"]
    assert LearnedRule.load(rule_file).rule.name in says
    assert "learned from 1000 decisions on 2026-11-24, in place of 2" in says


def test_the_doctor_finds_a_broken_rule(
    service: Matchmaker,
    run: Run,
    rule_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rule_file.write_text(rule_file.read_text(encoding="utf-8").replace("5.0", "4.0"), encoding="utf-8")
    monkeypatch.setattr("matchmaker.bootstrap.build_matchmaker", lambda: under(service, rule_file))
    assert run("doctor", "--json") == 1
    finding = rule_finding(capsys.readouterr().out)
    assert not finding["is_good"]
    assert "name the rule “2-" in finding["says"]


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Decisions by coordinators with preferences of their own."""
    path = tmp_path_factory.mktemp("decisions") / "decisions.jsonl"
    return write_decisions(path, decisions_of(decide(WORLD, OTHER, 2000)))


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Decisions by coordinators who prefer what the present rule does."""
    path = tmp_path_factory.mktemp("decisions") / "decisions.jsonl"
    return write_decisions(path, decisions_of(decide(WORLD, WEIGHTS, 1000)))


def test_a_better_rule_is_written_and_said_how_to_switch_on(
    run: Run, clear: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "learned.json"
    assert run("learn", "--decisions", clear, "--output", output) == 0
    said = capsys.readouterr()
    assert "Better: " in said.out
    assert f"MATCHMAKER_RULE={output}" in said.err
    assert "not in force" in said.err
    learned = LearnedRule.load(output)
    assert learned.provenance.base_rule == DEFAULT_RULE.name
    assert load_rule(Settings(_env_file=None)) is DEFAULT_RULE
    assert load_rule(Settings(_env_file=None, rule=output)) == learned.rule


def test_a_refusal_writes_nothing_and_ends_with_status_1(
    run: Run, even: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "learned.json"
    assert run("learn", "--decisions", even, "--output", output) == 1
    said = capsys.readouterr()
    assert "Refused: " in said.out
    assert "Nothing was written" in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "status"), [("clear", 0), ("even", 1)])
def test_machines_get_json_either_way(
    name: str,
    status: int,
    run: Run,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "learned.json"
    decisions = request.getfixturevalue(name)
    assert run("learn", "--decisions", decisions, "--output", output, "--json") == status
    report = json.loads(capsys.readouterr().out)
    assert report["is_better"] == (status == 0) == output.exists()
    assert report["output"] == (str(output) if status == 0 else None)
    assert report["base_rule"] == "2"
    assert set(report["weights"]) == set(WEIGHTS)
    assert report["comparison"]["difference"]["low"] <= report["comparison"]["difference"]["high"]


def test_learning_goes_on_from_the_rule_in_force(
    run: Run, clear: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tmp_path / "first.json"
    assert run("learn", "--decisions", clear, "--output", first) == 0
    monkeypatch.setenv("MATCHMAKER_RULE", str(first))
    capsys.readouterr()
    assert run("learn", "--decisions", clear, "--output", tmp_path / "second.json", "--json") == 1
    assert json.loads(capsys.readouterr().out)["base_rule"] == LearnedRule.load(first).rule.name


def test_a_file_that_exists_is_left_alone(run: Run, clear: Path, rule_file: Path) -> None:
    before = rule_file.read_bytes()
    assert run("learn", "--decisions", clear, "--output", rule_file) == 2
    assert rule_file.read_bytes() == before


def test_a_broken_decision_file_is_told_by_its_line(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    assert run("learn", "--decisions", path, "--output", tmp_path / "rule.json") == 2
    assert "line 1" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["decisions.jsonl"]


def test_the_schema_of_decisions_is_printed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", "decision") == 0
    assert "propensity" in json.loads(capsys.readouterr().out)["properties"]
