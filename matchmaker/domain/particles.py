"""Korean particles: their form depends on whether the word before them ends in a consonant.

Hangul syllables are composed arithmetically (Unicode, chapter 3.12): ``(code - 0xAC00) % 28`` is the final
consonant, 0 for none. Digits and capital letters are read out in Korean. Where a word in Latin letters gives no
certain reading, both forms are written, as in 은(는).
"""

from __future__ import annotations

import re
from typing import Literal

Particle = Literal["topic", "subject", "object", "called", "and"]

_FORMS: dict[Particle, tuple[str, str, str]] = {
    "topic": ("은", "는", "은(는)"),
    "subject": ("이", "가", "이(가)"),
    "object": ("을", "를", "을(를)"),
    "called": ("이라는", "라는", "(이)라는"),
    "and": ("과", "와", "과(와)"),
}
"""After a consonant, after a vowel, and where it is not known."""

_REMARK = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_SILENT = "”’\"'.,!?…。)）] "
_CONSONANT_DIGITS = "013678"
_CONSONANT_LETTERS = "LMNR"


def with_particle(words: str, particle: Particle) -> str:
    """The words with the form of a particle that follows them; a remark in brackets at the end is not read."""
    after_consonant, after_vowel, unknown = _FORMS[particle]
    ends = ends_in_consonant(words)
    return words + (unknown if ends is None else after_consonant if ends else after_vowel)


def ends_in_consonant(words: str) -> bool | None:
    """Whether words end in a consonant when read out in Korean; None where that is not certain."""
    read = _REMARK.sub("", words.rstrip(_SILENT.replace(")", "").replace("）", ""))).rstrip(_SILENT)
    last = read[-1:]
    if "가" <= last <= "힣":
        return (ord(last) - 0xAC00) % 28 != 0
    if last.isdecimal() and last.isascii():
        return last in _CONSONANT_DIGITS
    if re.search(r"(?:^|[^A-Za-z])[A-Z]{1,6}$", read):
        return last in _CONSONANT_LETTERS
    return None
