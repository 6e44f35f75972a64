"""Shared words: per language, unknown where nothing is shared, frozen with the pool."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker.domain.facets import wordings_of
from matchmaker.domain.member import Text
from matchmaker.scoring.lexical import Document, Lexicon, document_of, shared_words
from tests.factories import make_member, make_need

ROBOTS: Document = {"en": "delivery robots for hospitals", "ko": "병원용 배송 로봇"}
KOREAN: Document = {"ko": "병원용 배송 로봇"}
ENGLISH: Document = {"en": "delivery robots for hospitals"}
LAW: Document = {"en": "legal advice", "ko": "법률 자문"}
EVERYBODY = [ROBOTS, KOREAN, ENGLISH, LAW]


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon.learn(EVERYBODY)[0]


def words_of(lexicon: Lexicon, one: Document) -> list[float]:
    found = shared_words(lexicon.encode([one]), lexicon.encode(EVERYBODY), len(EVERYBODY))
    return [float(value) for value in found]


def test_the_same_words_are_alike_and_others_are_not(lexicon: Lexicon) -> None:
    *alike, law = words_of(lexicon, ROBOTS)
    assert min(alike) > 0.8
    assert law < 0.3


def test_members_that_share_no_language_say_nothing_about_each_other(lexicon: Lexicon) -> None:
    assert np.isnan(words_of(lexicon, KOREAN)).tolist() == [False, False, True, False]
    assert np.isnan(words_of(lexicon, ENGLISH)).tolist() == [False, True, False, False]


def test_words_nobody_in_the_pool_uses_say_nothing(lexicon: Lexicon) -> None:
    assert np.isnan(words_of(lexicon, {"en": "ZZZ QQQ"})).all()
    assert np.isnan(words_of(lexicon, {})).all()


def test_who_asks_changes_nothing(lexicon: Lexicon) -> None:
    table = np.asarray([words_of(lexicon, document) for document in EVERYBODY])
    np.testing.assert_array_equal(table, table.T)


def test_a_selection_gives_the_same_as_everybody(lexicon: Lexicon) -> None:
    chosen = np.asarray([1, 3])
    some = shared_words(lexicon.encode([ROBOTS]), lexicon.encode(EVERYBODY).select(chosen), 2)
    np.testing.assert_array_equal(some, np.asarray(words_of(lexicon, ROBOTS))[chosen])


@pytest.mark.parametrize("documents", [[], [KOREAN], [ENGLISH, ENGLISH]])
def test_nobody_can_be_compared_too(documents: list[Document]) -> None:
    lexicon, _ = Lexicon.learn(documents)
    assert shared_words(lexicon.encode([ROBOTS]), lexicon.encode([]), 0).shape == (0,)


def test_short_and_odd_texts_are_words_too() -> None:
    lexicon, _ = Lexicon.learn([{"en": "!"}, {"ko": "가"}])
    odd: tuple[Document, ...] = ({"en": "!"}, {"ko": "가"})
    for document in odd:
        assert shared_words(lexicon.encode([document]), lexicon.encode([document]), 1) > 0


def test_a_long_document_is_not_punished_for_what_else_it_says() -> None:
    short: Document = {"en": "delivery robots"}
    long: Document = {"en": "delivery robots and " + " ".join(f"word{number}" for number in range(60))}
    lexicon, rows = Lexicon.learn([short, long, LAW])
    found = shared_words(lexicon.encode([short]), rows, 3)
    by_cosine = np.sqrt(3 / 123)  # terms of the short document over those of the long one
    assert 1.0 > found[1] / found[0] > 1.3 * by_cosine
    assert found[2] < found[1] / 2


def test_a_document_holds_what_a_member_says_per_language() -> None:
    member = make_member(
        domains=(), offers=(), summary=Text("Robots.", "로봇."), needs=(make_need("a site"),)
    )
    assert document_of(wordings_of(member)) == {"en": "a site. Robots.", "ko": "로봇."}
    assert document_of(wordings_of(make_member(domains=(), offers=(), needs=(), summary=Text()))) == {}
