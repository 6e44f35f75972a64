"""Before both are asked: what each would read, what is missing, and a word of the coordinator's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import desk_labels, labels, phrasing
from api.pages.introduction_words import OBSTACLES, minutes_in_words
from api.pages.language import Words
from api.pages.letter_texts import LetterText, text_of_draft
from api.pages.matches import Match, match_of_pair
from api.pages.rendering import Card, Reader, Reading, address, card_of, day, member_url
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor, is_allowed
from matchmaker.domain.contact import Contact
from matchmaker.domain.desk import CaseView
from matchmaker.domain.introduction import Obstacle
from matchmaker.domain.member import Country, Member
from matchmaker.domain.review import Stage
from matchmaker.errors import AlreadyDecided, Conflict, IllegalMove, InvalidInput
from matchmaker.services.introduction_previews import Preview, Prospect
from matchmaker.services.introductions import MAX_NOTE

router = APIRouter(dependencies=[requires(Action.INTRODUCE)])


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a side from being asked, and where to mend it if this coordinator can."""

    text: str
    url: str | None
    action: str


@dataclass(frozen=True, slots=True)
class AskedSide:
    """One side: who it is, whom the letter would go to, what it would read.

    ``contact`` is None where the coordinator may not see it, or there is none.
    """

    card: Card | None
    name: str
    has_contact: bool
    may_see_contact: bool
    contact: Contact | None
    letter: LetterText | None


@dataclass(frozen=True, slots=True)
class IntroducePage:
    """The preview. ``is_open``: the case may be introduced, as far as its stage goes."""

    case_url: str
    action: str
    version: int
    purpose: str
    stage: str
    is_open: bool
    is_ready: bool
    match: Match | None
    sides: tuple[AskedSide, ...]
    missing: tuple[Missing, ...]
    hold: str
    answer_by: str
    has_mail: bool
    note: str
    most: int
    fault: str | None
    note_fault: str | None


@router.get("/review/{case_id}/introduce")
def show_preview(reader: Reading, matchmaker: Product, actor: CurrentActor, case_id: int) -> Response:
    """Both letters as they would leave."""
    return _preview(reader, matchmaker, actor, case_id)


@router.post("/review/{case_id}/introduce")
def introduce(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    case_id: int,
    do: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
    note: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Ask both; or show both letters again with the note in them."""
    words = reader.words
    if do != "introduce":
        return _preview(reader, matchmaker, actor, case_id, note)
    try:
        made = matchmaker.introductions.introduce(case_id, actor, version, note.strip() or None)
    except AlreadyDecided:
        fault = words.gettext("Somebody decided about this case meanwhile. Nobody has been asked.")
        return _preview(reader, matchmaker, actor, case_id, note, fault=fault, status=409)
    except (Conflict, IllegalMove):
        fault = words.gettext("Nobody has been asked: something below is missing.")
        return _preview(reader, matchmaker, actor, case_id, note, fault=fault, status=409)
    except InvalidInput as error:
        return _preview(reader, matchmaker, actor, case_id, note, error=error, status=422)
    return RedirectResponse(address(f"/introductions/{made.id}", done="introduced"), 303)


def _preview(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    case_id: int,
    note: str = "",
    *,
    fault: str | None = None,
    error: InvalidInput | None = None,
    status: int = 200,
) -> Response:
    try:
        preview = matchmaker.introduction_previews.of_case(case_id, actor, "" if error else note)
    except InvalidInput as found:
        return _preview(reader, matchmaker, actor, case_id, note, error=found, status=422)
    view = matchmaker.reviews.look(case_id, actor, reader.language)
    page = _page(reader, matchmaker, actor, preview, view, note, fault, error)
    return reader.render("introduce.html", page, status, keep=False)


def _page(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    preview: Preview,
    view: CaseView,
    note: str,
    fault: str | None,
    error: InvalidInput | None,
) -> IntroducePage:
    case, words = preview.case, reader.words
    is_open = case.stage is Stage.SHORTLISTED
    sides = {Country.KR: preview.kr, Country.SG: preview.sg}
    return IntroducePage(
        case_url=f"/review/{case.id}",
        action=f"/review/{case.id}/introduce",
        version=case.version,
        purpose=words.gettext(labels.PURPOSES[case.purpose]),
        stage=words.gettext(desk_labels.STAGES[case.stage]),
        is_open=is_open,
        is_ready=is_open and preview.is_ready,
        match=match_of_pair(view.pair, case.purpose, reader) if view.pair else None,
        sides=tuple(_side(prospect, matchmaker, actor, words) for prospect in sides.values()),
        missing=tuple(
            _missing(obstacle, prospect, country, actor, words)
            for country, prospect in sides.items()
            for obstacle in prospect.obstacles
        ),
        hold=minutes_in_words(matchmaker.introductions.hold, words),
        answer_by=day(preview.answer_by, reader.language),
        has_mail=matchmaker.delivery.mailer is not None,
        note=note,
        most=MAX_NOTE,
        fault=fault,
        note_fault=_note_fault(error, words) if error else None,
    )


def _side(prospect: Prospect, matchmaker: Matchmaker, actor: Actor, words: Words) -> AskedSide:
    member = prospect.member
    may_see = member is not None and is_allowed(actor, Action.READ_CONTACTS, country=member.country)
    return AskedSide(
        card_of(member, words) if member else None,
        name_of(member, prospect.member_id, words),
        prospect.has_contact,
        may_see,
        matchmaker.contacts.of_member(prospect.member_id, actor) if may_see else None,
        text_of_draft(prospect.letter) if prospect.letter else None,
    )


def name_of(member: Member | None, external_id: str, words: Words) -> str:
    """A member's short name; its id where it has left."""
    if member is None:
        return words.gettext("%(id)s (has left)", id=external_id)
    return phrasing.short_name(member.names.best(words.language)[0])


def _missing(obstacle: Obstacle, prospect: Prospect, country: Country, actor: Actor, words: Words) -> Missing:
    text = words.gettext(OBSTACLES[obstacle], name=name_of(prospect.member, prospect.member_id, words))
    if obstacle is Obstacle.NO_CONTACT:
        if is_allowed(actor, Action.READ_CONTACTS, country=country):
            return Missing(text, contact_url(prospect.member_id), words.gettext("Enter its contact"))
        return Missing(f"{text} {_who_enters(country, words)}", None, "")
    if prospect.member is None:
        return Missing(text, None, "")
    return Missing(text, member_url(prospect.member_id), words.gettext("See its profile"))


def contact_url(member_id: str) -> str:
    """The form of a member's contact."""
    return f"/contacts/{quote(member_id, safe='')}"


def _who_enters(country: Country, words: Words) -> str:
    if country is Country.KR:
        return words.gettext("The coordinators in Korea can enter it.")
    return words.gettext("The coordinators in Singapore can enter it.")


def _note_fault(error: InvalidInput, words: Words) -> str:
    codes = {fault.code for fault in error.faults}
    if "contact" in codes:
        return words.gettext(
            "Leave addresses and phone numbers out of the note: they are given only once both accept."
        )
    return words.gettext("The note is too long; %(most)s characters are the most.", most=MAX_NOTE)
