"""What a broken rule of the input is called, by its code, in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from matchmaker.domain.member import Language


class RuleText(NamedTuple):
    """A sentence in both languages; ``%(name)s`` takes a parameter of the rule."""

    en: str
    ko: str


_TEXT = RuleText("Give text.", "글자로 적어 주십시오.")
_NUMBER = RuleText("Give a whole number.", "정수를 적어 주십시오.")
_DECIMAL = RuleText("Give a number.", "숫자를 적어 주십시오.")
_OBJECT = RuleText("Give a JSON object.", "JSON 객체로 보내 주십시오.")
_LIST = RuleText("Give a list.", "목록으로 보내 주십시오.")
_BOOL = RuleText("Give true or false.", "true 또는 false로 적어 주십시오.")
_DATE = RuleText("Give a date: YYYY-MM-DD.", "날짜를 YYYY-MM-DD 꼴로 적어 주십시오.")
_MOMENT = RuleText(
    "Give date and time: 2026-12-01T09:00:00Z.", "일시를 2026-12-01T09:00:00Z 꼴로 적어 주십시오."
)
_CHOICE = RuleText("Choose one of: %(expected)s.", "다음 가운데 하나를 고르십시오: %(expected)s.")

RULES: Mapping[str, RuleText] = {
    "missing": RuleText("This field is needed.", "꼭 필요한 항목입니다."),
    "extra_forbidden": RuleText(
        "Unknown field; correct its name or leave it out.", "없는 항목입니다. 이름을 고치거나 빼 주십시오."
    ),
    "none_required": RuleText("Leave this out.", "이 항목은 빼 주십시오."),
    "string_type": _TEXT,
    "string_unicode": RuleText("The text is not valid Unicode.", "올바른 유니코드 글자가 아닙니다."),
    "string_too_short": RuleText(
        "Give at least %(min_length)s characters.", "%(min_length)s자 이상 적어 주십시오."
    ),
    "string_too_long": RuleText(
        "Give at most %(max_length)s characters.", "%(max_length)s자까지 적을 수 있습니다."
    ),
    "string_pattern_mismatch": RuleText(
        "The text does not have the form %(pattern)s.", "정해진 꼴이 아닙니다: %(pattern)s"
    ),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "too_short": RuleText("Give at least %(min_length)s.", "%(min_length)s개 이상이어야 합니다."),
    "too_long": RuleText("Give at most %(max_length)s.", "%(max_length)s개까지 보낼 수 있습니다."),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "bool_type": _BOOL,
    "bool_parsing": _BOOL,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "int_parsing_size": RuleText("The number is too large.", "숫자가 너무 큽니다."),
    "float_type": _DECIMAL,
    "float_parsing": _DECIMAL,
    "finite_number": _DECIMAL,
    "greater_than": RuleText("Give more than %(gt)s.", "%(gt)s보다 커야 합니다."),
    "greater_than_equal": RuleText("Give at least %(ge)s.", "%(ge)s 이상이어야 합니다."),
    "less_than": RuleText("Give less than %(lt)s.", "%(lt)s보다 작아야 합니다."),
    "less_than_equal": RuleText("Give at most %(le)s.", "%(le)s 이하여야 합니다."),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
    "differs-from-address": RuleText(
        "The external_id must be the one in the address, or be left out.",
        "external_id는 주소에 있는 것과 같아야 하며, 빼도 됩니다.",
    ),
    "fixed": RuleText(
        "This never changes; withdraw the member and register it under another id.",
        "바꿀 수 없는 항목입니다. 회원을 탈퇴시킨 뒤 다른 ID로 등록하십시오.",
    ),
    "wrong-country": RuleText(
        "“%(id)s” is in %(found)s, not %(wanted)s; give the Korean side as kr, the Singapore side as sg.",
        "“%(id)s” 회원의 나라는 %(wanted)s이(가) 아니라 %(found)s입니다. 한국 쪽은 kr, 싱가포르 쪽은 sg로 주십시오.",
    ),
    "no-team": RuleText("Give kr, sg or both.", "kr이나 sg 또는 둘 다 주십시오."),
}

SENTENCES: Mapping[str, str] = {
    "give a date as text: YYYY-MM-DD": "날짜를 글자로 적어 주십시오: YYYY-MM-DD.",
    "give the text in at least one language: en, ko": "적어도 한 언어로 적어 주십시오: en, ko.",
    "there is nothing to match on: give a summary, an offer, a need or a domain": (
        "비교할 내용이 없습니다. summary, offers, needs, domains 가운데 하나를 적어 주십시오."
    ),
    "consents belong to members; a listed organisation has given none": (
        "consents는 회원만 가질 수 있습니다. 등재 기관(listed)은 동의한 적이 없습니다."
    ),
}
"""Rules that have no code of their own, by their English sentence."""

UNKNOWN = RuleText("The value breaks the rule “%(code)s”.", "“%(code)s” 규칙에 맞지 않는 값입니다.")


def rule_text(code: str, language: Language, message: str, params: Mapping[str, object]) -> str:
    """A broken rule as a sentence.

    Args:
        message: what English readers are told of a rule that is not in the table.
    """
    if code in RULES:
        text = RULES[code].ko if language == "ko" else RULES[code].en
        with suppress(KeyError):
            return text % params
    if language == "en":
        return message or UNKNOWN.en % {"code": code}
    return SENTENCES.get(message, UNKNOWN.ko % {"code": code})
