"""Columns are recognised in both languages, a mapping survives being kept, and rows become members under it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.bulk import ReadRow
from matchmaker.domain.completeness import Gap
from matchmaker.domain.member import Country, Kind, Member, Purpose, Status, Text, Track
from matchmaker.errors import InvalidInput
from matchmaker.formats.column_mapping import (
    SYNONYMS,
    ColumnMapping,
    MappingFile,
    Target,
    check_mapping,
    parse_mapping,
    suggest_column,
    suggest_columns,
    suggested_mapping,
)
from matchmaker.formats.fault_words import FAULTS, GAPS, fault_text
from matchmaker.formats.member_row import external_id_of, read_row, row_id
from matchmaker.formats.table_file import TableRow
from tests.factories import make_member
from tests.tables import HEADERS, ROWS, SINGAPUR

T = Target


@pytest.mark.parametrize(
    ("header", "target", "least"),
    [
        ("회사명", T.NAME, 1.0),
        ("기관명(영문)", T.NAME_EN, 0.9),
        ("회사명_ko", T.NAME_KO, 0.9),
        ("English Name", T.NAME_EN, 0.9),
        ("Organisation name (Korean)", T.NAME_KO, 0.9),
        ("국가", T.COUNTRY, 1.0),
        ("Contry", T.COUNTRY, 0.7),
        ("업종", T.DOMAINS, 1.0),
        ("협력 희망 분야", T.NEEDS, 0.6),
        ("보유 기술 (영문)", T.OFFERS_EN, 0.9),
        ("Needs (English)", T.NEEDS_EN, 0.9),
        ("needs.en", T.NEEDS_EN, 1.0),
        ("영문 소개", T.SUMMARY_EN, 0.9),
        ("HOMEPAGE", T.WEBSITE, 0.9),
        ("ID", T.ID, 1.0),
        ("비고", None, 0.0),
        ("", None, 0.0),
    ],
)
def test_headers_are_recognised(header: str, target: Target | None, least: float) -> None:
    found = suggest_column(header)
    assert found.target is target
    assert found.confidence >= least


@pytest.mark.parametrize(
    "header", ["담당자 이메일", "연락처", "E-mail", "Contact person", "대표자명", "Phone"]
)
def test_columns_about_persons_are_never_taken(header: str) -> None:
    assert suggest_column(header).is_personal
    assert suggest_column(header).target is None


@pytest.mark.parametrize("target", Target)
def test_every_target_is_recognised_by_its_own_name(target: Target) -> None:
    found = suggest_column(target.value)
    assert (found.target, found.confidence) == (target, 1.0)


def test_a_synonym_stands_for_one_target() -> None:
    words = [word for each in SYNONYMS.values() for word in each]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_of_two_columns_for_one_value_the_surer_gets_it() -> None:
    assert [each.target for each in suggest_columns(["Contry", "country", "need", "needs"])] == [
        None,
        T.COUNTRY,
        T.NEEDS,
        T.NEEDS,
    ]


MAPPINGS = st.builds(
    ColumnMapping,
    st.dictionaries(st.text(max_size=30), st.none() | st.sampled_from(Target), max_size=20),
    st.none() | st.sampled_from(Country),
    st.none() | st.sampled_from(Track),
    st.none() | st.sampled_from(Kind),
    st.none() | st.sampled_from(Status),
)


@given(MAPPINGS)
def test_a_mapping_comes_back_as_it_was_kept(mapping: ColumnMapping) -> None:
    kept = MappingFile.of(mapping).model_dump_json()
    assert parse_mapping(json.loads(kept)) == mapping


def test_a_mapping_that_does_not_suit_the_table_is_refused() -> None:
    for columns, reason in (
        ({"no such": T.NAME}, "no column “no such”"),
        ({"회사명": T.NAME, "국가": T.COUNTRY, "소개": T.COUNTRY}, "two columns"),
        ({"국가": T.COUNTRY}, "name"),
    ):
        with pytest.raises(InvalidInput, match=reason):
            check_mapping(ColumnMapping(columns), HEADERS)
    with pytest.raises(InvalidInput):
        parse_mapping({"columns": {"x": "colour"}})


def row(cells: list[str], mapping: ColumnMapping | None = None, *stored: Member) -> ReadRow:
    of_table = TableRow(2, dict(zip(HEADERS, cells, strict=True)))
    known = {each.external_id: each for each in stored}
    return read_row(of_table, mapping or suggested_mapping(HEADERS), known)


def test_a_row_becomes_a_member() -> None:
    member = row(ROWS[0]).member
    assert member is not None
    assert member.names == Text("Ward Robots", "병동로봇")
    assert (member.country, member.kind, member.track) == (Country.KR, Kind.STARTUP, Track.INDUSTRY)
    assert member.status is Status.LISTED
    assert member.domains == (Text(None, "병원 로봇"), Text(None, "물류"))
    assert [each.text for each in member.offers] == [
        Text("delivery robots", "배송 로봇"),
        Text("maintenance", "정비"),
    ]
    assert member.needs[0].text == Text("a hospital abroad for a pilot")
    assert member.website == "https://ward.example"


def test_nothing_of_a_persons_column_gets_in() -> None:
    assert "kim@" not in repr(row(ROWS[0]))


def test_a_fault_names_its_cell_and_what_was_probably_meant() -> None:
    (fault,) = row(SINGAPUR).faults
    assert (fault.column, fault.code, fault.suggestion) == ("국가", "unknown-country", "Singapore")
    assert "Singapur → Singapore?" in fault_text(fault, "en")
    assert "Singapur → Singapore?" in fault_text(fault, "ko")


def test_defaults_fill_what_the_table_does_not_say() -> None:
    bare = ["이름", *[""] * 3, "AI", *[""] * 6]
    columns = suggested_mapping(HEADERS).columns
    assert [fault.code for fault in row(bare).faults] == ["missing-country", "missing-kind"]
    mapping = ColumnMapping(columns, Country.SG, Track.PUBLIC, Kind.LAB, Status.MEMBER)
    member = row(bare, mapping).member
    assert member is not None
    assert (member.country, member.track, member.kind) == (Country.SG, Track.PUBLIC, Kind.LAB)
    assert member.consents == frozenset(), "nobody consents by a table's silence"


def test_what_no_column_says_stays_as_it_is_stored() -> None:
    stored = make_member()
    mapping = ColumnMapping({"영문명": T.NAME_EN, "회사명": T.ID, "Needs": T.NEEDS_EN})
    member = row(["kr-one", "New Name", *[""] * 6, "another need", "", ""], mapping, stored).member
    assert member is not None
    assert member.names == Text("New Name", stored.names.ko)
    assert [need.text for need in member.needs] == [Text("another need")]
    assert (member.offers, member.summary, member.consents) == (
        stored.offers,
        stored.summary,
        stored.consents,
    )


def test_a_statement_with_the_same_words_keeps_its_purposes() -> None:
    stored = make_member()
    mapping = ColumnMapping({"회사명": T.ID, "영문명": T.NAME_EN, "Needs": T.NEEDS_EN, "소개": T.NEEDS_KO})
    need = stored.needs[0].text
    cells = ["kr-one", stored.names.en or "", "", "", "", need.ko or "", "", "", need.en or "", "", ""]
    member = row(cells, mapping, stored).member
    assert member == stored
    assert member.needs[0].purposes == frozenset({Purpose.STARTUP})


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


@given(NAMES, st.sampled_from(["KR", "SG"]))
def test_an_id_made_of_a_name_is_one_and_stable(name: str, country: str) -> None:
    made = external_id_of({"en": name}, country)
    assert made == external_id_of({"en": f" {name}\t", "ko": "다른 이름"}, country)
    member = make_member(external_id=made)
    assert member.external_id.isascii()
    assert 11 <= len(made) <= 100


def test_names_that_read_alike_have_different_ids() -> None:
    assert external_id_of({"en": "A-B"}, "KR") != external_id_of({"en": "A B"}, "KR")
    assert external_id_of({"ko": "가"}, "KR") != external_id_of({"ko": "나"}, "KR")


def test_the_id_of_a_row_is_the_one_its_member_gets() -> None:
    table_row = TableRow(2, dict(zip(HEADERS, ROWS[0], strict=True)))
    member = row(ROWS[0]).member
    assert member is not None
    assert row_id(table_row, suggested_mapping(HEADERS)) == member.external_id


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("website", "not an address", "bad-website"),
        ("as_of", "soon", "bad-date"),
        ("external_id", "한글", "bad-id"),
        ("consents", "fun", "unknown-purpose"),
        ("status", "maybe", "unknown-status"),
        ("summary", "#REF!", "cell-error"),
        ("summary", "x" * 5000, "too-long"),
        ("needs", "; ".join(map(str, range(60))), "too-many"),
    ],
)
def test_each_fault_has_its_code(field: str, cell: str, code: str) -> None:
    cells = {"names": "A", "country": "KR", "kind": "lab", "domains": "AI", field: cell}
    found = read_row(TableRow(2, cells), suggested_mapping(list(cells)))
    assert [fault.code for fault in found.faults] == [code]
    assert found.faults[0].column == field
    assert code in FAULTS


def test_dates_are_read_as_people_write_them() -> None:
    for text in ("2026.3.1", "2026-03-01", "2026/03/01", "2026년 3월 1일", "2026년 3월", "2026.03"):
        cells = {"names": "A", "country": "KR", "kind": "lab", "domains": "AI", "as_of": text}
        member = read_row(TableRow(2, cells), suggested_mapping(list(cells))).member
        assert member is not None
        assert str(member.as_of) == "2026-03-01", text


def test_everything_is_said_in_both_languages() -> None:
    assert all(set(words) == {"en", "ko"} for words in (*FAULTS.values(), *GAPS.values()))
    assert set(GAPS) == set(Gap)
