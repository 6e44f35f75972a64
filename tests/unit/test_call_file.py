"""Call files: what is read, what is refused with file and place, and that the shipped ones keep their promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from matchmaker.bootstrap import load_calls
from matchmaker.domain.call import Call, CallState, PurposeRule, SectorRule, TeamRule
from matchmaker.domain.member import LANGUAGES
from matchmaker.errors import InvalidSetting, UnreadableFile
from matchmaker.formats.call_file import read_call, read_calls
from matchmaker.formats.call_phrasing import (
    FACTS,
    STANDINGS,
    STATES,
    VERDICTS,
    amount_in_words,
    dates_in_words,
    end_in_words,
    rule_in_words,
    title_of,
)
from matchmaker.formats.schemas import json_schema
from matchmaker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CALLS = ROOT / "data" / "calls"
SHIPPED = read_calls(CALLS)
RAW = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CALLS.glob("*.yaml"))}
TODAY = datetime(2026, 12, 1, tzinfo=UTC)
BOTH = {"en": "x", "ko": "가"}
GOOD: dict[str, Any] = {
    "id": "call",
    "names": {"en": "Call (fictional)", "ko": "공모 (가상)"},
    "summary": BOTH,
    "status": "announced",
    "fictional": True,
    "as_of": "2026-11-25",
    "sources": {"made": {"title": "Invented"}},
    "dates": {"opens": "2026-10-01", "closes": "2026-12-01T18:00", "zone": "KST", "source": "made"},
    "rules": [
        {
            "kind": "team",
            "roles": [{"country": "KR", "applicant": "company"}, {"country": "SG", "applicant": "company"}],
            "source": "made",
        }
    ],
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_file(**changes: Any) -> Path:
        value = {key: item for key, item in (GOOD | changes).items() if item is not None}
        path = tmp_path / "call.yaml"
        path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
        return path

    return write_file


def test_dates_hold_in_their_zone(write: Callable[..., Path]) -> None:
    call = read_call(write())
    assert call.opens is not None
    assert call.closes is not None
    assert call.opens.at == datetime(2026, 9, 30, 15, tzinfo=UTC)
    assert call.closes.at == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert dates_in_words(call.opens, call.closes, "en").endswith("1 December 2026, 18:00 KST / 17:00 SGT")


def test_a_closing_day_counts_to_its_end(write: Callable[..., Path]) -> None:
    call = read_call(write(dates=GOOD["dates"] | {"closes": "2026-12-01", "zone": "SGT"}))
    assert call.closes is not None
    assert call.closes.at == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert call.state(datetime(2026, 12, 1, 15, 59, tzinfo=UTC)) is CallState.OPEN
    assert end_in_words(call.closes, "en") == "until 2 December 2026, 00:59 KST / 1 December 2026, 23:59 SGT"


RULE = GOOD["rules"][0]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"colour": "red"}, r"/colour: unknown field"),
        ({"rules": [RULE | {"kind": "moon"}]}, r"/rules/0: .*moon"),
        ({"rules": [RULE, {"kind": "duration", "most": 0, "source": "made"}]}, r"/rules/1/duration/most"),
        ({"rules": [RULE, {"kind": "duration", "most": "12", "source": "made"}]}, r"/rules/1/duration/most"),
        ({"rules": [RULE | {"source": "nowhere"}]}, "source “nowhere” is not under sources"),
        ({"rules": [RULE | {"source": None}]}, "name a source, or set basis: assumption"),
        ({"rules": [RULE | {"basis": "assumption"}]}, "an assumption needs its sentence"),
        ({"rules": []}, "needs one rule of kind team"),
        ({"dates": None}, "an announced call needs dates"),
        ({"dates": GOOD["dates"] | {"opens": "2027-01-01"}}, "closes must come after opens"),
        ({"dates": GOOD["dates"] | {"zone": "CET"}}, r"/dates/zone"),
        ({"status": "planned", "dates": None}, "says under unknown"),
        ({"status": "planned", "unknown": [BOTH]}, "has no dates yet"),
        ({"names": BOTH}, r"end with \(fictional\)"),
        ({"fictional": False, "names": BOTH}, "at least one source with a url"),
        ({"summary": {"en": "x"}}, "/summary/ko"),
        ({"id": "other"}, r"must be called other\.yaml"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_place(
    write: Callable[..., Path], changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(UnreadableFile, match=rf"(?s)call\.yaml.*{place}"):
        read_call(write(**changes))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id: [", r"call\.yaml:1:\d+ is no YAML"),
        ("id: call\nid: call\n", r"call\.yaml:2:1 is no YAML: the key “id” stands twice"),
        ("- just\n- a list\n", r"call\.yaml is no usable call"),
        ("", r"call\.yaml is no usable call"),
    ],
)
def test_broken_yaml_is_named_with_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "call.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=place):
        read_call(path)


def test_other_encodings_and_absent_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_call(path)
    path.write_bytes("이름: 공모".encode("cp949"))
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        read_call(path)


def test_a_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="MATCHMAKER_CALLS"):
        load_calls(Settings(_env_file=None, calls=tmp_path / "nowhere"))
    assert load_calls(Settings(_env_file=None, calls=tmp_path)) == ()


# The shipped files


def test_the_schema_on_file_is_the_present_one() -> None:
    stored = json.loads((ROOT / "data" / "schema" / "call.schema.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(json_schema("call"), default=str))
    Draft202012Validator.check_schema(stored)


@pytest.mark.parametrize("name", RAW)
def test_a_shipped_call_fits_the_schema(name: str) -> None:
    assert [each.message for each in Draft202012Validator(json_schema("call")).iter_errors(RAW[name])] == []


@pytest.mark.parametrize("call", SHIPPED, ids=lambda call: call.id)
def test_a_real_call_rests_on_sources_and_marks_what_it_assumes(call: Call) -> None:
    for rule in call.rules:
        assert rule.basis.source is not None or rule.basis.assumption
    if not call.fictional:
        assert any(source.url for source in call.sources)
        assert all(rule.basis.source for rule in call.rules if isinstance(rule, SectorRule))
        assert all(not rule.basis.source for rule in call.rules if isinstance(rule, PurposeRule))


def test_what_is_only_planned_has_no_rules_that_nobody_published() -> None:
    planned = {call.id: call for call in SHIPPED if call.state(TODAY) is CallState.PLANNED}
    assert planned.keys() == {"iitp-aisg-2027", "global-fund-of-funds-sg"}
    for call in planned.values():
        assert call.unknown
        assert not any(isinstance(rule, TeamRule) for rule in call.rules)
        assert call.volume is not None
    assert amount_in_words(planned["iitp-aisg-2027"].volume, "ko") == "₩50,000,000,000"  # type: ignore[arg-type]


def test_funders_are_in_the_directory() -> None:
    lines = (ROOT / "data" / "alliance" / "members.jsonl").read_text(encoding="utf-8").splitlines()
    known = {json.loads(line)["external_id"] for line in lines}
    assert {funder for call in SHIPPED for funder in call.funders} <= known


def test_every_kind_of_rule_is_shipped_and_said_in_both_languages() -> None:
    rules = [rule for call in SHIPPED for rule in call.rules]
    assert len({type(rule) for rule in rules}) == 10
    for rule in rules:
        english, korean = (rule_in_words(rule, language) for language in LANGUAGES)
        assert english != korean
        assert title_of(rule, "en") != title_of(rule, "ko")
    for texts in (FACTS, STANDINGS, STATES, VERDICTS):
        assert all(text.en and text.ko for text in texts.values())


def test_no_source_was_looked_at_later_than_the_data_is_dated() -> None:
    assert {date.fromisoformat(raw["as_of"]) for raw in RAW.values()} == {date(2026, 11, 25)}
