"""Accounts: who signs in, by a link that works once.

There are no passwords: nothing can be guessed, reused or leaked. A link lasts minutes, a session hours; of both the
database keeps the SHA-256 alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

from matchmaker.domain.access import ANYBODY, SYSTEM, Actor, Role
from matchmaker.domain.account import PEOPLE, Account, digest_of, new_id, new_token, normal_email
from matchmaker.domain.member import Language, Status
from matchmaker.errors import Conflict, Fault, InvalidInput, LinkSpent, MatchmakerError, UnknownMember
from matchmaker.services.throttle import Throttle
from matchmaker.storage.unit_of_work import Store, UnitOfWork

MAX_LABEL = 100
"""Characters."""
TOUCH_AFTER = timedelta(minutes=1)
"""A session in use is written down again only after so long."""

log = logging.getLogger(__name__)


class SignInMail(Protocol):
    """Brings a sign-in link to the account's e-mail address."""

    def send(self, account: Account, url: str, language: Language) -> None:
        """Send the link, or leave it to be sent.

        Raises:
            MailUnavailable: it cannot be.
        """


@dataclass(frozen=True)
class NoMail:
    """There is no mail: administrators make links and hand them over."""

    def send(self, account: Account, url: str, language: Language) -> None:
        """Send nothing, keep nothing, say nothing."""


@dataclass(frozen=True)
class Lifetimes:
    """How long a link works; how long a session lives unused, and at most."""

    link: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(hours=12)
    session: timedelta = timedelta(days=7)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Accounts:
    """Who may sign in, and who has. ``base_url`` is where links lead, without a slash at its end."""

    store: Store
    base_url: str
    throttle: Throttle
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    mail: SignInMail = field(default_factory=NoMail)
    now: Callable[[], datetime] = utc_now

    @property
    def has_mail(self) -> bool:
        """Whether links can be mailed."""
        return not isinstance(self.mail, NoMail)

    def create(
        self,
        role: Role,
        *,
        member_id: str | None = None,
        email: str | None = None,
        label: str | None = None,
        language: Language = "en",
        by: Actor = SYSTEM,
    ) -> Account:
        """Let somebody in under a role.

        Raises:
            InvalidInput: role and organisation do not fit, the organisation has not joined, or the e-mail is no
                address or taken.
        """
        account = Account(
            id=new_id("a"),
            role=role,
            member_id=member_id,
            email=_checked_email(email),
            label=_checked_label(label),
            language=language,
            is_disabled=False,
            created_at=self.now(),
        )
        with self.store.writing() as work:
            _check_role(work, role, member_id)
            work.accounts.add(account)
            self._note(work, by, "account-created", account)
            work.commit()
        return account

    def get(self, account_id: str) -> Account:
        """One account.

        Raises:
            UnknownRecord: there is none under this id.
        """
        with self.store.reading() as work:
            return work.accounts.get(account_id)

    def list_all(self) -> list[Account]:
        """All accounts, the oldest first."""
        with self.store.reading() as work:
            return work.accounts.list_all()

    def find_by_email(self, email: str) -> Account | None:
        """The account with an e-mail address, however it is written."""
        address = normal_email(email)
        with self.store.reading() as work:
            return work.accounts.find_by_email(address) if address else None

    def change_role(
        self, account_id: str, role: Role, member_id: str | None = None, by: Actor = SYSTEM
    ) -> Account:
        """Give an account another role and sign it out everywhere.

        Raises:
            UnknownRecord: there is none under this id.
            InvalidInput: role and organisation do not fit.
            Conflict: it is the last administrator.
        """
        with self.store.writing() as work:
            if role is not Role.ADMINISTRATOR:
                _keep_an_administrator(work, work.accounts.get(account_id))
            _check_role(work, role, member_id)
            account = work.accounts.put_role(account_id, role, member_id)
            work.accounts.end_all(account_id)
            self._note(work, by, "account-role", account)
            work.commit()
        return account

    def disable(self, account_id: str, by: Actor = SYSTEM) -> Account:
        """Shut an account out, from its next request on.

        Raises:
            UnknownRecord: there is none under this id.
            Conflict: it is the last administrator.
        """
        with self.store.writing() as work:
            _keep_an_administrator(work, work.accounts.get(account_id))
            account = work.accounts.put_disabled(account_id, True)
            work.accounts.end_all(account_id)
            self._note(work, by, "account-disabled", account)
            work.commit()
        return account

    def enable(self, account_id: str, by: Actor = SYSTEM) -> Account:
        """Let an account in again.

        Raises:
            UnknownRecord: there is none under this id.
        """
        with self.store.writing() as work:
            account = work.accounts.put_disabled(account_id, False)
            self._note(work, by, "account-enabled", account)
            work.commit()
        return account

    def issue_link(self, account_id: str, lasts: timedelta | None = None, by: Actor = SYSTEM) -> str:
        """The token of a new link that signs an account in once; nobody can be told it a second time.

        Raises:
            UnknownRecord: there is no account under this id.
            Conflict: the account is disabled.
        """
        token = new_token()
        with self.store.writing() as work:
            account = work.accounts.get(account_id)
            if account.is_disabled:
                raise Conflict(reason="the account is disabled; enable it first")
            self._add_link(work, token, account, lasts)
            self._note(work, by, "link-issued", account)
            work.commit()
        return token

    def url_of(self, token: str, following: str = "") -> str:
        """The address of a link; ``following`` is the local path that it leads to."""
        query = f"?{urlencode({'next': following})}" if following else ""
        return f"{self.base_url}/sign-in/{token}{query}"

    def admit(self, address: str, email: str) -> None:
        """Count a request for a link, by network address and by e-mail address, known or not.

        Raises:
            TooManyRequests: one of them has asked too often.
        """
        self.throttle.check(f"address:{address}", f"email:{normal_email(email) or ''}")

    def send_link(self, email: str, language: Language, following: str = "") -> None:
        """Mail a link to whoever has this e-mail address; for any other it does the same, but keeps nothing.

        Meant to run after the answer, so that nothing about the answer tells whether the address is known. A failing
        mail server is noted in the log, without the address.
        """
        token, address = new_token(), normal_email(email)
        with self.store.writing() as work:
            work.accounts.forget_expired(self.now())
            account = work.accounts.find_by_email(address or "")
            if account is not None and not account.is_disabled:
                self._add_link(work, token, account)
            work.commit()
        if account is None or account.is_disabled:
            return
        try:
            self.mail.send(account, self.url_of(token, following), language)
        except MatchmakerError as error:
            log.warning("a sign-in link for %s was not mailed: %s", account.id, error.code)

    def is_open(self, token: str) -> bool:
        """Whether a link would still let somebody in."""
        with self.store.reading() as work:
            return work.accounts.has_link(digest_of(token), self.now())

    def redeem(self, token: str, former: str | None = None) -> str:
        """Use up a link; the token of the session that it opens. ``former``: the browser's session, which ends.

        Raises:
            LinkSpent: the link is unknown, was used, has expired, or its account is disabled.
        """
        now, session = self.now(), new_token()
        with self.store.writing() as work:
            account = work.accounts.use_link(digest_of(token), now)
            if account is None:
                raise LinkSpent
            work.accounts.forget_expired(now)
            if former is not None:
                work.accounts.end_session(digest_of(former))
            ends_at = now + self.lifetimes.session
            expires_at = min(now + self.lifetimes.idle, ends_at)
            work.accounts.add_session(digest_of(session), account.id, now, expires_at, ends_at)
            work.commit()
        return session

    def session(self, token: str) -> Actor:
        """Who a session belongs to; `ANYBODY` once it has expired, was ended, or its account is disabled."""
        now, digest = self.now(), digest_of(token)
        with self.store.reading() as work:
            found = work.accounts.find_session(digest, now)
        if found is None:
            return ANYBODY
        account, seen = found
        if now - seen >= TOUCH_AFTER:
            with self.store.writing() as work:
                work.accounts.extend_session(digest, now, self.lifetimes.idle)
                work.commit()
        return Actor(account.id, account.role, account.member_id)

    def sign_out(self, token: str) -> None:
        """End one session."""
        with self.store.writing() as work:
            work.accounts.end_session(digest_of(token))
            work.commit()

    def sign_out_everywhere(self, account_id: str) -> None:
        """End all of an account's sessions; its unused links stop working, too."""
        with self.store.writing() as work:
            work.accounts.end_all(account_id)
            work.commit()

    def _add_link(
        self, work: UnitOfWork, token: str, account: Account, lasts: timedelta | None = None
    ) -> None:
        expires_at = self.now() + (lasts or self.lifetimes.link)
        work.accounts.add_link(digest_of(token), account.id, expires_at)

    def _note(self, work: UnitOfWork, by: Actor, action: str, account: Account) -> None:
        details = {"role": account.role.value, "member": account.member_id}
        work.trail.append(self.now(), by.id, action, f"account/{account.id}", details)


def _check_role(work: UnitOfWork, role: Role, member_id: str | None) -> None:
    if role not in PEOPLE:
        raise _fault("/role", f"“{role}” is a role of keys; accounts are {', '.join(PEOPLE)}")
    if (role is Role.MEMBER) is (member_id is None):
        raise _fault("/member_id", "a member's account names its organisation, any other names none")
    if member_id is not None and not _has_joined(work, member_id):
        raise _fault("/member_id", f"“{member_id}” is no organisation that has joined")


def _has_joined(work: UnitOfWork, member_id: str) -> bool:
    try:
        return work.members.get(member_id).member.status is Status.MEMBER
    except UnknownMember:
        return False


def _keep_an_administrator(work: UnitOfWork, account: Account) -> None:
    is_needed = account.role is Role.ADMINISTRATOR and not account.is_disabled
    if is_needed and not work.accounts.has_other(account):
        raise Conflict(reason="it is the last administrator; make another one first")


def _checked_email(email: str | None) -> str | None:
    if not (email or "").strip():
        return None
    if (address := normal_email(email or "")) is None:
        raise _fault("/email", "this is no e-mail address")
    return address


def _checked_label(label: str | None) -> str | None:
    text = (label or "").strip()
    if len(text) > MAX_LABEL or not text.isprintable():
        raise _fault("/label", f"a label is one line of at most {MAX_LABEL} characters")
    return text or None


def _fault(pointer: str, reason: str) -> InvalidInput:
    return InvalidInput(reason, (Fault(pointer, "invalid", reason),))
