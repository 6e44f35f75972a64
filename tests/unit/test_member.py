"""Members, their texts, and how kinds of organisation suit each other."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from matchmaker.domain.member import Country, Kind, Language, Partnership, Purpose, Status, Text
from matchmaker.domain.roles import COMPATIBILITY, NEUTRAL
from tests.factories import make_member, make_need, make_offer


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        (Text("robot", "로봇"), "en", ("robot", "en")),
        (Text("robot", "로봇"), "ko", ("로봇", "ko")),
        (Text(en="robot"), "ko", ("robot", "en")),
        (Text(ko="로봇"), "en", ("로봇", "ko")),
        (Text(en="", ko="로봇"), "en", ("로봇", "ko")),
        (Text(), "ko", ("", "ko")),
    ],
)
def test_a_reader_gets_their_language_or_the_other(
    text: Text, language: Language, shown: tuple[str, Language]
) -> None:
    assert text.best(language) == shown


def test_a_text_knows_its_languages() -> None:
    assert Text("robot", "로봇").languages == ("en", "ko")
    assert Text(ko="로봇").languages == ("ko",)
    assert not Text()
    assert Text(ko="로봇")


def test_a_statement_holds_through_its_last_day() -> None:
    need = make_need("a pilot site", until=date(2026, 12, 31))
    assert not need.has_expired(date(2026, 12, 31))
    assert need.has_expired(date(2027, 1, 1))
    assert not make_need("a pilot site").has_expired(date.max)


def test_a_statement_without_purposes_serves_all() -> None:
    assert all(make_offer("grants").serves(purpose) for purpose in Purpose)
    research = make_offer("grants", None, Purpose.RESEARCH)
    assert [purpose for purpose in Purpose if research.serves(purpose)] == [Purpose.RESEARCH]


def test_siblings_share_a_family() -> None:
    group = make_member(external_id="group")
    child = make_member(external_id="child", parent="group")
    assert group.family == child.family == "group"
    assert make_member(external_id="alone").family == "alone"


@pytest.mark.parametrize("purpose", Purpose)
def test_listed_organisations_are_open_to_any_purpose(purpose: Purpose) -> None:
    assert purpose in make_member(status=Status.LISTED, consents=frozenset()).open_purposes


def test_members_are_open_to_what_they_consented_to() -> None:
    member = make_member(status=Status.MEMBER, consents=frozenset({Purpose.TALENT}))
    assert Purpose.TALENT in member.open_purposes
    assert Purpose.STARTUP not in member.open_purposes
    assert not make_member(status=Status.MEMBER, consents=frozenset()).open_purposes


def test_a_country_and_a_partnership_have_two_sides() -> None:
    assert Country.KR.other is Country.SG
    assert Country.SG.other is Country.KR
    tie = Partnership("kr-one", "sg-one")
    assert (tie.id_in(Country.KR), tie.id_in(Country.SG)) == ("kr-one", "sg-one")


def test_roles_are_symmetric_complete_and_bounded() -> None:
    assert set(COMPATIBILITY) == set(product(Kind, Kind))
    for one, other in product(Kind, Kind):
        assert COMPATIBILITY[one, other] == COMPATIBILITY[other, one]
        assert 0.0 <= COMPATIBILITY[one, other] <= 1.0


def test_roles_put_counterparts_above_strangers() -> None:
    assert COMPATIBILITY[Kind.MINISTRY, Kind.MINISTRY] > COMPATIBILITY[Kind.MINISTRY, Kind.STARTUP]
    assert COMPATIBILITY[Kind.STARTUP, Kind.CORPORATE] > NEUTRAL
    assert COMPATIBILITY[Kind.FUND, Kind.HOSPITAL] < NEUTRAL
