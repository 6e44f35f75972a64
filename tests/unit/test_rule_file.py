"""A rule file holds exactly what a rule scores with, and is named after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.rule_file import (
    DIGITS,
    WeightFields,
    digest_of,
    name_of,
    provenance,
    read_rule_file,
    write_rule_file,
)
from matchmaker.scoring.rule import DEFAULT_RULE, WEIGHTS, Calibration, Rule
from matchmaker.scoring.rule_store import LearnedRule, named_after
from tests.factories import TODAY

COMPARISON = {
    "base_value": 0.5,
    "value": 0.6,
    "difference": 0.1,
    "interval": [0.05, 0.15],
    "difference_by_weighting": 0.09,
    "interval_by_weighting": [-0.01, 0.2],
}
PROVENANCE = provenance(TODAY, {"decisions": 1000, "lists": 100, "queries": 80}, "2", COMPARISON)
NUMBERS = st.floats(0.0, 10.0)
CHOICES = st.fixed_dictionaries(dict.fromkeys(WEIGHTS, NUMBERS)).filter(lambda weights: any(weights.values()))


def learned(**weights: float) -> LearnedRule:
    rule = Rule("", {**WEIGHTS, **weights}, 0.5, Calibration(1.25, -0.5, 0.9))
    return LearnedRule(named_after(DEFAULT_RULE, rule), PROVENANCE)


def content(**changes: Any) -> dict[str, Any]:
    """A good file as decoded JSON, with something changed; named after its content unless a name is given."""
    value = learned(needs=2.0).to_file().model_dump(mode="json") | changes
    weights, calibration = value["weights"], value["calibration"]
    if "name" not in changes:
        try:
            digest = digest_of(weights, value["relief"], calibration)
        except (KeyError, TypeError, ValueError):
            return value
        value["name"] = f"2-{digest}"
    return value


def write(path: Path, value: object) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


@given(CHOICES, st.floats(0.0, 1.0), st.floats(0.01, 10.0), st.floats(-10.0, 10.0), st.floats(0.1, 1.0))
@settings(deadline=None, max_examples=30)
def test_a_rule_survives_the_way_out_and_in(
    tmp_path_factory: pytest.TempPathFactory,
    weights: dict[str, float],
    relief: float,
    slope: float,
    intercept: float,
    ceiling: float,
) -> None:
    rule = named_after(DEFAULT_RULE, Rule("", weights, relief, Calibration(slope, intercept, ceiling)))
    path = tmp_path_factory.mktemp("rules") / "rule.json"
    write_rule_file(path, LearnedRule(rule, PROVENANCE).to_file())
    assert LearnedRule.load(path) == LearnedRule(rule, PROVENANCE)


def test_the_file_has_a_weight_for_every_kind_of_evidence() -> None:
    assert set(WeightFields.model_fields) == set(WEIGHTS)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert read_rule_file(write(tmp_path / "rule.json", content())).weights.needs == 2.0


def test_whole_numbers_are_numbers(tmp_path: Path) -> None:
    value = content(weights={"needs": 2, "coverage": 1, "words": 1, "roles": 1, "breadth": 0}, relief=1)
    assert LearnedRule.load(write(tmp_path / "rule.json", value)).rule.relief == 1.0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weights": {**WEIGHTS, "needs": -0.1}}, "/weights/needs"),
        ({"weights": {**WEIGHTS, "needs": "1"}}, "/weights/needs"),
        ({"weights": {**WEIGHTS, "needs": True}}, "/weights/needs"),
        ({"weights": {**WEIGHTS, "needs": float("nan")}}, "/weights/needs"),
        ({"weights": {**WEIGHTS, "needs": float("inf")}}, "/weights/needs"),
        ({"weights": {**WEIGHTS, "luck": 1.0}}, "/weights/luck"),
        ({"weights": {name: 1.0 for name in WEIGHTS if name != "roles"}}, "/weights/roles"),
        ({"weights": dict.fromkeys(WEIGHTS, 0.0)}, "/weights"),
        ({"relief": 1.1}, "/relief"),
        ({"relief": -0.1}, "/relief"),
        ({"calibration": {"slope": 0.0, "intercept": 0.0, "ceiling": 1.0}}, "/calibration/slope"),
        (
            {"calibration": {"slope": 1.0, "intercept": float("nan"), "ceiling": 1.0}},
            "/calibration/intercept",
        ),
        ({"calibration": {"slope": 1.0, "ceiling": 1.0}}, "/calibration/intercept"),
        ({"calibration": {"slope": 1.0, "intercept": 0.0, "ceiling": 1.1}}, "/calibration/ceiling"),
        ({"provenance": {}}, "/provenance/base_rule"),
        ({"provenance": None}, "/provenance"),
        ({"is_active": True}, "/is_active"),
    ],
    ids=str,
)
def test_what_breaks_a_rule_of_the_format_is_told_by_its_place(
    change: dict[str, Any], pointer: str, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFile, match=r"rule\.json is no usable rule") as caught:
        read_rule_file(write(tmp_path / "rule.json", content(**change)))
    assert pointer in [fault.pointer for fault in caught.value.faults]


def test_numbers_changed_by_hand_need_a_new_name_and_the_error_says_which(tmp_path: Path) -> None:
    other = learned(needs=3.0)
    value = content(weights=dict(other.rule.weights), name=learned(needs=2.0).rule.name)
    with pytest.raises(UnreadableFile, match=f"name the rule “{other.rule.name}”"):
        read_rule_file(write(tmp_path / "rule.json", value))
    read_rule_file(write(tmp_path / "rule.json", {**value, "name": other.rule.name}))


@pytest.mark.parametrize(
    ("text", "says"), [("{", "no JSON"), ("[" * 100_000, "no JSON"), ("[]", "no usable")]
)
def test_what_is_no_rule_is_told(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read_rule_file(write(tmp_path / "rule.json", text))


def test_an_absent_file_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="does not exist; learn a rule with: matchmaker learn"):
        read_rule_file(tmp_path / "nowhere.json")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_rule_file(tmp_path)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "rule.json", "kept")
    with pytest.raises(InvalidInput, match="never overwritten"):
        write_rule_file(path, learned().to_file())
    assert path.read_text(encoding="utf-8") == "kept"
    with pytest.raises(InvalidInput, match="choose another --output"):
        write_rule_file(tmp_path / "absent" / "rule.json", learned().to_file())


def test_a_name_tells_the_line_and_the_content() -> None:
    one, other = learned(needs=1.0).rule, learned(needs=2.0).rule
    assert one.name != other.name
    assert one.name.startswith("2-")
    assert len(one.name) == 2 + DIGITS
    assert named_after(one, other).name == other.name
    assert name_of("2-by-hand", "0" * DIGITS) == f"2-by-hand-{'0' * DIGITS}"
