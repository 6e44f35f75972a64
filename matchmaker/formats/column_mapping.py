"""Which column of a table says what of a member: suggested from the headers, confirmed by a person, kept as JSON.

Suggestions come from a curated list of synonyms: the same word, then the same word without case and marks, then a
header that contains one, then a similar one by difflib. The product's encoder was left out on purpose: it was trained
on sentences, a header is one or two words, and a suggestion that can be read off a list needs no model, is the same
everywhere and is mended by adding a word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from matchmaker.domain.member import Country, Kind, Language, Status, Track
from matchmaker.errors import InvalidInput
from matchmaker.formats.code_words import folded
from matchmaker.formats.validation import validated

FUZZY = 0.78
"""Similarity from which a header is taken for a misspelt synonym (difflib's ratio)."""
_PART = 0.55
"""Confidence in a header that merely contains a synonym, before the share it makes up counts."""
_WIDTH = {True: 2, False: 4}
"""The shortest synonym that is looked for within a header, by whether it is Korean."""


class Target(StrEnum):
    """What a column may say. Texts exist per language, and without one: then each cell's letters decide."""

    ID = "external_id"
    PARENT = "parent"
    NAME = "names"
    NAME_EN = "names.en"
    NAME_KO = "names.ko"
    COUNTRY = "country"
    TRACK = "track"
    KIND = "kind"
    STATUS = "status"
    DOMAINS = "domains"
    DOMAINS_EN = "domains.en"
    DOMAINS_KO = "domains.ko"
    SUMMARY = "summary"
    SUMMARY_EN = "summary.en"
    SUMMARY_KO = "summary.ko"
    OFFERS = "offers"
    OFFERS_EN = "offers.en"
    OFFERS_KO = "offers.ko"
    NEEDS = "needs"
    NEEDS_EN = "needs.en"
    NEEDS_KO = "needs.ko"
    WEBSITE = "website"
    SOURCES = "sources"
    AS_OF = "as_of"
    CONSENTS = "consents"

    @property
    def field(self) -> str:
        """The field without its language."""
        return self.value.partition(".")[0]

    @property
    def language(self) -> Language | None:
        """The language, if the target names one."""
        return {"en": "en", "ko": "ko"}.get(self.value.partition(".")[2])  # type: ignore[return-value]


LISTS = frozenset({"domains", "offers", "needs", "sources", "consents"})
"""Fields that take several values, also from several columns."""
_TEXTS = ("names", "domains", "summary", "offers", "needs")

SYNONYMS: Mapping[Target, tuple[str, ...]] = {
    Target.ID: (
        "external_id", "ID", "아이디", "식별자", "번호", "고유번호", "회원번호", "관리번호", "code", "코드",
        "member id",
    ),
    Target.PARENT: (
        "parent", "모기관", "소속기관", "상위기관", "그룹", "group", "parent organisation",
    ),
    Target.NAME: (
        "회사명", "기관명", "기업명", "이름", "명칭", "단체명", "업체명", "상호", "회원사", "회원명", "법인명",
        "학교명", "대학명", "기관", "기업", "회사", "name", "names", "company", "company name", "organisation",
        "organization", "organisation name", "organization name", "institution", "member name", "entity",
    ),
    Target.NAME_EN: (
        "영문명", "영문", "영어명", "영문이름", "english name", "영문상호",
    ),
    Target.NAME_KO: (
        "국문명", "한글명", "국문", "한국어명", "korean name", "한글이름", "국문상호",
    ),
    Target.COUNTRY: (
        "국가", "나라", "소재국", "국적", "소재국가", "country", "nation", "location country",
    ),
    Target.TRACK: (
        "트랙", "부문", "구분", "track", "sector type", "영역구분",
    ),
    Target.KIND: (
        "유형", "기관유형", "기업유형", "종류", "기관구분", "기업구분", "kind", "type", "organisation type",
        "organization type", "company type", "기업규모",
    ),
    Target.STATUS: (
        "상태", "회원여부", "회원상태", "가입상태", "status", "membership", "membership status",
    ),
    Target.DOMAINS: (
        "분야", "기술분야", "사업분야", "산업분야", "전문분야", "연구분야", "업종", "관심분야", "키워드",
        "domain", "domains", "field", "fields", "sector", "industry", "area", "areas", "keywords",
        "technology", "technologies", "expertise",
    ),
    Target.SUMMARY: (
        "소개", "회사소개", "기관소개", "기업소개", "개요", "설명", "요약", "사업내용", "주요사업", "비고소개",
        "summary", "description", "about", "introduction", "overview", "profile", "company description",
        "business description",
    ),
    Target.OFFERS: (
        "제공", "제공가능", "제공사항", "제공내용", "보유기술", "보유역량", "강점", "제안", "제공자원", "제품",
        "서비스", "offer", "offers", "offering", "offerings", "provides", "capabilities", "strengths",
        "can offer", "what we offer", "products", "services", "products and services",
    ),
    Target.NEEDS: (
        "필요", "필요사항", "수요", "니즈", "요청", "요청사항", "희망", "희망사항", "협력희망", "희망협력",
        "협력수요", "찾는파트너", "필요기술", "need", "needs", "requirement", "requirements", "looking for",
        "seeking", "wants", "what we need", "collaboration needs", "interests",
    ),
    Target.WEBSITE: (
        "홈페이지", "웹사이트", "누리집", "홈페이지주소", "website", "homepage", "url", "web", "site", "link",
    ),
    Target.SOURCES: (
        "출처", "근거", "자료출처", "source", "sources", "reference", "references",
    ),
    Target.AS_OF: (
        "기준일", "작성일", "갱신일", "기준월", "as_of", "as of", "date", "updated", "last updated",
    ),
    Target.CONSENTS: (
        "동의", "동의목적", "목적", "참여목적", "consent", "consents", "purpose", "purposes",
    ),
}  # fmt: skip
"""Headers that people write. Texts get their languages from a mark such as “(영문)” or “_ko”."""
PERSONAL = (
    "이메일", "메일", "전자우편", "전화", "전화번호", "연락처", "휴대폰", "담당자", "담당자명", "대표자",
    "대표자명", "대표", "주민등록번호", "생년월일", "email", "e-mail", "mail", "phone", "telephone", "mobile",
    "contact", "contact person", "contact name", "ceo", "representative", "fax", "팩스",
)  # fmt: skip
"""Headers of what concerns persons. Such columns are never taken: contacts are kept apart, where consent is known."""
_MARKS: Mapping[Language, tuple[str, ...]] = {
    "en": ("영문", "영어", "english", "eng", "en", "inenglish"),
    "ko": ("국문", "한글", "한국어", "korean", "kor", "ko", "kr", "inkorean"),
}
_MARK = re.compile(r"[\(\[_\-\s/.:]+([A-Za-z가-힣 ]+?)[\)\]]?\s*$")
_MARK_FIRST = re.compile(r"^(영문|영어|국문|한글|한국어|english|korean)[\s_\-]*(?=\S)", re.IGNORECASE)
_HANGUL = re.compile("[가-힣]")
_VALUES = frozenset(target.value for target in Target)
_FOLDED = {target: frozenset(map(folded, words)) for target, words in SYNONYMS.items()}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column probably says: None if nothing is known, ``is_personal`` if it must not be taken.

    ``confidence`` in [0, 1]: 1 the same word, 0.95 the same without case and marks, less for parts and misspellings.
    """

    header: str
    target: Target | None = None
    confidence: float = 0.0
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Columns by header, and what holds for rows that say nothing of it. A column without a target is not read."""

    columns: Mapping[str, Target | None] = field(default_factory=dict)
    country: Country | None = None
    track: Track | None = None
    kind: Kind | None = None
    status: Status | None = None

    @property
    def targets(self) -> frozenset[Target]:
        """What some column says."""
        return frozenset(target for target in self.columns.values() if target is not None)

    def unmapped(self, headers: Sequence[str]) -> tuple[str, ...]:
        """Columns that are not read."""
        return tuple(header for header in headers if self.columns.get(header) is None)


class MappingFile(BaseModel):
    """A mapping as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Annotated[dict[str, Target | None], Field(max_length=200)] = Field(
        default_factory=dict, description="Target by header; null: the column is not read."
    )
    country: Country | None = None
    track: Track | None = None
    kind: Kind | None = None
    status: Status | None = None

    def to_domain(self) -> ColumnMapping:
        """As the product knows it."""
        return ColumnMapping(dict(self.columns), self.country, self.track, self.kind, self.status)

    @classmethod
    def of(cls, mapping: ColumnMapping) -> Self:
        """As it looks outside."""
        return cls(
            columns=dict(mapping.columns),
            country=mapping.country,
            track=mapping.track,
            kind=mapping.kind,
            status=mapping.status,
        )


def parse_mapping(value: Any) -> ColumnMapping:
    """A mapping from decoded JSON.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    return validated(MappingFile, value).to_domain()


def check_mapping(mapping: ColumnMapping, headers: Sequence[str]) -> None:
    """Pass only if the mapping suits a table: its columns are there, one value has one column, there is a name.

    Raises:
        InvalidInput: it does not.
    """
    if missing := [header for header, target in mapping.columns.items() if target and header not in headers]:
        raise InvalidInput(f"the table has no column “{missing[0]}”; its columns: {', '.join(headers)[:500]}")
    single = [target for target in mapping.columns.values() if target and target.field not in LISTS]
    if twice := sorted({target.value for target in single if single.count(target) > 1}):
        raise InvalidInput(f"two columns are mapped to {twice[0]}; choose one")
    if not any(target.field == "names" for target in mapping.targets):
        raise InvalidInput("no column says the organisation’s name; map one to names, names.en or names.ko")


def suggest_columns(headers: Sequence[str]) -> tuple[Suggestion, ...]:
    """A target for every header that looks like one; of two columns for one value the surer one gets it."""
    found = [suggest_column(header) for header in headers]
    return tuple(
        Suggestion(each.header) if _has_better(each, place, found) else each
        for place, each in enumerate(found)
    )


def suggest_column(header: str) -> Suggestion:
    """What a single column probably says."""
    if _is_personal(header):
        return Suggestion(header, is_personal=True)
    target, confidence = max(_readings(header), key=lambda each: each[1], default=(None, 0.0))
    return Suggestion(header, target, round(confidence, 2)) if confidence else Suggestion(header)


def is_header(cell: str) -> bool:
    """Whether a cell is surely a header."""
    return suggest_column(cell).confidence >= 0.9 or _is_personal(cell)


def suggested_mapping(headers: Sequence[str]) -> ColumnMapping:
    """The suggestions as a mapping that nobody has confirmed."""
    return ColumnMapping({each.header: each.target for each in suggest_columns(headers)})


def _has_better(each: Suggestion, place: int, found: Sequence[Suggestion]) -> bool:
    if each.target is None or each.target.field in LISTS:
        return False
    rivals = [(other.confidence, -at) for at, other in enumerate(found) if other.target is each.target]
    return max(rivals) != (each.confidence, -place)


def _is_personal(header: str) -> bool:
    wanted = folded(header)
    return any(
        wanted == folded(word) or (len(folded(word)) > 3 and wanted.startswith(folded(word)))
        for word in PERSONAL
    ) or any(word in wanted for word in ("이메일", "전화번호", "연락처", "담당자", "email"))


def _readings(header: str) -> Iterator[tuple[Target, float]]:
    """Everything that a header may mean, as a whole and without a language's mark."""
    if header in _VALUES:
        yield Target(header), 1.0
    yield from _of_words(header)
    rest, language = _unmarked(header)
    if language is not None:
        for target, confidence in _of_words(rest):
            if target.value in _TEXTS:
                yield Target(f"{target.value}.{language}"), min(confidence, 0.97)


def _of_words(header: str) -> Iterator[tuple[Target, float]]:
    shown, wanted = header.strip(), folded(header)
    if not wanted:
        return
    for target, words in _FOLDED.items():
        if shown in SYNONYMS[target]:
            yield target, 1.0
        elif wanted in words:
            yield target, 0.95
        else:
            yield target, max(_likeness(wanted, word) for word in words)


def _likeness(wanted: str, word: str) -> float:
    """Confidence in a header that is not, but contains or resembles a synonym; 0 below the bar."""
    if len(word) >= _WIDTH[bool(_HANGUL.search(word))] and word in wanted:
        return _PART + 0.3 * len(word) / len(wanted)
    if len(wanted) < 3 or abs(len(wanted) - len(word)) > 3:
        return 0.0
    ratio = difflib.SequenceMatcher(None, wanted, word).ratio()
    return 0.9 * ratio if ratio >= FUZZY else 0.0


def _unmarked(header: str) -> tuple[str, Language | None]:
    """A header without its language's mark."""
    if (first := _MARK_FIRST.match(header)) and (language := _language(first[1])):
        return header[first.end() :], language
    if (last := _MARK.search(header)) and (language := _language(last[1])):
        return header[: last.start()], language
    return header, None


def _language(mark: str) -> Language | None:
    return next((language for language, marks in _MARKS.items() if folded(mark) in marks), None)
