"""The words for what came of the suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from api.pages.labels import N_
from api.pages.language import Words
from matchmaker.domain.fields import Vocabulary
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.outcome import TieKind, WaitFor
from matchmaker.domain.review import DeclineReason
from matchmaker.domain.stories import Milestone

MILESTONES = {
    Milestone.SUGGESTED: N_("Suggested"),
    Milestone.REVIEWED: N_("Reviewed"),
    Milestone.SHORTLISTED: N_("Shortlisted"),
    Milestone.INTRODUCED: N_("Introduced"),
    Milestone.ACCEPTED: N_("Both accepted"),
    Milestone.MET: N_("Met"),
    Milestone.AGREED: N_("Agreed"),
}
OF_STEP = {
    Milestone.SUGGESTED: N_("%(share)s of suggested"),
    Milestone.REVIEWED: N_("%(share)s of reviewed"),
    Milestone.SHORTLISTED: N_("%(share)s of shortlisted"),
    Milestone.INTRODUCED: N_("%(share)s of introduced"),
    Milestone.ACCEPTED: N_("%(share)s of accepted"),
    Milestone.MET: N_("%(share)s of met"),
}
"""A share of those who came to a step."""
LOSSES = {
    Milestone.REVIEWED: N_(
        "Most pairs still wait for a coordinator: %(share)s of those suggested have been read."
    ),
    Milestone.SHORTLISTED: N_(
        "The largest loss is at review, where it should be: coordinators keep %(share)s of what they read."
    ),
    Milestone.INTRODUCED: N_(
        "The largest loss is after review: %(share)s of the shortlisted pairs were introduced."
    ),
    Milestone.ACCEPTED: N_(
        "The largest loss is at the members: in %(share)s of the introductions both said yes."
    ),
    Milestone.MET: N_(
        "The largest loss is before the first meeting: %(share)s of those who said yes have met."
    ),
    Milestone.AGREED: N_("The largest loss is after the first meeting: %(share)s of those who met agreed."),
}
"""What the step that the smallest share passes says."""
DECLINES = {
    DeclineReason.ALREADY_IN_TOUCH: N_("Already in touch"),
    DeclineReason.COMPETITORS: N_("Competitors"),
    DeclineReason.WRONG_STAGE: N_("Wrong size or stage"),
    DeclineReason.NOT_THEIR_FIELD: N_("Not their field"),
    DeclineReason.TOO_BUSY: N_("Too busy now"),
    DeclineReason.OTHER: N_("Other reason"),
}
REFUSALS: Mapping[RefusalReason | None, str] = {
    RefusalReason.NOT_NOW: N_("Not now"),
    RefusalReason.ALREADY_IN_TOUCH: N_("Already in touch"),
    RefusalReason.NOT_OUR_FIELD: N_("Not our field"),
    RefusalReason.COMPETITOR: N_("A competitor"),
    RefusalReason.OTHER: N_("Other reason"),
    None: N_("Reason not recorded"),
}
WAITS = {
    WaitFor.DECISION: N_("Coordinator decides"),
    WaitFor.KOREA: N_("Korean side answers"),
    WaitFor.SINGAPORE: N_("Singapore side answers"),
    WaitFor.MEETING: N_("First meeting"),
}
WAIT_COLOURS = {WaitFor.DECISION: "ink", WaitFor.KOREA: "kr", WaitFor.SINGAPORE: "sg", WaitFor.MEETING: "ink"}
TIES = {
    TieKind.AGREED: N_("Agreed through an introduction"),
    TieKind.KNOWN: N_("Known before, from public sources"),
}


def field_name(code: str, vocabulary: Vocabulary, words: Words) -> str:
    """A field's name for a reader."""
    return vocabulary.name_of(code, words.language) or words.gettext("Other fields")


def percent(share: float) -> str:
    """A share in whole percent; what is not nothing is never called 0%, what is not all never 100%."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{round(share * 100)}%"


def duration(time: timedelta, words: Words) -> str:
    """A time as people say it: minutes, then hours, from two days on days."""
    hours = time / timedelta(hours=1)
    if hours < 1:
        return words.gettext("%(num)s min", num=round(hours * 60))
    if hours < 48:
        return words.gettext("%(num)s h", num=round(hours))
    return words.gettext("%(num)s d", num=f"{hours / 24:.1f}")
