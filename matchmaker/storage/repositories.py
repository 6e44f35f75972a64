"""Members, vectors, partnerships and changes in the database."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.domain.facets import Wording, wordings_of
from matchmaker.domain.member import Country, Member, Partnership, Text, Track
from matchmaker.domain.records import Counts, MemberFilter, MemberPage, StoredMember, Versions, check_version
from matchmaker.domain.webhook import event_of_change
from matchmaker.errors import DuplicateMember, UnknownMember
from matchmaker.formats.member_line import MemberLine, OptionalText
from matchmaker.formats.pair_line import PairLine
from matchmaker.scoring.grid import pack
from matchmaker.scoring.profile import Entry, Profile
from matchmaker.storage.tables import ChangeRow, MemberRow, PartnershipRow, VectorsRow, WithdrawalRow
from matchmaker.storage.times import told
from matchmaker.storage.webhooks import Events

CHUNK = 500


class Members:
    """The members. Every write needs the member's vectors and leaves a change behind."""

    def __init__(self, session: Session, changes: Changes) -> None:
        self._session = session
        self._changes = changes

    def get(self, external_id: str) -> StoredMember:
        """One member.

        Raises:
            UnknownMember: nobody has this id.
        """
        return _stored(self._row(external_id))

    def find_many(self, external_ids: Sequence[str]) -> dict[str, StoredMember]:
        """Those of some members that exist, by id."""
        found: dict[str, StoredMember] = {}
        for start in range(0, len(external_ids), CHUNK):
            chosen = MemberRow.external_id.in_(external_ids[start : start + CHUNK])
            found |= {
                row.external_id: _stored(row)
                for row in self._session.scalars(select(MemberRow).where(chosen))
            }
        return found

    def list_names(self) -> list[tuple[str, Country, Text]]:
        """Id, country and names of every member."""
        query = select(MemberRow.external_id, MemberRow.country, MemberRow.document)
        return [
            (external_id, Country(country), OptionalText(**json.loads(document)["names"]).to_domain())
            for external_id, country, document in self._session.execute(query)
        ]

    def list_page(self, chosen: MemberFilter, after: str | None, limit: int) -> MemberPage:
        """``limit`` members after an id."""
        query = select(MemberRow).where(*_conditions(chosen)).order_by(MemberRow.external_id).limit(limit + 1)
        if after is not None:
            query = query.where(MemberRow.external_id > after)
        rows = list(self._session.scalars(query))
        more = rows[limit - 1].external_id if len(rows) > limit else None
        return MemberPage(tuple(_stored(row) for row in rows[:limit]), more)

    def count(self, chosen: MemberFilter) -> int:
        """How many members a filter leaves."""
        query = select(func.count()).select_from(MemberRow).where(*_conditions(chosen))
        return self._session.scalar(query) or 0

    def count_by_track(self) -> Counts:
        """How many members each track has in each country."""
        query = select(MemberRow.track, MemberRow.country, func.count()).group_by(
            MemberRow.track, MemberRow.country
        )
        return {
            (Track(track), Country(country)): count for track, country, count in self._session.execute(query)
        }

    def add(self, profile: Profile, model: str, *, source_hash: str | None, is_edited: bool) -> StoredMember:
        """Keep a new member; a withdrawal under the same id ends, and versions go on counting from it.

        Raises:
            DuplicateMember: the id is taken.
        """
        member = profile.member
        withdrawn = self._session.get(WithdrawalRow, member.external_id)
        version = withdrawn.version + 1 if withdrawn else 1
        row = MemberRow(external_id=member.external_id, version=version, vectors=_vectors_row(profile, model))
        _fill(row, member, source_hash, is_edited)
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError as error:
            raise DuplicateMember(external_id=member.external_id) from error
        if withdrawn is not None:
            self._session.delete(withdrawn)
        self._changes.add(member.external_id, "registered")
        return _stored(row)

    def replace(
        self,
        profile: Profile,
        model: str,
        *,
        source_hash: str | None,
        is_edited: bool,
        expected_version: Versions = None,
    ) -> StoredMember:
        """Write a member anew.

        Raises:
            UnknownMember: nobody has this id.
            StaleVersion: the stored version is another than expected.
        """
        row = self._row(profile.member.external_id, expected_version)
        row.version += 1
        _fill(row, profile.member, source_hash, is_edited)
        self._session.execute(delete(VectorsRow).where(VectorsRow.member_id == row.id))
        self._session.add(_vectors_row(profile, model, row.id))
        self._session.flush()
        self._changes.add(row.external_id, "revised")
        return _stored(row)

    def remove(self, external_id: str, expected_version: Versions = None) -> None:
        """Forget a member and its vectors; only its id stays, so that no import brings it back.

        Raises:
            UnknownMember: nobody has this id.
            StaleVersion: the stored version is another than expected.
        """
        row = self._row(external_id, expected_version)
        self._session.execute(delete(VectorsRow).where(VectorsRow.member_id == row.id))
        self._session.execute(delete(MemberRow).where(MemberRow.id == row.id))
        self._session.merge(WithdrawalRow(external_id=external_id, version=row.version, at=_now()))
        self._changes.add(external_id, "withdrawn")

    def list_withdrawn(self) -> frozenset[str]:
        """Ids that no import may bring back."""
        return frozenset(self._session.scalars(select(WithdrawalRow.external_id)))

    def _row(self, external_id: str, expected_version: Versions = None) -> MemberRow:
        query = select(MemberRow).where(MemberRow.external_id == external_id)
        row = self._session.scalar(query if expected_version is None else query.with_for_update())
        if row is None:
            raise UnknownMember(external_id=external_id)
        check_version(external_id, row.version, expected_version)
        return row


class VectorStore:
    """Members' vectors. Vectors of two models are never handed out together."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list_entries(self) -> list[Entry]:
        """All members with their wordings, in order of external_id."""
        documents = self._session.scalars(select(MemberRow.document).order_by(MemberRow.external_id))
        return [_entry(document) for document in documents]

    def list_profiles(self, model: str) -> Iterator[Profile]:
        """All members that have vectors of this model made of their present wordings."""
        query = (
            select(MemberRow.document, VectorsRow.wordings_hash, VectorsRow.dimensions, VectorsRow.rows)
            .join(VectorsRow)
            .where(VectorsRow.model == model)
            .order_by(MemberRow.external_id)
            .execution_options(yield_per=CHUNK)
        )
        for document, wordings_hash, dimensions, rows in self._session.execute(query):
            entry = _entry(document)
            if hash_wordings(entry.wordings) == wordings_hash:
                vectors = np.frombuffer(rows, dtype="<f2").reshape(-1, dimensions).astype(np.float32)
                yield Profile(entry, vectors)

    def list_outdated(self, model: str) -> list[Member]:
        """Members without vectors of this model made of their present wordings."""
        query = select(MemberRow.document, VectorsRow.model, VectorsRow.wordings_hash).outerjoin(VectorsRow)
        outdated = []
        for document, found, wordings_hash in self._session.execute(query):
            entry = _entry(document)
            if found != model or wordings_hash != hash_wordings(entry.wordings):
                outdated.append(entry.member)
        return outdated

    def replace(self, profiles: Iterable[Profile], model: str) -> None:
        """Write the vectors of members anew; who was withdrawn or says something else by now is passed over."""
        by_id = {profile.member.external_id: profile for profile in profiles}
        query = select(MemberRow.external_id, MemberRow.id, MemberRow.document)
        for external_id, member_id, document in self._session.execute(
            query.where(MemberRow.external_id.in_(by_id))
        ).all():
            if _entry(document).wordings == by_id[external_id].wordings:
                self._session.merge(_vectors_row(by_id[external_id], model, member_id))


class Partnerships:
    """Publicly known collaborations."""

    def __init__(self, session: Session, changes: Changes) -> None:
        self._session = session
        self._changes = changes

    def list_all(self) -> list[Partnership]:
        """All of them, in the order they were added."""
        documents = self._session.scalars(select(PartnershipRow.document).order_by(PartnershipRow.id))
        return [PairLine.model_validate_json(document).to_domain() for document in documents]

    def put(self, partnership: Partnership) -> bool:
        """Add or correct one; whether anything changed."""
        document = PairLine.of(partnership).model_dump_json()
        row = self._session.scalar(
            select(PartnershipRow).where(
                PartnershipRow.kr == partnership.kr, PartnershipRow.sg == partnership.sg
            )
        )
        if row is not None and row.document == document:
            return False
        if row is None:
            row = PartnershipRow(kr=partnership.kr, sg=partnership.sg)
            self._session.add(row)
        row.document = document
        self._changes.add(f"{partnership.kr}/{partnership.sg}", "partnership")
        return True


class Changes:
    """The list that the index follows; portals hear of what it holds about members."""

    def __init__(self, session: Session, events: Events) -> None:
        self._session = session
        self._events = events

    def add(self, subject: str, action: str) -> None:
        """Note that something happened to a subject."""
        at = _now()
        self._session.add(ChangeRow(subject=subject, action=action, at=at))
        self._events.tell(event_of_change(subject, action, told(at)))
        self._session.info.setdefault("changed", set()).add(subject)

    def last_seq(self) -> int:
        """Number of the latest change, 0 before the first."""
        return self._session.scalar(select(func.max(ChangeRow.seq))) or 0


def hash_wordings(wordings: Sequence[Wording]) -> str:
    """Names the texts that vectors were made of, in order."""
    texts = [f"{wording.kind}:{wording.language}:{wording.text}" for wording in wordings]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def fold(text: str) -> str:
    """A text as search compares it: compatibility forms unified, case folded, without NUL (PostgreSQL takes none)."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\0", "")


def _conditions(chosen: MemberFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column in (MemberRow.country, MemberRow.track, MemberRow.kind, MemberRow.status):
        if value := getattr(chosen, column.key):
            found.append(column == value)
    found.extend(MemberRow.search.contains(fold(word), autoescape=True) for word in chosen.words)
    return found


def _fill(row: MemberRow, member: Member, source_hash: str | None, is_edited: bool) -> None:
    row.country, row.track = member.country.value, member.track.value
    row.kind, row.status = member.kind.value, member.status.value
    row.document = MemberLine.of(member).model_dump_json(exclude_none=True)
    row.search = _search_text(member)
    row.source_hash = source_hash
    row.is_edited = is_edited
    row.updated_at = _now()


def _search_text(member: Member) -> str:
    names = [member.external_id, *filter(None, (member.names.en, member.names.ko))]
    return fold("\n".join([*names, *(wording.text for wording in wordings_of(member))]))


def _vectors_row(profile: Profile, model: str, member_id: int | None = None) -> VectorsRow:
    row = VectorsRow(
        model=model,
        wordings_hash=hash_wordings(profile.wordings),
        dimensions=profile.vectors.shape[1],
        rows=pack(profile.vectors).astype("<f2").tobytes(),
    )
    if member_id is not None:
        row.member_id = member_id
    return row


def _stored(row: MemberRow) -> StoredMember:
    member = MemberLine.model_validate_json(row.document).to_domain()
    return StoredMember(member, row.version, row.updated_at, row.is_edited, row.source_hash)


def _entry(document: str) -> Entry:
    member = MemberLine.model_validate_json(document).to_domain()
    return Entry(member, wordings_of(member))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
