"""The words for introductions and letters on their way."""

from __future__ import annotations

from datetime import timedelta

from api.pages import desk_labels
from api.pages.labels import N_
from api.pages.language import Words
from matchmaker.domain.introduction import Answer, Introduction, Obstacle, State
from matchmaker.domain.member import Country
from matchmaker.domain.outbox import LetterKind, LetterState
from matchmaker.services.introductions import Side

LETTER_KINDS = {
    LetterKind.ASK: N_("Asks whether they want to meet"),
    LetterKind.REMINDER: N_("Reminds of the question"),
    LetterKind.ACCEPTED: N_("Both accepted: the partner’s contact"),
    LetterKind.DECLINED: N_("It does not work out this time"),
    LetterKind.EXPIRED: N_("Nobody answered in time"),
    LetterKind.WITHDRAWN: N_("The suggestion was taken back"),
}
LETTER_STATES = {
    LetterState.HELD: N_("Held back"),
    LetterState.WAITING: N_("Waiting to leave"),
    LetterState.SENDING: N_("Leaving now"),
    LetterState.FAILED: N_("Not delivered"),
    LetterState.SENT: N_("Sent"),
    LetterState.MANUAL: N_("Sent by hand"),
    LetterState.CANCELLED: N_("Stopped"),
}
OBSTACLES = {
    Obstacle.HAS_LEFT: N_("%(name)s has left the directory."),
    Obstacle.NOT_JOINED: N_("%(name)s has not joined. Only members are written to; invite it first."),
    Obstacle.NO_CONSENT: N_(
        "%(name)s is not open to introductions for this purpose. It alone can change that, in its profile."
    ),
    Obstacle.NO_CONTACT: N_("%(name)s has no contact, so no letter can reach it."),
}


def error_in_words(code: str, words: Words) -> str:
    """Why a letter did not leave."""
    gettext = words.gettext
    if code == "no-contact":
        return gettext("No contact is entered for the recipient or, once both accepted, for its partner.")
    if code == "timeout":
        return gettext("The mail server did not answer in time.")
    if code.startswith("smtp-5"):
        return gettext("The mail server refused it (%(code)s): check the address.", code=code[5:])
    if code.startswith("smtp-"):
        return gettext("The mail server was busy (%(code)s).", code=code[5:])
    return gettext("The mail server could not be reached.")


def answer_in_words(side: Side, introduction: Introduction, country: Country, words: Words) -> str:
    """What one side said, or how long it has been silent, for coordinators."""
    answer = introduction.answer_of(country)
    if answer is Answer.DECLINED and introduction.reason is not None:
        reason = words.gettext(desk_labels.REFUSAL_REASONS[introduction.reason])
        return words.gettext("Declined: %(reason)s", reason=reason)
    if answer is not Answer.OPEN:
        return words.gettext(desk_labels.ANSWERS[answer])
    if introduction.state.is_over:
        return words.gettext("Did not answer")
    if introduction.state is State.HELD:
        return words.gettext("Has not been asked yet")
    if side.waits is None:
        return words.gettext("The letter has not left yet")
    return silence_in_words(side.waits, words)


def silence_in_words(span: timedelta, words: Words) -> str:
    """How long somebody has not answered."""
    if span < timedelta(days=1):
        return words.gettext("Asked within the last day")
    return words.ngettext("No answer for %(num)s day", "No answer for %(num)s days", span.days)


def minutes_in_words(span: timedelta, words: Words) -> str:
    """A short time, rounded up to minutes."""
    minutes = max(-(-int(span.total_seconds()) // 60), 1)
    return words.ngettext("%(num)s minute", "%(num)s minutes", minutes)
