"""The files in data/alliance keep their promises: schema, counts, marks, and nothing added to the facts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from matchmaker.formats.schemas import json_schema

Row = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
ALLIANCE = ROOT / "data" / "alliance"
GROUPS_WITHOUT_ENTRY = {
    "bnk-financial-group",
    "hyosung-group",
    "kakao-group",
    "korea-investment-holdings",
    "lg-group",
    "nrf-kr",
    "samsung-group",
    "sk-group",
}


def read_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "data" / "schema" / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def texts_of(member: Row) -> Iterator[Row]:
    yield member["names"]
    yield from profile_texts_of(member)


def profile_texts_of(member: Row) -> Iterator[Row]:
    yield member["summary"]
    yield from member["domains"]
    yield from (statement["text"] for statement in member["offers"] + member["needs"])


def languages_of(member: Row) -> set[str]:
    return {language for text in profile_texts_of(member) for language in text if language != "translated"}


MEMBERS = read_rows(ALLIANCE / "members.jsonl")
PAIRS = read_rows(ALLIANCE / "partnerships.jsonl")
LISTED = [member for member in MEMBERS if member["status"] == "listed"]
FICTIONAL = [member for member in MEMBERS if member["fictional"]]
BY_ID = {member["external_id"]: member for member in MEMBERS}


# Shape


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member["external_id"])
def test_member_fits_schema(member: Row) -> None:
    assert [error.message for error in validator("member.schema.json").iter_errors(member)] == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['kr']}-{pair['sg']}")
def test_pair_fits_schema(pair: Row) -> None:
    assert [error.message for error in validator("pair.schema.json").iter_errors(pair)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"status": "listed", "consents": ["startup"]},
        {"summary": {"en": "x" * 4001}},
        {"names": {}},
        {"domains": [{"en": "x"}] * 51},
        {"offers": [{"text": {"en": "x"}, "purposes": ["sports"]}]},
        {"needs": [{"text": {"en": "x"}, "until": "2026-02-30"}]},
        {"website": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_schema_refuses(change: Row) -> None:
    assert not validator("member.schema.json").is_valid(FICTIONAL[0] | change)


def test_schema_needs_little_of_a_new_member() -> None:
    smallest = {
        "external_id": "new",
        "names": {"ko": "새 회원"},
        "country": "KR",
        "track": "research",
        "kind": "lab",
    }
    assert validator("member.schema.json").is_valid(smallest)


def test_pair_schema_allows_further_keys() -> None:
    assert validator("pair.schema.json").is_valid({"kr": "a", "sg": "b", "remark": "kept elsewhere"})


# Counts and ids


def test_counts_of_members() -> None:
    assert Counter(member["country"] for member in LISTED) == {"KR": 80, "SG": 79}
    assert Counter(member["country"] for member in FICTIONAL) == {"KR": 12, "SG": 12}
    assert len(MEMBERS) == len(LISTED) + len(FICTIONAL)


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(MEMBERS)


def test_partners_are_listed_in_the_right_country() -> None:
    for pair in PAIRS:
        assert BY_ID[pair["kr"]]["country"] == "KR"
        assert BY_ID[pair["sg"]]["country"] == "SG"
        assert BY_ID[pair["kr"]]["status"] == BY_ID[pair["sg"]]["status"] == "listed"


def test_seven_agreements_of_the_summit() -> None:
    assert len(PAIRS) == len({(pair["kr"], pair["sg"]) for pair in PAIRS}) == 36
    assert sum(pair["in_seed"] for pair in PAIRS) == 7


def test_parents_are_members_or_known_groups() -> None:
    parents = {member["parent"] for member in MEMBERS if "parent" in member}
    assert parents - BY_ID.keys() == GROUPS_WITHOUT_ENTRY


# Marks


def test_fictional_members_are_marked() -> None:
    for member in FICTIONAL:
        assert member["status"] == "member"
        assert member["sources"] == ["fictional"]
        assert not member["verified"]
        assert member["external_id"].startswith("fic-")
        assert member["names"]["en"].endswith(" (fictional)")
        assert member["names"]["ko"].endswith(" (가상)")


def test_fictional_members_keep_their_mark_in_both_files() -> None:
    assert read_rows(ALLIANCE / "fictional.jsonl") == FICTIONAL == MEMBERS[-len(FICTIONAL) :]


def test_some_fictional_members_speak_one_language() -> None:
    spoken = Counter("+".join(sorted(languages_of(member))) for member in FICTIONAL)
    assert spoken == {"en+ko": 19, "ko": 3, "en": 2}


def test_fictional_wording_is_original() -> None:
    assert not any("translated" in text for member in FICTIONAL for text in texts_of(member))


def test_listed_organisations_read_in_both_languages() -> None:
    for member in LISTED:
        for text in texts_of(member):
            assert text.keys() >= {"en", "ko"}, member["external_id"]


def test_only_korean_is_a_translation_and_names_are_not() -> None:
    for member in LISTED:
        assert "translated" not in member["names"]
        for text in profile_texts_of(member):
            assert text.get("translated", ["ko"]) == ["ko"]
    assert sum("translated" not in member["summary"] for member in LISTED) == 30


@pytest.mark.parametrize("external_id", ["ptcsys", "knovel", "tong-tar"])
def test_known_from_one_press_release_only(external_id: str) -> None:
    assert not BY_ID[external_id]["verified"]


def test_nobody_listed_has_consented() -> None:
    assert not any("consents" in member for member in LISTED)


def test_every_statement_names_its_purposes() -> None:
    for member in MEMBERS:
        for statement in member["offers"] + member["needs"]:
            assert statement["purposes"], member["external_id"]


def test_no_contact_data() -> None:
    contact = re.compile(r"@\w|\+\d{2}[\s-]?\d|\b0\d{1,2}-\d{3,4}-\d{4}\b")
    for member in MEMBERS:
        for text in texts_of(member):
            assert not any(contact.search(text.get(language, "")) for language in ("en", "ko"))


def test_datasheet_states_the_true_numbers() -> None:
    datasheet = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for key in ("domains", "offers", "needs"):
        listed, fictional = (sum(len(member[key]) for member in group) for group in (LISTED, FICTIONAL))
        assert f"| {key} | {listed} | {fictional} |" in datasheet
    without_need = sum(not member["needs"] for member in LISTED)
    assert f"| organisations that state no need | {without_need} | 0 |" in datasheet
    assert f"| verified | {sum(member['verified'] for member in LISTED)} | 0 |" in datasheet
    parents = [sum("parent" in member for member in group) for group in (LISTED, FICTIONAL)]
    assert f"| with a parent | {parents[0]} | {parents[1]} |" in datasheet
    tracks = Counter((member["country"], member["track"]) for member in LISTED)
    for country, name in (("KR", "Korea"), ("SG", "Singapore")):
        row = [tracks[country, track] for track in ("public", "industry", "research")]
        assert f"| {name} | {row[0]} | {row[1]} | {row[2]} | {sum(row)} |" in datasheet


# The converter


FACT: Row = {
    "id": "acme",
    "name_en": "Acme",
    "name_ko": "아크메",
    "country": "KR",
    "track": "industry",
    "org_type": "startup",
    "domains": ["robots"],
    "facts_en": ["Makes robots.", "Sells them."],
    "offers": ["robots"],
    "seeks": ["buyers"],
    "sources": ["a report"],
    "confidence": "high",
}
BUYER: Row = FACT | {"id": "bay", "name_en": "Bay", "name_ko": "베이", "country": "SG", "confidence": "low"}
PAIR: Row = {
    "kr": "acme",
    "sg": "bay",
    "purpose": ["startup"],
    "kind": "mou",
    "date": "2026-01",
    "what": "Trial.",
    "sources": ["a report"],
    "confidence": "high",
    "in_seed": False,
}
OVERLAY: Row = {
    "external_id": "acme",
    "parent": "acme-group",
    "domains": ["로봇"],
    "summary": "로봇을 만들어 판다.",
    "offers": [{"ko": "로봇", "purposes": ["talent", "startup"]}],
    "needs": [{"ko": "구매자", "purposes": ["startup"]}],
}


def write_rows(path: Path, *rows: Row) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_rows(tmp_path / "facts.jsonl", FACT, BUYER)
    write_rows(tmp_path / "pairs.jsonl", PAIR)
    return tmp_path


def convert(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            str(ROOT / "tools" / "convert_directory.py"),
            *("--facts", str(folder / "facts.jsonl"), "--partnerships", str(folder / "pairs.jsonl")),
            *("--overlay", str(folder / "overlay"), "--output", str(folder)),
        ],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )


def test_convert_without_overlay_is_english_only_and_warns(folder: Path) -> None:
    result = convert(folder)
    acme, bay = read_rows(folder / "members.jsonl")
    assert result.returncode == 0
    assert "warning: 2 organisations have no overlay line" in result.stderr
    assert acme["summary"] == {"en": "Makes robots. Sells them."}
    assert acme["needs"] == [{"text": {"en": "buyers"}, "purposes": ["startup", "research", "talent"]}]
    assert (acme["verified"], bay["verified"]) == (True, False)


def test_convert_with_overlay_marks_translations(folder: Path) -> None:
    write_rows(folder / "overlay" / "kr.jsonl", OVERLAY)
    convert(folder)
    acme = read_rows(folder / "members.jsonl")[0]
    assert acme["parent"] == "acme-group"
    assert acme["domains"] == [{"en": "robots", "ko": "로봇", "translated": ["ko"]}]
    assert acme["summary"]["translated"] == ["ko"]
    assert acme["offers"][0]["purposes"] == ["startup", "talent"]


def test_convert_prefers_original_korean(folder: Path) -> None:
    write_rows(folder / "facts.jsonl", FACT | {"facts_ko": ["로봇을 만든다.", "판매도 한다."]}, BUYER)
    write_rows(folder / "overlay" / "kr.jsonl", OVERLAY)
    convert(folder)
    summary = read_rows(folder / "members.jsonl")[0]["summary"]
    assert summary == {"en": "Makes robots. Sells them.", "ko": "로봇을 만든다. 판매도 한다."}


def test_convert_drops_confidence_and_note(folder: Path) -> None:
    write_rows(folder / "facts.jsonl", FACT | {"note": "checked twice"}, BUYER)
    convert(folder)
    assert read_rows(folder / "members.jsonl")[0].keys().isdisjoint({"confidence", "note"})
    assert "confidence" not in read_rows(folder / "partnerships.jsonl")[0]


def test_convert_appends_fictional_and_repeats_itself(folder: Path) -> None:
    write_rows(folder / "fictional.jsonl", FICTIONAL[0])
    convert(folder)
    first = (folder / "members.jsonl").read_bytes()
    convert(folder)
    assert (folder / "members.jsonl").read_bytes() == first
    assert read_rows(folder / "members.jsonl")[-1] == FICTIONAL[0]


@pytest.mark.parametrize(
    ("file", "rows", "problem"),
    [
        ("facts.jsonl", [FACT, BUYER, FACT], "facts.jsonl:3: 'acme' stands already on line 1"),
        ("facts.jsonl", [FACT, BUYER | {"offers": "robots"}], "facts.jsonl:2: 'offers' must be a list"),
        ("facts.jsonl", [FACT, BUYER | {"mood": "good"}], "facts.jsonl:2: unknown mood"),
        ("pairs.jsonl", [PAIR | {"sg": "acme"}], "pairs.jsonl:1: sg 'acme' is no SG organisation"),
        ("overlay/kr.jsonl", [OVERLAY | {"external_id": "x"}], "kr.jsonl:1: 'x' is not in the facts file"),
        ("overlay/kr.jsonl", [OVERLAY | {"needs": []}], "kr.jsonl:1: 'needs' must be a list of 1 entries"),
        ("overlay/kr.jsonl", [OVERLAY | {"domains": [" "]}], "kr.jsonl:1: 'domains' holds ' '"),
        ("overlay/kr.jsonl", [OVERLAY | {"parent": "acme"}], "kr.jsonl:1: parent 'acme' is not"),
        (
            "overlay/kr.jsonl",
            [OVERLAY | {"needs": [{"ko": "구매자", "purposes": ["fun"]}]}],
            "kr.jsonl:1: purposes ['fun']",
        ),
        ("fictional.jsonl", [FICTIONAL[0] | {"fictional": False}], "fictional.jsonl:1: 'fic-"),
    ],
)
def test_convert_reports_the_line(folder: Path, file: str, rows: list[Row], problem: str) -> None:
    write_rows(folder / file, *rows)
    result = convert(folder)
    assert result.returncode == 1
    assert problem in result.stderr
    assert not (folder / "members.jsonl").exists()


def test_convert_reports_broken_json(folder: Path) -> None:
    (folder / "pairs.jsonl").write_text('\n{"kr": ', encoding="utf-8")
    assert "pairs.jsonl:2: not JSON" in convert(folder).stderr


# Nothing added


@pytest.fixture(scope="module")
def facts() -> dict[str, Row]:
    path = Path(os.environ.get("MATCHMAKER_FACTS", ""))
    if not path.is_file():
        pytest.skip(
            "MATCHMAKER_FACTS names no file: set it to the facts file to check that nothing was added"
        )
    return {row["id"]: row for row in read_rows(path)}


def test_english_of_listed_organisations_stems_from_the_facts(facts: dict[str, Row]) -> None:
    assert facts.keys() == {member["external_id"] for member in LISTED}
    for member in LISTED:
        row = facts[member["external_id"]]
        assert member["names"] == {"en": row["name_en"], "ko": row["name_ko"]}
        assert member["summary"]["en"] == " ".join(row["facts_en"])
        assert [domain["en"] for domain in member["domains"]] == row["domains"]
        assert [offer["text"]["en"] for offer in member["offers"]] == row["offers"]
        assert [need["text"]["en"] for need in member["needs"]] == row["seeks"]
        assert member["sources"] == row["sources"]


def test_original_korean_stems_from_the_facts(facts: dict[str, Row]) -> None:
    for member in LISTED:
        if "translated" not in member["summary"]:
            assert member["summary"]["ko"] == " ".join(facts[member["external_id"]]["facts_ko"])


@pytest.mark.parametrize("name", ["member", "pair", "decision"])
def test_published_schemas_are_those_of_the_code(name: str) -> None:
    published = json.loads((ALLIANCE.parent / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(name), f"renew with: matchmaker schema {name}"
