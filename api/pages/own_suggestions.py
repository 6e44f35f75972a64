"""A member's own suggestions: ranked, with why, and what it says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import desk_labels, labels
from api.pages.choices import Choice, options, read_choice
from api.pages.introduce import name_of
from api.pages.matches import Match, match_of_suggestion
from api.pages.my_profile import own_member
from api.pages.rendering import Reader, Reading, address, member_url, pair_url
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor
from matchmaker.domain.desk import Opinion, Voice
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Member, Purpose, Status
from matchmaker.domain.suggestion import Suggestion, is_all_weak
from matchmaker.errors import InvalidInput, UnknownMember

router = APIRouter(dependencies=[requires(Action.OWN_INTRODUCTIONS)])

FIRST, MOST = 10, 50


@dataclass(frozen=True, slots=True)
class Item:
    """A suggestion, whether this member is interested in it, and where it was introduced already."""

    match: Match
    partner_id: str
    name: str
    is_wanted: bool
    introduction_url: str | None
    pair_url: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A partner that is not for this member, and why not."""

    partner_id: str
    name: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Toast:
    """What was just said, which can be taken back."""

    text: str
    partner_id: str = ""


@dataclass(frozen=True, slots=True)
class OwnSuggestionsPage:
    """The list for one purpose. ``purpose`` is empty where the member is open to none."""

    purpose: str
    tabs: tuple[Choice, ...]
    items: tuple[Item, ...]
    refused: tuple[Refused, ...]
    reasons: tuple[Choice, ...]
    is_weak: bool
    more_url: str | None
    has_joined: bool
    toast: Toast | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something missing at one partner's card."""

    partner_id: str
    text: str


@router.get("/me/suggestions")
def show_own_suggestions(
    reader: Reading, matchmaker: Product, actor: CurrentActor, purpose: str = "", limit: str = ""
) -> Response:
    """Partners for the member itself."""
    wanted = min(int(limit), MOST) if limit.isdecimal() and len(limit) < 4 else FIRST
    return _suggestions(reader, matchmaker, actor, read_choice(Purpose, purpose), limit=max(wanted, 1))


@router.post("/me/suggestions")
def say(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    partner: Annotated[str, Form(max_length=100)] = "",
    purpose: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Keep what the member says of a partner, or forget it."""
    about, opinion = read_choice(Purpose, purpose), read_choice(Opinion, do)
    member_id = own_member(matchmaker, actor).member.external_id
    if about is None or (opinion is None and do != "undo"):
        return RedirectResponse("/me/suggestions", 303)
    if opinion is None:
        matchmaker.voices.withdraw(member_id, partner, about, actor)
        return RedirectResponse(_back(about, do, partner), 303)
    why = read_choice(RefusalReason, reason) if opinion is Opinion.NOT_FOR_US else None
    try:
        matchmaker.voices.say(member_id, partner, about, opinion, actor, why)
    except InvalidInput:
        fault = Fault(partner, reader.words.gettext("Choose a reason first."))
        return _suggestions(reader, matchmaker, actor, about, fault=fault)
    return RedirectResponse(_back(about, do, partner), 303)


def _back(purpose: Purpose, done: str, partner: str) -> str:
    return address("/me/suggestions", purpose=purpose, done=done, partner=partner)


def _suggestions(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    wanted: Purpose | None,
    *,
    limit: int = FIRST,
    fault: Fault | None = None,
) -> Response:
    member, words = own_member(matchmaker, actor).member, reader.words
    chosen = _chosen(member, wanted)
    voices = _voices(matchmaker, member, chosen)
    introduced = _introduced(matchmaker, actor, member, chosen)
    found = _found(matchmaker, member, chosen, voices, limit, reader)
    page = OwnSuggestionsPage(
        purpose=chosen or "",
        tabs=tuple(
            Choice(each.value, words.gettext(label), each is chosen, address("/me/suggestions", purpose=each))
            for each, label in labels.PURPOSES.items()
            if each in member.open_purposes
        ),
        items=tuple(_item(member, each, chosen, voices, introduced, reader, fault) for each in found),
        refused=_refused(matchmaker, voices, reader),
        reasons=options(desk_labels.REFUSAL_REASONS, None, words),
        is_weak=is_all_weak(found),
        more_url=address("/me/suggestions", purpose=chosen, limit=limit + FIRST)
        if len(found) == limit < MOST
        else None,
        has_joined=member.status is Status.MEMBER,
        toast=_toast(reader, matchmaker, voices),
    )
    return reader.render("own_suggestions.html", page, 422 if fault else 200, keep=False)


def _chosen(member: Member, wanted: Purpose | None) -> Purpose | None:
    """The purpose that was asked for if the member is open to it, else its first."""
    mine = [purpose for purpose in Purpose if purpose in member.open_purposes]
    return wanted if wanted in mine else next(iter(mine), None)


def _voices(matchmaker: Matchmaker, member: Member, purpose: Purpose | None) -> dict[str, Voice]:
    """What the member said of partners for a purpose."""
    said = matchmaker.voices.of_member(member.external_id)
    return {voice.partner_id: voice for voice in said if voice.purpose is purpose}


def _introduced(
    matchmaker: Matchmaker, actor: Actor, member: Member, purpose: Purpose | None
) -> dict[str, str]:
    """Where the member reads of introductions for a purpose, by partner; the latest of each."""
    found = matchmaker.introductions.for_member(member.external_id, actor)
    return {
        view.side(member.country.other).member_id: f"/me/introductions/{view.introduction.id}"
        for view in reversed(found)
        if view.introduction.purpose is purpose
    }


def _found(
    matchmaker: Matchmaker,
    member: Member,
    purpose: Purpose | None,
    voices: Mapping[str, Voice],
    limit: int,
    reader: Reader,
) -> tuple[Suggestion, ...]:
    """The best suggestions but those that are not for this member."""
    if purpose is None:
        return ()
    no = {partner for partner, voice in voices.items() if voice.opinion is Opinion.NOT_FOR_US}
    found = matchmaker.suggestions.for_member(
        member.external_id, purpose, None, limit + len(no), reader.language
    )
    return tuple(each for each in found.items if each.member.external_id not in no)[:limit]


def _item(
    member: Member,
    suggestion: Suggestion,
    purpose: Purpose | None,
    voices: Mapping[str, Voice],
    introduced: Mapping[str, str],
    reader: Reader,
    fault: Fault | None,
) -> Item:
    partner = suggestion.member
    voice = voices.get(partner.external_id)
    kr, sg = (member, partner) if member.country is Country.KR else (partner, member)
    return Item(
        match_of_suggestion(member, suggestion, purpose, reader, is_stored=False),
        partner.external_id,
        name_of(partner, partner.external_id, reader.words),
        voice is not None and voice.opinion is Opinion.INTERESTED,
        introduced.get(partner.external_id),
        pair_url(kr.external_id, sg.external_id, purpose),
        fault.text if fault and fault.partner_id == partner.external_id else None,
    )


def _refused(matchmaker: Matchmaker, voices: Mapping[str, Voice], reader: Reader) -> tuple[Refused, ...]:
    no = [voice for voice in voices.values() if voice.opinion is Opinion.NOT_FOR_US]
    known = matchmaker.directory.find_many([voice.partner_id for voice in no])
    return tuple(
        Refused(
            voice.partner_id,
            name_of(known[voice.partner_id].member, voice.partner_id, reader.words),
            member_url(voice.partner_id),
            reader.words.gettext(desk_labels.REFUSAL_REASONS[voice.reason]) if voice.reason else "",
        )
        for voice in no
        if voice.partner_id in known
    )


def _toast(reader: Reader, matchmaker: Matchmaker, voices: Mapping[str, Voice]) -> Toast | None:
    """What the address says was just said, if it is so."""
    query, words = reader.request.query_params, reader.words
    done, partner_id = query.get("done", ""), query.get("partner", "")[:100]
    voice = voices.get(partner_id)
    if done == "undo" and voice is None:
        return Toast(words.gettext("Taken back; nothing is kept of it."))
    if voice is None or voice.opinion != done:
        return None
    try:
        name = name_of(matchmaker.directory.get(partner_id).member, partner_id, words)
    except UnknownMember:
        return None
    if voice.opinion is Opinion.INTERESTED:
        text = words.gettext("Noted: %(name)s interests you. Coordinators see it, nobody else.", name=name)
    else:
        text = words.gettext("Noted: %(name)s is not for you. Coordinators see it, nobody else.", name=name)
    return Toast(text, partner_id)
