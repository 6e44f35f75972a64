"""The words for a round's codes."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.labels import COUNTRIES, N_
from matchmaker.domain.member import Country
from matchmaker.domain.round import LeftOutReason, Method, RoundRule, RoundState, SkipReason

STATES = {
    RoundState.DRAFT: N_("Draft"),
    RoundState.SOLVING: N_("Being solved"),
    RoundState.PROPOSED: N_("Proposed"),
    RoundState.INFEASIBLE: N_("The rules cannot all hold"),
    RoundState.FAILED: N_("Not solved"),
    RoundState.PUBLISHED: N_("Published"),
    RoundState.WITHDRAWN: N_("Discarded"),
}
STEPS = {
    "scoring": N_("Scoring every possible pair"),
    "solving": N_("Looking for the best pairs"),
    "costing": N_("Working out what each rule costs"),
    "relaxing": N_("Looking for the fewest rules to relax"),
}
ENDS = {
    "cancelled": N_("You cancelled it. The rules are kept; solve it again at any time."),
    "interrupted": N_("The service restarted while it was being solved. Nothing is lost; solve it again."),
    "out-of-time": N_(
        "No answer was found in the time allowed. Narrow the round or relax a rule, then try again."
    ),
    "no-way-out": N_("Even with every rule relaxed nobody can meet anybody. Let more members take part."),
    "failed": N_("Something went wrong on our side. Nothing is lost; solve it again."),
}
METHODS = {
    Method.BALANCED: (
        N_("Balanced"),
        N_("The most expected matches for all together, within everybody’s numbers. The usual choice."),
    ),
    Method.FAIR: (
        N_("Fair"),
        N_("First the member that is worst off as well off as possible, then the most expected matches."),
    ),
    Method.EQUILIBRIUM: (
        N_("Market"),
        N_(
            "Ranks as a market would in which popular partners cost more; useful where a few are in great demand."
        ),
    ),
}
LEFT_OUT = {
    LeftOutReason.NO_ELIGIBLE_PARTNER: N_("No participant of the other country may be suggested to it."),
    LeftOutReason.ALL_TOO_WEAK: N_("Every possible pair is below the lowest score of this round."),
    LeftOutReason.RULED_OUT: N_(
        "The pairs that would fit are ruled out by this round’s rules or by a member."
    ),
    LeftOutReason.PARTNERS_FULL: N_("Everybody who would fit has as many introductions as allowed."),
    LeftOutReason.NO_CAPACITY: N_("It may have no introduction in this round."),
    LeftOutReason.NOT_CHOSEN: N_("A pair was possible, but the method preferred others."),
}
RULES = {
    RoundRule.PIN: N_("Must meet"),
    RoundRule.FORBIDDEN: N_("Must not meet"),
    RoundRule.AVOID: N_("Better not meet"),
    RoundRule.COOL_DOWN: N_("Pause after an earlier case"),
    RoundRule.MIN_SCORE: N_("Lowest score"),
    RoundRule.GROUP: N_("One per group"),
    RoundRule.RIVALS: N_("Rivals apart"),
    RoundRule.LEAST: N_("At least"),
    RoundRule.MOST: N_("At most"),
    RoundRule.CAPACITIES: N_("Members with own numbers"),
}
SKIPS = {
    SkipReason.MEMBER_LEFT: N_("a member has left"),
    SkipReason.NOT_ELIGIBLE: N_("the pair may not be suggested any more"),
    SkipReason.RULED_OUT_BY_MEMBER: N_("a member said that it is not for them"),
    SkipReason.UNDER_WAY: N_("there is a case under way"),
    SkipReason.COOLING_DOWN: N_("an earlier case ended too recently"),
}
RELAXED_BOUNDS = {
    RoundRule.LEAST: N_("%(name)s: %(got)s in this round instead of at least %(bound)s."),
    RoundRule.MOST: N_("%(name)s: %(got)s in this round instead of at most %(bound)s."),
}
RELAXED_PAIRS = {
    RoundRule.PIN: N_("%(one)s and %(other)s need not meet any more."),
    RoundRule.FORBIDDEN: N_("%(one)s and %(other)s may meet, although a rule says that they must not."),
    RoundRule.AVOID: N_("%(one)s and %(other)s may meet, although a rule says that they had better not."),
    RoundRule.COOL_DOWN: N_("%(one)s and %(other)s may meet, although an earlier case ended only recently."),
    RoundRule.RIVALS: N_(
        "Rivals may meet the same partner in this round; it concerns %(one)s and %(other)s first of all."
    ),
}
RELAXED_ALL = {
    RoundRule.GROUP: N_("Parts of one group may meet the same partner in this round."),
    RoundRule.RIVALS: N_("Rivals may meet the same partner in this round."),
    RoundRule.MIN_SCORE: N_("Pairs below the lowest score may be proposed."),
    RoundRule.CAPACITIES: N_("No member has numbers of its own any more."),
}
"""What giving a rule up means, in a sentence each."""
_SHEETS = {
    "Pairs": N_("Pairs"),
    "Left out": N_("Left with nothing"),
    "Costs": N_("What each rule costs"),
    "Exposure": N_("Who gets seen"),
}
_HEADINGS = {
    "rank": N_("Place (0: proposed, then standing by)"),
    "kr": N_("Id in Korea"),
    "korean member": N_("Korean member"),
    "sg": N_("Id in Singapore"),
    "singapore member": N_("Singapore member"),
    "score": N_("Score (0 to 1)"),
    "pinned": N_("Must meet"),
    "yes": N_("yes"),
    "member": N_("Id"),
    "name": N_("Name"),
    "reason": N_("Why"),
    "best partner": N_("Best possible partner (id)"),
    "best score": N_("Its score (0 to 1)"),
    "rule": N_("Rule"),
    "subject": N_("For whom (ids)"),
    "expected without": N_("Expected matches without it"),
    "cost": N_("Matches that it costs"),
    "who": N_("Side"),
    "gini": N_("Gini (0: all alike)"),
    "never shown": N_("Share never shown"),
    "most": N_("Most for one"),
    "participants": N_("Participants"),
}
_SIDES = {
    Country.KR.lower(): COUNTRIES[Country.KR],
    Country.SG.lower(): COUNTRIES[Country.SG],
    "kr-lists": N_("Korea, with lists"),
    "sg-lists": N_("Singapore, with lists"),
}
TABLE_WORDS: dict[str, Mapping[str, str]] = {
    "sheet": _SHEETS,
    "heading": _HEADINGS,
    "reason": {reason.value: label for reason, label in LEFT_OUT.items()},
    "rule": {rule.value: label for rule, label in RULES.items()},
    "side": _SIDES,
}
"""The words of a spreadsheet, by what they stand for and the product's code."""
