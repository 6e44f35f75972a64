"""Accounts, their sign-in links and sessions, and API keys in the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.domain.access import Role
from matchmaker.domain.account import Account, ApiKey
from matchmaker.domain.member import Language
from matchmaker.errors import Fault, InvalidInput, UnknownRecord
from matchmaker.storage.tables import AccountRow, ApiKeyRow, SessionRow, SignInLinkRow
from matchmaker.storage.times import kept, told


class Accounts:
    """Who signs in. Links and sessions are found by the SHA-256 of their secret."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, account_id: str) -> Account:
        """One account.

        Raises:
            UnknownRecord: there is none under this id.
        """
        return _account(self._row(account_id))

    def find_by_email(self, email: str) -> Account | None:
        """The account with a (normalised) e-mail address."""
        row = self._session.scalar(select(AccountRow).where(AccountRow.email == email))
        return _account(row) if row else None

    def list_all(self) -> list[Account]:
        """All accounts, the oldest first."""
        query = select(AccountRow).order_by(AccountRow.created_at, AccountRow.id)
        return [_account(row) for row in self._session.scalars(query)]

    def has_other(self, account: Account) -> bool:
        """Whether somebody else may sign in with the same role; other writers wait until this is decided."""
        alike = select(AccountRow.id).where(
            AccountRow.role == account.role, AccountRow.is_disabled.is_(False)
        )
        return any(each != account.id for each in self._session.scalars(alike.with_for_update()))

    def add(self, account: Account) -> None:
        """Keep a new account.

        Raises:
            InvalidInput: another account has this e-mail address.
        """
        row = AccountRow(
            id=account.id, created_at=kept(account.created_at), email=account.email, label=account.label
        )
        row.role, row.member_id = account.role.value, account.member_id
        row.language, row.is_disabled = account.language, account.is_disabled
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError as error:
            reason = "another account has this e-mail address"
            raise InvalidInput(reason, (Fault("/email", "taken", reason),)) from error

    def put_role(self, account_id: str, role: Role, member_id: str | None) -> Account:
        """Give an account another role.

        Raises:
            UnknownRecord: there is none under this id.
        """
        row = self._row(account_id)
        row.role, row.member_id = role.value, member_id
        return _account(row)

    def put_disabled(self, account_id: str, is_disabled: bool) -> Account:
        """Disable an account, or let it in again.

        Raises:
            UnknownRecord: there is none under this id.
        """
        row = self._row(account_id)
        row.is_disabled = is_disabled
        return _account(row)

    def remove_of_member(self, external_id: str) -> None:
        """Forget the accounts that speak for an organisation, with their links and sessions."""
        self._session.execute(delete(AccountRow).where(AccountRow.member_id == external_id))

    def add_link(self, digest: str, account_id: str, expires_at: datetime) -> None:
        """Keep a sign-in link."""
        link = SignInLinkRow(digest=digest, account_id=account_id, expires_at=kept(expires_at), used_at=None)
        self._session.add(link)

    def has_link(self, digest: str, now: datetime) -> bool:
        """Whether a sign-in link would still work."""
        query = select(SignInLinkRow.digest).join(AccountRow)
        usable = (SignInLinkRow.used_at.is_(None), SignInLinkRow.expires_at > kept(now))
        found = query.where(SignInLinkRow.digest == digest, *usable, AccountRow.is_disabled.is_(False))
        return self._session.scalar(found) is not None

    def use_link(self, digest: str, now: datetime) -> Account | None:
        """Whom a link lets in, this once; None if it no longer works. Of two at the same time one wins."""
        usable = (
            SignInLinkRow.digest == digest,
            SignInLinkRow.used_at.is_(None),
            SignInLinkRow.expires_at > kept(now),
        )
        used = update(SignInLinkRow).where(*usable).values(used_at=kept(now))
        account_id = self._session.scalar(used.returning(SignInLinkRow.account_id))
        account = self.get(account_id) if account_id else None
        return account if account and not account.is_disabled else None

    def add_session(
        self, digest: str, account_id: str, now: datetime, expires_at: datetime, ends_at: datetime
    ) -> None:
        """Keep a session."""
        moment = kept(now)
        self._session.add(
            SessionRow(
                digest=digest,
                account_id=account_id,
                created_at=moment,
                last_seen_at=moment,
                expires_at=kept(expires_at),
                ends_at=kept(ends_at),
            )
        )

    def find_session(self, digest: str, now: datetime) -> tuple[Account, datetime] | None:
        """Whose session it is, unless it has expired or the account is disabled; and when it was last seen."""
        query = select(AccountRow, SessionRow.last_seen_at).join(
            SessionRow, SessionRow.account_id == AccountRow.id
        )
        alive = (SessionRow.expires_at > kept(now), AccountRow.is_disabled.is_(False))
        row = self._session.execute(query.where(SessionRow.digest == digest, *alive)).one_or_none()
        return (_account(row[0]), told(row[1])) if row else None

    def extend_session(self, digest: str, now: datetime, idle: timedelta) -> None:
        """A session was used: it goes on, but never beyond its end."""
        row = self._session.get(SessionRow, digest)
        if row is not None:
            row.last_seen_at = kept(now)
            row.expires_at = min(kept(now + idle), row.ends_at)

    def end_session(self, digest: str) -> None:
        """Sign one browser out."""
        self._session.execute(delete(SessionRow).where(SessionRow.digest == digest))

    def end_all(self, account_id: str) -> None:
        """Sign an account out everywhere; links that were not used yet stop working, too."""
        self._session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))
        self._session.execute(delete(SignInLinkRow).where(SignInLinkRow.account_id == account_id))

    def forget_expired(self, now: datetime) -> None:
        """Drop links and sessions that no longer open anything."""
        for table in (SessionRow, SignInLinkRow):
            self._session.execute(delete(table).where(table.expires_at <= kept(now)))

    def _row(self, account_id: str) -> AccountRow:
        row = self._session.get(AccountRow, account_id)
        if row is None:
            raise UnknownRecord(kind="account", id=account_id)
        return row


class ApiKeys:
    """The keys of programs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key."""
        self._session.add(
            ApiKeyRow(
                id=key.id,
                digest=digest,
                prefix=key.prefix,
                role=key.role.value,
                label=key.label,
                created_at=kept(key.created_at),
                expires_at=kept(key.expires_at),
                last_used_at=None,
                revoked_at=None,
            )
        )

    def list_all(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked ones included."""
        query = select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.id)
        return [_key(row) for row in self._session.scalars(query)]

    def find(self, digest: str) -> ApiKey | None:
        """The key with a secret's SHA-256."""
        row = self._session.scalar(select(ApiKeyRow).where(ApiKeyRow.digest == digest))
        return _key(row) if row else None

    def get(self, key_id: str) -> ApiKey:
        """One key.

        Raises:
            UnknownRecord: there is none under this id.
        """
        return _key(self._row(key_id))

    def revoke(self, key_id: str, now: datetime) -> ApiKey:
        """Close a key for good; the first time counts.

        Raises:
            UnknownRecord: there is none under this id.
        """
        row = self._row(key_id)
        row.revoked_at = row.revoked_at or kept(now)
        return _key(row)

    def touch(self, key_id: str, now: datetime) -> None:
        """Note that a key was used.

        Raises:
            UnknownRecord: there is none under this id.
        """
        self._row(key_id).last_used_at = kept(now)

    def _row(self, key_id: str) -> ApiKeyRow:
        row = self._session.get(ApiKeyRow, key_id)
        if row is None:
            raise UnknownRecord(kind="API key", id=key_id)
        return row


def _account(row: AccountRow) -> Account:
    language: Language = "ko" if row.language == "ko" else "en"
    return Account(
        id=row.id,
        role=Role(row.role),
        member_id=row.member_id,
        email=row.email,
        label=row.label,
        language=language,
        is_disabled=row.is_disabled,
        created_at=told(row.created_at),
    )


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        prefix=row.prefix,
        role=Role(row.role),
        label=row.label,
        created_at=told(row.created_at),
        expires_at=told(row.expires_at),
        last_used_at=told(row.last_used_at),
        revoked_at=told(row.revoked_at),
    )
