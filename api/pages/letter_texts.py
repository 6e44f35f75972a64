"""Letters as pages show them: each language marked as such."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.rendering import Said
from matchmaker.domain.letter import RULE, Letter
from matchmaker.domain.member import Language
from matchmaker.domain.outbox import CONTACT, LINK

GAP = "[…]"
"""Stands where a link or a contact comes in when the letter leaves."""


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter: the subject, a line in the other language, the letter, and the same in the other language."""

    subject: Said
    parts: tuple[Said, ...]


def text_of_draft(letter: Letter) -> LetterText:
    """A letter that is not written yet."""
    return text_of(letter.subject, letter.body, letter.language)


def text_of(subject: str, body: str, language: Language) -> LetterText:
    """A letter by its text. An emptied one has no parts."""
    other: Language = "en" if language == "ko" else "ko"
    shown = body.replace(LINK, GAP).replace(CONTACT, GAP)
    first, _, second = shown.partition(RULE.strip())
    pointer, _, letter = first.partition("\n\n")
    parts = ((pointer, other), (letter, language), (second, other))
    return LetterText(
        Said(subject, language), tuple(Said(text.strip(), each) for text, each in parts if text.strip())
    )
