"""Korean particles, sentences built from two texts, and marked words."""

from __future__ import annotations

import pytest

from api.pages.language import Words, words_in
from api.pages.phrasing import Person, marked, sentence, short_name, shorten, told
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Language
from matchmaker.domain.particles import Particle, ends_in_consonant, with_particle
from matchmaker.domain.suggestion import Direction, Quote, Reason

ENGLISH, KOREAN = words_in("en"), words_in("ko")


@pytest.mark.parametrize(
    ("words", "particle", "expected"),
    [
        ("뷰노", "topic", "뷰노는"),
        ("싱가포르국립대학", "topic", "싱가포르국립대학은"),
        ("육상교통청", "subject", "육상교통청이"),
        ("파트너", "object", "파트너를"),
        ("병원", "object", "병원을"),
        ("“해외 병원”", "object", "“해외 병원”을"),
        ("“투자한다”", "called", "“투자한다”라는"),
        ("새벽눈비전 (가상)", "topic", "새벽눈비전 (가상)은"),
        ("돌봄로보틱스 (가상)", "topic", "돌봄로보틱스 (가상)는"),
        ("ETRI", "topic", "ETRI는"),
        ("A*STAR", "topic", "A*STAR은"),
        ("임상 현장 AI", "object", "임상 현장 AI를"),
        ("K3", "topic", "K3은"),
        ("Autonomous A2", "topic", "Autonomous A2는"),
        ("Grab", "topic", "Grab은(는)"),
        ("“driverless shuttles”", "object", "“driverless shuttles”을(를)"),
        ("“short”", "called", "“short”(이)라는"),
        ("", "topic", "은(는)"),
    ],
)
def test_particles(words: str, particle: Particle, expected: str) -> None:
    assert with_particle(words, particle) == expected


def test_every_syllable_has_a_certain_ending() -> None:
    endings = [ends_in_consonant(chr(code)) for code in range(0xAC00, 0xD7A4)]
    assert endings.count(False) == 399
    assert endings.count(None) == 0


def quote(kind: FacetKind, text: str, language: Language = "en") -> Quote:
    return Quote("someone", kind, 0, text, language)


def reason(
    source: Quote, target: Quote, direction: Direction = Direction.KR_TO_SG, similarity: float = 0.7
) -> Reason:
    return Reason(direction, source, target, similarity)


NEED = quote(FacetKind.NEED, "robots for wards")
OFFER = quote(FacetKind.OFFER, "delivery robots")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (ENGLISH, "LTA looks for “robots for wards”. VUNO offers “delivery robots”."),
        (KOREAN, "LTA는 “robots for wards”을(를) 찾습니다. VUNO는 “delivery robots”을(를) 제공합니다."),
    ],
)
def test_sentence_says_who_wants_and_who_has(words: Words, expected: str) -> None:
    assert sentence(reason(OFFER, NEED), Person("VUNO"), Person("LTA"), words) == expected


def test_sentence_turns_with_the_direction() -> None:
    said = sentence(reason(OFFER, NEED, Direction.SG_TO_KR), Person("VUNO"), Person("LTA"), ENGLISH)
    assert said == "VUNO looks for “robots for wards”. LTA offers “delivery robots”."


@pytest.mark.parametrize("kind", list(FacetKind))
@pytest.mark.parametrize("words", [ENGLISH, KOREAN])
@pytest.mark.parametrize("is_reader", [True, False])
@pytest.mark.parametrize("text", ["robots", "We need robots.", "로봇이 필요합니다."])
def test_every_kind_of_evidence_has_a_sentence(
    kind: FacetKind, words: Words, is_reader: bool, text: str
) -> None:
    person = Person("LTA", is_reader)
    said = sentence(reason(quote(kind, text), NEED), person, Person("KAIST"), words)
    assert text.rstrip(".") in said
    assert "%(" not in said
    assert said.endswith(".")


def test_nobody_looks_for_a_sentence() -> None:
    need = quote(FacetKind.NEED, "해외 병원이 필요합니다.", "ko")
    said = sentence(reason(OFFER, need), Person("뷰노"), Person("싱헬스"), KOREAN)
    assert said.startswith("싱헬스의 필요는 “해외 병원이 필요합니다”입니다.")


def test_stated_need_leads_and_both_directions_are_told() -> None:
    loose = reason(quote(FacetKind.SUMMARY, "Builds robots."), NEED, similarity=0.75)
    stated = reason(OFFER, NEED, similarity=0.7)
    back = reason(OFFER, NEED, Direction.SG_TO_KR, similarity=0.3)
    assert told((loose, stated, back)) == (stated, back)
    assert told(()) == ()


def test_long_texts_are_cut_at_a_word() -> None:
    text = "word " * 60
    assert len(shorten(text)) <= 131
    assert shorten(text).endswith("word…")
    assert shorten("Short.") == "Short"


def test_short_name_leaves_out_a_remark_but_never_everything() -> None:
    assert short_name("Ward Robots (fictional)") == "Ward Robots"
    assert short_name("(fictional)") == "(fictional)"


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("robots for wards", "ward robot trials", ["robots", "wards"]),
        ("해외 병원과 협력", "병원을 찾는 곳", ["병원과"]),
        ("access to data", "the data of a port", ["data"]),
        ("AI for ports", "AI in schools", []),
        ("", "anything", []),
    ],
)
def test_shared_words_are_marked(text: str, other: str, expected: list[str]) -> None:
    pieces = marked(text, other, is_statement=False)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.is_marked] == expected


def test_statement_without_shared_words_is_marked_whole() -> None:
    assert [(p.text, p.is_marked) for p in marked("test routes", "항만", is_statement=True)] == [
        ("test routes", True)
    ]
