"""The words for a round's codes."""

from __future__ import annotations

from api.pages.labels import N_
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
