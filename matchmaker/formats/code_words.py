"""Words that tables use for countries, tracks, kinds, statuses and purposes, in Korean and English."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from matchmaker.domain.member import Country, Kind, Purpose, Status, Track

Code = TypeVar("Code", bound=StrEnum)
CLOSE = 0.72
"""Similarity from which a word may have been meant (difflib's ratio)."""
_NO_WORD = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """A word as it is compared: without case, width, spaces and marks."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class CodeWords(Generic[Code]):
    """The words of one kind of code; the first of each is the one that is proposed."""

    words: Mapping[Code, tuple[str, ...]]

    def find(self, text: str) -> Code | None:
        """The code that a word stands for, if it is one of ours."""
        wanted = folded(text)
        for code, words in self.words.items():
            if wanted == folded(code.value) or any(wanted == folded(word) for word in words):
                return code
        return None

    def suggest(self, text: str) -> str:
        """The word that was probably meant, or ``""``."""
        known = {folded(word): word for words in self.words.values() for word in words}
        close = difflib.get_close_matches(folded(text), known, n=1, cutoff=CLOSE)
        return known[close[0]] if close else ""


COUNTRIES = CodeWords(
    {
        Country.KR: (
            "Korea",
            "한국",
            "대한민국",
            "South Korea",
            "Republic of Korea",
            "Korea, Republic of",
            "Korea (South)",
            "ROK",
            "KOR",
            "남한",
        ),
        Country.SG: (
            "Singapore",
            "싱가포르",
            "싱가폴",
            "싱가포르 공화국",
            "Republic of Singapore",
            "SGP",
            "SIN",
            "新加坡",
        ),
    }
)
TRACKS = CodeWords(
    {
        Track.PUBLIC: ("public", "공공", "정부", "공공기관", "government", "public sector", "정부·공공"),
        Track.INDUSTRY: (
            "industry",
            "산업",
            "산업계",
            "민간",
            "기업",
            "business",
            "private",
            "private sector",
        ),
        Track.RESEARCH: (
            "research",
            "연구",
            "학계",
            "학연",
            "academia",
            "academic",
            "연구·학계",
            "대학·연구",
        ),
    }
)
KINDS = CodeWords(
    {
        Kind.STARTUP: ("startup", "스타트업", "start-up", "창업기업", "벤처", "벤처기업", "venture"),
        Kind.SME: ("SME", "중소기업", "중소", "중견기업", "small and medium enterprise", "small company"),
        Kind.CORPORATE: (
            "corporate",
            "대기업",
            "회사",
            "기업",
            "company",
            "corporation",
            "enterprise",
            "large company",
        ),
        Kind.OPERATOR: ("operator", "운영사", "운영기관", "사업자"),
        Kind.HOSPITAL: ("hospital", "병원", "의료기관", "의료원", "clinic"),
        Kind.UNIVERSITY: ("university", "대학", "대학교", "college", "종합대학"),
        Kind.SCHOOL: (
            "school",
            "학과",
            "학부",
            "대학원",
            "단과대학",
            "faculty",
            "department",
            "school or faculty",
        ),
        Kind.INSTITUTE: (
            "institute",
            "연구소",
            "연구원",
            "research institute",
            "연구기관",
            "출연연",
            "정부출연연구기관",
        ),
        Kind.LAB: ("lab", "연구실", "laboratory", "랩", "research group"),
        Kind.MINISTRY: ("ministry", "부처", "중앙부처", "정부부처", "government ministry"),
        Kind.AGENCY: (
            "agency",
            "공공기관",
            "진흥원",
            "공단",
            "공사",
            "public agency",
            "government agency",
            "지원기관",
        ),
        Kind.FUND: ("fund", "기금", "public fund", "펀드", "모태펀드"),
        Kind.ASSOCIATION: ("association", "협회", "조합", "단체", "society", "chamber"),
        Kind.INVESTOR: ("investor", "투자사", "투자자", "VC", "벤처캐피탈", "venture capital"),
        Kind.ACCELERATOR: (
            "accelerator",
            "액셀러레이터",
            "엑셀러레이터",
            "창업기획자",
            "인큐베이터",
            "incubator",
        ),
    }
)
STATUSES = CodeWords(
    {
        Status.LISTED: (
            "listed",
            "등재",
            "공개자료",
            "비회원",
            "public sources",
            "not a member",
            "non-member",
        ),
        Status.MEMBER: ("member", "회원", "회원사", "가입", "joined"),
    }
)
PURPOSES = CodeWords(
    {
        Purpose.STARTUP: (
            "startup",
            "창업",
            "스타트업",
            "사업",
            "사업화",
            "시장진출",
            "business",
            "투자",
            "실증",
            "PoC",
        ),
        Purpose.RESEARCH: ("research", "연구", "공동연구", "R&D", "joint research"),
        Purpose.TALENT: ("talent", "인재", "인재교류", "인력", "채용", "hiring", "exchange"),
    }
)
TRACK_OF_KIND: Mapping[Kind, Track] = {
    **dict.fromkeys((Kind.UNIVERSITY, Kind.SCHOOL, Kind.INSTITUTE, Kind.LAB), Track.RESEARCH),
    **dict.fromkeys((Kind.MINISTRY, Kind.AGENCY, Kind.FUND, Kind.ASSOCIATION), Track.PUBLIC),
}
"""The track of a kind where a table names none; the other kinds are industry."""


def track_of(kind: Kind) -> Track:
    """The track that organisations of a kind belong to unless somebody says otherwise."""
    return TRACK_OF_KIND.get(kind, Track.INDUSTRY)
