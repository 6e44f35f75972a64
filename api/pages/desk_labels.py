"""The words for codes of reviews, rounds and introductions."""

from __future__ import annotations

from api.pages.labels import N_
from matchmaker.domain.introduction import Answer, RefusalReason, State
from matchmaker.domain.review import Agreement, CloseReason, DeclineReason, Move, Stage

STAGES = {
    Stage.SUGGESTED: N_("To review"),
    Stage.SNOOZED: N_("Snoozed"),
    Stage.SHORTLISTED: N_("Accepted"),
    Stage.DECLINED: N_("Declined"),
    Stage.INTRODUCED: N_("Introduced"),
    Stage.MET: N_("Met"),
    Stage.AGREED: N_("Agreed"),
    Stage.CLOSED: N_("Closed"),
}
MOVES = {
    Move.SHORTLIST: N_("accepted"),
    Move.DECLINE: N_("declined"),
    Move.SNOOZE: N_("snoozed"),
    Move.WAKE: N_("back in the queue"),
    Move.REOPEN: N_("opened again"),
    Move.INTRODUCE: N_("introduced"),
    Move.MEET: N_("met"),
    Move.AGREE: N_("agreed"),
    Move.CLOSE: N_("closed"),
}
"""What was done, as a history tells it."""
DECLINE_REASONS = {
    DeclineReason.ALREADY_IN_TOUCH: N_("Already in touch"),
    DeclineReason.COMPETITORS: N_("Competitors"),
    DeclineReason.WRONG_STAGE: N_("Wrong size or stage"),
    DeclineReason.NOT_THEIR_FIELD: N_("Not their field"),
    DeclineReason.TOO_BUSY: N_("Too busy now"),
    DeclineReason.OTHER: N_("Other"),
}
REFUSAL_REASONS = {
    RefusalReason.NOT_NOW: N_("Not now"),
    RefusalReason.ALREADY_IN_TOUCH: N_("We are in touch already"),
    RefusalReason.NOT_OUR_FIELD: N_("Not our field"),
    RefusalReason.COMPETITOR: N_("They compete with us"),
    RefusalReason.OTHER: N_("Another reason"),
}
AGREEMENTS = {
    Agreement.MOU: N_("Memorandum (MoU)"),
    Agreement.POC: N_("Proof of concept (PoC)"),
    Agreement.INVESTMENT: N_("Investment"),
    Agreement.JOINT_RESEARCH: N_("Joint research project"),
    Agreement.EXCHANGE: N_("Exchange of people"),
}
CLOSE_REASONS = {
    CloseReason.DECLINED_BY_MEMBER: N_("A member declined"),
    CloseReason.NO_ANSWER: N_("No answer"),
    CloseReason.CANCELLED: N_("Cancelled"),
    CloseReason.NO_AGREEMENT: N_("Met, but no agreement"),
    CloseReason.COMPLETED: N_("Completed"),
    CloseReason.MEMBER_LEFT: N_("A member left"),
}
STATES = {
    State.HELD: N_("Letters about to leave"),
    State.ASKED: N_("Both are being asked"),
    State.ACCEPTED: N_("Both accepted"),
    State.DECLINED: N_("Declined"),
    State.EXPIRED: N_("No answer in time"),
    State.CANCELLED: N_("Cancelled"),
}
ANSWERS = {
    Answer.OPEN: N_("No answer yet"),
    Answer.ACCEPTED: N_("Said yes"),
    Answer.DECLINED: N_("Said no"),
}
CODES: dict[str, str] = {
    code.value: label
    for labels in (DECLINE_REASONS, AGREEMENTS, CLOSE_REASONS)
    for code, label in labels.items()
}
"""Every code that a case may carry."""
