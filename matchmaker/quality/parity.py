"""Parity of the languages: does a member that writes in Korean alone do as well as the same member in English?

The members with a Korean summary of their own (their fields, offers and needs are mostly our translation) are shown in
one language, everybody else as they are (or in English alone, as most of Singapore writes). Three questions: do their
true partners still rank where they did, do the lists that people see stay the same, and who gets seen?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean, median
from typing import Any

from embeddings.protocols import Progress
from matchmaker.domain.facets import wordings_of
from matchmaker.domain.member import Language, Member, Partnership, in_language, merged
from matchmaker.errors import InvalidInput
from matchmaker.quality.measures import bootstrap
from matchmaker.quality.partners import Evaluation, RankedQuery, check_pairs, rank_pairs, scores_by_id
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.rule import DEFAULT_RULE, Rule

TOP = 10


@dataclass(frozen=True)
class Setting:
    """How members are shown: the studied ones in one language, the others by ``others``."""

    studied: Language
    others: Language | None


@dataclass(frozen=True)
class Parity:
    """Compares rankings of the same members in Korean and in English."""

    evaluation: Evaluation
    members: Sequence[Member]
    pairs: Sequence[Partnership]
    rule: Rule = DEFAULT_RULE
    progress: Progress | None = None
    _pools: dict[Setting, Pool] = field(default_factory=dict)

    @cached_property
    def studied(self) -> frozenset[str]:
        """Members that wrote Korean themselves and exist in English too.

        Raises:
            InvalidInput: nobody does.
        """
        found = frozenset(m.external_id for m in self.members if is_studied(m))
        if not found:
            raise InvalidInput(
                "no listed member has a Korean summary of its own with an English one beside it; parity needs both"
            )
        return found

    def report(self) -> dict[str, Any]:
        """All figures, once with everybody else as they are, once with everybody else in English."""
        return {
            "members": len(self.members),
            "studied": len(self.studied),
            "translated": round(self._translated(), 4),
            "model": self.evaluation.profiler.model,
            "others_as_they_are": self._compared(None),
            "others_in_english": self._compared("en"),
        }

    def _translated(self) -> float:
        """Share of the studied members' Korean wordings that are our translation."""
        wordings = [
            w
            for m in self.members
            if m.external_id in self.studied
            for w in wordings_of(m)
            if w.language == "ko"
        ]
        return fmean(wording.is_translation for wording in wordings)

    def _compared(self, others: Language | None) -> dict[str, Any]:
        english, korean = (self._ranked(Setting(language, others)) for language in ("en", "ko"))
        before, after = (fmean(1 / query.rank for query in ranked) for ranked in (english, korean))
        differences = [1 / k.rank - 1 / e.rank for k, e in zip(korean, english, strict=True)]
        change = bootstrap(differences, [query.pair for query in english])
        return {
            "queries": len(english),
            "mrr_in_english": round(before, 4),
            "mrr_in_korean": round(after, 4),
            "kept": round(after / before, 4),
            "difference": [round(value, 4) for value in (change.mean, change.low, change.high)],
            "recall_at_10_in_english": round(fmean(query.rank <= TOP for query in english), 4),
            "recall_at_10_in_korean": round(fmean(query.rank <= TOP for query in korean), 4),
            "median_change_of_rank": median(k.rank - e.rank for k, e in zip(korean, english, strict=True)),
            **self._lists(others),
        }

    def _ranked(self, setting: Setting) -> list[RankedQuery]:
        """Both sides of every pair of a studied member."""
        pool = self._pool(setting)
        check_pairs(pool, self.pairs)
        chosen = [pair for pair in merged(self.pairs) if {pair.kr, pair.sg} & self.studied]
        return rank_pairs(pool, chosen, self.pairs, lambda query: scores_by_id(pool, query, None))

    def _lists(self, others: Language | None) -> dict[str, float]:
        """How much of the lists changes, and how much of others' lists the studied members take."""
        english, korean = (dict(self._top_lists(Setting(language, others))) for language in ("en", "ko"))
        own = [_changed(english[name], korean[name]) for name in sorted(self.studied)]
        seen = [self._exposure(lists) for lists in (english, korean)]
        return {
            "share_of_their_top_10_that_changes": round(fmean(own), 4),
            "exposure_in_english": round(seen[0], 4),
            "exposure_in_korean": round(seen[1], 4),
        }

    def _top_lists(self, setting: Setting) -> Iterator[tuple[str, list[str]]]:
        pool = self._pool(setting)
        for side in pool.sides.values():
            for ordinal, entry in enumerate(side.entries):
                ranking = pool.rank(side.profile(ordinal), lambda _member: True)
                yield entry.member.external_id, [m.external_id for m in ranking.members[:TOP]]

    def _exposure(self, lists: Mapping[str, list[str]]) -> float:
        """Share of all places in the lists of the other country that studied members take."""
        countries = {member.external_id: member.country for member in self.members}
        studied_countries = {countries[name] for name in self.studied}
        places = [
            name
            for asker, names in lists.items()
            if countries[asker].other in studied_countries
            for name in names
        ]
        return fmean(name in self.studied for name in places)

    def _pool(self, setting: Setting) -> Pool:
        if setting not in self._pools:
            shown = [self._shown(member, setting) for member in self.members]
            self._pools[setting] = self.evaluation.pool_of(shown, self.progress, self.rule)
        return self._pools[setting]

    def _shown(self, member: Member, setting: Setting) -> Member:
        language = setting.studied if member.external_id in self.studied else setting.others
        return member if language is None else in_language(member, language)


def is_studied(member: Member) -> bool:
    """Whether a member that is no fiction has a Korean summary of its own, and an English one."""
    summary = member.summary
    return not member.fictional and bool(summary.ko and summary.en) and "ko" not in summary.translated


def _changed(one: Sequence[str], other: Sequence[str]) -> float:
    return 1.0 - len(set(one) & set(other)) / max(len(one), 1)
