"""Decisions in files: what a line may say, and what all lines together must."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.decision_line import parse_decision
from matchmaker.formats.json_lines import load_decisions
from matchmaker.formats.schemas import json_schema
from matchmaker.quality.decision_log import DecisionLog
from tests.decisions import line_of, make_decision, write_decisions

SHOWN = make_decision(reason="no-capacity", accepted=False)
PASSED = make_decision(decision_id="d-2", candidate="sg-two", accepted=None, rank=None, purpose=None)


@pytest.mark.parametrize("decision", [SHOWN, PASSED], ids=["shown", "not shown"])
def test_a_decision_survives_the_way_out_and_in(decision: Any) -> None:
    assert parse_decision(line_of(decision)) == decision


@pytest.mark.parametrize("decision", [SHOWN, PASSED], ids=["shown", "not shown"])
def test_a_line_fits_the_published_schema(decision: Any) -> None:
    schema = json_schema("decision")
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(line_of(decision))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"propensity": 0.0}, "/propensity"),
        ({"propensity": 1.01}, "/propensity"),
        ({"propensity": float("nan")}, "/propensity"),
        ({"rank": 0}, "/rank"),
        ({"rank": 1.5}, "/rank"),
        ({"accepted": "yes"}, "/accepted"),
        ({"query": "Kim Minji, CEO"}, "/query"),
        ({"candidate": ""}, "/candidate"),
        ({"reason": "They never answer my mails"}, "/reason"),
        ({"purpose": "sports"}, "/purpose"),
        ({"decided_on": "yesterday"}, "/decided_on"),
        ({"comment": "text"}, "/comment"),
        ({"evidence": {"gives": 1.0}}, "/evidence/gets"),
        ({"evidence": {**line_of(SHOWN)["evidence"], "words": float("inf")}}, "/evidence/words"),
        ({"evidence": {**line_of(SHOWN)["evidence"], "words": None}}, "/evidence/words"),
        ({"evidence": {**line_of(SHOWN)["evidence"], "luck": 1.0}}, "/evidence/luck"),
        ({"rank": None}, ""),
        ({"accepted": None}, ""),
        ({"rank": None, "accepted": None}, ""),
        ({"candidate": "kr-one"}, ""),
    ],
    ids=str,
)
def test_what_breaks_a_rule_is_told_by_its_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_decision(line_of(SHOWN) | change)
    assert pointer in [fault.pointer for fault in caught.value.faults]


@pytest.mark.parametrize(
    "name", ["decision_id", "list_id", "query", "candidate", "propensity", "evidence", "rule"]
)
def test_nothing_that_learning_needs_may_be_missing(name: str) -> None:
    line = line_of(SHOWN)
    del line[name]
    with pytest.raises(InvalidInput, match=name):
        parse_decision(line)


def test_a_file_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_decisions(tmp_path / "decisions.jsonl", [SHOWN, PASSED])
    assert load_decisions(path) == [SHOWN, PASSED]
    path.write_text(path.read_text(encoding="utf-8") + json.dumps({"accepted": True}), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"decisions\.jsonl, line 3"):
        load_decisions(path)


PAIR = (SHOWN, replace(PASSED, purpose=SHOWN.purpose))


def test_decisions_become_rows_by_list_and_candidate() -> None:
    log = DecisionLog.of(reversed(PAIR))
    assert log.counts() == {"decisions": 1, "lists": 1, "queries": 1}
    assert log.is_shown.tolist() == [True, False]
    assert log.evidence.gives.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), "no decisions"),
        ((PAIR[0], PAIR[0]), "occurs twice"),
        ((PAIR[0], replace(PAIR[0], decision_id="d-3", rank=2)), "candidate sg-one twice"),
        ((PAIR[0], replace(PAIR[0], decision_id="d-3", candidate="sg-x")), "rank 1 twice"),
        ((PAIR[0], replace(PAIR[1], query="kr-two")), "several queries"),
        ((PAIR[0], replace(PAIR[1], snapshot="other")), "several queries"),
        ((PAIR[0],), "a line for each of its eligible candidates, shown or not"),
    ],
    ids=str,
)
def test_decisions_that_contradict_each_other_are_refused(rows: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        DecisionLog.of(rows)
