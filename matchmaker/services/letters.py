"""Letters: composed for an occasion, kept in the outbox, and turned into mail when they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import Introduction
from matchmaker.domain.letter import Letter, Occasion, sign_in_letter, written
from matchmaker.domain.member import LANGUAGES, Country, Language, Purpose
from matchmaker.domain.outbox import CONTACT, LINK, LetterKind, Posted
from matchmaker.domain.suggestion import Pair, Reason
from matchmaker.errors import MailUnavailable
from matchmaker.services.mailing import Mailer
from matchmaker.storage.unit_of_work import UnitOfWork


class Explaining(Protocol):
    """What letters need of `matchmaker.services.suggestion.Suggestions`."""

    def explain(self, kr: str, sg: str, purpose: Purpose | None = None, language: Language = "en") -> Pair:
        """Everything about one pair."""


Reasons = Mapping[Language, tuple[Reason, ...]]
NO_REASONS: Reasons = {}
FIRST_LANGUAGES: Mapping[Country, Language] = {Country.KR: "ko", Country.SG: "en"}
"""What to write in where nobody said."""


@dataclass(frozen=True)
class Letters:
    """Writes letters. ``site``: the product's address, ``sender``: what stands under From."""

    suggestions: Explaining
    site: str
    sender: str

    def reasons_of(self, introduction: Introduction) -> Reasons:
        """Why the two suit each other, for a reader of each language."""
        return {
            language: self.suggestions.explain(
                introduction.kr, introduction.sg, introduction.purpose, language
            ).reasons
            for language in LANGUAGES
        }

    def post(
        self,
        work: UnitOfWork,
        kind: LetterKind,
        introduction: Introduction,
        country: Country,
        *,
        at: datetime,
        send_after: datetime | None = None,
        until: date | None = None,
        reasons: Reasons = NO_REASONS,
        note: str | None = None,
    ) -> Posted | None:
        """Write a letter to one side into the outbox; None if that side cannot be written to any more."""
        own_id = id_in(introduction, country)
        letter = self.draft(work, kind, introduction, country, at=at, until=until, reasons=reasons, note=note)
        if letter is None or work.contacts.find(own_id) is None:
            return None
        return work.outbox.add(
            kind,
            introduction.id,
            own_id,
            letter.language,
            letter.subject,
            letter.body,
            send_after=send_after or at,
            at=at,
        )

    def draft(
        self,
        work: UnitOfWork,
        kind: LetterKind,
        introduction: Introduction,
        country: Country,
        *,
        at: datetime,
        until: date | None = None,
        reasons: Reasons = NO_REASONS,
        note: str | None = None,
    ) -> Letter | None:
        """A letter to one side as it would read today, kept nowhere; None if that side has left the directory.

        Without a contact it is written in the country's language first.
        """
        own_id, partner_id = id_in(introduction, country), id_in(introduction, country.other)
        members = work.members.find_many([own_id, partner_id])
        if own_id not in members:
            return None
        contact, partner = work.contacts.find(own_id), members.get(partner_id)
        occasion = Occasion(
            members[own_id].member,
            partner.member if partner else None,
            introduction.purpose,
            contact.language if contact else FIRST_LANGUAGES[country],
            self.site,
            until,
            at.date(),
            reasons,
            note,
        )
        return written(kind, occasion)

    def message(
        self, letter: Posted, contact: Contact, *, token: str | None = None, partner: Contact | None = None
    ) -> EmailMessage:
        """A letter as it leaves: addressed, with the link to answer or the partner's contact in it.

        Its Message-ID depends on the letter alone: should it leave twice, a mail program can tell.
        """
        body = letter.body.replace(LINK, self.answer_url(token) if token else "")
        body = body.replace(CONTACT, contact_lines(partner) if partner else "")
        mail = self._envelope(contact, letter.subject, body, letter.language)
        domain = Address(addr_spec=_address_of(self.sender)).domain
        mail["Message-ID"] = f"<letter-{letter.id}-{letter.created_at:%Y%m%dT%H%M%S%f}@{domain}>"
        mail["Date"] = letter.send_after
        return mail

    def sign_in_message(self, email: str, url: str, language: Language) -> EmailMessage:
        """The letter with a link to sign in. It never lies in the outbox: the link opens an account."""
        letter: Letter = sign_in_letter(url, language)
        return self._envelope(Contact("", email, language), letter.subject, letter.body, language)

    def answer_url(self, token: str) -> str:
        """The page on which a token answers."""
        return f"{self.site}/answers/{token}"

    def _envelope(self, contact: Contact, subject: str, body: str, language: Language) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = Address(contact.name or "", addr_spec=contact.email)
        mail["Subject"] = subject
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = ", ".join((language, "en" if language == "ko" else "ko"))
        mail.set_content(body + "\n", charset="utf-8", cte="base64")
        return mail


class Addressed(Protocol):
    """An account, as far as letters go."""

    @property
    def email(self) -> str | None:
        """Where its owner reads mail."""


@dataclass(frozen=True)
class SignInLetters:
    """Sends links to sign in at once; a lost one is asked for again."""

    letters: Letters
    mailer: Mailer

    def send(self, account: Addressed, url: str, language: Language) -> None:
        """Send a link.

        Raises:
            MailUnavailable: the account has no address, or the server did not take it.
        """
        if account.email is None:
            raise MailUnavailable(reason="the account has no address", code="no-address", is_final=True)
        self.mailer.send(self.letters.sign_in_message(account.email, url, language))


def id_in(introduction: Introduction, country: Country) -> str:
    """The member of one side."""
    return introduction.kr if country is Country.KR else introduction.sg


def side_of(introduction: Introduction, member_id: str) -> Country:
    """Which side a member is on."""
    return Country.KR if member_id == introduction.kr else Country.SG


def contact_lines(contact: Contact) -> str:
    """A contact as a letter tells it."""
    return "\n".join(filter(None, (contact.name, contact.email, contact.phone)))


def _address_of(sender: str) -> str:
    return sender.rpartition("<")[2].rstrip("> ") if "<" in sender else sender.strip()
