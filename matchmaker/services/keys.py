"""API keys: what programs show instead of signing in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.account import PROGRAMS, SHOWN, ApiKey, digest_of, is_intact, new_id, new_key
from matchmaker.errors import BrokenKey, Fault, InvalidInput, UnknownKey
from matchmaker.services.accounts import MAX_LABEL, utc_now
from matchmaker.storage.unit_of_work import Store, UnitOfWork

TOUCH_AFTER = timedelta(minutes=1)
"""That a key is used is written down again only after so long."""


@dataclass(frozen=True)
class Keys:
    """Makes, revokes and recognises keys."""

    store: Store
    now: Callable[[], datetime] = utc_now

    def create(
        self, role: Role, label: str, lasts: timedelta | None = None, by: Actor = SYSTEM
    ) -> tuple[ApiKey, str]:
        """A new key and its text, which nobody can be told a second time.

        Raises:
            InvalidInput: keys do not have this role, the label is empty or too long, or it would last no time.
        """
        _check(role, label, lasts)
        text, now = new_key(), self.now()
        key = ApiKey(
            id=new_id("k"),
            prefix=text[:SHOWN],
            role=role,
            label=label.strip(),
            created_at=now,
            expires_at=now + lasts if lasts is not None else None,
        )
        with self.store.writing() as work:
            work.keys.add(key, digest_of(text))
            self._note(work, by, "key-created", key)
            work.commit()
        return key, text

    def list_all(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked ones included."""
        with self.store.reading() as work:
            return work.keys.list_all()

    def revoke(self, key_id: str, by: Actor = SYSTEM) -> ApiKey:
        """Close a key, from its next request on.

        Raises:
            UnknownRecord: there is none under this id.
        """
        with self.store.writing() as work:
            key = work.keys.revoke(key_id, self.now())
            self._note(work, by, "key-revoked", key)
            work.commit()
        return key

    def actor_of(self, text: str) -> Actor:
        """Whom a key's text stands for.

        Raises:
            BrokenKey: it was mistyped or cut off; the database is not asked.
            UnknownKey: it is none of ours, has expired or was revoked.
        """
        if not is_intact(text):
            raise BrokenKey
        now = self.now()
        with self.store.reading() as work:
            key = work.keys.find(digest_of(text))
        if key is None or not key.is_valid(now):
            raise UnknownKey
        if key.last_used_at is None or now - key.last_used_at >= TOUCH_AFTER:
            with self.store.writing() as work:
                work.keys.touch(key.id, now)
                work.commit()
        return Actor(key.id, key.role)

    def _note(self, work: UnitOfWork, by: Actor, action: str, key: ApiKey) -> None:
        work.trail.append(self.now(), by.id, action, f"key/{key.id}", {"role": key.role.value})


def _check(role: Role, label: str, lasts: timedelta | None) -> None:
    text = label.strip()
    if role not in PROGRAMS:
        raise _fault("/role", f"“{role}” is a role of accounts; keys are {', '.join(PROGRAMS)}")
    if not text or len(text) > MAX_LABEL or not text.isprintable():
        raise _fault("/label", f"a label is one line of 1 to {MAX_LABEL} characters")
    if lasts is not None and lasts <= timedelta(0):
        raise _fault("/lasts", "a key lasts at least a moment")


def _fault(pointer: str, reason: str) -> InvalidInput:
    return InvalidInput(reason, (Fault(pointer, "invalid", reason),))
