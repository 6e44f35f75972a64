"""Whatever happens in whatever order: no contact before both accept, no letter to somebody who has not joined."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import RefusalReason, State
from matchmaker.domain.member import Country, Purpose, Status
from matchmaker.domain.outbox import LetterState
from matchmaker.domain.review import Move, Stage
from matchmaker.domain.trail import first_break
from matchmaker.errors import Conflict, Forbidden, MailUnavailable, MatchmakerError, UnknownMember
from matchmaker.services.case_moves import move_case
from matchmaker.services.profiling import Profiler
from matchmaker.settings import Settings
from tests.correspondence import KOREA, Clock, prepare, revise, text_of, token_of
from tests.factories import FakeEncoder, make_member, make_partner

MEMBERS = {"kr-one": make_member, "sg-one": make_partner}
SIDES = st.sampled_from(sorted(MEMBERS))
HOW = ["leaves", "listed", "no consent", "no contact"]
PURPOSES = st.sampled_from([Purpose.STARTUP, Purpose.RESEARCH])


@dataclass
class Watched:
    """A mailer that looks at every letter as it leaves; ``fails`` makes the next ones bounce or wait."""

    machine: AnyOrder
    fails: int = 0
    is_final: bool = False

    def send(self, message: EmailMessage) -> None:
        """Check, then take the letter."""
        self.machine.check_letter(message)
        if self.fails:
            self.fails -= 1
            raise MailUnavailable(reason="told so", code="smtp-451", is_final=self.is_final)
        self.machine.sent.append(message)


class AnyOrder(RuleBasedStateMachine):
    """The whole product on a database of its own; contacts carry a number, so each can be told apart."""

    template: ClassVar[Path]

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        var = Path(self.folder.name) / "var"
        shutil.copytree(self.template, var)
        self.product = Matchmaker(Settings(_env_file=None, var=var))
        vars(self.product)["profiler"] = Profiler(FakeEncoder())
        self.clock, self.mailer = Clock(), Watched(self)
        self.sent: list[EmailMessage] = []
        self.secrets: dict[str, list[str]] = {"kr-one": [], "sg-one": []}
        self.owner: dict[str, str] = {}
        self.tokens: list[str] = []
        prepare(self.product, self.clock, self.mailer)
        for member_id in MEMBERS:
            self.change_contact(member_id)

    def teardown(self) -> None:
        if hasattr(self, "product"):
            with self.product.store.reading() as work:
                assert first_break(work.trail.list_all(), work.trail.head()[1]) is None
            self.product.store.engine.dispose()
            self.folder.cleanup()

    @rule(member_id=SIDES)
    def change_contact(self, member_id: str) -> None:
        number = len(self.owner) + 1
        email, phone = f"secret{number}@{member_id}.example", f"+99 555 {number:04}"
        with suppress(Conflict, UnknownMember):
            self.product.contacts.put(Contact(member_id, email, "en", f"Room {number:04}", phone), SYSTEM)
            self.owner[email] = member_id
            self.secrets[member_id] += [email, phone, f"Room {number:04}"]

    @rule(purpose=PURPOSES, settles=st.sampled_from([True, True, True, False]))
    def introduce(self, purpose: Purpose, settles: bool) -> None:
        if settles:
            self._settle()
        case = self._shortlisted(purpose)
        with suppress(Conflict, UnknownMember):
            self.product.introductions.introduce(case, KOREA, self._version(case))

    @rule(purpose=PURPOSES)
    def introduce_and_ask(self, purpose: Purpose) -> None:
        self._settle()
        case = self._shortlisted(purpose)
        with suppress(Conflict):
            self.product.introductions.introduce(case, KOREA, self._version(case))
        self.clock.forward(minutes=6)
        self.product.introductions.follow_up()

    @rule(
        minutes=st.sampled_from([1, 6, 60, 60 * 24, 60 * 24 * 5, 60 * 24 * 10, 60 * 24 * 400, -60 * 24 * 30])
    )
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)

    @rule()
    def follow_up(self) -> None:
        self.product.introductions.follow_up()

    @rule(fails=st.integers(1, 3), is_final=st.booleans())
    def mail_fails(self, fails: int, is_final: bool) -> None:
        self.mailer.fails, self.mailer.is_final = fails, is_final

    @rule(data=st.data(), member_id=SIDES, accepts=st.sampled_from([True, True, False]))
    def answer(self, data: st.DataObject, member_id: str, accepts: bool) -> None:
        number = self._any_introduction(data)
        if number:
            actor = Actor(f"{member_id}-account", Role.MEMBER, member_id)
            with suppress(MatchmakerError):
                self.product.introductions.answer(number, actor, accepts, RefusalReason.NOT_NOW)
            self.product.introductions.follow_up()

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), accepts=st.sampled_from([True, True, False]))
    def answer_by_link(self, data: st.DataObject, accepts: bool) -> None:
        with suppress(MatchmakerError):
            self.product.introductions.answer_by_token(data.draw(st.sampled_from(self.tokens[-3:])), accepts)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = self._any_introduction(data)
        if number:
            with suppress(Conflict):
                self.product.introductions.cancel(number, KOREA)

    @rule(data=st.data())
    def send_by_hand(self, data: st.DataObject) -> None:
        waiting = self.product.outbox.list_of(KOREA, [LetterState.WAITING, LetterState.FAILED])
        if waiting:
            letter = data.draw(st.sampled_from(waiting))
            with suppress(Conflict):
                self.product.outbox.download_eml(letter.id, SYSTEM)
                self.product.outbox.mark_sent(letter.id, SYSTEM)

    @rule(member_id=SIDES, how=st.sampled_from(HOW), at_once=st.booleans())
    def disturb(self, member_id: str, how: str, at_once: bool) -> None:
        with suppress(UnknownMember):
            if how == "leaves":
                self.product.registration.withdraw(member_id)
            elif how == "no contact":
                self.product.contacts.remove(member_id, SYSTEM)
            else:
                status = Status.LISTED if how == "listed" else Status.MEMBER
                consents = frozenset({Purpose.TALENT}) if how == "no consent" else frozenset(Purpose)
                revise(self.product, MEMBERS[member_id](status=status, consents=consents))
        if at_once:
            self.product.introductions.follow_up()

    @invariant()
    def nothing_is_kept_or_shown_too_early(self) -> None:
        if not hasattr(self, "product"):
            return
        everything = [secret for secrets in self.secrets.values() for secret in secrets]
        with self.product.store.reading() as work:
            kept = " ".join(each.subject + each.body for each in work.outbox.list_of())
            told = str([dict(entry.details) for entry in work.trail.list_all()])
            members = work.members.find_many(sorted(MEMBERS))
            introductions = work.introductions.list_of()
        assert not any(secret in kept + told for secret in everything)
        for introduction in introductions:
            self._check_view(introduction.id, introduction.state)
        if not self._accepted():
            for own, other in (("kr-one", "sg-one"), ("sg-one", "kr-one")):
                if other in members:
                    with pytest.raises(Forbidden):
                        self.product.contacts.of_member(other, Actor("x", Role.MEMBER, own))

    def check_letter(self, message: EmailMessage) -> None:
        recipient = self.owner[message["To"].addresses[0].addr_spec]
        partner = "sg-one" if recipient == "kr-one" else "kr-one"
        with self.product.store.reading() as work:
            stored = work.members.get(recipient)
        assert stored.member.status is Status.MEMBER
        text = str(message["Subject"]) + text_of(message)
        revealed = any(secret in text for secret in self.secrets[partner])
        assert not revealed or self._accepted()
        if "/answers/" in text:
            assert not revealed
            self.tokens.append(token_of(message))

    def _check_view(self, number: int, state: State) -> None:
        for member_id, country in (("kr-one", Country.KR), ("sg-one", Country.SG)):
            actor = Actor("x", Role.MEMBER, member_id)
            with suppress(MatchmakerError):
                view = self.product.introductions.view(number, actor)
                assert view.side(country).contact is None
                if state is not State.ACCEPTED:
                    assert view.side(country.other).contact is None
                if not state.is_over:
                    assert view.side(country.other).answer is None

    def _settle(self) -> None:
        """Both are members again, with contacts, and the mail server takes everything."""
        self.mailer.fails = 0
        for member_id, make in MEMBERS.items():
            try:
                revise(self.product, make())
            except UnknownMember:
                self.product.registration.register(make())
            if self.product.contacts.of_member(member_id, SYSTEM) is None:
                self.change_contact(member_id)

    def _accepted(self) -> bool:
        with self.product.store.reading() as work:
            return bool(work.introductions.list_of(states=[State.ACCEPTED]))

    def _any_introduction(self, data: st.DataObject) -> int | None:
        with self.product.store.reading() as work:
            found = [each.id for each in work.introductions.list_of()][:2]
        return data.draw(st.sampled_from(found)) if found else None

    def _version(self, case_id: int) -> int:
        with self.product.store.reading() as work:
            return work.cases.get(case_id).version

    def _shortlisted(self, purpose: Purpose) -> int:
        now = self.clock()
        with self.product.store.writing() as work:
            case = work.cases.find("kr-one", "sg-one", purpose)
            if case is None:
                case = work.cases.add("kr-one", "sg-one", purpose, score=0.3, rule="2", snapshot="s", at=now)
            if case.stage is Stage.CLOSED:
                case = move_case(work, case, Move.REOPEN, KOREA, now, expected_version=case.version)
            if case.stage is Stage.SUGGESTED:
                case = move_case(work, case, Move.SHORTLIST, KOREA, now, expected_version=case.version)
            work.commit()
        return case.id


def test_in_any_order_contacts_stay_hidden_and_strangers_unwritten(alliance_folder: Path) -> None:
    AnyOrder.template = alliance_folder
    checks = (HealthCheck.too_slow, HealthCheck.filter_too_much)
    chosen = settings(max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=checks)
    machine = AnyOrder.TestCase
    machine.settings = chosen
    machine().runTest()
