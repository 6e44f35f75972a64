"""Members as they come in and go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel

from api.schemas.problems import BothLanguages
from matchmaker.domain.completeness import Completeness, Gap, completeness_of
from matchmaker.domain.member import (
    Country,
    Kind,
    Language,
    Member,
    Purpose,
    Statement,
    Status,
    Text,
    Track,
)
from matchmaker.domain.records import StoredMember
from matchmaker.formats.fault_words import gap_text
from matchmaker.formats.member_line import Identifier, LabelLine, MemberLine

LISTED_NOTICE = BothLanguages(
    en="Not a member, from public sources", ko="회원 아님, 공개 자료에서 가져온 내용"
)


class MemberCreate(MemberLine):
    """A new member: the same fields as a line of a member file."""


class MemberUpdate(MemberLine):
    """A member written anew: every field that is left out is emptied."""

    external_id: Identifier = Field(
        default_factory=str, description="May be left out; where it is given it must agree with the address."
    )

    def to_member(self, external_id: str) -> Member:
        """The member for an address; an id in the body is kept, so that the product can compare both."""
        return replace(self.to_domain(), external_id=self.external_id or external_id)


class MemberPatch(RootModel[dict[str, Any]]):
    """What changes, as a JSON Merge Patch (RFC 7396): null empties a field, a list is replaced as a whole.

    The fields are those of `MemberUpdate`.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"summary": {"en": "Builds robots for wards."}, "website": None}]}
    )


class ProfileLine(MemberLine):
    """Somebody who is not registered and will not be. Only the country and something to match on are needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "country": "KR",
                    "summary": {"en": "Builds robots that carry medicine on hospital wards."},
                    "needs": [{"text": {"en": "a hospital abroad for a pilot", "ko": "해외 실증 병원"}}],
                }
            ]
        }
    )

    external_id: Identifier = Field(
        default="profile",
        description="Only needed to leave out partners that are known already: the id of the registered member.",
    )
    names: LabelLine = LabelLine(en="This profile", ko="이 프로필")
    track: Track = Track.INDUSTRY
    kind: Kind = Field(default=Kind.STARTUP, description="Which kinds of partner suit depends on it.")


class TextRead(BaseModel):
    """A text in English, Korean or both; null where there is none."""

    en: str | None = Field(examples=["hospital robotics"])
    ko: str | None = Field(examples=["병원 로봇"])
    translated: list[Language] = Field(
        description="Languages that are translations, not the original wording."
    )

    @classmethod
    def of(cls, text: Text) -> Self:
        """As it looks outside."""
        return cls(en=text.en, ko=text.ko, translated=sorted(text.translated))


class StatementRead(BaseModel):
    """Something offered or needed."""

    text: TextRead
    purposes: list[Purpose] = Field(description="The purposes it serves; none means any.")
    until: date | None = Field(description="The last day it holds.")

    @classmethod
    def of(cls, statement: Statement) -> Self:
        """As it looks outside."""
        return cls(
            text=TextRead.of(statement.text), purposes=sorted(statement.purposes), until=statement.until
        )


class MemberProfile(BaseModel):
    """What a member says of itself. Every field is always present; null means that nothing is known."""

    external_id: str = Field(
        description="The member's name in every address and file.", examples=["kaist-gsai"]
    )
    parent: str | None = Field(description="The group it belongs to; siblings share it.")
    names: TextRead
    country: Country
    track: Track
    kind: Kind
    status: Status = Field(description="`listed`: known from public sources only. `member`: has joined.")
    domains: list[TextRead]
    summary: TextRead
    offers: list[StatementRead]
    needs: list[StatementRead]
    website: str | None
    sources: list[str] = Field(description="Where it is known from; never matched on.")
    as_of: date | None
    verified: bool
    fictional: bool
    consents: list[Purpose] | None = Field(
        description="Purposes a member consented to; null for listed ones."
    )
    notice: BothLanguages | None = Field(
        description="To be shown with a listed organisation; null for members.",
        examples=[LISTED_NOTICE.model_dump()],
    )

    @classmethod
    def of(cls, member: Member) -> MemberProfile:
        """As it looks outside."""
        return MemberProfile(**profile_fields(member))


class MissingRead(BaseModel):
    """Something that would help to be found."""

    code: Gap
    text: BothLanguages = Field(description="What to add.")


class CompletenessRead(BaseModel):
    """How much of what partners look for a profile says. It is advice, and no part of any score."""

    score: int = Field(description="0 to 100; 100: nothing is missing.", examples=[85])
    missing: list[MissingRead] = Field(description="What to add to be found better, the most useful first.")

    @classmethod
    def of(cls, found: Completeness) -> Self:
        """As it looks outside."""
        missing = [
            MissingRead(code=gap, text=BothLanguages(en=gap_text(gap, "en"), ko=gap_text(gap, "ko")))
            for gap in found.gaps
        ]
        return cls(score=found.score, missing=missing)


class MemberRead(MemberProfile):
    """A member as it is kept."""

    version: int = Field(description="Counts the writes; the ETag is this number in quotes.", examples=[1])
    updated_at: datetime = Field(description="The last write, UTC.")
    is_edited: bool = Field(description="Whether a person wrote it, so that no import overwrites it.")
    completeness: CompletenessRead

    @classmethod
    def of_stored(cls, stored: StoredMember) -> MemberRead:
        """As it looks outside."""
        return MemberRead(
            **profile_fields(stored.member),
            version=stored.version,
            updated_at=stored.updated_at.replace(tzinfo=UTC),
            is_edited=stored.is_edited,
            completeness=CompletenessRead.of(completeness_of(stored.member)),
        )


class MemberPageRead(BaseModel):
    """Part of the directory, in order of external_id."""

    items: list[MemberRead]
    next: str | None = Field(description="Send it as `cursor` for what follows; null at the end.")
    total: int = Field(
        description="How many members the filter leaves, on all pages together.", examples=[207]
    )


class MemberName(BaseModel):
    """A member by name."""

    external_id: str = Field(examples=["nus-soc"])
    names: TextRead

    @classmethod
    def of(cls, member: Member) -> Self:
        """As it looks outside."""
        return cls(external_id=member.external_id, names=TextRead.of(member.names))


def profile_fields(member: Member) -> dict[str, Any]:
    """The fields of `MemberProfile`."""
    is_listed = member.status is Status.LISTED
    return {
        "external_id": member.external_id,
        "parent": member.parent,
        "names": TextRead.of(member.names),
        "country": member.country,
        "track": member.track,
        "kind": member.kind,
        "status": member.status,
        "domains": [TextRead.of(domain) for domain in member.domains],
        "summary": TextRead.of(member.summary),
        "offers": [StatementRead.of(offer) for offer in member.offers],
        "needs": [StatementRead.of(need) for need in member.needs],
        "website": member.website,
        "sources": list(member.sources),
        "as_of": member.as_of,
        "verified": member.verified,
        "fictional": member.fictional,
        "consents": None if is_listed else sorted(member.consents),
        "notice": LISTED_NOTICE if is_listed else None,
    }
