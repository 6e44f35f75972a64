"""Introductions from the coordinator's click to both contacts, through a real database and a real mail server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import ANYBODY, SYSTEM, Actor, Role
from matchmaker.domain.introduction import Answer, RefusalReason, State
from matchmaker.domain.member import Country, Purpose, Status
from matchmaker.domain.outbox import MAX_ATTEMPTS, LetterKind, LetterState
from matchmaker.domain.review import CloseReason, Stage
from matchmaker.domain.trail import first_break
from matchmaker.errors import (
    AlreadyDecided,
    Conflict,
    Forbidden,
    IllegalMove,
    InvalidInput,
    SignInRequired,
    TooLate,
    UnknownRecord,
)
from matchmaker.services.contacts import Contacts
from tests.correspondence import (
    KOREA,
    KR,
    KR_CONTACT,
    NOW,
    SG,
    SG_CONTACT,
    SINGAPORE,
    Clock,
    Mailbox,
    introduced,
    mail_server,
    prepare,
    revise,
    shortlisted,
    text_of,
    token_of,
)
from tests.factories import make_member, make_partner

KR_DESK, SG_DESK = KR_CONTACT.email, SG_CONTACT.email


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def product(matchmaker: Matchmaker, clock: Clock, mailbox: Mailbox) -> Iterator[Matchmaker]:
    """The small alliance with two contacts and a mail server."""
    with mail_server(mailbox) as mailer:
        prepare(matchmaker, clock, mailer)
        yield matchmaker


@pytest.fixture
def by_hand(matchmaker: Matchmaker, clock: Clock) -> Matchmaker:
    """The same without a mail server."""
    prepare(matchmaker, clock, None)
    return matchmaker


def ask(product: Matchmaker, clock: Clock) -> int:
    """An introduction whose letters have left."""
    introduction = introduced(product)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    return introduction.id


def case_of(product: Matchmaker, introduction_id: int) -> tuple[Stage, str | None]:
    with product.store.reading() as work:
        case = work.cases.get(work.introductions.get(introduction_id).case_id)
    return case.stage, case.code


def state_of(product: Matchmaker, introduction_id: int) -> State:
    return product.introductions.view(introduction_id, KOREA).introduction.state


def letters(product: Matchmaker, kind: LetterKind | None = None) -> list[LetterState]:
    return [each.state for each in reversed(product.outbox.list_of(KOREA)) if kind in (None, each.kind)]


def test_both_accept_and_each_gets_the_others_contact(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    number = ask(product, clock)
    assert len(mailbox.letters) == 2
    for message in mailbox.letters:
        assert not any(secret in text_of(message) for secret in (KR_DESK, SG_DESK, "555 010"))
    product.introductions.answer_by_token(token_of(mailbox.to(KR_DESK)[0]), True)
    assert product.introductions.view(number, SG).kr.answer is None
    assert product.introductions.view(number, SG).kr.contact is None
    with pytest.raises(Forbidden):
        product.contacts.of_member("kr-one", SG)
    product.introductions.answer(number, SG, True)
    product.introductions.follow_up()
    assert state_of(product, number) is State.ACCEPTED
    assert SG_DESK in text_of(mailbox.to(KR_DESK)[-1])
    assert KR_DESK in text_of(mailbox.to(SG_DESK)[-1])
    shown = product.introductions.view(number, KR)
    assert shown.sg.contact is not None
    assert shown.sg.contact.email == SG_DESK
    assert product.contacts.of_member("kr-one", SG) == product.contacts.of_member("kr-one", KOREA)
    assert case_of(product, number)[0] is Stage.INTRODUCED


def test_the_outbox_keeps_no_address_no_link_and_no_contact(product: Matchmaker, clock: Clock) -> None:
    number = ask(product, clock)
    product.introductions.answer(number, KR, True)
    product.introductions.answer(number, SG, True)
    product.introductions.follow_up()
    with product.store.reading() as work:
        kept = " ".join(each.subject + each.body for each in work.outbox.list_of())
    assert not any(secret in kept for secret in (KR_DESK, SG_DESK, "555 010", "/answers/"))


def test_a_held_introduction_is_taken_back_without_a_trace_outside(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    introduction = introduced(product)
    product.introductions.follow_up()
    assert product.introductions.for_member("kr-one", KR) == []
    product.introductions.cancel(introduction.id, KOREA, introduction.version)
    clock.forward(days=30)
    product.introductions.follow_up()
    assert mailbox.letters == []
    assert letters(product) == [LetterState.CANCELLED] * 2
    assert all(not each.body for each in product.outbox.list_of(KOREA))
    assert product.introductions.for_member("kr-one", KR) == []
    assert case_of(product, introduction.id) == (Stage.CLOSED, CloseReason.CANCELLED)


def test_the_desks_undo_takes_it_back_while_held_and_is_too_late_afterwards(
    product: Matchmaker, clock: Clock
) -> None:
    introduction = introduced(product)
    with product.store.writing() as work:
        product.introductions.cancel_if_unsent(work, work.cases.get(introduction.case_id), KOREA)
        work.commit()
    assert state_of(product, introduction.id) is State.CANCELLED
    other = introduced(product, purpose=Purpose.RESEARCH)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    with product.store.writing() as work, pytest.raises(TooLate):
        product.introductions.cancel_if_unsent(work, work.cases.get(other.case_id), KOREA)


def test_whoever_was_asked_hears_that_it_is_taken_back(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    number = ask(product, clock)
    token = token_of(mailbox.to(SG_DESK)[0])
    product.introductions.cancel(number, SINGAPORE)
    product.introductions.follow_up()
    subjects = {each["Subject"] for each in mailbox.letters[2:]}
    assert subjects == {"We take back a suggestion", "소개 제안을 거두어들입니다"}
    with pytest.raises(UnknownRecord):
        product.introductions.by_token(token)


def test_a_refusal_closes_the_case_and_the_reason_stays_with_coordinators(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    number = ask(product, clock)
    product.introductions.answer(number, KR, True)
    product.introductions.answer(number, SG, False, RefusalReason.COMPETITOR)
    product.introductions.follow_up()
    assert case_of(product, number) == (Stage.CLOSED, CloseReason.DECLINED_BY_MEMBER)
    assert len(mailbox.to(SG_DESK)) == 1
    kind_word = text_of(mailbox.to(KR_DESK)[-1])
    assert "이번에는" in kind_word
    assert "competitor" not in kind_word.lower()
    assert product.introductions.view(number, KR).introduction.reason is None
    assert product.introductions.view(number, SG).introduction.reason is RefusalReason.COMPETITOR
    assert product.introductions.view(number, KOREA).introduction.reason is RefusalReason.COMPETITOR
    with product.store.reading() as work:
        entries = list(work.trail.list_all())
    assert first_break(entries) is None
    assert "competitor" not in str([entry.details for entry in entries])


def test_each_side_answers_once_and_for_itself(product: Matchmaker, clock: Clock, mailbox: Mailbox) -> None:
    number = ask(product, clock)
    product.introductions.answer(number, KR, True)
    with pytest.raises(IllegalMove):
        product.introductions.answer(number, KR, False)
    with pytest.raises(Forbidden):
        product.introductions.answer(number, Actor("x", Role.MEMBER, "sg-fab"), True)
    with pytest.raises(Forbidden):
        product.introductions.answer(number, KOREA, True)
    with pytest.raises(SignInRequired):
        product.introductions.view(number, ANYBODY)
    seen, country = product.introductions.by_token(token_of(mailbox.to(SG_DESK)[0]))
    assert country is Country.SG
    assert seen.kr_answer is Answer.OPEN


def test_silence_is_reminded_once_then_ends(product: Matchmaker, clock: Clock, mailbox: Mailbox) -> None:
    number = ask(product, clock)
    product.introductions.answer(number, SG, True)
    clock.forward(days=5)
    for _ in range(3):
        product.introductions.follow_up()
        clock.forward(hours=1)
    assert letters(product, LetterKind.REMINDER) == [LetterState.SENT]
    assert "다시 여쭙습니다" in mailbox.to(KR_DESK)[-1]["Subject"]
    assert product.introductions.by_token(token_of(mailbox.to(KR_DESK)[-1]))[1] is Country.KR
    clock.forward(days=8)
    product.introductions.follow_up()
    assert state_of(product, number) is State.ASKED
    clock.forward(days=2)
    product.introductions.follow_up()
    assert state_of(product, number) is State.EXPIRED
    product.introductions.follow_up()
    assert letters(product, LetterKind.EXPIRED) == [LetterState.SENT] * 2
    assert case_of(product, number) == (Stage.CLOSED, CloseReason.NO_ANSWER)


def test_a_clock_that_jumps_reminds_before_anything_ends(product: Matchmaker, clock: Clock) -> None:
    number = ask(product, clock)
    clock.forward(days=400)
    for _ in range(3):
        product.introductions.follow_up()
    assert state_of(product, number) is State.ASKED
    assert letters(product, LetterKind.REMINDER) == [LetterState.SENT] * 2
    clock.forward(days=-500)
    product.introductions.follow_up()
    assert state_of(product, number) is State.ASKED
    assert letters(product, LetterKind.ASK) == [LetterState.SENT] * 2


@pytest.mark.parametrize("how", ["listed", "no consent", "withdrawn"])
def test_somebody_who_left_is_not_written_to_any_more(
    product: Matchmaker, clock: Clock, mailbox: Mailbox, how: str
) -> None:
    number = introduced(product).id
    if how == "listed":
        revise(product, make_partner(status=Status.LISTED))
    elif how == "no consent":
        revise(product, make_partner(consents=frozenset({Purpose.TALENT})))
    else:
        product.registration.withdraw("sg-one")
    clock.forward(minutes=6)
    product.introductions.follow_up()
    assert mailbox.letters == []
    assert state_of(product, number) is State.CANCELLED
    assert case_of(product, number) == (Stage.CLOSED, CloseReason.MEMBER_LEFT)


def test_who_leaves_after_being_asked_takes_contact_and_letters_along(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    number = ask(product, clock)
    product.registration.withdraw("sg-one")
    product.introductions.follow_up()
    assert state_of(product, number) is State.CANCELLED
    assert len(mailbox.to(SG_DESK)) == 1
    assert "Harbour" not in text_of(mailbox.to(KR_DESK)[-1])
    with product.store.reading() as work:
        assert work.contacts.find("sg-one") is None
        kept = [each for each in work.outbox.list_of() if each.kind is LetterKind.ASK]
    assert all(not each.body and not each.subject for each in kept)


def test_two_workers_never_send_one_letter_twice(product: Matchmaker, clock: Clock, mailbox: Mailbox) -> None:
    for purpose in Purpose:
        introduced(product, purpose=purpose)
    clock.forward(minutes=6)
    threads = [threading.Thread(target=product.delivery.deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [each["Message-ID"] for each in mailbox.letters]
    assert len(names) == 6
    assert len(set(names)) == 6


def test_a_worker_that_died_half_way_is_followed_by_one_that_sends_the_same_letter(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    introduced(product)
    clock.forward(minutes=6)
    with product.store.writing() as work:
        first = work.outbox.list_due(clock())[0]
        work.outbox.claim(first, clock(), clock.at + product.delivery.lease)
        work.commit()
    product.introductions.follow_up()
    assert letters(product) == [LetterState.SENDING, LetterState.SENT]
    clock.forward(minutes=11)
    product.introductions.follow_up()
    assert letters(product) == [LetterState.SENT] * 2
    assert mailbox.letters[-1]["Message-ID"].startswith(f"<letter-{first}-")


@pytest.mark.parametrize(("answer", "code"), [("451 later", "smtp-451"), ("421 busy", "smtp-421")])
def test_a_server_that_is_busy_is_asked_again_later(
    product: Matchmaker, clock: Clock, mailbox: Mailbox, answer: str, code: str
) -> None:
    introduced(product)
    clock.forward(minutes=6)
    mailbox.answers = [answer]
    product.introductions.follow_up()
    waiting = product.outbox.list_of(KOREA, [LetterState.WAITING])
    assert [each.error for each in waiting] == [code]
    product.introductions.follow_up()
    assert len(mailbox.letters) == 1
    clock.forward(minutes=2)
    product.introductions.follow_up()
    assert letters(product) == [LetterState.SENT] * 2


def test_a_refused_recipient_is_shown_and_can_be_tried_anew(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    introduced(product)
    clock.forward(minutes=6)
    mailbox.answers = ["550 no such user desk@ward.example"]
    product.introductions.follow_up()
    (failed,) = product.outbox.list_of(KOREA, [LetterState.FAILED])
    assert failed.error == "smtp-550"
    product.outbox.resend(failed.id, KOREA)
    product.introductions.follow_up()
    assert len(mailbox.letters) == 2


def test_a_connection_that_breaks_is_tried_eight_times(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    introduced(product)
    mailbox.drops = 100
    for _ in range(MAX_ATTEMPTS + 2):
        clock.forward(hours=7)
        product.introductions.follow_up()
    assert mailbox.drops == 100 - 2 * MAX_ATTEMPTS
    assert letters(product, LetterKind.ASK) == [LetterState.FAILED] * 2


def test_nobody_is_called_silent_who_was_never_reached(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    mailbox.answers = ["550 no"]
    number = ask(product, clock)
    clock.forward(days=60)
    product.introductions.follow_up()
    assert state_of(product, number) is State.ASKED
    assert letters(product, LetterKind.REMINDER) == []


def test_without_a_mail_server_letters_wait_for_a_hand(by_hand: Matchmaker, clock: Clock) -> None:
    number = introduced(by_hand).id
    held = by_hand.outbox.list_of(KOREA)
    with pytest.raises(IllegalMove):
        by_hand.outbox.mark_sent(held[0].id, SINGAPORE)
    clock.forward(minutes=6)
    by_hand.introductions.follow_up()
    sg, kr = by_hand.outbox.list_of(KOREA, [LetterState.WAITING])
    with pytest.raises(Forbidden):
        by_hand.outbox.download_eml(sg.id, KOREA)
    mail = by_hand.outbox.download_eml(sg.id, SINGAPORE)
    assert b"To: Partnership desk <desk@harbour.example>" in mail
    assert state_of(by_hand, number) is State.HELD
    by_hand.outbox.mark_sent(sg.id, SINGAPORE)
    by_hand.outbox.mark_sent(kr.id, KOREA)
    assert state_of(by_hand, number) is State.ASKED
    view = by_hand.introductions.list_of(KOREA, states=[State.ASKED])[0]
    clock.forward(days=1)
    view = by_hand.introductions.list_of(KOREA, states=[State.ASKED])[0]
    assert view.kr.waits is not None
    assert view.kr.waits.days == 1


def test_only_joined_consenting_members_with_a_contact_are_introduced(product: Matchmaker) -> None:
    for kr, sg, reason in (
        ("kr-chip", "sg-one", "has not joined"),
        ("kr-one", "sg-quiet", "does not consent"),
        ("kr-one", "sg-fab", "no contact"),
    ):
        case = shortlisted(product, kr, sg)
        with pytest.raises(Conflict, match=reason):
            product.introductions.introduce(case.id, KOREA, case.version)
        assert product.outbox.list_of(KOREA) == []


def test_a_case_is_introduced_once_and_by_coordinators(product: Matchmaker) -> None:
    case = shortlisted(product)
    with pytest.raises(Forbidden):
        product.introductions.introduce(case.id, KR, case.version)
    with pytest.raises(AlreadyDecided):
        product.introductions.introduce(case.id, KOREA, case.version - 1)
    product.introductions.introduce(case.id, KOREA, case.version, "You met in May.")
    assert "You met in May." in product.outbox.list_of(KOREA)[0].body
    with pytest.raises(IllegalMove):
        product.introductions.introduce(case.id, KOREA, case.version + 1)


@pytest.mark.parametrize("note", ["call +65 6555 0102", "write to desk@harbour.example", "x" * 501])
def test_a_note_carries_no_contact(product: Matchmaker, note: str) -> None:
    case = shortlisted(product)
    with pytest.raises(InvalidInput):
        product.introductions.introduce(case.id, KOREA, case.version, note)


def test_contacts_are_for_their_own_side(matchmaker: Matchmaker) -> None:
    contacts = Contacts(matchmaker.store, lambda: NOW)
    contacts.put(KR_CONTACT, KOREA)
    contacts.put(SG_CONTACT, SG)
    assert contacts.of_member("sg-one", SG) == replace(SG_CONTACT, updated_at=NOW)
    assert contacts.which_have(["kr-one", "sg-fab"], SINGAPORE) == {"kr-one"}
    for member_id, actor in (("sg-one", KOREA), ("kr-one", SINGAPORE), ("kr-one", SG)):
        with pytest.raises(Forbidden):
            contacts.of_member(member_id, actor)
        with pytest.raises(Forbidden):
            contacts.put(replace(KR_CONTACT, member_id=member_id), actor)
    with pytest.raises(SignInRequired):
        contacts.of_member("kr-one", ANYBODY)
    with pytest.raises(Conflict):
        contacts.put(replace(KR_CONTACT, member_id="kr-chip"), KOREA)
    contacts.remove("kr-one", KOREA)
    assert contacts.of_member("kr-one", KOREA) is None
    with matchmaker.store.reading() as work:
        told = str(list(work.trail.list_all()))
    assert not any(secret in told for secret in (KR_DESK, SG_DESK, "555 010", "대외협력팀"))


def test_a_contact_is_not_reached_by_moving_its_member_to_another_country(matchmaker: Matchmaker) -> None:
    contacts = Contacts(matchmaker.store, lambda: NOW)
    contacts.put(SG_CONTACT, SINGAPORE)
    member = matchmaker.directory.get("sg-one").member
    with pytest.raises(InvalidInput):
        matchmaker.registration.revise("sg-one", replace(member, country=Country.KR))
    assert matchmaker.directory.get("sg-one").member.country is Country.SG
    with pytest.raises(Forbidden):
        contacts.of_member("sg-one", KOREA)


def test_a_profile_cannot_write_into_the_head_or_the_frame_of_a_letter(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    from matchmaker.domain.member import Text

    name = "Ward\r\nBcc: all@evil.example\u202e \ue000contact\ue000"
    revise(product, make_member(names=Text(name, None)))
    ask(product, clock)
    message = mailbox.to(SG_DESK)[0]
    assert message["Bcc"] is None
    assert message["Subject"] == "Would you like to meet Ward Bcc: all@evil.example contact?"
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert not any(letter in text_of(message) for letter in "\u202e\ue000")


def test_the_system_may_cancel_and_the_whole_trail_holds(product: Matchmaker, clock: Clock) -> None:
    number = ask(product, clock)
    product.introductions.cancel(number, SYSTEM)
    with product.store.reading() as work:
        actions = [entry.action for entry in work.trail.list_of(f"introduction/{number}")]
        assert first_break(work.trail.list_all()) is None
    assert actions == ["introduction-asked", "introduction-cancelled"]
