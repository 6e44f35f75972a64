"""A member's own pages, and answering by a letter's link, in a browser without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Role
from matchmaker.domain.desk import Opinion
from matchmaker.domain.introduction import Answer, RefusalReason, State
from matchmaker.domain.member import Purpose, Text
from matchmaker.domain.outbox import LetterState
from tests.correspondence import (
    KOREA,
    KR,
    KR_CONTACT,
    SG,
    SG_CONTACT,
    Clock,
    Mailbox,
    introduced,
    prepare,
    token_of,
)
from tests.correspondence import mail_server as running_mail_server
from tests.factories import make_member, make_offer
from tests.visitors import application_of, new_browser, sign_in
from tests.web.documents import Element, parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])
FILLED: dict[str, Any] = {
    "version": "1",
    "needs-0-en": "a hospital in Singapore",
    "needs-0-ko": "싱가포르 병원",
    "needs-0-until": "2027-06-30",
    "needs-0-purposes": "startup",
    "offers-0-en": "robots",
    "summary-en": "We build robots.",
    "summary-ko": "로봇을 만든다.",
    "consents": ["startup", "research"],
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def product(matchmaker: Matchmaker, clock: Clock) -> Matchmaker:
    prepare(matchmaker, clock, None)
    return matchmaker


@pytest.fixture
def ward(product: Matchmaker, visitor: TestClient) -> TestClient:
    """Whoever speaks for kr-one."""
    sign_in(visitor, Role.MEMBER, "kr-one")
    return visitor


def asked(product: Matchmaker, clock: Clock, **of: Any) -> int:
    """An introduction whose letters were sent by hand."""
    made = introduced(product, **of)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    for letter in product.outbox.list_of(SYSTEM, [LetterState.WAITING]):
        product.outbox.mark_sent(letter.id, SYSTEM)
    return made.id


def main_of(browser: TestClient, path: str, status: int = 200) -> Element:
    response = browser.get(path)
    assert response.status_code == status
    assert "no-store" in response.headers["Cache-Control"]
    return parse(response.text).find("main")


def post(browser: TestClient, path: str, **fields: Any) -> Any:
    return browser.post(path, data=fields, follow_redirects=False)


def links_in(element: Element) -> list[str]:
    return [each.attributes["href"] for each in element.find_all("a")]


class TestHome:
    def test_a_member_lands_here(self, product: Matchmaker, visitor: TestClient) -> None:
        account = product.accounts.create(Role.MEMBER, member_id="kr-one")
        response = visitor.post(f"/sign-in/{product.accounts.issue_link(account.id)}")
        assert response.url.path == "/me"

    @BOTH
    def test_what_waits_comes_first(
        self, ward: TestClient, product: Matchmaker, clock: Clock, language: str
    ) -> None:
        number = asked(product, clock)
        main = main_of(ward, f"/me?lang={language}")
        assert links_in(main)[0] == f"/me/introductions/{number}"
        words = {"en": "1 introduction waits for your answer", "ko": "답변을 기다리는 소개 1건"}
        assert main.find_all("h2")[0].text == words[language]

    def test_three_doors(self, ward: TestClient) -> None:
        (ways,) = main_of(ward, "/me").with_class("ways")
        assert [each.find("h2").find("a").attributes["href"] for each in ways.find_all("li")] == [
            "/me/suggestions",
            "/me/introductions",
            "/me/profile",
        ]

    @pytest.mark.parametrize(
        ("changes", "target"),
        [
            ({"needs": ()}, "/me/profile#needs-0-en"),
            ({"offers": ()}, "/me/profile#offers-0-en"),
            ({"summary": Text("English alone.", None)}, "/me/profile"),
            ({"offers": (make_offer(None, "한국어뿐"),)}, "/me/profile"),
            ({"consents": frozenset()}, "/me/profile#consents-hint"),
        ],
    )
    def test_says_what_is_missing(
        self, ward: TestClient, product: Matchmaker, changes: dict[str, Any], target: str
    ) -> None:
        assert not main_of(ward, "/me").with_class("advice")
        product.registration.revise("kr-one", make_member(**changes))
        (advice,) = main_of(ward, "/me").with_class("advice")
        assert links_in(advice) == [target]

    def test_without_a_contact_one_is_asked_for_and_kept(self, ward: TestClient, product: Matchmaker) -> None:
        product.contacts.remove("kr-one", SYSTEM)
        assert "/me/contact" in links_in(main_of(ward, "/me"))
        assert post(ward, "/me/contact", email="nonsense").status_code == 422
        saved = post(ward, "/me/contact", email="own@ward.example", name="Desk", language="ko")
        assert saved.headers["Location"] == "/me?saved=contact"
        main = main_of(ward, "/me?saved=contact")
        assert main.with_class("toast")
        assert "own@ward.example" in main.text

    def test_an_account_whose_organisation_left_is_told_so(
        self, ward: TestClient, product: Matchmaker
    ) -> None:
        product.registration.withdraw("kr-one")
        led = ward.get("/me", follow_redirects=False)
        assert led.headers["Location"].startswith("/sign-in")


class TestSuggestions:
    @BOTH
    def test_each_has_its_reason_and_speaks_to_the_member(self, ward: TestClient, language: str) -> None:
        main = main_of(ward, f"/me/suggestions?lang={language}")
        articles = main.find_all("article")
        assert articles
        assert all(each.with_class("reason")[0].text for each in articles)
        assert {"en": "You need", "ko": "귀 기관"}[language] in main.text
        assert not main.find_all("form", action="/shortlist")

    def test_interest_is_kept_shown_and_taken_back(self, ward: TestClient, product: Matchmaker) -> None:
        said = post(ward, "/me/suggestions", partner="sg-one", purpose="startup", do="interested")
        main = main_of(ward, said.headers["Location"])
        assert "Coordinators see it, nobody else" in main.with_class("toast")[0].text
        assert len(main.with_class("said")) == 1
        (voice,) = product.voices.of_member("kr-one")
        assert (voice.partner_id, voice.opinion) == ("sg-one", Opinion.INTERESTED)
        post(ward, "/me/suggestions", partner="sg-one", purpose="startup", do="undo")
        assert product.voices.of_member("kr-one") == ()

    @BOTH
    def test_not_for_us_needs_a_reason_and_folds_away(
        self, ward: TestClient, product: Matchmaker, language: str
    ) -> None:
        fields = {"partner": "sg-one", "purpose": "startup", "do": "not-for-us"}
        refused = post(ward, f"/me/suggestions?lang={language}", **fields)
        assert refused.status_code == 422
        page = parse(refused.text)
        assert len(page.with_class("fault")) == 1
        said = post(ward, "/me/suggestions", reason="competitor", **fields)
        main = main_of(ward, said.headers["Location"])
        assert not [each for each in main.find_all("article") if each.attributes["id"] == "pair-sg-one"]
        (fold,) = main.with_class("refused")
        words = {"en": ("Harbour Hospital", "They compete with us"), "ko": ("하버 병원", "경쟁")}[language]
        assert all(word in fold.text for word in words)
        (voice,) = product.voices.of_member("kr-one")
        assert voice.reason is RefusalReason.COMPETITOR

    def test_only_purposes_that_the_member_is_open_to(self, ward: TestClient, product: Matchmaker) -> None:
        product.registration.revise("kr-one", make_member(consents=frozenset({Purpose.RESEARCH})))
        main = main_of(ward, "/me/suggestions?purpose=startup")
        (tabs,) = main.with_class("tabs")
        assert links_in(tabs) == ["/me/suggestions?purpose=research"]
        product.registration.revise("kr-one", make_member(consents=frozenset()))
        assert "Choose purposes" in main_of(ward, "/me/suggestions").text

    @pytest.mark.parametrize("fields", [{}, {"purpose": "startup", "do": "nonsense"}, {"do": "interested"}])
    def test_nonsense_changes_nothing(
        self, ward: TestClient, product: Matchmaker, fields: dict[str, str]
    ) -> None:
        assert post(ward, "/me/suggestions", partner="sg-one", **fields).status_code == 303
        assert product.voices.of_member("kr-one") == ()

    def test_an_introduction_is_linked(self, ward: TestClient, product: Matchmaker, clock: Clock) -> None:
        number = asked(product, clock)
        assert f"/me/introductions/{number}" in links_in(main_of(ward, "/me/suggestions?purpose=startup"))


class TestIntroduction:
    @BOTH
    def test_shows_why_and_an_agenda_but_no_contact(
        self, ward: TestClient, product: Matchmaker, clock: Clock, language: str
    ) -> None:
        number = asked(product, clock)
        response = ward.get(f"/me/introductions/{number}?lang={language}")
        main = parse(response.text).find("main")
        assert main.with_class("reason")
        assert len(main.with_class("agenda")[0].find_all("li")) >= 3
        assert SG_CONTACT.email not in response.text
        assert KR_CONTACT.email in response.text  # what they would receive

    def test_contacts_appear_only_once_both_have_accepted(
        self, ward: TestClient, product: Matchmaker, clock: Clock
    ) -> None:
        number = asked(product, clock)
        url = f"/me/introductions/{number}"
        assert post(ward, url, do="accept").headers["Location"] == f"{url}?done=accept"
        waiting = ward.get(url).text
        assert SG_CONTACT.email not in waiting
        assert "You accepted; the other side is being asked" in waiting
        product.introductions.answer(number, SG, True)
        accepted = parse(ward.get(url).text)
        assert f"mailto:{SG_CONTACT.email}" in links_in(accepted)
        assert str(SG_CONTACT.phone) in accepted.text

    def test_the_other_side_s_answer_is_hidden_until_both_have_answered(
        self, ward: TestClient, product: Matchmaker, clock: Clock
    ) -> None:
        number = asked(product, clock)
        before = ward.get(f"/me/introductions/{number}").text
        product.introductions.answer(number, SG, True)
        clocks = [each.text for each in parse(before).find_all("time")]
        after = ward.get(f"/me/introductions/{number}").text
        for clock_text in [each.text for each in parse(after).find_all("time")]:
            after = after.replace(clock_text, "")
        for clock_text in clocks:
            before = before.replace(clock_text, "")
        assert parse(after).find("main").text == parse(before).find("main").text

    def test_declining_needs_a_reason_that_the_other_side_never_sees(
        self, ward: TestClient, product: Matchmaker, clock: Clock
    ) -> None:
        number = asked(product, clock)
        url = f"/me/introductions/{number}"
        assert post(ward, url, do="decline").status_code == 422
        assert post(ward, url).status_code == 422
        assert post(ward, url, do="decline", reason="competitor").status_code == 303
        assert "They compete with us" in ward.get(url).text
        other = new_browser(application_of(ward))
        sign_in(other, Role.MEMBER, "sg-one")
        assert "They compete with us" not in other.get(url).text
        assert "It does not work out this time" in other.get(url).text

    def test_an_answer_stands(self, ward: TestClient, product: Matchmaker, clock: Clock) -> None:
        number = asked(product, clock)
        url = f"/me/introductions/{number}"
        post(ward, url, do="accept")
        assert post(ward, url, do="decline", reason="other").status_code == 409
        assert product.introductions.view(number, KOREA).introduction.kr_answer is Answer.ACCEPTED

    def test_is_nobody_else_s_business(self, ward: TestClient, product: Matchmaker, clock: Clock) -> None:
        number = asked(product, clock)
        stranger = new_browser(application_of(ward))
        sign_in(stranger, Role.MEMBER, "kr-voice")
        assert stranger.get(f"/me/introductions/{number}").status_code == 403
        assert post(stranger, f"/me/introductions/{number}", do="accept").status_code == 403
        assert "Harbour" not in stranger.get("/me/introductions").text
        assert product.introductions.view(number, KOREA).introduction.kr_answer is Answer.OPEN

    def test_one_that_is_held_is_not_known_yet(self, ward: TestClient, product: Matchmaker) -> None:
        number = introduced(product).id
        assert ward.get(f"/me/introductions/{number}").status_code == 404
        assert "Harbour" not in ward.get("/me/introductions").text

    @BOTH
    def test_the_list(self, ward: TestClient, product: Matchmaker, clock: Clock, language: str) -> None:
        assert main_of(ward, f"/me/introductions?lang={language}").with_class("empty")
        product.introductions.answer(asked(product, clock), KR, True)
        main = main_of(ward, f"/me/introductions?lang={language}")
        assert {"en": "the other side is being asked", "ko": "상대 기관에 묻고 있습니다"}[
            language
        ] in main.text


class TestLink:
    @pytest.fixture
    def link(self, product: Matchmaker, clock: Clock) -> str:
        """The link of kr-one's letter, read from a real mail server."""
        mailbox = Mailbox()
        with running_mail_server(mailbox) as mailer:
            vars(product)["mailer"] = mailer
            for name in ("delivery", "introductions", "outbox", "sign_in_letters"):
                vars(product).pop(name, None)
            introduced(product)
            clock.forward(minutes=6)
            product.introductions.follow_up()
        return f"/answers/{token_of(mailbox.to(KR_CONTACT.email)[0])}"

    def state(self, product: Matchmaker) -> State:
        return product.introductions.list_of(KOREA)[0].introduction.state

    @BOTH
    def test_looking_changes_nothing_and_leaves_no_trace(
        self, visitor: TestClient, product: Matchmaker, link: str, language: str
    ) -> None:
        for _ in range(2):
            response = visitor.get(f"{link}?lang={language}")
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert len(parse(response.text).find_all("button", value="accept")) == 1
        assert not any(secret in response.text for secret in (KR_CONTACT.email, SG_CONTACT.email))
        (view,) = product.introductions.list_of(KOREA)
        assert view.introduction.kr_answer is Answer.OPEN

    def test_accepts(self, visitor: TestClient, product: Matchmaker, link: str) -> None:
        led = post(visitor, link, do="accept")
        assert led.headers["Location"] == f"{link}?done=accept"
        main = main_of(visitor, led.headers["Location"])
        assert "Thank you: you accepted." in main.text
        assert not main.find_all("button", value="accept")
        product.introductions.answer(1, SG, True)
        response = visitor.get(link)
        assert response.status_code == 410
        assert SG_CONTACT.email not in response.text

    @BOTH
    def test_declines_and_is_dead_afterwards(
        self, visitor: TestClient, product: Matchmaker, link: str, language: str
    ) -> None:
        assert post(visitor, link, do="decline").status_code == 422
        led = post(visitor, link, do="decline", reason="not-now")
        assert main_of(visitor, f"{led.headers['Location']}&lang={language}").with_class("lead")
        assert self.state(product) is State.DECLINED
        assert visitor.get(link).status_code == 410
        assert post(visitor, link, do="accept").status_code == 410

    def test_other_sites_answer_nothing(self, visitor: TestClient, product: Matchmaker, link: str) -> None:
        response = visitor.post(link, data={"do": "accept"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
        assert self.state(product) is State.ASKED

    @BOTH
    def test_one_that_never_was(self, visitor: TestClient, language: str) -> None:
        main = main_of(visitor, f"/answers/nothing?lang={language}", 410)
        assert {"en": "no longer answers", "ko": "더 이상 답하실 수 없습니다"}[language] in main.text


class TestProfile:
    def test_is_saved(self, ward: TestClient, product: Matchmaker) -> None:
        saved = post(ward, "/me/profile", **FILLED)
        assert saved.headers["Location"] == "/me?saved=1"
        assert main_of(ward, "/me?saved=1").with_class("toast")
        member = product.directory.get("kr-one").member
        assert member.needs[0].text == Text("a hospital in Singapore", "싱가포르 병원")
        assert member.needs[0].purposes == {Purpose.STARTUP}
        assert str(member.needs[0].until) == "2027-06-30"
        assert member.consents == {Purpose.STARTUP, Purpose.RESEARCH}

    @BOTH
    def test_the_form_holds_what_is_stored(self, ward: TestClient, language: str) -> None:
        main = main_of(ward, f"/me/profile?lang={language}")
        assert main.find("textarea", id="needs-0-ko").text == "해외 실증 병원"
        assert main.find("textarea", id="needs-1-ko").text == ""
        assert main.find("h1").text == {"en": "Edit profile", "ko": "프로필 고치기"}[language]

    def test_more_rows_keep_what_was_written(self, ward: TestClient, product: Matchmaker) -> None:
        response = post(ward, "/me/profile", **FILLED | {"more": "needs"})
        assert response.status_code == 200
        page = parse(response.text)
        assert page.find("textarea", id="needs-0-en").text == "a hospital in Singapore"
        assert page.find("textarea", id="needs-3-en").text == ""
        assert product.directory.get("kr-one").version == 1

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"needs-0-until": "tomorrow"}, "needs-0-until"),
            ({"website": "javascript:alert(1)"}, "website"),
            ({"offers-0-en": "x" * 4001}, "offers-0-en"),
            ({"summary-ko": "가" * 4001}, "summary-ko"),
        ],
    )
    @BOTH
    def test_what_is_wrong_comes_back(
        self, ward: TestClient, product: Matchmaker, wrong: dict[str, str], field: str, language: str
    ) -> None:
        response = post(ward, f"/me/profile?lang={language}", **FILLED | wrong)
        assert response.status_code == 422
        page = parse(response.text)
        assert links_in(page.with_class("alert")[0]) == [f"#{field}"]
        (marked,) = [each for each in page.everything() if each.attributes.get("id") == field]
        assert marked.attributes["aria-invalid"] == "true"
        assert page.find("textarea", id="needs-0-en").text == "a hospital in Singapore"
        assert product.directory.get("kr-one").version == 1

    def test_nothing_at_all_is_refused(self, ward: TestClient) -> None:
        assert post(ward, "/me/profile", version="1").status_code == 422

    @BOTH
    def test_who_saves_second_is_told_so(self, ward: TestClient, product: Matchmaker, language: str) -> None:
        product.registration.revise("kr-one", make_member(summary=Text("Somebody else wrote this.", None)))
        stale = post(ward, f"/me/profile?lang={language}", **FILLED)
        assert stale.status_code == 409
        page = parse(stale.text)
        assert page.with_class("alert")
        assert page.find("textarea", id="needs-0-en").text == "a hospital in Singapore"
        version = page.find("input", name="version").attributes["value"]
        assert post(ward, "/me/profile", **FILLED | {"version": version}).status_code == 303
