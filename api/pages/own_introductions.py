"""A member's own introductions: whom it is asked about, why, and its answer. Also by a letter's link, without account.

The partner's contact appears only once both have accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import desk_labels, labels
from api.pages.choices import Choice, options, read_choice
from api.pages.introduce import name_of
from api.pages.matches import Match, match_of_pair
from api.pages.member import Profile, profile_of
from api.pages.moments import Moment, moment_of
from api.pages.my_profile import own_member
from api.pages.rendering import Reader, Reading, address, day
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor
from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import Answer, Introduction, RefusalReason, State
from matchmaker.domain.member import Country, Member
from matchmaker.domain.suggestion import Pair
from matchmaker.errors import IllegalMove, TooLate, UnknownMember, UnknownRecord
from matchmaker.services.introductions import IntroductionView

router = APIRouter()
OWN = [requires(Action.OWN_INTRODUCTIONS)]


@dataclass(frozen=True, slots=True)
class OwnRow:
    """An introduction in a member's list. ``waits_until``: the last day for an answer."""

    url: str
    name: str
    country_class: str
    purpose: str
    state: str
    when: Moment
    is_waiting: bool
    waits_until: str | None


@dataclass(frozen=True, slots=True)
class OwnIntroductionsPage:
    """The list: what waits for this member first."""

    waiting: tuple[OwnRow, ...]
    others: tuple[OwnRow, ...]


@dataclass(frozen=True, slots=True)
class AskedPage:
    """What one side sees of an introduction. ``is_waiting``: it may answer now; ``by_link``: it came from a letter."""

    name: str
    country_class: str
    profile: Profile | None
    purpose: str
    state: str
    match: Match | None
    agenda: tuple[str, ...]
    action: str
    by_link: bool
    is_waiting: bool
    answer_by: str | None
    has_accepted: bool
    is_accepted: bool
    contact: Contact | None
    own_contact: Contact | None
    reasons: tuple[Choice, ...]
    reason: str | None
    fault: str | None
    reason_fault: str | None
    toast: str | None


@dataclass(frozen=True, slots=True)
class DeadLinkPage:
    """A link that answers nothing any more. ``said``: what was just answered with it."""

    said: str


@router.get("/me/introductions", dependencies=OWN)
def show_own_introductions(reader: Reading, matchmaker: Product, actor: CurrentActor) -> Response:
    """All of a member's introductions."""
    member = own_member(matchmaker, actor).member
    rows = rows_of(matchmaker, actor, member, reader)
    page = OwnIntroductionsPage(
        tuple(row for row in rows if row.is_waiting), tuple(row for row in rows if not row.is_waiting)
    )
    return reader.render("own_introductions.html", page, keep=False)


@router.get("/me/introductions/{introduction_id}", dependencies=OWN)
def show_own_introduction(
    reader: Reading, matchmaker: Product, actor: CurrentActor, introduction_id: int
) -> Response:
    """One of them."""
    return _own(reader, matchmaker, actor, introduction_id)


@router.post("/me/introductions/{introduction_id}", dependencies=OWN)
def answer_own_introduction(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    introduction_id: int,
    do: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Accept or decline.

    No version is asked for: it changes when the other side answers, and that is nobody's business here.
    """
    why = read_choice(RefusalReason, reason)
    if do not in ("accept", "decline") or (do == "decline" and why is None):
        return _own(reader, matchmaker, actor, introduction_id, reason_fault=_what_is_missing(reader, do))
    try:
        matchmaker.introductions.answer(
            introduction_id, actor, do == "accept", why if do == "decline" else None
        )
    except (IllegalMove, TooLate):
        return _own(reader, matchmaker, actor, introduction_id, fault=_too_late(reader))
    return RedirectResponse(address(f"/me/introductions/{introduction_id}", done=do), 303)


@router.get("/answers/{token}")
def show_by_link(reader: Reading, matchmaker: Product, token: str) -> Response:
    """What a letter's link answers. Looking changes nothing: programs that check mail for viruses open links, too."""
    return _by_link(reader, matchmaker, token)


@router.post("/answers/{token}")
def answer_by_link(
    reader: Reading,
    matchmaker: Product,
    token: str,
    do: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Accept or decline by a letter's link."""
    why = read_choice(RefusalReason, reason)
    if do not in ("accept", "decline") or (do == "decline" and why is None):
        return _by_link(reader, matchmaker, token, reason_fault=_what_is_missing(reader, do))
    try:
        matchmaker.introductions.answer_by_token(token, do == "accept", why if do == "decline" else None)
    except (IllegalMove, TooLate):
        return _by_link(reader, matchmaker, token, fault=_too_late(reader))
    except UnknownRecord:
        return _dead(reader)
    return RedirectResponse(address(reader.path, done=do), 303)


def rows_of(matchmaker: Matchmaker, actor: Actor, member: Member, reader: Reader) -> tuple[OwnRow, ...]:
    """A member's introductions, the latest first."""
    found = matchmaker.introductions.for_member(member.external_id, actor)
    return tuple(_row(view, member.country, reader) for view in found)


def _own(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    introduction_id: int,
    *,
    fault: str | None = None,
    reason_fault: str | None = None,
) -> Response:
    member = own_member(matchmaker, actor).member
    view = matchmaker.introductions.view(introduction_id, actor)
    own_contact = matchmaker.contacts.of_member(member.external_id, actor)
    page = _page(
        view,
        member.country,
        matchmaker,
        reader,
        own_contact=own_contact,
        fault=fault,
        reason_fault=reason_fault,
    )
    return reader.render("asked.html", page, _status(fault, reason_fault), keep=False)


def _by_link(
    reader: Reader,
    matchmaker: Matchmaker,
    token: str,
    *,
    fault: str | None = None,
    reason_fault: str | None = None,
) -> Response:
    try:
        view, country = matchmaker.introductions.view_by_token(token)
    except UnknownRecord:
        return _dead(reader)
    page = _page(view, country, matchmaker, reader, by_link=True, fault=fault, reason_fault=reason_fault)
    return reader.render("asked.html", page, _status(fault, reason_fault), keep=False)


def _dead(reader: Reader) -> Response:
    done = reader.request.query_params.get("done", "")
    is_answer = done in ("accept", "decline")
    page = DeadLinkPage(done if is_answer else "")
    return reader.render("answer_link.html", page, 200 if is_answer else 410, keep=False)


def _page(
    view: IntroductionView,
    country: Country,
    matchmaker: Matchmaker,
    reader: Reader,
    *,
    own_contact: Contact | None = None,
    by_link: bool = False,
    fault: str | None = None,
    reason_fault: str | None = None,
) -> AskedPage:
    found, words = view.introduction, reader.words
    partner = view.side(country.other)
    is_waiting = _is_waiting(found, country)
    pair = _pair(matchmaker, found, reader)
    match = (
        match_of_pair(pair, found.purpose, reader, partner=country.other, full=True, is_stored=False)
        if pair
        else None
    )
    return AskedPage(
        name=name_of(partner.member, partner.member_id, words),
        country_class=country.other.lower(),
        profile=profile_of(partner.member, words) if partner.member else None,
        purpose=words.gettext(labels.PURPOSES[found.purpose]),
        state=_state(found, country, reader),
        match=match,
        agenda=matchmaker.introduction_previews.agenda(found, country, reader.language) if pair else (),
        action=reader.path,
        by_link=by_link,
        is_waiting=is_waiting,
        answer_by=day(view.answer_by, reader.language) if view.answer_by and is_waiting else None,
        has_accepted=found.answer_of(country) is Answer.ACCEPTED and not found.state.is_over,
        is_accepted=found.state is State.ACCEPTED,
        contact=partner.contact,
        own_contact=own_contact,
        reasons=options(desk_labels.REFUSAL_REASONS, None, words),
        reason=words.gettext(desk_labels.REFUSAL_REASONS[found.reason]) if found.reason else None,
        fault=fault,
        reason_fault=reason_fault,
        toast=_toast(reader, found, country),
    )


def _pair(matchmaker: Matchmaker, found: Introduction, reader: Reader) -> Pair | None:
    try:
        return matchmaker.suggestions.explain(found.kr, found.sg, found.purpose, reader.language)
    except UnknownMember:
        return None


def _row(view: IntroductionView, country: Country, reader: Reader) -> OwnRow:
    found, words = view.introduction, reader.words
    partner = view.side(country.other)
    is_waiting = _is_waiting(found, country)
    return OwnRow(
        f"/me/introductions/{found.id}",
        name_of(partner.member, partner.member_id, words),
        country.other.lower(),
        words.gettext(labels.PURPOSES[found.purpose]),
        _state(found, country, reader),
        moment_of(found.ended_at or found.asked_at or found.created_at, reader.language),
        is_waiting,
        day(view.answer_by, reader.language) if view.answer_by and is_waiting else None,
    )


def _is_waiting(found: Introduction, country: Country) -> bool:
    return found.state is State.ASKED and found.answer_of(country) is Answer.OPEN


def _state(found: Introduction, country: Country, reader: Reader) -> str:
    """Where it stands, as one side is told."""
    gettext = reader.words.gettext
    if _is_waiting(found, country):
        return gettext("Waits for your answer")
    if found.state is State.ASKED:
        return gettext("You accepted; the other side is being asked")
    if found.state is State.DECLINED:
        own = found.answer_of(country) is Answer.DECLINED
        return gettext("You declined") if own else gettext("It does not work out this time")
    if found.state is State.CANCELLED:
        return gettext("Taken back by the coordinators")
    return gettext(desk_labels.STATES[found.state])


def _toast(reader: Reader, found: Introduction, country: Country) -> str | None:
    done, gettext = reader.request.query_params.get("done"), reader.words.gettext
    own = found.answer_of(country)
    if done == "accept" and own is Answer.ACCEPTED:
        return gettext("Thank you: you accepted.")
    if done == "decline" and own is Answer.DECLINED:
        return gettext("Thank you: you declined. Your reason stays with the coordinators.")
    return None


def _what_is_missing(reader: Reader, do: str) -> str:
    if do == "decline":
        return reader.words.gettext("Choose a reason, then decline.")
    return reader.words.gettext("Choose to accept or to decline.")


def _too_late(reader: Reader) -> str:
    return reader.words.gettext(
        "This can no longer be answered: it was answered before, or one side has left."
    )


def _status(fault: str | None, reason_fault: str | None) -> int:
    return 409 if fault else 422 if reason_fault else 200
