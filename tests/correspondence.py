"""What tests of introductions are made of: a clock, a mail server in process, and a product with contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import Introduction
from matchmaker.domain.member import Member, Purpose
from matchmaker.domain.review import Case, Move
from matchmaker.mailing.smtp import Security, SmtpMailer
from matchmaker.services.case_moves import move_case
from matchmaker.services.mailing import Mailer

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
KOREA = Actor("seoul", Role.COORDINATOR_KR)
SINGAPORE = Actor("harbour", Role.COORDINATOR_SG)
KR = Actor("kr-account", Role.MEMBER, "kr-one")
SG = Actor("sg-account", Role.MEMBER, "sg-one")
KR_CONTACT = Contact("kr-one", "desk@ward.example", "ko", "대외협력팀", "+82 2 555 0101")
SG_CONTACT = Contact("sg-one", "desk@harbour.example", "en", "Partnership desk", "+65 6555 0102")
_LINK = re.compile(r"/answers/([\w-]+)")


@dataclass
class Clock:
    """A time that the test moves."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass
class Mailbox:
    """What arrived, and how the server treats what comes next (an aiosmtpd handler).

    ``answers``: replies to recipients before they are taken, one per letter.
    """

    letters: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    drops: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or say no as told."""
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a letter, or hang up."""
        if self.drops:
            self.drops -= 1
            assert server.transport is not None
            server.transport.close()
            return "421 gone"
        content = cast(bytes, envelope.content)
        self.letters.append(message_from_bytes(content, policy=default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What one address received."""
        return [each for each in self.letters if address in each["To"]]


class FreePort(Controller):
    """aiosmtpd's controller knocks at the port it was given; this one at the port it got."""

    def _trigger_server(self) -> None:
        self.port = cast(Any, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[SmtpMailer]:
    """A real server on a free port, and a mailer that uses it."""
    controller = FreePort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield SmtpMailer("127.0.0.1", controller.port, Security.NONE, timeout=10)
    finally:
        controller.stop()


def prepare(product: Matchmaker, clock: Clock, mailer: Mailer | None) -> None:
    """Set a product's clock and mailer and give both members a contact."""
    vars(product).update(now=clock, mailer=mailer)
    for contact in (KR_CONTACT, SG_CONTACT):
        product.contacts.put(contact, SYSTEM)


def shortlisted(
    product: Matchmaker, kr: str = "kr-one", sg: str = "sg-one", purpose: Purpose = Purpose.STARTUP
) -> Case:
    """A case that may be introduced."""
    with product.store.writing() as work:
        case = work.cases.add(kr, sg, purpose, score=0.3, rule="2", snapshot="s", at=product.now())
        case = move_case(work, case, Move.SHORTLIST, KOREA, product.now(), expected_version=1)
        work.commit()
    return case


def introduced(product: Matchmaker, **of: Any) -> Introduction:
    """An introduction whose letters are held."""
    case = shortlisted(product, **of)
    return product.introductions.introduce(case.id, KOREA, case.version)


def text_of(message: EmailMessage) -> str:
    """What a reader reads."""
    return str(message.get_content())


def token_of(message: EmailMessage) -> str:
    """The token of a letter's link."""
    found = _LINK.search(text_of(message))
    assert found is not None
    return found.group(1)


def revise(product: Matchmaker, member: Member) -> None:
    """A person changes a profile."""
    product.registration.revise(member.external_id, member)
