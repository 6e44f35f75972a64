"""What is wrong with a cell, and what to do, in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping

from matchmaker.domain.bulk import CellFault
from matchmaker.domain.completeness import Gap
from matchmaker.domain.member import Language

Words = Mapping[Language, str]

FAULTS: Mapping[str, Words] = {
    "missing-name": {"en": "The organisation has no name", "ko": "기관명이 없습니다"},
    "missing-country": {
        "en": "The country is missing; fill it in, or give one for all rows",
        "ko": "국가가 없습니다. 칸을 채우거나 모든 행에 쓸 국가를 정하십시오",
    },
    "missing-kind": {
        "en": "The kind of organisation is missing; fill it in, or give one for all rows",
        "ko": "기관 유형이 없습니다. 칸을 채우거나 모든 행에 쓸 유형을 정하십시오",
    },
    "unknown-country": {
        "en": "“%(value)s” is neither Korea nor Singapore",
        "ko": "“%(value)s”: 한국도 싱가포르도 아닙니다",
    },
    "unknown-track": {
        "en": "“%(value)s” is no track; write public, industry or research",
        "ko": "“%(value)s”: 없는 트랙입니다. 공공, 산업, 연구 가운데 하나를 쓰십시오",
    },
    "unknown-kind": {
        "en": "“%(value)s” is no kind of organisation that we know",
        "ko": "“%(value)s”: 알 수 없는 기관 유형입니다",
    },
    "unknown-status": {
        "en": "“%(value)s” is no status; write member or listed",
        "ko": "“%(value)s”: 없는 상태입니다. 회원 또는 비회원으로 쓰십시오",
    },
    "unknown-purpose": {
        "en": "“%(value)s” is no purpose; write startup, research or talent",
        "ko": "“%(value)s”: 없는 목적입니다. 사업, 연구, 인재 가운데 쓰십시오",
    },
    "bad-id": {
        "en": "“%(value)s” is no ID; use up to 100 Latin letters, digits, dots, hyphens and underscores",
        "ko": "“%(value)s”: ID로 쓸 수 없습니다. 영문자, 숫자, 점, 하이픈, 밑줄로 100자까지 쓰십시오",
    },
    "bad-website": {
        "en": "“%(value)s” is no web address; write it as https://…",
        "ko": "“%(value)s”: 웹 주소가 아닙니다. https://… 형식으로 쓰십시오",
    },
    "bad-date": {
        "en": "“%(value)s” is no date; write it as 2026-03-31 or 2026-03",
        "ko": "“%(value)s”: 날짜가 아닙니다. 2026-03-31 또는 2026-03처럼 쓰십시오",
    },
    "too-long": {
        "en": "The text is too long; shorten it to 4,000 characters",
        "ko": "글이 너무 깁니다. 4,000자까지 줄이십시오",
    },
    "too-many": {
        "en": "The cell lists too many items; keep at most 50",
        "ko": "항목이 너무 많습니다. 50개까지만 쓰십시오",
    },
    "cell-error": {
        "en": "The cell shows the error %(value)s; correct the formula or write the value",
        "ko": "칸에 오류 %(value)s이(가) 있습니다. 수식을 고치거나 값을 쓰십시오",
    },
    "nothing-to-match": {
        "en": "Nothing says what the organisation does; give a summary, a field, an offer or a need",
        "ko": "무엇을 하는 기관인지 알 수 없습니다. 소개, 분야, 제공, 필요 가운데 하나는 쓰십시오",
    },
    "duplicate": {
        "en": "The same organisation stands in row %(value)s already; keep one of the rows",
        "ko": "같은 기관이 %(value)s행에 이미 있습니다. 한 행만 남기십시오",
    },
    "same-name": {
        "en": "An organisation of this name is in the directory already; to change it, put its ID into the row",
        "ko": "같은 이름의 기관이 이미 목록에 있습니다. 그 기관을 고치려면 이 행에 ID를 쓰십시오",
    },
    "rule": {"en": "%(detail)s", "ko": "형식에 맞지 않습니다: %(detail)s"},
}  # fmt: skip
SUGGESTION: Words = {"en": "%(value)s → %(suggestion)s?", "ko": "%(value)s → %(suggestion)s?"}

GAPS: Mapping[Gap, Words] = {
    Gap.PURPOSES: {
        "en": "Open it to at least one purpose; without one it is suggested to nobody.",
        "ko": "한 가지 이상의 목적에 동의해야 다른 기관에 추천됩니다.",
    },
    Gap.NEEDS: {
        "en": "State concrete needs: they find partners better than anything else.",
        "ko": "구체적인 필요 사항을 쓰십시오. 파트너를 찾는 데 가장 도움이 됩니다.",
    },
    Gap.OFFERS: {"en": "State what it can offer.", "ko": "제공할 수 있는 것을 쓰십시오."},
    Gap.ENGLISH: {"en": "Give all texts in English, too.", "ko": "모든 글의 영문도 쓰십시오."},
    Gap.KOREAN: {"en": "Give all texts in Korean, too.", "ko": "모든 글의 국문도 쓰십시오."},
    Gap.DOMAINS: {"en": "Name its fields of work.", "ko": "활동 분야를 쓰십시오."},
    Gap.SUMMARY: {"en": "Describe in two sentences what it does.", "ko": "어떤 일을 하는지 두 문장으로 소개하십시오."},
}  # fmt: skip


def fault_text(fault: CellFault, language: Language) -> str:
    """What is wrong, with what was probably meant."""
    words = FAULTS.get(fault.code, FAULTS["rule"])[language]
    values = {"value": fault.value, "detail": fault.detail or fault.code, "suggestion": fault.suggestion}
    said = words % values
    if not fault.suggestion:
        return said
    return f"{said} ({SUGGESTION[language] % values if fault.value else fault.suggestion})"


def gap_text(gap: Gap, language: Language) -> str:
    """What to add."""
    return GAPS[gap][language]
