"""Introductions, letters and contacts as coordinators see them, in a browser without JavaScript."""

from __future__ import annotations

import csv
from email import message_from_bytes
from email.policy import default
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Role
from matchmaker.domain.introduction import RefusalReason, State
from matchmaker.domain.outbox import LetterState
from matchmaker.domain.review import Stage
from tests.correspondence import (
    KOREA,
    KR,
    KR_CONTACT,
    SG,
    SG_CONTACT,
    Clock,
    introduced,
    prepare,
    shortlisted,
)
from tests.factories import make_partner
from tests.visitors import new_browser, sign_in
from tests.web.documents import Element, parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def product(matchmaker: Matchmaker, clock: Clock) -> Matchmaker:
    """Without a mail server: letters wait for somebody's hand."""
    prepare(matchmaker, clock, None)
    return matchmaker


@pytest.fixture
def korea(product: Matchmaker, visitor: TestClient) -> TestClient:
    """The Korean side's coordinator."""
    sign_in(visitor, Role.COORDINATOR_KR)
    return visitor


def main_of(browser: TestClient, path: str, status: int = 200) -> Element:
    response = browser.get(path)
    assert response.status_code == status
    assert "no-store" in response.headers["Cache-Control"]
    return parse(response.text).find("main")


def post(browser: TestClient, path: str, **fields: Any) -> Any:
    return browser.post(path, data=fields, follow_redirects=False)


def ask(product: Matchmaker, clock: Clock) -> int:
    """An introduction whose letters wait to be sent by hand."""
    made = introduced(product)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    return made.id


def asked(product: Matchmaker, clock: Clock) -> int:
    """An introduction whose letters were sent by hand."""
    number = ask(product, clock)
    for letter in product.outbox.list_of(SYSTEM):
        product.outbox.mark_sent(letter.id, SYSTEM)
    return number


class TestPreview:
    @BOTH
    def test_shows_both_letters_in_both_languages(
        self, korea: TestClient, product: Matchmaker, language: str
    ) -> None:
        case = shortlisted(product)
        main = main_of(korea, f"/review/{case.id}/introduce?lang={language}")
        letters = main.with_class("letter")
        assert len(letters) == 2
        for letter in letters:
            spoken = {part.attributes["lang"] for part in letter.find_all("p") if "lang" in part.attributes}
            assert spoken == {"en", "ko"}
            assert "[…]" in letter.text
            assert "a hospital abroad for a pilot" in letter.text
            assert "해외 실증 병원" in letter.text
        assert {"en": "Nothing leaves for 5 minutes", "ko": "5분 동안"}[language] in main.text

    def test_shows_the_own_side_s_contact_alone(self, korea: TestClient, product: Matchmaker) -> None:
        html = korea.get(f"/review/{shortlisted(product).id}/introduce").text
        assert KR_CONTACT.email in html
        assert SG_CONTACT.email not in html

    def test_introduces_and_can_be_taken_back(self, korea: TestClient, product: Matchmaker) -> None:
        case = shortlisted(product)
        made = post(
            korea, f"/review/{case.id}/introduce", do="introduce", version=case.version, note="A word."
        )
        assert made.status_code == 303
        main = main_of(korea, made.headers["Location"])
        (toast,) = main.with_class("toast")
        form = toast.find("form")
        version = form.find("input", name="version").attributes["value"]
        back = post(korea, form.attributes["action"], version=version)
        assert back.status_code == 303
        assert product.reviews.look(case.id, KOREA).case.stage is Stage.SHORTLISTED
        assert {each.state for each in product.outbox.list_of(KOREA)} == {LetterState.CANCELLED}

    def test_a_note_is_shown_before_it_is_sent(self, korea: TestClient, product: Matchmaker) -> None:
        case = shortlisted(product)
        shown = post(
            korea, f"/review/{case.id}/introduce", do="preview", version=case.version, note="A word."
        )
        assert shown.status_code == 200
        assert shown.text.count("A word.") == 5  # the field, and two letters in two languages
        assert product.introductions.list_of(KOREA) == []

    @pytest.mark.parametrize("do", ["introduce", "preview"])
    @pytest.mark.parametrize("note", ["x" * 501, "write to me@example.org", "call +65 6555 0102"])
    def test_a_note_that_cannot_be_sent_comes_back(
        self, korea: TestClient, product: Matchmaker, note: str, do: str
    ) -> None:
        case = shortlisted(product)
        response = post(korea, f"/review/{case.id}/introduce", do=do, version=case.version, note=note)
        assert response.status_code == 422
        field = parse(response.text).find("textarea", id="note")
        assert (field.text, field.attributes["aria-invalid"]) == (note, "true")
        assert product.introductions.list_of(KOREA) == []

    def test_says_what_is_missing_and_where_to_mend_it(self, korea: TestClient, product: Matchmaker) -> None:
        product.contacts.remove("kr-one", SYSTEM)
        product.contacts.remove("sg-one", SYSTEM)
        case = shortlisted(product)
        main = main_of(korea, f"/review/{case.id}/introduce")
        (alert,) = main.with_class("alert")
        assert [each.attributes["href"] for each in alert.find_all("a")] == ["/contacts/kr-one"]
        assert "The coordinators in Singapore can enter it." in alert.text
        assert not main.find_all("button", value="introduce")
        refused = post(korea, f"/review/{case.id}/introduce", do="introduce", version=case.version)
        assert refused.status_code == 409

    def test_who_has_not_joined_or_consents_no_more_is_named(
        self, korea: TestClient, product: Matchmaker
    ) -> None:
        product.registration.revise("sg-one", make_partner(consents=frozenset()))
        cases = [shortlisted(product), shortlisted(product, kr="kr-chip", sg="sg-fab")]
        texts = [main_of(korea, f"/review/{case.id}/introduce").with_class("alert")[0].text for case in cases]
        assert "Harbour Hospital is not open to introductions for this purpose" in texts[0]
        assert "Saebit Chips has not joined" in texts[1]

    def test_who_comes_second_is_told_so(self, korea: TestClient, product: Matchmaker) -> None:
        case = shortlisted(product)
        product.introductions.introduce(case.id, KOREA, case.version)
        again = post(korea, f"/review/{case.id}/introduce", do="introduce", version=case.version)
        assert again.status_code == 409
        assert len(product.introductions.list_of(KOREA)) == 1


class TestList:
    @BOTH
    def test_says_who_is_silent_and_for_how_long(
        self, korea: TestClient, product: Matchmaker, clock: Clock, language: str
    ) -> None:
        product.introductions.answer(asked(product, clock), KR, True)
        clock.forward(days=3)
        row = main_of(korea, f"/introductions?lang={language}").with_class("answers")[0]
        assert {"en": "No answer for 3 days", "ko": "3일째 답변 없음"}[language] in row.text

    def test_tabs_and_purposes_filter(self, korea: TestClient, product: Matchmaker) -> None:
        introduced(product)
        for path, count in {
            "/introductions": 1,
            "/introductions?state=held": 1,
            "/introductions?state=asked": 0,
            "/introductions?purpose=talent": 0,
            "/introductions?state=nonsense&purpose=nonsense": 1,
        }.items():
            assert len(main_of(korea, path).with_class("answers")) == count, path

    def test_goes_into_a_spreadsheet(self, korea: TestClient, product: Matchmaker, clock: Clock) -> None:
        product.introductions.answer(asked(product, clock), SG, False, RefusalReason.NOT_NOW)
        table = korea.get("/introductions.csv?state=declined").content.decode("utf-8-sig")
        heading, row = csv.reader(StringIO(table))
        assert len(heading) == len(row)
        assert "Declined: Not now" in row
        book = load_workbook(BytesIO(korea.get("/introductions.xlsx").content))
        assert book.worksheets[0].max_row == 2
        secrets = (KR_CONTACT.email, SG_CONTACT.email)
        assert not any(secret in table for secret in secrets)


class TestIntroduction:
    def test_contacts_of_the_other_side_stay_hidden(
        self, korea: TestClient, product: Matchmaker, clock: Clock
    ) -> None:
        number = asked(product, clock)
        for actor in (KR, SG):
            html = korea.get(f"/introductions/{number}").text
            assert KR_CONTACT.email in html
            assert SG_CONTACT.email not in html
            product.introductions.answer(number, actor, True)
        accepted = korea.get(f"/introductions/{number}").text
        assert SG_CONTACT.email not in accepted
        assert "Record what came of it" in accepted

    def test_the_timeline_and_the_reason(self, korea: TestClient, product: Matchmaker, clock: Clock) -> None:
        number = asked(product, clock)
        product.introductions.answer(number, SG, False, RefusalReason.COMPETITOR)
        main = main_of(korea, f"/introductions/{number}")
        assert "Declined: They compete with us" in main.text
        steps = main.with_class("timeline")[0].find_all("li")
        assert [each.find("span").text for each in steps] == [
            "The letters were written",
            "The first letter left",
            "Declined",
        ]
        assert "KST" in steps[0].text
        assert "SGT" in steps[0].text

    def test_is_cancelled_once(self, korea: TestClient, product: Matchmaker, clock: Clock) -> None:
        number = asked(product, clock)
        version = product.introductions.view(number, KOREA).introduction.version
        assert post(korea, f"/introductions/{number}/cancel", version=version + 1).status_code == 409
        assert post(korea, f"/introductions/{number}/cancel", version=version).status_code == 303
        assert product.introductions.view(number, KOREA).introduction.state is State.CANCELLED
        assert post(korea, f"/introductions/{number}/cancel", version=version).status_code == 409

    def test_one_that_does_not_exist(self, korea: TestClient) -> None:
        assert korea.get("/introductions/999").status_code == 404


class TestOutbox:
    @BOTH
    def test_says_that_no_mail_server_is_set(
        self, korea: TestClient, product: Matchmaker, language: str
    ) -> None:
        introduced(product)
        main = main_of(korea, f"/outbox?lang={language}")
        assert "MATCHMAKER_SMTP_HOST" in main.with_class("alert")[0].text
        assert len(main.with_class("when")) == 2

    def test_a_letter_is_sent_by_hand_by_its_own_side(
        self, korea: TestClient, product: Matchmaker, clock: Clock
    ) -> None:
        number = ask(product, clock)
        letters = {each.member_id: each.id for each in product.outbox.list_of(KOREA)}
        own, other = letters["kr-one"], letters["sg-one"]
        eml = post(korea, f"/outbox/{own}/eml")
        message = message_from_bytes(eml.content, policy=default)
        assert KR_CONTACT.email in message["To"]
        assert eml.headers["Cache-Control"] == "no-store"
        assert post(korea, f"/outbox/{own}/sent").status_code == 303
        assert product.introductions.view(number, KOREA).introduction.state is State.ASKED
        assert "Sent by hand" in main_of(korea, f"/outbox/{own}?done=sent").text
        assert post(korea, f"/outbox/{own}/sent").status_code == 409
        for what in ("eml", "sent"):
            assert post(korea, f"/outbox/{other}/{what}").status_code == 403
        html = korea.get(f"/outbox/{other}").text
        assert SG_CONTACT.email not in html
        assert "I sent it by hand" not in html

    def test_a_held_letter_does_not_leave(self, korea: TestClient, product: Matchmaker) -> None:
        introduced(product)
        letter = product.outbox.list_of(KOREA)[-1]
        assert "Nothing leaves yet" in main_of(korea, f"/outbox/{letter.id}").text
        for what in ("eml", "sent", "resend"):
            assert post(korea, f"/outbox/{letter.id}/{what}").status_code == 409

    def test_what_failed_says_why_and_is_tried_again(
        self, korea: TestClient, product: Matchmaker, clock: Clock
    ) -> None:
        ask(product, clock)
        letter = next(each for each in product.outbox.list_of(KOREA) if each.member_id == "kr-one")
        with product.store.writing() as work:
            work.outbox.move(letter.id, LetterState.FAILED, error="smtp-550")
            work.commit()
        main = main_of(korea, f"/outbox/{letter.id}")
        assert "550" in main.with_class("alert")[0].text
        assert post(korea, f"/outbox/{letter.id}/resend").status_code == 303
        assert product.outbox.get(letter.id, KOREA).state is LetterState.WAITING


class TestContacts:
    @BOTH
    def test_lists_the_own_side_alone(self, korea: TestClient, language: str) -> None:
        text = main_of(korea, f"/contacts?lang={language}").text
        assert KR_CONTACT.email in text
        assert SG_CONTACT.email not in text
        assert {"en": "Ward Robots", "ko": "병동로봇"}[language] in text
        assert {"en": "Saebit", "ko": "새빛칩"}[language] not in text  # has not joined

    def test_those_without_one(self, korea: TestClient) -> None:
        text = main_of(korea, "/contacts?show=missing").text
        assert KR_CONTACT.email not in text
        assert "목소리연구실" in text

    def test_is_entered_changed_and_forgotten(self, korea: TestClient, product: Matchmaker) -> None:
        fields = {
            "email": "new@voice.example",
            "name": "Lab desk",
            "phone": "+82 2 555 0103",
            "language": "ko",
        }
        saved = post(korea, "/contacts/kr-voice", **fields)
        assert saved.headers["Location"] == "/contacts?saved=kr-voice"
        kept = product.contacts.of_member("kr-voice", SYSTEM)
        assert kept is not None
        assert (kept.email, kept.name, kept.phone, kept.language) == tuple(fields.values())
        assert "up to date" in main_of(korea, "/contacts?saved=kr-voice").with_class("toast")[0].text
        post(korea, "/contacts/kr-voice", do="remove")
        assert product.contacts.of_member("kr-voice", SYSTEM) is None

    @BOTH
    def test_what_is_wrong_comes_back(self, korea: TestClient, product: Matchmaker, language: str) -> None:
        response = post(
            korea, f"/contacts/kr-voice?lang={language}", email="nonsense", phone="none", name="n" * 81
        )
        assert response.status_code == 422
        page = parse(response.text)
        for name, value in {"email": "nonsense", "phone": "none", "name": "n" * 81}.items():
            field = page.find("input", id=name)
            assert field.attributes["value"] == value
            assert f"{name}-fault" in field.attributes["aria-describedby"]
        assert product.contacts.of_member("kr-voice", SYSTEM) is None

    def test_the_other_side_s_are_nobody_s_business(self, korea: TestClient, product: Matchmaker) -> None:
        assert korea.get("/contacts/sg-one").status_code == 403
        assert post(korea, "/contacts/sg-one", email="a@b.example").status_code == 403
        assert post(korea, "/contacts/sg-one", do="remove").status_code == 403
        assert product.contacts.of_member("sg-one", SYSTEM) is not None

    def test_who_has_not_joined_has_none(self, korea: TestClient) -> None:
        assert "has not joined" in main_of(korea, "/contacts/kr-chip").text
        assert post(korea, "/contacts/kr-chip", email="a@b.example").status_code == 409

    def test_an_administrator_sees_both_sides(self, korea: TestClient) -> None:
        browser = new_browser(korea.app)  # type: ignore[arg-type]
        sign_in(browser, Role.ADMINISTRATOR)
        text = main_of(browser, "/contacts").text
        assert KR_CONTACT.email in text
        assert SG_CONTACT.email in text


def test_fictional_members_get_mailboxes_that_exist_nowhere(product: Matchmaker) -> None:
    product.contacts.put(KR_CONTACT, SYSTEM)
    made = product.demo_contacts.ensure()
    assert made > 0
    assert product.demo_contacts.ensure() == 0
    kept = product.contacts.of_member("kr-one", SYSTEM)
    fresh = product.contacts.of_member("kr-voice", SYSTEM)
    assert kept is not None
    assert fresh is not None
    assert kept.email == KR_CONTACT.email
    assert fresh.email == "partnerships@kr-voice.example"
    assert product.contacts.of_member("kr-chip", SYSTEM) is None
