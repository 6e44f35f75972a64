"""Every error that the product raises on purpose.

::

    MatchmakerError
    ├── InvalidInput            what was given breaks a rule; carries one Fault per place
    │   └── UnreadableFile      a file cannot be read as what it should be
    ├── UnknownMember           nobody is registered under this external_id
    ├── Conflict                the request contradicts what is stored
    │   ├── DuplicateMember     the external_id is taken
    │   └── StaleVersion        somebody changed the record first
    ├── ModelUnavailable        the encoder's files are missing, altered or not loadable
    ├── SnapshotCorrupt         an index file does not match its manifest (it is rebuilt from the database)
    ├── StorageUnavailable      the database cannot be reached or written
    │   └── SchemaOutdated      the database was made by another version
    ├── InvalidSetting          a setting of the environment cannot be used
    └── NotReady                the index has not been built yet

An error's text is a template and its parameters, so that a door may say it in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """One broken rule: ``pointer`` is the JSON Pointer (RFC 6901) of the value at fault."""

    pointer: str
    code: str
    message: str


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
