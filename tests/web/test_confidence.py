"""What pages say of a score: the word, what the number means, and what to do where all of it is weak."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from starlette.testclient import TestClient

from api.pages import labels
from api.pages.about import bands
from api.pages.language import Words, words_in
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.suggestion import Confidence
from tests.factories import ScoredSuggestions
from tests.web.documents import Element, parse

ENGLISH, KOREAN = words_in("en"), words_in("ko")
WEAK = {
    "en": "Weak: little in the two profiles speaks for this pair.",
    "ko": "근거 약함: 두 기관의 소개에 이 조합을 뒷받침할 내용이 거의 없습니다.",
}
NEXT_STEP = {
    "/": {"en": "Try another purpose", "ko": "다른 목적을 골라 보세요"},
    "/pairs": {"en": "Try another purpose", "ko": "다른 목적을 골라 보세요"},
    "/members/kr-one": {"en": "Try another purpose or track", "ko": "다른 목적이나 분과를 골라 보세요"},
    "/find": {"en": "Say more concretely what you need", "ko": "더 구체적으로 쓰거나"},
}
BOTH = pytest.mark.parametrize("language", ["en", "ko"])


def show(client: TestClient, path: str, language: str) -> Element:
    """A page; the form is filled in and sent."""
    if path == "/find":
        answers = {"country": "KR", "need": "a hospital"}
        response = client.post(f"/find?lang={language}", data=answers, headers={"Accept": "text/html"})
    else:
        response = client.get(f"{path}?lang={language}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return parse(response.text)


@BOTH
@pytest.mark.parametrize("path", NEXT_STEP)
def test_a_weak_list_says_what_to_do_next_and_a_better_one_does_not(
    client: TestClient, matchmaker: Matchmaker, path: str, language: str
) -> None:
    hint = NEXT_STEP[path][language]
    ScoredSuggestions.put_into(matchmaker, 0.09)
    alerts = show(client, path, language).with_class("alert")
    assert len(alerts) == 1
    assert hint in alerts[0].text
    ScoredSuggestions.put_into(matchmaker, 0.10)
    document = show(client, path, language)
    assert not document.with_class("alert")
    assert hint not in document.find("main").text


@BOTH
@pytest.mark.parametrize("path", ["/members/kr-one", "/find"])
def test_every_weak_card_says_so_and_no_other(
    client: TestClient, matchmaker: Matchmaker, path: str, language: str
) -> None:
    ScoredSuggestions.put_into(matchmaker, 0.24)
    cards = show(client, path, language).find_all("article")
    scores = [int(card.with_class("chance")[0].find("data").attributes["value"]) for card in cards]
    assert [[said.text for said in card.with_class("weak")] for card in cards] == [
        [WEAK[language]] if score < 10 else [] for score in scores
    ]
    assert (min(scores), max(scores)) == (6, 24)


@BOTH
def test_a_weak_pair_says_so_and_what_its_number_means(
    client: TestClient, matchmaker: Matchmaker, language: str
) -> None:
    ScoredSuggestions.put_into(matchmaker, 0.07)
    document = show(client, "/pairs/kr-one/sg-one", language)
    assert [said.text for said in document.with_class("weak")] == [WEAK[language]]
    meaning = labels.meaning_of(7, words_in("ko" if language == "ko" else "en"))
    assert meaning in document.with_class("chance")[0].text
    ScoredSuggestions.put_into(matchmaker, 0.7)
    assert not show(client, "/pairs/kr-one/sg-one", language).with_class("weak")


@pytest.mark.parametrize(
    ("percent", "words", "short", "full"),
    [
        (
            34,
            ENGLISH,
            "34 of 100 such pairs were judged worth an introduction",
            "Of a hundred pairs with this score, about 34 were judged worth an introduction when we tested it.",
        ),
        (
            1,
            ENGLISH,
            "1 of 100 such pairs was judged worth an introduction",
            "Of a hundred pairs with this score, about 1 was judged worth an introduction when we tested it.",
        ),
        (
            34,
            KOREAN,
            "이런 조합 100건 가운데 34건이 서로 소개할 만하다는 평가를 받았습니다",
            "시험 결과, 점수가 이와 같은 조합 100건 가운데 약 34건이 서로 소개할 만하다는 평가를 받았습니다.",
        ),
    ],
)
def test_the_number_in_words(percent: int, words: Words, short: str, full: str) -> None:
    assert labels.chance_of(percent, words) == short
    assert labels.meaning_of(percent, words) == full


def test_every_confidence_has_its_own_word_in_both_languages() -> None:
    for words in (ENGLISH, KOREAN):
        assert len({words.gettext(labels.CONFIDENCES[confidence]) for confidence in Confidence}) == 4


def test_the_ranges_of_the_words_leave_no_gap() -> None:
    shown = [(band.lowest, band.highest) for band in bands(ENGLISH)]
    assert shown == [(30, 99), (20, 29), (10, 19), (1, 9)]


def test_about_tells_a_chance_of_judgement_from_a_chance_of_success(client: TestClient) -> None:
    text = show(client, "/about", "en").find("main").text
    assert labels.meaning_of(24, ENGLISH) in text
    assert "It is the chance of being judged worth an introduction, not the chance of success." in text
    assert "benchmark of fictional members" in text
    assert "unknown, not bad" in text
    assert "no probability" not in text


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.97, "far above"), (0.65, "above"), (0.5, "about average"), (0.34, "below"), (0.0, "far below")],
)
def test_evidence_is_told_against_the_average(value: float, level: str) -> None:
    assert labels.level_of(value, ENGLISH) == level


def test_chances_and_evidence_stand_apart(client: TestClient) -> None:
    table = show(client, "/pairs/kr-one/sg-one", "en").with_class("parts")[0]
    chances, evidence = table.find_all("tbody")
    assert chances.find("th", scope="rowgroup").text.startswith("Chances")
    assert evidence.find("th", scope="rowgroup").text.startswith("Evidence: against the alliance’s average")
    assert [len(group.find_all("th", scope="row")) for group in (chances, evidence)] == [3, 5]
    assert all(cell.text.isdecimal() for cell in chances.with_class("n"))
    levels = {text for _, text in labels.LEVELS}
    assert {cell.text for cell in evidence.with_class("level")} <= levels
    for bar in evidence.find_all("rect", class_="soft"):
        start, length = int(bar.attributes["x"]), int(bar.attributes["width"])
        assert 50 in (start, start + length)


@pytest.mark.parametrize(
    ("language", "heading", "word"), [("en", "Confidence", "Good"), ("ko", "확신도", "잘 맞음")]
)
def test_the_exported_shortlist_says_what_its_scores_mean(
    client: TestClient, matchmaker: Matchmaker, language: str, heading: str, word: str
) -> None:
    ScoredSuggestions.put_into(matchmaker, 0.24)
    client.cookies.set("shortlist", "kr-one:sg-one")
    response = client.get(f"/shortlist.csv?lang={language}")
    head, row = csv.reader(StringIO(response.content.decode("utf-8-sig")))
    assert row[head.index(heading)] == word
    assert labels.meaning_of(24, words_in("ko" if language == "ko" else "en")) in row
