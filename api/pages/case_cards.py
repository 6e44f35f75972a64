"""A case as the desk shows it: the pair, why, what speaks against it, and what happened so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from api.pages import desk_labels, labels
from api.pages.language import Words
from api.pages.matches import Match, match_of_pair
from api.pages.member import Profile, profile_of
from api.pages.moments import Moment, clocks_of, moment_of
from api.pages.rendering import Reader
from api.pages.short_names import named, sentence
from matchmaker.domain.access import SYSTEM, Role
from matchmaker.domain.desk import CaseView, HistoryItem, Note, Opinion, OtherCase, QueueItem, Voice
from matchmaker.domain.introduction import may_be_introduced
from matchmaker.domain.member import Country
from matchmaker.domain.records import StoredMember
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.suggestion import percent_of
from matchmaker.domain.trail import Entry, Scalar

MOST_CONFLICTS = 3
MOST_ELSEWHERE = 6
"""What a card names one by one; of more it says how many there are."""

CHOSEN = (Stage.SHORTLISTED, Stage.INTRODUCED)
"""Stages in which another case really wants the same member."""
Url = Callable[..., str]
"""Makes an address of the desk from a path, with the queue's filter."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the list beside the card."""

    url: str
    kr: Markup
    sg: Markup
    score: int
    note: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a history, and who did it. ``note`` is a coordinator's; ``erase_url`` erases it, if one may."""

    when: Moment
    text: str
    by: str | None = None
    note: str | None = None
    erase_url: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another case that wants one of the two members."""

    url: str
    text: Markup


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One case, opened. ``match`` is None where a member has left; ``held_by`` is set where somebody else works on it.

    ``can``: what may be done now, by the names that the form uses.
    """

    id: int
    version: int
    url: str
    undo_url: str | None
    title: Markup
    stage: str
    is_to_review: bool
    purpose: str
    round_id: int | None
    held_by: str | None
    held_until: str | None
    match: Match | None
    kr: Profile | None
    sg: Profile | None
    conflicts: tuple[Conflict, ...]
    more_conflicts: int
    voices: tuple[Markup, ...]
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
    return Row(
        url(f"/review/{case.id}"),
        named(item.kr, case.kr, words),
        named(item.sg, case.sg, words),
        percent_of(case.score),
        " · ".join(_notes(item, reader)),
        case.id == current,
    )


def _notes(item: QueueItem, reader: Reader) -> Iterator[str]:
    """What the list says of a case beside its names."""
    case, gettext = item.case, reader.words.gettext
    yield gettext(labels.PURPOSES[case.purpose])
    if item.is_wanted:
        yield gettext("a member is interested")
    if any(other.stage in CHOSEN for other in item.conflicts):
        yield gettext("conflict")
    if item.lease is not None and item.lease.holder == reader.actor.id:
        yield gettext("open at your desk")
    elif item.lease is not None:
        role = gettext(labels.ROLES[item.lease.role])
        yield gettext("%(role)s until %(time)s", role=role, time=clocks_of(item.lease.until))
    if case.stage is Stage.SNOOZED and case.snoozed_until:
        yield gettext("until %(day)s", day=moment_of(case.snoozed_until, reader.language).day)


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


def name_of_pair(view: CaseView, reader: Reader) -> Markup:
    """Both names, the Korean one first."""
    words, case = reader.words, view.case
    return Markup("{} ↔ {}").format(named(view.kr, case.kr, words), named(view.sg, case.sg, words))


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
    text = sentence(
        reader.words.gettext("%(name)s with %(partner)s: %(stage)s"),
        name=named(shared, shared_id, reader.words),
        partner=_known_name(other.sg if is_korean else other.kr, known, reader.words),
        stage=reader.words.gettext(desk_labels.STAGES[other.stage]),
    )
    return Conflict(url(f"/review/{other.id}"), text)


def _known_name(external_id: str, known: Mapping[str, StoredMember], words: Words) -> Markup:
    found = known.get(external_id)
    return named(found.member if found else None, external_id, words)


def _voice(voice: Voice, view: CaseView, words: Words) -> Markup:
    member = view.kr if voice.member_id == view.case.kr else view.sg
    name = named(member, voice.member_id, words)
    if voice.opinion is Opinion.INTERESTED:
        return sentence(words.gettext("%(name)s is interested in this partner."), name=name)
    if voice.reason is None:
        return sentence(words.gettext("%(name)s says: not for us."), name=name)
    reason = words.gettext(desk_labels.REFUSAL_REASONS[voice.reason])
    return sentence(words.gettext("%(name)s says: not for us (%(reason)s)."), name=name, reason=reason)


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
        erased = reader.words.gettext("the note was erased")
        text = f"{text} ({erased})"
    return Happening(
        moment_of(item.entry.at, reader.language),
        text,
        _by(item.entry.actor, reader),
        note.text if note else None,
        url(f"/review/{case.id}/notes/{note.id}/erase") if note and _may_erase(note, reader) else None,
    )


def _may_erase(note: Note, reader: Reader) -> bool:
    return note.author == reader.actor.id or reader.actor.role is Role.ADMINISTRATOR


def _by(actor: str, reader: Reader) -> str:
    gettext = reader.words.gettext
    if actor == reader.actor.id:
        return gettext("you")
    return gettext("the service") if actor == SYSTEM.id else gettext("somebody else")


def told(entry: Entry, words: Words) -> str:
    """An entry of the trail in words."""
    sentences = _sentences(words)
    text = sentences.get(entry.action) or entry.action
    code = _code(entry.details, words)
    return f"{text}: {code}" if code else text


def _sentences(words: Words) -> Mapping[str, str]:
    gettext = words.gettext
    moves = {str(move): gettext(label).capitalize() for move, label in desk_labels.MOVES.items()}
    return moves | {
        "suggest": gettext("Suggested"),
        "undo": gettext("Decision taken back"),
        "withdraw": gettext("Suggestion withdrawn"),
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
) -> Markup:
    words = reader.words
    own, own_id = (view.kr, view.case.kr) if side is Country.KR else (view.sg, view.case.sg)
    partner = other.case.sg if side is Country.KR else other.case.kr
    stage = words.gettext(desk_labels.STAGES[other.case.stage])
    code = desk_labels.CODES.get(other.case.code or "")
    return sentence(
        words.gettext("%(name)s with %(partner)s: %(stage)s"),
        name=named(own, own_id, words),
        partner=_known_name(partner, known, words),
        stage=f"{stage} ({words.gettext(code)})" if code else stage,
    )
