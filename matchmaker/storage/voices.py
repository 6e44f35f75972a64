"""Members' opinions of partners in the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.desk import Opinion, Voice
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Purpose
from matchmaker.domain.round import PairKey
from matchmaker.storage.tables import VoiceRow
from matchmaker.storage.times import kept, told


class Voices:
    """One row per member, partner and purpose."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, voice: Voice, country: Country) -> None:
        """Keep what a member of a country says, instead of what it said before."""
        row = self._find(voice.member_id, voice.partner_id, country, voice.purpose)
        if row is None:
            kr, sg = _sides(voice.member_id, voice.partner_id, country)
            row = VoiceRow(kr=kr, sg=sg, country=country.value, purpose=voice.purpose.value)
            self._session.add(row)
        row.opinion, row.reason, row.at = voice.opinion.value, voice.reason, kept(voice.at)
        self._session.flush()

    def remove(self, member_id: str, partner_id: str, country: Country, purpose: Purpose) -> bool:
        """Forget what a member said; whether it had said anything."""
        row = self._find(member_id, partner_id, country, purpose)
        if row is None:
            return False
        self._session.delete(row)
        self._session.flush()
        return True

    def remove_about(self, member_id: str) -> int:
        """Forget what a member said and what was said of it; returns how much that was."""
        query = delete(VoiceRow).where((VoiceRow.kr == member_id) | (VoiceRow.sg == member_id))
        return len(self._session.scalars(query.returning(VoiceRow.id)).all())

    def list_of_member(self, member_id: str) -> list[Voice]:
        """What a member said, the latest first."""
        korean = (VoiceRow.kr == member_id) & (VoiceRow.country == Country.KR)
        singaporean = (VoiceRow.sg == member_id) & (VoiceRow.country == Country.SG)
        return self._list(korean | singaporean)

    def list_of_pair(self, kr: str, sg: str, purpose: Purpose | None = None) -> list[Voice]:
        """What two members said of each other, the latest first."""
        return self._list(VoiceRow.kr == kr, VoiceRow.sg == sg, *_for(purpose))

    def ruled_out(self, purpose: Purpose | None = None) -> set[PairKey]:
        """The pairs that one of the two does not want."""
        query = select(VoiceRow.kr, VoiceRow.sg).where(VoiceRow.opinion == Opinion.NOT_FOR_US, *_for(purpose))
        return {(kr, sg) for kr, sg in self._session.execute(query)}

    def _list(self, *conditions: ColumnElement[bool]) -> list[Voice]:
        query = select(VoiceRow).where(*conditions).order_by(VoiceRow.at.desc(), VoiceRow.id.desc())
        return [_voice(row) for row in self._session.scalars(query)]

    def _find(self, member_id: str, partner_id: str, country: Country, purpose: Purpose) -> VoiceRow | None:
        kr, sg = _sides(member_id, partner_id, country)
        query = select(VoiceRow).where(VoiceRow.kr == kr, VoiceRow.sg == sg, *_for(purpose))
        return self._session.scalar(query.where(VoiceRow.country == country))


def _for(purpose: Purpose | None) -> list[ColumnElement[bool]]:
    return [] if purpose is None else [VoiceRow.purpose == purpose]


def _sides(member_id: str, partner_id: str, country: Country) -> PairKey:
    return (member_id, partner_id) if country is Country.KR else (partner_id, member_id)


def _voice(row: VoiceRow) -> Voice:
    member, partner = (row.kr, row.sg) if row.country == Country.KR else (row.sg, row.kr)
    reason = RefusalReason(row.reason) if row.reason is not None else None
    return Voice(member, partner, Purpose(row.purpose), Opinion(row.opinion), told(row.at), reason)
