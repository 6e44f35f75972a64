"""A member as a JSON object: one line of a member file, one body of a request.

Unknown keys are refused. Texts are cleaned, never interpreted: Unicode NFC, control, zero-width and bidirectional
characters removed, white space folded.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    field_validator,
    model_validator,
)

from matchmaker.domain.member import (
    Country,
    Kind,
    Language,
    Member,
    Need,
    Offer,
    Purpose,
    Status,
    Text,
    Track,
)
from matchmaker.formats.validation import validated

MAX_TEXT = 4000
MAX_LIST = 50
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
_LINE_END = re.compile(" *\n *")
_SPACE = re.compile("[^\\S\n]+|\u2800")


def clean(value: Any) -> Any:
    """A string without invisible characters and with single spaces; anything else as it is."""
    if not isinstance(value, str):
        return value
    visible = unicodedata.normalize("NFC", _INVISIBLE.sub("", value))
    return _LINE_END.sub("\n", _SPACE.sub(" ", visible)).strip() or None


Wording = Annotated[Annotated[str, Field(max_length=MAX_TEXT)] | None, BeforeValidator(clean)]
Identifier = Annotated[str, BeforeValidator(clean), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


def _only_text(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("give a date as text: YYYY-MM-DD")
    return value


def _first_of_month(value: Any) -> Any:
    return f"{value}-01" if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value) else value


Day = Annotated[date, BeforeValidator(_only_text)]
DayOrMonth = Annotated[Day, BeforeValidator(_first_of_month)]
"""A month (YYYY-MM) stands for its first day."""


WebAddress = Annotated[str, Field(max_length=500, pattern=r"^https?://[A-Za-z0-9][^\s\[\]]*$")]


class _Closed(BaseModel):
    """Unknown keys are refused; null says the same as leaving a key out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: item for key, item in value.items() if item is not None or key not in cls.model_fields}


class OptionalText(_Closed):
    """A text in English, Korean, both or neither."""

    en: Wording = Field(default=None, description="The wording in English.")
    ko: Wording = Field(default=None, description="The wording in Korean.")
    translated: list[Language] = Field(
        default_factory=list,
        max_length=2,
        description="Languages that are translations, not the original wording.",
    )

    def to_domain(self) -> Text:
        """As the product knows it."""
        return Text(
            self.en, self.ko, frozenset(language for language in self.translated if getattr(self, language))
        )

    @classmethod
    def of(cls, text: Text) -> Self:
        """As it looks outside."""
        return cls(en=text.en, ko=text.ko, translated=sorted(text.translated))


class TextLine(OptionalText):
    """A text in English, Korean or both."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"anyOf": [{"required": ["en"]}, {"required": ["ko"]}]}
    )

    @model_validator(mode="after")
    def _needs_a_wording(self) -> Self:
        if not (self.en or self.ko):
            raise ValueError("give the text in at least one language: en, ko")
        return self


class LabelLine(TextLine):
    """A short text on one line: a name, a field of work."""

    @field_validator("en", "ko")
    @classmethod
    def _on_one_line(cls, value: str | None) -> str | None:
        return value.replace("\n", " ") if value else value


class StatementLine(_Closed):
    """Something offered or needed."""

    text: TextLine
    purposes: list[Purpose] = Field(
        default_factory=list, max_length=3, description="The purposes it serves; none means any."
    )
    until: Day | None = Field(default=None, description="The last day it holds.")


class MemberLine(_Closed):
    """One organisation. Any text may be in one language only."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "if": {"required": ["consents"], "properties": {"consents": {"type": "array"}}},
            "then": {"required": ["status"], "properties": {"status": {"const": "member"}}},
            "examples": [
                {
                    "external_id": "fic-ward-robots",
                    "names": {"en": "Ward Robots (fictional)", "ko": "병동로봇 (가상)"},
                    "country": "KR",
                    "track": "industry",
                    "kind": "startup",
                    "status": "member",
                    "domains": [{"en": "hospital robotics", "ko": "병원 로봇"}],
                    "summary": {
                        "en": "Builds robots that carry medicine on wards.",
                        "ko": "병동에서 약을 나르는 로봇을 만든다.",
                    },
                    "offers": [
                        {
                            "text": {"en": "delivery robots for hospitals", "ko": "병원용 배송 로봇"},
                            "purposes": ["startup"],
                        }
                    ],
                    "needs": [
                        {
                            "text": {"en": "a hospital abroad for a pilot", "ko": "해외 실증 병원"},
                            "purposes": ["startup"],
                        }
                    ],
                    "fictional": True,
                }
            ],
        },
    )

    external_id: Identifier = Field(description="The member's name in every address and file.")
    parent: Identifier | None = Field(default=None, description="The group it belongs to; siblings share it.")
    names: LabelLine
    country: Country
    track: Track
    kind: Kind
    status: Status = Status.LISTED
    domains: list[LabelLine] = Field(default_factory=list, max_length=MAX_LIST)
    summary: OptionalText = Field(default_factory=OptionalText)
    offers: list[StatementLine] = Field(default_factory=list, max_length=MAX_LIST)
    needs: list[StatementLine] = Field(default_factory=list, max_length=MAX_LIST)
    website: Annotated[
        Annotated[str, Field(max_length=500, pattern=r"^https?://[A-Za-z0-9][^\s\[\]]*$")] | None,
        BeforeValidator(clean),
    ] = None
    sources: list[Annotated[str, BeforeValidator(clean), Field(max_length=1000)]] = Field(
        default_factory=list, max_length=MAX_LIST, description="Where it is known from; never matched on."
    )
    as_of: DayOrMonth | None = None
    verified: StrictBool = False
    fictional: StrictBool = False
    consents: list[Purpose] | None = Field(
        default=None,
        description="For status “member”: purposes consented to; absent means all. Listed ones have none.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.domains or self.offers or self.needs or self.summary.en or self.summary.ko):
            raise ValueError("there is nothing to match on: give a summary, an offer, a need or a domain")
        if self.status is Status.LISTED and self.consents is not None:
            raise ValueError("consents belong to members; a listed organisation has given none")
        return self

    def to_domain(self) -> Member:
        """As the product knows it."""
        return Member(
            external_id=self.external_id,
            names=self.names.to_domain(),
            country=self.country,
            track=self.track,
            kind=self.kind,
            status=self.status,
            parent=self.parent,
            domains=tuple(domain.to_domain() for domain in self.domains),
            summary=self.summary.to_domain(),
            offers=tuple(Offer(o.text.to_domain(), frozenset(o.purposes), o.until) for o in self.offers),
            needs=tuple(Need(n.text.to_domain(), frozenset(n.purposes), n.until) for n in self.needs),
            website=self.website,
            sources=tuple(self.sources),
            as_of=self.as_of,
            verified=self.verified,
            fictional=self.fictional,
            consents=_consents(self),
        )

    @classmethod
    def of(cls, member: Member) -> Self:
        """As it looks outside."""
        return cls(**member_fields(member))


def member_fields(member: Member) -> dict[str, Any]:
    """The fields of a member line, for this model and for those that add to it."""
    return {
        "external_id": member.external_id,
        "parent": member.parent,
        "names": LabelLine.of(member.names),
        "country": member.country,
        "track": member.track,
        "kind": member.kind,
        "status": member.status,
        "domains": [LabelLine.of(domain) for domain in member.domains],
        "summary": OptionalText.of(member.summary),
        "offers": [_statement_line(offer) for offer in member.offers],
        "needs": [_statement_line(need) for need in member.needs],
        "website": member.website,
        "sources": list(member.sources),
        "as_of": member.as_of,
        "verified": member.verified,
        "fictional": member.fictional,
        "consents": sorted(member.consents) if member.status is Status.MEMBER else None,
    }


def parse_member(value: Any) -> Member:
    """A member from decoded JSON.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    return validated(MemberLine, value).to_domain()


def _consents(line: MemberLine) -> frozenset[Purpose]:
    if line.status is Status.LISTED:
        return frozenset()
    return frozenset(Purpose) if line.consents is None else frozenset(line.consents)


def _statement_line(statement: Offer | Need) -> StatementLine:
    return StatementLine(
        text=TextLine.of(statement.text), purposes=sorted(statement.purposes), until=statement.until
    )
