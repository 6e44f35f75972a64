"""Fields of work: a short, curated vocabulary that members' own words are sorted by.

Members state their domains freely. A list of words per field that a person can read and correct was preferred to
clusters of vectors: it can be explained word by word, it is the same in both languages, and a new member moves nobody
else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from matchmaker.domain.member import Language, Member, Text

OTHER = "other"
"""The field of whatever no word marks."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, and the words that mark it (see ``data/alliance/fields.yaml`` for how they match)."""

    code: str
    name: Text
    english: tuple[str, ...] = ()
    korean: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The fields, in the order in which pictures show them; `OTHER` stands last."""

    fields: tuple[Field, ...] = ()
    _known: dict[Text, Counter[str]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, `OTHER` included."""
        return (*(each.code for each in self.fields), OTHER)

    def name_of(self, code: str, language: Language) -> str | None:
        """A field's name for a reader; None for `OTHER`."""
        return next((each.name.best(language)[0] for each in self.fields if each.code == code), None)

    def marks(self, text: Text) -> Counter[str]:
        """How many different words of each field a text holds, in either language."""
        if text not in self._known:
            self._known[text] = Counter({code: found for code, found in self._count(text) if found})
        return self._known[text]

    def of_member(self, member: Member) -> str:
        """The field of a member: the one that most of its domains speak of, of several the one named first.

        Who states no domain stands by its summary.
        """
        texts = member.domains or (member.summary,)
        total: Counter[str] = Counter()
        for text in texts:
            total.update(self.marks(text).keys())
        return _most(total) or OTHER

    def of_statement(self, text: Text, own: str) -> str:
        """The field that an offer or a need speaks of; on a tie another than the member's own, which is the default."""
        found = self.marks(text)
        others = Counter({code: count for code, count in found.items() if code != own})
        return _most(others, max(found[own], 1)) or own

    @cached_property
    def _patterns(self) -> tuple[tuple[Field, tuple[re.Pattern[str], ...]], ...]:
        return tuple((each, tuple(map(_pattern, each.english))) for each in self.fields)

    def _count(self, text: Text) -> Iterable[tuple[str, int]]:
        english, korean = (text.en or "").casefold(), text.ko or ""
        for each, patterns in self._patterns:
            in_english = sum(pattern.search(english) is not None for pattern in patterns)
            yield each.code, max(in_english, sum(word in korean for word in each.korean))


def _most(counts: Counter[str], least: int = 1) -> str | None:
    """The most frequent, of several the first; None if none reaches ``least``."""
    best = counts.most_common(1)
    return best[0][0] if best and best[0][1] >= least else None


def _pattern(word: str) -> re.Pattern[str]:
    stem = word.casefold()
    ending = r"\w*" if stem.endswith("*") else r"(?:s|es)?"
    return re.compile(rf"(?<!\w){re.escape(stem.removesuffix('*'))}{ending}(?!\w)")
