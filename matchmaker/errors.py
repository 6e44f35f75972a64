"""Every error that the product raises on purpose.

::

    MatchmakerError
    ├── InvalidInput            what was given breaks a rule; carries one Fault per place
    │   └── UnreadableFile      a file cannot be read as what it should be
    ├── UnknownMember           nobody is registered under this external_id
    ├── UnknownRecord           there is no such case, round, introduction, account or key
    ├── SignInRequired          nobody is signed in, and this needs somebody
    │   ├── LinkSpent           the sign-in link is unknown, was used, or has expired
    │   ├── BrokenKey           the API key was mistyped or cut off: its check characters do not fit
    │   └── UnknownKey          the API key is none of ours, has expired or was revoked
    ├── Forbidden               whoever is signed in may not do this
    ├── Conflict                the request contradicts what is stored
    │   ├── DuplicateMember     the external_id is taken
    │   ├── StaleVersion        somebody changed the record first
    │   ├── AlreadyDecided      somebody decided about this case first
    │   ├── CaseHeld            another coordinator works on this case right now
    │   ├── IllegalMove         the record's life does not lead from where it is to where it should go
    │   ├── TooLate             it can no longer be undone
    │   ├── MeetingClash        something stands against a meeting in that slot
    │   └── AttemptRunning      the same request is being carried out right now
    ├── KeyReused               another request came under this idempotency key
    ├── TooManyRequests         somebody asks faster than is allowed
    ├── MailUnavailable         the mail server cannot be reached or refuses
    ├── ModelUnavailable        the encoder's files are missing, altered or not loadable
    ├── SnapshotCorrupt         an index file does not match its manifest (it is rebuilt from the database)
    ├── StorageUnavailable      the database cannot be reached or written
    │   └── SchemaOutdated      the database was made by another version
    ├── InvalidSetting          a setting of the environment cannot be used
    └── NotReady                the index has not been built yet

An error's text is a template and its parameters, so that a door may say it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


class MatchmakerError(Exception):
    """Base of the tree. ``template % params`` is the English sentence; ``code`` is stable for programs."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    template: ClassVar[str] = "%(reason)s"

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.template % params)


@dataclass(frozen=True)
class Fault:
    """One broken rule: ``pointer`` is the JSON Pointer (RFC 6901) of the value at fault.

    ``params``: what a sentence in another language needs to know besides the code.
    """

    pointer: str
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict, compare=False)


class InvalidInput(MatchmakerError):
    code = "invalid-input"
    title = "The input breaks a rule"

    def __init__(self, reason: str, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        super().__init__(reason=reason)


class UnreadableFile(InvalidInput):
    code = "unreadable-file"
    title = "The file cannot be read"


class UnknownMember(MatchmakerError):
    code = "unknown-member"
    title = "No such member"
    template = (
        "No member is registered as “%(external_id)s”. Look the id up in the directory: GET /v1/members?q=…"
    )


class UnknownRecord(MatchmakerError):
    code = "unknown-record"
    title = "No such record"
    template = "There is no %(kind)s “%(id)s”. It may have been removed; open the list and choose again."


class SignInRequired(MatchmakerError):
    code = "sign-in-required"
    title = "Sign in first"
    template = (
        "This needs an account. People sign in at /sign-in; programs send an API key: matchmaker keys create"
    )


class LinkSpent(SignInRequired):
    code = "link-spent"
    title = "This link no longer works"
    template = "The link was used, has expired or is not ours. Ask for a new one at /sign-in."


class BrokenKey(SignInRequired):
    code = "broken-key"
    title = "The API key is mistyped"
    template = (
        "The API key was mistyped or cut off: its last six characters do not fit the rest. Copy it again."
    )


class UnknownKey(SignInRequired):
    code = "unknown-key"
    title = "The API key is not valid"
    template = (
        "The API key is not known here, has expired or was revoked. Make one with: matchmaker keys create"
    )


class Forbidden(MatchmakerError):
    code = "forbidden"
    title = "You may not do this"
    template = "Your account does not allow “%(action)s”. Ask an administrator for a role that does."


class Conflict(MatchmakerError):
    code = "conflict"
    title = "The request contradicts what is stored"


class DuplicateMember(Conflict):
    code = "duplicate-member"
    title = "The external_id is taken"
    template = "A member “%(external_id)s” exists already. Revise it with PUT, or register under another external_id."


class StaleVersion(Conflict):
    code = "stale-version"
    title = "Somebody changed the record first"
    template = "“%(external_id)s” is at version %(current)s, not %(expected)s. Read it again, then repeat your change."


class AlreadyDecided(Conflict):
    code = "already-decided"
    title = "Somebody decided first"
    template = "Somebody decided about case %(id)s while you read it: it is “%(stage)s” now. Read it again."


class CaseHeld(Conflict):
    code = "case-held"
    title = "Another coordinator works on this case"
    template = "Case %(id)s is held by %(holder)s until %(until)s. Take another one, or come back then."


class IllegalMove(Conflict):
    code = "illegal-move"
    title = "The record cannot go there"
    template = "“%(move)s” does not lead on from “%(stage)s”. Possible now: %(possible)s."


class TooLate(Conflict):
    code = "too-late"
    title = "It can no longer be undone"
    template = "%(what)s can no longer be undone: %(reason)s."


class TooManyRequests(MatchmakerError):
    code = "too-many-requests"
    title = "Too many requests"
    template = "Too many requests came at once. Try again in %(seconds)s seconds."


class MeetingClash(Conflict):
    """``clashes``: code and, where it comes from one, member of each obstacle (see `domain.timetable.Clash`)."""

    code = "meeting-clash"
    title = "The meeting does not fit there"
    template = "The meeting does not fit there: %(reason)s. Choose another slot or table."

    def __init__(self, reason: str, clashes: tuple[tuple[str, str | None], ...] = ()) -> None:
        self.clashes = clashes
        super().__init__(reason=reason)


class AttemptRunning(Conflict):
    code = "attempt-running"
    title = "The same request is still running"
    template = "A request under this Idempotency-Key is still running. Send it again in %(seconds)s seconds."


class KeyReused(MatchmakerError):
    code = "key-reused"
    title = "The Idempotency-Key was used for another request"
    template = "Another request came under this Idempotency-Key. Use a new key for every new request."


class MailUnavailable(MatchmakerError):
    code = "mail-unavailable"
    title = "Mail cannot be sent"
    template = "The mail server cannot be used: %(reason)s. Letters wait in the outbox and are tried again."


class ModelUnavailable(MatchmakerError):
    code = "model-unavailable"
    title = "The encoder cannot be loaded"
    template = "The encoder “%(model)s” cannot be loaded: %(reason)s"


class SnapshotCorrupt(MatchmakerError):
    code = "snapshot-corrupt"
    title = "The index files do not match their manifest"
    template = (
        "The index snapshot in %(path)s is not usable (%(reason)s); it will be rebuilt from the database."
    )


class StorageUnavailable(MatchmakerError):
    code = "storage-unavailable"
    title = "The database cannot be used"
    template = "The database cannot be used: %(reason)s"


class SchemaOutdated(StorageUnavailable):
    code = "schema-outdated"
    title = "The database was made by another version"
    template = "The database is at revision %(found)s, this version needs %(needed)s. Run: matchmaker migrate"


class InvalidSetting(MatchmakerError):
    code = "invalid-setting"
    title = "A setting cannot be used"
    template = "%(setting)s cannot be used: %(reason)s"


class NotReady(MatchmakerError):
    code = "not-ready"
    title = "The index is not built yet"
    template = "The index is still being built: %(reason)s. Ask /readyz, then try again."
