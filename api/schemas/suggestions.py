"""Suggestions and pairs with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, Field

from api.schemas.members import MemberName, MemberProfile
from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Language, Purpose
from matchmaker.domain.suggestion import (
    LOWEST,
    Confidence,
    Direction,
    Pair,
    Quote,
    Reason,
    Suggestion,
    SuggestionList,
)

BLOCKERS: Mapping[Blocker, Mapping[Language, str]] = {
    Blocker.SAME_COUNTRY: {
        "en": "Both are in the same country; the alliance pairs Korea with Singapore.",
        "ko": "두 곳이 같은 나라에 있습니다. 얼라이언스는 한국과 싱가포르를 잇습니다.",
    },
    Blocker.ALREADY_PARTNERS: {
        "en": "They are partners already.",
        "ko": "이미 협력하고 있는 사이입니다.",
    },
    Blocker.GROUP_ALREADY_PARTNERS: {
        "en": "Their groups are partners already.",
        "ko": "소속 그룹끼리 이미 협력하고 있습니다.",
    },
    Blocker.NO_CONSENT: {
        "en": "One of them has not consented to this purpose.",
        "ko": "한쪽이 이 목적에 동의하지 않았습니다.",
    },
    Blocker.NOT_A_MEMBER: {
        "en": "One of them has not joined: what is known comes from public sources.",
        "ko": "한쪽이 회원이 아니며, 내용은 공개 자료에서 가져온 것입니다.",
    },
    Blocker.UNVERIFIED: {
        "en": "Nobody has confirmed the profile of one of them.",
        "ko": "한쪽의 프로필을 확인한 사람이 없습니다.",
    },
    Blocker.THIN_EVIDENCE: {
        "en": "The matched words are only loosely alike; read both profiles first.",
        "ko": "맞닿은 내용의 유사도가 낮으니 두 프로필을 먼저 읽어 보세요.",
    },
    Blocker.NO_NEEDS_STATED: {
        "en": "One of them states no needs, so the fit rests on the description.",
        "ko": "한쪽이 필요를 밝히지 않아 소개글만으로 판단했습니다.",
    },
    Blocker.OVERLAPPING_OFFER: {
        "en": "They offer much the same and may compete.",
        "ko": "제공하는 것이 비슷해 경쟁 관계일 수 있습니다.",
    },
}
"""What each blocker means to a reader."""


class FacetRead(BaseModel):
    """A piece of a profile in its member's words, shown in one language."""

    member: str = Field(description="external_id of the member.", examples=["kaist-gsai"])
    kind: FacetKind
    number: int = Field(
        description="Counts the pieces of this kind within the profile, from 0.", examples=[0]
    )
    text: str = Field(examples=["a hospital abroad for a pilot"])
    language: Language = Field(description="The language of `text`; the reader's where it exists.")
    translated: bool = Field(description="Whether `text` is a translation.")
    original: str | None = Field(description="The original wording, where `text` is a translation of it.")

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """As it looks outside."""
        return cls(
            member=quote.member_id,
            kind=quote.kind,
            number=quote.number,
            text=quote.text,
            language=quote.language,
            translated=quote.is_translation,
            original=quote.original,
        )


class ReasonRead(BaseModel):
    """Two pieces that matched: what one side has (`from`) and what the other wants (`to`)."""

    direction: Direction
    source: FacetRead = Field(serialization_alias="from")
    target: FacetRead = Field(serialization_alias="to")
    similarity: float = Field(
        description="Cosine between the closest wordings of both, in any language; 1 = same meaning.",
        examples=[0.71],
    )

    @classmethod
    def of(cls, reason: Reason) -> Self:
        """As it looks outside."""
        return cls(
            direction=reason.direction,
            source=FacetRead.of(reason.source),
            target=FacetRead.of(reason.target),
            similarity=reason.similarity,
        )


class BlockerRead(BaseModel):
    """Why a pair is not suggested, or what to check first."""

    code: Blocker
    detail: str = Field(description="In the reader's language.", examples=["They are partners already."])
    hard: bool = Field(description="True: the pair may not be suggested. False: something to check.")

    @classmethod
    def of(cls, blocker: Blocker, language: Language) -> Self:
        """As it looks outside."""
        return cls(code=blocker, detail=BLOCKERS[blocker][language], hard=blocker.is_hard)


class PartsRead(BaseModel):
    """The kinds of evidence, each in [0, 1]: no chances, but a comparison with the alliance, whose average is 0.5."""

    needs: float = Field(description="How well offers meet needs.", examples=[0.83])
    coverage: float = Field(description="How much of each profile finds a counterpart.", examples=[0.74])
    words: float = Field(description="Shared rare words.", examples=[0.61])
    roles: float = Field(description="Whether such kinds of organisation work together.", examples=[0.7])
    breadth: float = Field(description="How many fields, offers and needs both state.", examples=[0.58])


_SCORE = (
    "The chance that the pair is worth an introduction, in [0, 1], the same whoever asks: of a hundred pairs with "
    "0.24, about 24 were judged worth one when it was tested. Both directions together; the weaker one counts more."
)
_CONFIDENCE = (
    "The score in one word, by its whole percent: "
    + ", ".join(f"`{word}` from {lowest:.2f}" for word, lowest in LOWEST.items() if lowest)
    + ", else `weak`: little in the two profiles speaks for the pair."
)


class SuggestionRead(BaseModel):
    """One partner, and why."""

    member: MemberProfile
    score: float = Field(description=_SCORE, examples=[0.24])
    confidence: Confidence = Field(description=_CONFIDENCE, examples=[Confidence.GOOD])
    gives: float = Field(
        description="How well the asking member serves the partner: the chance if both sides were served so.",
        examples=[0.31],
    )
    gets: float = Field(
        description="How well the partner serves the asking member: the chance if both sides were served so.",
        examples=[0.37],
    )
    parts: PartsRead
    reasons: list[ReasonRead] = Field(
        description="Strongest first; may be empty where nothing is much alike."
    )
    blockers: list[BlockerRead] = Field(
        description="What to check first; none of them is hard, unless asked for."
    )

    @classmethod
    def of(cls, suggestion: Suggestion, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            member=MemberProfile.of(suggestion.member),
            score=suggestion.score,
            confidence=suggestion.confidence,
            gives=suggestion.gives,
            gets=suggestion.gets,
            parts=PartsRead(**suggestion.parts),
            reasons=[ReasonRead.of(reason) for reason in suggestion.reasons],
            blockers=[BlockerRead.of(blocker, language) for blocker in suggestion.blockers],
        )


class SuggestionListRead(BaseModel):
    """Partners, best first, and what they were found with."""

    items: list[SuggestionRead]
    next: str | None = Field(description="Send it as `cursor` for what follows; null at the end.")
    known: list[MemberName] = Field(description="Partners already: listed apart, never ranked.")
    model: str = Field(
        description="Names the weights that compared the texts.", examples=["bundled@3f2a9c10"]
    )
    snapshot: str = Field(
        description="Names the state of the alliance; the same snapshot gives the same answer.",
        examples=["c0ffee12"],
    )
    purpose: Purpose | None

    @classmethod
    def of(cls, found: SuggestionList, language: Language, following: str | None = None) -> Self:
        """As it looks outside."""
        return cls(
            items=[SuggestionRead.of(suggestion, language) for suggestion in found.items],
            next=following,
            known=[MemberName.of(member) for member in found.known],
            model=found.model,
            snapshot=found.snapshot,
            purpose=found.purpose,
        )


class PairRead(BaseModel):
    """A Korean and a Singapore member, seen from neither side."""

    kr: MemberProfile
    sg: MemberProfile
    score: float = Field(description=_SCORE, examples=[0.24])
    confidence: Confidence = Field(description=_CONFIDENCE, examples=[Confidence.GOOD])
    kr_to_sg: float = Field(
        description="How well the Korean side serves the other: the chance if both sides were served so.",
        examples=[0.31],
    )
    sg_to_kr: float = Field(
        description="How well the Singapore side serves the other: the chance if both sides were served so.",
        examples=[0.37],
    )
    parts: PartsRead
    reasons: list[ReasonRead]
    blockers: list[BlockerRead]
    model: str
    snapshot: str

    @classmethod
    def of(cls, pair: Pair, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            kr=MemberProfile.of(pair.kr),
            sg=MemberProfile.of(pair.sg),
            score=pair.score,
            confidence=pair.confidence,
            kr_to_sg=pair.kr_to_sg,
            sg_to_kr=pair.sg_to_kr,
            parts=PartsRead(**pair.parts),
            reasons=[ReasonRead.of(reason) for reason in pair.reasons],
            blockers=[BlockerRead.of(blocker, language) for blocker in pair.blockers],
            model=pair.model,
            snapshot=pair.snapshot,
        )


class PairListRead(BaseModel):
    """The best pairs of the alliance, best first."""

    items: list[PairRead]
    next: str | None = Field(description="Send it as `cursor` for what follows; null at the end.")
    model: str
    snapshot: str
    purpose: Purpose | None
