"""How a profile falls apart into the pieces that are compared."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.facets import MAX_SENTENCES, FacetKind, split_sentences, wordings_of
from matchmaker.domain.member import Purpose, Text
from tests.factories import make_member, make_need, make_offer


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Builds robots. Sells them.", ["Builds robots.", "Sells them."]),
        ("Who? Us! Good.", ["Who?", "Us!", "Good."]),
        ("로봇을 만든다. 병원에 판다.", ["로봇을 만든다.", "병원에 판다."]),
        ("매출이 3.5배 늘었다. 직원은 40명이다.", ["매출이 3.5배 늘었다.", "직원은 40명이다."]),
        ("Grew 3.5 times. Has 1.2 MW.", ["Grew 3.5 times.", "Has 1.2 MW."]),
        ("Sells to the U.S. market. Grows.", ["Sells to the U.S. market.", "Grows."]),
        ("Uses vision, e.g. lidar, i.e. light. Works.", ["Uses vision, e.g. lidar, i.e. light.", "Works."]),
        ("Made by Acme Co. Ltd in plant No. 5. Sold.", ["Made by Acme Co. Ltd in plant No. 5.", "Sold."]),
        ("People vs. machines. Both.", ["People vs. machines.", "Both."]),
        ("First line\nSecond line\n\nThird", ["First line", "Second line", "Third"]),
        ("no full stop", ["no full stop"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_a_reader_says(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    "sentence", ["Acme Pte. Ltd. runs sites.", "Ranked by Inc. magazine.", "Led by Dr. Kim and Prof. Tan."]
)
def test_company_endings_and_titles_end_no_sentence(sentence: str) -> None:
    assert split_sentences(f"{sentence} It grows.") == [sentence, "It grows."]


@given(st.text(alphabet=st.sampled_from("가나다 abc.!?。\n3.5AZ"), max_size=400))
@settings(deadline=None)
def test_splitting_loses_nothing_but_white_space(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_a_very_long_text_keeps_its_end_in_the_last_sentence() -> None:
    text = " ".join(f"Sentence {number}." for number in range(MAX_SENTENCES + 10))
    sentences = split_sentences(text)
    assert len(sentences) == MAX_SENTENCES
    assert sentences[0] == "Sentence 0."
    assert sentences[-1].endswith(f"Sentence {MAX_SENTENCES + 9}.")


def test_each_language_of_a_statement_is_a_wording_of_one_facet() -> None:
    until = date(2027, 1, 1)
    member = make_member(offers=(make_offer("robots", "로봇", Purpose.TALENT, until=until),), needs=())
    offers = [wording for wording in wordings_of(member) if wording.kind is FacetKind.OFFER]
    assert [(w.number, w.language, w.text) for w in offers] == [(0, "en", "robots"), (0, "ko", "로봇")]
    assert {w.purposes for w in offers} == {frozenset({Purpose.TALENT})}
    assert {w.until for w in offers} == {until}


def test_statements_in_one_language_have_one_wording() -> None:
    member = make_member(needs=(make_need(ko="실증 병원"), make_need("a pilot site")))
    needs = [wording for wording in wordings_of(member) if wording.kind is FacetKind.NEED]
    assert [(w.number, w.language, w.text) for w in needs] == [
        (0, "ko", "실증 병원"),
        (1, "en", "a pilot site"),
    ]


def test_sentences_of_two_languages_are_facets_of_their_own() -> None:
    member = make_member(summary=Text("One. Two.", "하나. 둘. 셋."))
    sentences = [wording for wording in wordings_of(member) if wording.kind is FacetKind.SUMMARY]
    assert [w.number for w in sentences] == [0, 1, 2, 3, 4]
    assert [w.language for w in sentences] == ["en", "en", "ko", "ko", "ko"]


def test_domains_make_one_line_per_language() -> None:
    member = make_member(domains=(Text("robots", "로봇"), Text(en="care"), Text(ko="병원")))
    line = [wording for wording in wordings_of(member) if wording.kind is FacetKind.DOMAIN]
    assert [(w.number, w.language, w.text) for w in line] == [
        (0, "en", "robots, care"),
        (0, "ko", "로봇, 병원"),
    ]


def test_translations_are_marked() -> None:
    translated = Text("robots", "로봇", frozenset({"ko"}))
    member = make_member(
        summary=translated, domains=(translated,), offers=(make_offer("robots", "로봇"),), needs=()
    )
    marked = {(w.kind, w.language) for w in wordings_of(member) if w.is_translation}
    assert marked == {(FacetKind.SUMMARY, "ko"), (FacetKind.DOMAIN, "ko")}


def test_facets_stand_in_a_fixed_order() -> None:
    kinds = [wording.kind for wording in wordings_of(make_member())]
    assert kinds == sorted(kinds, key=list(FacetKind).index)


def test_a_member_without_texts_has_no_wordings() -> None:
    assert wordings_of(make_member(domains=(), summary=Text(), offers=(), needs=())) == ()
