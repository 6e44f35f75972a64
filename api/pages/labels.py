"""The words for the product's codes."""

from __future__ import annotations

from api.pages.language import Words
from matchmaker.domain.access import Role
from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.member import Country, Kind, Member, Purpose, Status, Track
from matchmaker.domain.suggestion import Confidence


def N_(message: str) -> str:
    """Marks a message for the catalogue where it is translated later."""
    return message


COUNTRIES = {Country.KR: N_("Korea"), Country.SG: N_("Singapore")}
TRACKS = {Track.INDUSTRY: N_("Industry"), Track.RESEARCH: N_("Research"), Track.PUBLIC: N_("Public")}
TRACK_NOTES = {
    Track.INDUSTRY: N_("Startups, companies, investors and hospitals"),
    Track.RESEARCH: N_("Universities, schools, institutes and labs"),
    Track.PUBLIC: N_("Ministries, agencies, funds and associations"),
}
TRACK_NAMES = {
    Track.INDUSTRY: N_("Industry track"),
    Track.RESEARCH: N_("Research track"),
    Track.PUBLIC: N_("Public track"),
}
PURPOSES = {
    Purpose.STARTUP: N_("Startup and business"),
    Purpose.RESEARCH: N_("Joint research"),
    Purpose.TALENT: N_("Talent"),
}
STATUSES = {Status.MEMBER: N_("Members"), Status.LISTED: N_("From public sources")}
ROLES = {
    Role.COORDINATOR_KR: N_("Coordinator, Korea"),
    Role.COORDINATOR_SG: N_("Coordinator, Singapore"),
    Role.MEMBER: N_("Member’s account"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.PORTAL_READ: N_("Program that reads"),
    Role.PORTAL_WRITE: N_("Program that writes"),
}
KINDS = {
    Kind.STARTUP: N_("Startup"),
    Kind.SME: N_("Small or medium company"),
    Kind.CORPORATE: N_("Company"),
    Kind.OPERATOR: N_("Operator"),
    Kind.HOSPITAL: N_("Hospital"),
    Kind.INVESTOR: N_("Investor"),
    Kind.ACCELERATOR: N_("Accelerator"),
    Kind.UNIVERSITY: N_("University"),
    Kind.SCHOOL: N_("School or faculty"),
    Kind.INSTITUTE: N_("Research institute"),
    Kind.LAB: N_("Lab"),
    Kind.MINISTRY: N_("Ministry"),
    Kind.AGENCY: N_("Public agency"),
    Kind.FUND: N_("Public fund"),
    Kind.ASSOCIATION: N_("Association"),
}
BLOCKERS = {
    Blocker.SAME_COUNTRY: (N_("Same country"), N_("Pairs join one side in Korea and one in Singapore.")),
    Blocker.ALREADY_PARTNERS: (
        N_("Already partners"),
        N_("Their collaboration is known, so the pair is not suggested again."),
    ),
    Blocker.GROUP_ALREADY_PARTNERS: (
        N_("Their groups work together"),
        N_("Another part of the same group has a known collaboration here; ask there first."),
    ),
    Blocker.NO_CONSENT: (
        N_("Not open to this purpose"),
        N_("At least one side has not agreed to be suggested for this purpose."),
    ),
    Blocker.NOT_A_MEMBER: (
        N_("Not both are members"),
        N_("What stands here on the other side comes from public sources; nobody there has been asked."),
    ),
    Blocker.UNVERIFIED: (
        N_("Not verified"),
        N_("At least one profile rests on little more than a mention; confirm it before you rely on it."),
    ),
    Blocker.THIN_EVIDENCE: (
        N_("Thin evidence"),
        N_("The closest words are only loosely related; read both profiles first."),
    ),
    Blocker.NO_NEEDS_STATED: (
        N_("Need not stated"),
        N_("One side states no need; that direction rests on its description and fields."),
    ),
    Blocker.OVERLAPPING_OFFER: (
        N_("Overlapping offer"),
        N_("Both offer something similar: partners in a bid, or rivals."),
    ),
}
PARTS = {
    "needs": (N_("Needs met"), N_("What each side has, against what the other looks for")),
    "coverage": (N_("Same subjects"), N_("How much of either profile finds a counterpart in the other")),
    "words": (N_("Same words"), N_("Rare words that both profiles use")),
    "roles": (N_("Roles"), N_("Whether organisations of these kinds usually work together")),
    "breadth": (N_("Breadth"), N_("How many fields, offers and needs both sides state")),
}
TIES = {
    "mou": N_("Agreement"),
    "investment": N_("Investment"),
    "exchange": N_("Exchange"),
    "programme": N_("Programme"),
    "poc": N_("Trial"),
    "joint_lab": N_("Joint laboratory"),
    "customer": N_("Purchase"),
}
CONFIDENCES = {
    Confidence.STRONG: N_("Strong"),
    Confidence.GOOD: N_("Good"),
    Confidence.POSSIBLE: N_("Possible"),
    Confidence.WEAK: N_("Weak"),
}
LEVELS = (
    (0.85, N_("far above")),
    (0.65, N_("above")),
    (0.35, N_("about average")),
    (0.15, N_("below")),
    (0.0, N_("far below")),
)
"""From which value on a kind of evidence stands so to the alliance's average, which is 0.5. Two pairs in five are about
average, one in twenty-five is far above."""


def level_of(value: float, words: Words) -> str:
    """How a kind of evidence, in [0, 1], stands to the alliance's average."""
    return next(words.gettext(word) for lowest, word in LEVELS if value >= lowest)


def chance_of(percent: int, words: Words) -> str:
    """What a score says, in short."""
    return words.ngettext(
        "%(num)s of 100 such pairs was judged worth an introduction",
        "%(num)s of 100 such pairs were judged worth an introduction",
        percent,
    )


def meaning_of(percent: int, words: Words) -> str:
    """What a score says, in full."""
    return words.ngettext(
        "Of a hundred pairs with this score, about %(num)s was judged worth an introduction when we tested it.",
        "Of a hundred pairs with this score, about %(num)s were judged worth an introduction when we tested it.",
        percent,
    )


def status_note(member: Member, words: Words) -> str:
    """What a reader must know about where a profile comes from."""
    if member.status is Status.LISTED:
        return words.gettext("Not a member — from public sources")
    return words.gettext("Fictional member") if member.fictional else words.gettext("Member")


def is_listed(member: Member) -> bool:
    """Whether a profile was written by others, from public sources."""
    return member.status is Status.LISTED
