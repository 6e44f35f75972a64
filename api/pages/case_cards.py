"""A case as the desk shows it: the pair, why, what speaks against it, and what happened so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.pages import desk_labels, labels, phrasing
from api.pages.language import Words
from api.pages.matches import Match, match_of_pair
from api.pages.member import Profile, profile_of
from api.pages.moments import Moment, clocks_of, moment_of
from api.pages.rendering import Reader
from matchmaker.domain.desk import CaseView, HistoryItem, Opinion, OtherCase, QueueItem, Voice
from matchmaker.domain.introduction import may_be_introduced
from matchmaker.domain.member import Country, Member
from matchmaker.domain.records import StoredMember
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.suggestion import percent_of
from matchmaker.domain.trail import Entry, Scalar

MOST_CONFLICTS = 3
MOST_ELSEWHERE = 6
"""What a card names one by one; of more it says how many there are."""

Url = Callable[..., str]
"""Makes an address of the desk from a path, with the queue's filter."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the list beside the card."""

    url: str
    kr: str
    sg: str
    score: int
    note: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a history. ``note`` is a coordinator's; ``erase_url`` erases it."""

    when: Moment
    text: str
    note: str | None = None
    erase_url: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another case that wants one of the two members."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One case, opened. ``match`` is None where a member has left; ``held_by`` is set where somebody else works on it.

    ``can``: what may be done now, by the names that the form uses.
    """

    id: int
    version: int
    url: str
    undo_url: str | None
    title: str
    stage: str
    is_to_review: bool
    purpose: str
    round_id: int | None
    position: str | None
    held_by: str | None
    held_until: str | None
    match: Match | None
    kr: Profile | None
    sg: Profile | None
    conflicts: tuple[Conflict, ...]
    more_conflicts: int
    voices: tuple[str, ...]
    history: tuple[Happening, ...]
    elsewhere: tuple[Happening, ...]
    can: frozenset[str]
    why_not_introduced: str | None
    introduce_url: str
    previous_url: str | None
    next_url: str | None


_FORM_NAMES = {
    Move.SHORTLIST: "accept",
    Move.DECLINE: "decline",
    Move.SNOOZE: "snooze",
    Move.WAKE: "wake",
    Move.REOPEN: "reopen",
    Move.INTRODUCE: "introduce",
    Move.MEET: "meet",
    Move.AGREE: "agree",
    Move.CLOSE: "close",
}


def row_of(item: QueueItem, current: int | None, reader: Reader, url: Url) -> Row:
    """A case as the list shows it."""
    case, words = item.case, reader.words
    notes = [words.gettext(labels.PURPOSES[case.purpose])]
    if item.is_wanted:
        notes.append(words.gettext("a member is interested"))
    if item.has_conflict:
        notes.append(words.gettext("conflict"))
    if item.lease is not None:
        notes.append(words.gettext("held until %(time)s", time=clocks_of(item.lease.until)))
    if case.stage is Stage.SNOOZED and case.snoozed_until:
        notes.append(moment_of(case.snoozed_until, reader.language).day)
    return Row(
        url(f"/review/{case.id}"),
        _name(item.kr, case.kr, words),
        _name(item.sg, case.sg, words),
        percent_of(case.score),
        " · ".join(notes),
        case.id == current,
    )


def partners_in(view: CaseView) -> tuple[str, ...]:
    """Ids of the members that a card names beside its own two."""
    cases = [*view.conflicts, *(other.case for other in (*view.kr_cases, *view.sg_cases))]
    return tuple({external_id for case in cases for external_id in (case.kr, case.sg)})


def card_of_case(view: CaseView, known: Mapping[str, StoredMember], reader: Reader, url: Url) -> CaseCard:
    """A case, opened, for a coordinator; ``known``: the members that `partners_in` asks for."""
    case, words = view.case, reader.words
    conflicts = sorted(view.conflicts, key=lambda other: other.stage in (Stage.SUGGESTED, Stage.SNOOZED))
    is_held = view.lease is not None and not view.is_mine
    return CaseCard(
        id=case.id,
        version=case.version,
        url=url(f"/review/{case.id}"),
        undo_url=url(f"/review/{case.id}/undo") if view.undoable is not None else None,
        title=name_of_pair(view, reader),
        stage=words.gettext(desk_labels.STAGES[case.stage]),
        is_to_review=case.is_open,
        purpose=words.gettext(labels.PURPOSES[case.purpose]),
        round_id=case.round_id,
        position=None,
        held_by=words.gettext(labels.ROLES[view.lease.role]) if view.lease and is_held else None,
        held_until=clocks_of(view.lease.until) if view.lease else None,
        match=match_of_pair(view.pair, case.purpose, reader, full=True) if view.pair else None,
        kr=profile_of(view.kr, words) if view.kr else None,
        sg=profile_of(view.sg, words) if view.sg else None,
        conflicts=tuple(
            _conflict(each, case, view, known, reader, url) for each in conflicts[:MOST_CONFLICTS]
        ),
        more_conflicts=max(len(conflicts) - MOST_CONFLICTS, 0),
        voices=tuple(_voice(voice, view, words) for voice in view.voices),
        history=tuple(_happening(item, case, reader, url) for item in reversed(view.history)),
        elsewhere=_elsewhere(view, known, reader),
        can=frozenset(_FORM_NAMES[move] for move in view.moves) if not is_held else frozenset(),
        why_not_introduced=_why_not_introduced(view, words),
        introduce_url=f"/review/{case.id}/introduce",
        previous_url=url(f"/review/{view.previous_id}") if view.previous_id else None,
        next_url=url(f"/review/{view.next_id}") if view.next_id else None,
    )


def name_of_pair(view: CaseView, reader: Reader) -> str:
    """Both names, the Korean one first."""
    kr = _name(view.kr, view.case.kr, reader.words)
    return f"{kr} ↔ {_name(view.sg, view.case.sg, reader.words)}"


def _name(member: Member | None, external_id: str, words: Words) -> str:
    if member is None:
        return words.gettext("%(id)s (has left)", id=external_id)
    return phrasing.short_name(member.names.best(words.language)[0])


def _conflict(
    other: Case,
    case: Case,
    view: CaseView,
    known: Mapping[str, StoredMember],
    reader: Reader,
    url: Url,
) -> Conflict:
    is_korean = other.kr == case.kr
    shared, shared_id = (view.kr, case.kr) if is_korean else (view.sg, case.sg)
    text = reader.words.gettext(
        "%(name)s with %(partner)s: %(stage)s",
        name=_name(shared, shared_id, reader.words),
        partner=_known_name(other.sg if is_korean else other.kr, known, reader.words),
        stage=reader.words.gettext(desk_labels.STAGES[other.stage]),
    )
    return Conflict(url(f"/review/{other.id}"), text)


def _known_name(external_id: str, known: Mapping[str, StoredMember], words: Words) -> str:
    found = known.get(external_id)
    return _name(found.member if found else None, external_id, words)


def _voice(voice: Voice, view: CaseView, words: Words) -> str:
    member = view.kr if voice.member_id == view.case.kr else view.sg
    name = _name(member, voice.member_id, words)
    if voice.opinion is Opinion.INTERESTED:
        return words.gettext("%(name)s is interested in this partner.", name=name)
    reason = words.gettext(desk_labels.REFUSAL_REASONS[voice.reason]) if voice.reason else ""
    return words.gettext("%(name)s says: not for us (%(reason)s).", name=name, reason=reason)


def _why_not_introduced(view: CaseView, words: Words) -> str | None:
    """Why an accepted pair cannot be introduced, if so."""
    if view.case.stage is not Stage.SHORTLISTED:
        return None
    if view.kr is None or view.sg is None:
        return words.gettext("A member has left the directory; nobody can be introduced.")
    if not may_be_introduced(view.kr, view.sg):
        return words.gettext(
            "Only members that have joined are introduced. Invite whoever is listed from public sources first."
        )
    return None


def _happening(item: HistoryItem, case: Case, reader: Reader, url: Url) -> Happening:
    note = item.note
    text = told(item.entry, reader.words)
    if item.is_note_erased:
        text = f"{text} {reader.words.gettext('The note was erased.')}"
    return Happening(
        moment_of(item.entry.at, reader.language),
        text,
        note.text if note else None,
        url(f"/review/{case.id}/notes/{note.id}/erase") if note else None,
    )


def told(entry: Entry, words: Words) -> str:
    """An entry of the trail in words."""
    sentences = _sentences(words)
    text = sentences.get(entry.action) or entry.action
    code = _code(entry.details, words)
    return f"{text}: {code}." if code else f"{text}."


def _sentences(words: Words) -> Mapping[str, str]:
    gettext = words.gettext
    moves = {str(move): gettext(label).capitalize() for move, label in desk_labels.MOVES.items()}
    return moves | {
        "suggest": gettext("Suggested"),
        "undo": gettext("Decision taken back"),
        "note": gettext("Note written"),
        "erase-note": gettext("Note erased"),
    }


def _code(details: Mapping[str, Scalar], words: Words) -> str | None:
    label = desk_labels.CODES.get(str(details.get("code")))
    return words.gettext(label) if label else None


def _elsewhere(view: CaseView, known: Mapping[str, StoredMember], reader: Reader) -> tuple[Happening, ...]:
    """What was decided about both in other cases, the latest first."""
    sides = [(Country.KR, other) for other in view.kr_cases] + [
        (Country.SG, other) for other in view.sg_cases
    ]
    decided = [(side, other) for side, other in sides if other.case.stage is not Stage.SUGGESTED]
    latest = sorted(decided, key=lambda row: row[1].case.changed_at, reverse=True)[:MOST_ELSEWHERE]
    return tuple(
        Happening(
            moment_of(other.case.changed_at, reader.language), _other_case(side, other, view, known, reader)
        )
        for side, other in latest
    )


def _other_case(
    side: Country, other: OtherCase, view: CaseView, known: Mapping[str, StoredMember], reader: Reader
) -> str:
    words = reader.words
    own, own_id = (view.kr, view.case.kr) if side is Country.KR else (view.sg, view.case.sg)
    partner = other.case.sg if side is Country.KR else other.case.kr
    stage = words.gettext(desk_labels.STAGES[other.case.stage])
    code = desk_labels.CODES.get(other.case.code or "")
    return words.gettext(
        "%(name)s with %(partner)s: %(stage)s",
        name=_name(own, own_id, words),
        partner=_known_name(partner, known, words),
        stage=f"{stage} ({words.gettext(code)})" if code else stage,
    )
