"""What a round's page says of members and rules, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from api.pages import round_labels
from api.pages.rendering import Reader, member_url, pair_url
from api.pages.short_names import named, sentence
from matchmaker.domain.records import StoredMember
from matchmaker.domain.round import LeftOut, ProposedPair, Round, RoundRule, RoundRules, RuleCost, Skipped
from matchmaker.domain.suggestion import percent_of


@dataclass(frozen=True, slots=True)
class PairLine:
    """A proposed pair, or one that stands by."""

    kr: Markup
    sg: Markup
    url: str
    score: int
    is_pinned: bool
    rank: int


@dataclass(frozen=True, slots=True)
class LeftOutLine:
    """Who got nothing, and why."""

    name: Markup
    url: str
    country: str
    reason: str
    best: Markup | None


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule, whom it concerns, and what it costs; ``cost`` is None where that is nothing."""

    rule: str
    subject: Markup | None
    cost: str | None


@dataclass(frozen=True, eq=False)
class RoundNames:
    """Members by name, for a reader."""

    known: Mapping[str, StoredMember]
    reader: Reader

    def of(self, external_id: str) -> Markup:
        """A member's short name, or its id if it has left."""
        found = self.known.get(external_id)
        return named(found.member, external_id, self.reader.words) if found else escape(external_id)

    def pair(self, pair: ProposedPair, found: Round) -> PairLine:
        """A proposed pair."""
        url = pair_url(pair.kr, pair.sg, found.rules.purpose)
        return PairLine(
            self.of(pair.kr), self.of(pair.sg), url, percent_of(pair.score), pair.is_pinned, pair.rank
        )

    def left_out(self, each: LeftOut) -> LeftOutLine:
        """A member without a pair."""
        found = self.known.get(each.member_id)
        best = None
        if each.best_partner and each.best_score is not None:
            best = sentence(
                self.reader.words.gettext("Best possible: %(name)s, %(score)s of 100"),
                name=self.of(each.best_partner),
                score=percent_of(each.best_score),
            )
        return LeftOutLine(
            self.of(each.member_id),
            member_url(each.member_id),
            found.member.country.lower() if found else "",
            self.reader.words.gettext(round_labels.LEFT_OUT[each.reason]),
            best,
        )

    def skipped(self, each: Skipped) -> Markup:
        """A pair that was not published, and why."""
        reason = self.reader.words.gettext(round_labels.SKIPS[each.reason])
        return Markup("{} ↔ {}: {}").format(self.of(each.kr), self.of(each.sg), reason)

    def cost(self, cost: RuleCost) -> RuleLine:
        """A rule and what it costs."""
        subject = (
            Markup(" – ").join(self.of(part) for part in cost.subject.split("/")) if cost.subject else None
        )
        shown = f"{cost.cost:+.2f}"
        rule = self.reader.words.gettext(round_labels.RULES[cost.rule])
        return RuleLine(rule, subject, shown if shown not in ("+0.00", "-0.00") else None)

    def relaxed(self, rule: RoundRule, subject: str | None, by: int, rules: RoundRules) -> Markup:
        """What it means to give a rule up: a sentence."""
        gettext = self.reader.words.gettext
        if rule in round_labels.RELAXED_BOUNDS and subject:
            own = rules.capacities.get(subject, rules.usual)
            bound, got = (own.least, own.least - by) if rule is RoundRule.LEAST else (own.most, own.most + by)
            told = gettext(round_labels.RELAXED_BOUNDS[rule])
            return sentence(told, name=self.of(subject), got=got, bound=bound)
        if rule in round_labels.RELAXED_PAIRS and subject and subject.count("/") == 1:
            one, other = (self.of(part) for part in subject.split("/"))
            return sentence(gettext(round_labels.RELAXED_PAIRS[rule]), one=one, other=other)
        return escape(gettext(round_labels.RELAXED_ALL.get(rule, round_labels.RULES[rule])))
