"""Members as JSON: what is accepted, what is cleaned, what is refused and where the fault lies."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.member import Country, Member, Purpose, Status, Text
from matchmaker.errors import InvalidInput
from matchmaker.formats.member_line import MAX_LIST, MAX_TEXT, MemberLine, clean, parse_member
from matchmaker.formats.pair_line import parse_pair
from tests.factories import make_member, make_need, make_offer, make_partner

Json = dict[str, Any]


def line(**overrides: Any) -> Json:
    fields: Json = {
        "external_id": "kr-one",
        "names": {"en": "Ward Robots (fictional)"},
        "country": "KR",
        "track": "industry",
        "kind": "startup",
        "summary": {"ko": "로봇을 만든다."},
    }
    return fields | overrides


def pointers(value: object) -> dict[str, str]:
    """Where the faults of a refused value lie, and their codes."""
    with pytest.raises(InvalidInput) as caught:
        parse_member(value)
    assert caught.value.faults
    return {fault.pointer: fault.code for fault in caught.value.faults}


def test_a_short_line_is_a_listed_member() -> None:
    member = parse_member(line())
    assert member.summary == Text(ko="로봇을 만든다.")
    assert member.status is Status.LISTED
    assert member.consents == frozenset()
    assert (member.offers, member.needs, member.parent) == ((), (), None)


@pytest.mark.parametrize(
    ("given_consents", "kept"),
    [(None, frozenset(Purpose)), ([], frozenset()), (["talent"], frozenset({Purpose.TALENT}))],
)
def test_consents_of_members_default_to_all(
    given_consents: list[str] | None, kept: frozenset[Purpose]
) -> None:
    assert parse_member(line(status="member", consents=given_consents)).consents == kept


@pytest.mark.parametrize(
    ("overrides", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"names": {"en": "A", "fr": "B"}}, "/names/fr"),
        ({"country": "JP"}, "/country"),
        ({"track": "sports"}, "/track"),
        ({"kind": "bank"}, "/kind"),
        ({"external_id": "-starts-with-a-dash"}, "/external_id"),
        ({"external_id": "../up"}, "/external_id"),
        ({"external_id": "x" * 101}, "/external_id"),
        ({"external_id": "한글"}, "/external_id"),
        ({"names": {}}, "/names"),
        ({"names": {"en": "  ", "ko": "\u200b"}}, "/names"),
        ({"summary": {"en": "x" * (MAX_TEXT + 1)}}, "/summary/en"),
        ({"domains": [{"en": "ok"}] * (MAX_LIST + 1)}, "/domains"),
        ({"domains": [{"en": "ok"}, {}]}, "/domains/1"),
        ({"offers": [{"text": {"en": "a"}, "purposes": ["fun"]}]}, "/offers/0/purposes/0"),
        ({"needs": [{"text": {"en": "a"}, "until": "tomorrow"}]}, "/needs/0/until"),
        ({"website": "javascript:alert(1)"}, "/website"),
        ({"as_of": "2026-13-01"}, "/as_of"),
        ({"summary": {}}, ""),
        ({"consents": ["talent"]}, ""),
        ({"names": {"en": "\ud800"}}, "/names/en"),
    ],
)
def test_a_broken_rule_names_its_place(overrides: Json, pointer: str) -> None:
    assert list(pointers(line(**overrides))) == [pointer]


@pytest.mark.parametrize("field", ["external_id", "names", "country", "track", "kind"])
def test_a_missing_field_names_its_place(field: str) -> None:
    value = line()
    del value[field]
    assert pointers(value) == {f"/{field}": "missing"}


def test_all_faults_are_told_at_once() -> None:
    assert set(pointers(line(country="JP", kind="bank", colour="red"))) == {"/country", "/kind", "/colour"}


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    assert list(pointers(line(**{"a/b~c": 1}))) == ["/a~1b~0c"]


@pytest.mark.parametrize("value", [None, [], "kr-one", 7, True, {}])
def test_what_is_no_object_or_empty_is_refused(value: object) -> None:
    assert pointers(value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("as_of", 0),
        ("as_of", float("nan")),
        ("as_of", 1e308),
        ("verified", "yes"),
        ("verified", 1),
        ("verified", float("inf")),
        ("external_id", 12),
        ("external_id", 10**400),
        ("names", [["en", "A"]]),
        ("domains", {"en": "robots"}),
    ],
)
def test_a_value_of_another_type_is_refused(field: str, value: object) -> None:
    assert any(pointer.startswith(f"/{field}") for pointer in pointers(line(**{field: value})))


def test_a_text_of_the_greatest_length_is_accepted() -> None:
    assert parse_member(line(summary={"en": "x" * MAX_TEXT})).summary.en == "x" * MAX_TEXT


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("ro\u200bbots\ufeff", "robots"),
        ("\u202erobots\u202c", "robots"),
        ("\u2066ro\u2069bots", "robots"),
        ("soft\u00adware", "software"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("  a \t  b\u00a0\u3000c ", "a b c"),
        ("one\ntwo", "one\ntwo"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\x0ctwo", "one two"),
        ("one\rtwo", "one two"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("ㅎ하\u1112\u1161\u11ab", "ㅎ하한"),
        (" \u200b ", None),
        ("", None),
    ],
)
def test_texts_are_cleaned(raw: str, kept: str | None) -> None:
    assert clean(raw) == kept


@pytest.mark.parametrize("value", [7, None, ["a"], 1.5])
def test_only_strings_are_cleaned(value: object) -> None:
    assert clean(value) is value


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\u200b\u0301\u1161\u11a8\r\n\t e가"))))
@settings(deadline=None)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once is None or unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    "member",
    [
        make_member(),
        make_partner(status=Status.LISTED, consents=frozenset(), parent="group", as_of=date(2026, 11, 1)),
        make_member(consents=frozenset(), needs=(), offers=(make_offer(ko="로봇", until=date(2027, 1, 1)),)),
        make_member(
            summary=Text("robots", "로봇", frozenset({"en"})),
            needs=(make_need("a site", None, *Purpose),),
            website="https://example.org/?q=1",
            sources=("a press release", "https://example.org"),
        ),
    ],
)
def test_a_member_survives_the_way_out_and_back(member: Member) -> None:
    written = MemberLine.of(member).model_dump_json(exclude_none=True)
    assert MemberLine.model_validate_json(written).to_domain() == member


def test_a_translation_mark_without_its_text_is_dropped() -> None:
    member = parse_member(line(summary={"en": "robots", "translated": ["ko", "en"]}))
    assert member.summary == Text("robots", None, frozenset({"en"}))


def test_pairs_ignore_what_they_do_not_know() -> None:
    pair = parse_pair({"kr": "kr-one", "sg": "sg-one", "purpose": ["talent"], "date": "2026-03", "colour": 1})
    assert (pair.kr, pair.sg, pair.at) == ("kr-one", "sg-one", "2026-03")
    assert pair.purposes == frozenset({Purpose.TALENT})
    assert pair.id_in(Country.SG) == "sg-one"


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"kr": "kr-one"}, "/sg"),
        ({"kr": "", "sg": "sg-one"}, "/kr"),
        ({"kr": "kr-one", "sg": "sg-one", "purpose": ["fun"]}, "/purpose/0"),
        ([], ""),
    ],
)
def test_a_broken_pair_names_its_place(value: object, pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_pair(value)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_null_says_the_same_as_nothing() -> None:
    nulls = {"parent": None, "website": None, "as_of": None, "offers": None, "verified": None}
    assert parse_member(line() | nulls) == parse_member(line())


def test_a_month_stands_for_its_first_day() -> None:
    assert parse_member(line() | {"as_of": "2026-11"}).as_of == date(2026, 11, 1)
