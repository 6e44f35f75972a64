"""The directory, a member's page and a pair's page."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.web.documents import parse


def test_directory_finds_parts_of_words_in_both_languages(browser: TestClient) -> None:
    for query, expected in (("chip", "kr-chip"), ("반도", "kr-chip"), ("kallang", "sg-clinic")):
        document = parse(browser.get("/members", params={"q": query}).text)
        links = [link.attributes["href"] for link in document.find("main").find_all("a")]
        assert f"/members/{expected}" in links


def test_directory_filters_stay_in_the_address_and_in_the_form(browser: TestClient) -> None:
    document = parse(browser.get("/members?country=SG&track=public&kind=hospital&status=member").text)
    chosen = [
        option.attributes["value"]
        for option in document.find_all("option")
        if "selected" in option.attributes
    ]
    assert chosen == ["SG", "public", "hospital", "member"]
    members = document.with_class("members")[0].find_all("li")
    assert len(members) == 4
    assert all("Singapore" in member.text for member in members)


def test_directory_ignores_filters_that_do_not_exist(browser: TestClient) -> None:
    assert "7 organisations" in browser.get("/members?country=XX&kind=%00&track=").text


def test_empty_search_offers_a_way_out_and_is_escaped(browser: TestClient) -> None:
    html = browser.get("/members", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in html
    empty = parse(html).with_class("empty")[0]
    assert empty.find_all("a")


def test_listed_organisations_carry_the_notice(browser: TestClient) -> None:
    document = parse(browser.get("/members").text)
    rows = document.with_class("members")[0].find_all("li")
    notes = {row.find_all("a")[0].attributes["href"]: row.text for row in rows}
    assert "Not a member — from public sources" in notes["/members/kr-chip"]
    assert "Fictional member" in notes["/members/kr-one"]
    assert (
        "Not a member — from public sources" in parse(browser.get("/members/kr-chip").text).find("main").text
    )


def test_suggestions_show_the_reason_first_and_the_score_in_words(browser: TestClient) -> None:
    document = parse(browser.get("/members/kr-one").text)
    card = document.find_all("article")[0]
    reason = card.with_class("reason")[0].text
    assert "“" in reason
    assert card.with_class("threads")
    assert card.with_class("band")[0].text.split()[0] in ("Strong", "Good", "Possible", "Weak")
    assert card.find("details").find_all("tr")
    assert card.find("button").attributes["value"] == "add"


def test_purpose_and_track_are_links_that_keep_each_other(browser: TestClient) -> None:
    document = parse(browser.get("/members/kr-one?purpose=startup").text)
    tabs, tracks = (document.find_all("nav")[1], document.find_all("nav")[2])
    assert [a.attributes["href"] for a in tabs.find_all("a") if "aria-current" in a.attributes] == [
        "/members/kr-one?purpose=startup"
    ]
    assert "/members/kr-one?purpose=startup&track=research" in [
        a.attributes["href"] for a in tracks.find_all("a")
    ]


def test_known_partners_stand_apart(browser: TestClient) -> None:
    document = parse(browser.get("/members/kr-chip").text)
    suggested = {article.attributes["id"] for article in document.find_all("article")}
    assert "pair-sg-fab" not in suggested
    linked = document.with_class("linked")[0].text
    assert "Tuas Electronics" in linked
    assert "A pilot." in linked
    assert "Mar 2026" in linked


def test_texts_in_the_other_language_say_so(browser: TestClient) -> None:
    document = parse(browser.get("/members/kr-voice").text)
    summary = document.with_class("summary")[0]
    assert summary.attributes["lang"] == "ko"
    assert document.find("h1").find_all("span", lang="ko")


def test_pair_that_is_not_suggested_says_why(browser: TestClient) -> None:
    text = parse(browser.get("/pairs/kr-chip/sg-fab").text).find("main").text
    assert "This pair is not suggested." in text
    assert "Already partners" in text
    assert "Not both are members" in text


def test_limit_is_read_leniently(browser: TestClient) -> None:
    for limit in ("0", "-1", "abc", "999999999", "²"):
        assert browser.get("/members/kr-one", params={"limit": limit}).status_code == 200
