"""The outbox: letters on their way, what went wrong with them, and what coordinators send by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages.choices import Choice, read_choice
from api.pages.introduce import contact_url, name_of
from api.pages.introduction_words import LETTER_KINDS, LETTER_STATES, error_in_words
from api.pages.language import Words
from api.pages.letter_texts import LetterText, text_of
from api.pages.moments import moment_of
from api.pages.rendering import Reader, Reading, address
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor, is_allowed
from matchmaker.domain.contact import Contact
from matchmaker.domain.member import Country, Member
from matchmaker.domain.outbox import LetterState, Posted
from matchmaker.domain.records import StoredMember
from matchmaker.errors import Conflict, IllegalMove
from matchmaker.services.outbox import BY_HAND

router = APIRouter(dependencies=[requires(Action.INTRODUCE)])


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A letter in the list."""

    url: str
    to: str
    country_class: str
    kind: str
    state: str
    when: str
    error: str | None


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """The list. Without mail (``has_mail``) every letter is sent by hand."""

    has_mail: bool
    tabs: tuple[Choice, ...]
    rows: tuple[OutboxRow, ...]
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class LetterPage:
    """One letter. ``may_send``: waits for somebody's hand, and it may be this coordinator's."""

    row: OutboxRow
    introduction_url: str
    has_mail: bool
    text: LetterText
    is_pending: bool
    may_send: bool
    is_other_side: bool
    may_resend: bool
    lacks_contact: bool
    contact_url: str
    contact: Contact | None
    fault: str | None
    toast: str | None


@router.get("/outbox")
def show_outbox(reader: Reading, matchmaker: Product, actor: CurrentActor, state: str = "") -> Response:
    """All letters, or those of one state, the latest first."""
    chosen = read_choice(LetterState, state)
    letters = matchmaker.outbox.list_of(actor)
    known = matchmaker.directory.find_many([letter.member_id for letter in letters])
    counts = Counter(letter.state for letter in letters)
    rows = tuple(_row(each, _member(each, known), reader) for each in letters if chosen in (None, each.state))
    page = OutboxPage(_has_mail(matchmaker), _tabs(counts, chosen, reader.words), rows, chosen is not None)
    return reader.render("outbox.html", page, keep=False)


@router.get("/outbox/{letter_id}")
def show_letter(reader: Reading, matchmaker: Product, actor: CurrentActor, letter_id: int) -> Response:
    """One letter as it reads."""
    return _letter(reader, matchmaker, actor, letter_id)


@router.post("/outbox/{letter_id}/eml")
def download(reader: Reading, matchmaker: Product, actor: CurrentActor, letter_id: int) -> Response:
    """The letter as a message file, addressed. A form asks for it, not a link: its text gets a link of its own."""
    try:
        content = matchmaker.outbox.download_eml(letter_id, actor)
    except (Conflict, IllegalMove):
        return _refused(reader, matchmaker, actor, letter_id)
    headers = {
        "Content-Disposition": f'attachment; filename="letter-{letter_id}.eml"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="message/rfc822", headers=headers)


@router.post("/outbox/{letter_id}/sent")
def mark_sent(reader: Reading, matchmaker: Product, actor: CurrentActor, letter_id: int) -> Response:
    """A coordinator sent it by hand."""
    return _done(reader, matchmaker, actor, letter_id, "sent", matchmaker.outbox.mark_sent)


@router.post("/outbox/{letter_id}/resend")
def resend(reader: Reading, matchmaker: Product, actor: CurrentActor, letter_id: int) -> Response:
    """Try a failed letter anew."""
    return _done(reader, matchmaker, actor, letter_id, "resent", matchmaker.outbox.resend)


def _done(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    letter_id: int,
    done: str,
    act: Callable[[int, Actor], Posted],
) -> Response:
    try:
        act(letter_id, actor)
    except (Conflict, IllegalMove):
        return _refused(reader, matchmaker, actor, letter_id)
    return RedirectResponse(address(f"/outbox/{letter_id}", done=done), 303)


def _refused(reader: Reader, matchmaker: Matchmaker, actor: Actor, letter_id: int) -> Response:
    fault = reader.words.gettext(
        "This cannot be done with the letter as it stands now. Somebody answered, left or sent it meanwhile, "
        "or a contact is missing."
    )
    return _letter(reader, matchmaker, actor, letter_id, fault=fault, status=409)


def _letter(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    letter_id: int,
    *,
    fault: str | None = None,
    status: int = 200,
) -> Response:
    letter = matchmaker.outbox.get(letter_id, actor)
    member = _member(letter, matchmaker.directory.find_many([letter.member_id]))
    is_own_side = member is not None and is_allowed(actor, Action.READ_CONTACTS, country=member.country)
    by_hand = letter.state in BY_HAND
    page = LetterPage(
        row=_row(letter, member, reader),
        introduction_url=f"/introductions/{letter.introduction_id}",
        has_mail=_has_mail(matchmaker),
        text=text_of(letter.subject, letter.body, letter.language),
        is_pending=letter.state.is_pending,
        may_send=by_hand and is_own_side,
        is_other_side=by_hand and member is not None and not is_own_side,
        may_resend=letter.state is LetterState.FAILED,
        lacks_contact=letter.error == "no-contact",
        contact_url=contact_url(letter.member_id),
        contact=matchmaker.contacts.of_member(letter.member_id, actor) if is_own_side else None,
        fault=fault,
        toast=_toast(reader, letter),
    )
    return reader.render("letter.html", page, status, keep=False)


def _toast(reader: Reader, letter: Posted) -> str | None:
    done, words = reader.request.query_params.get("done"), reader.words
    if done == "sent" and letter.state is LetterState.MANUAL:
        return words.gettext("Noted as sent by hand.")
    if done == "resent" and letter.state is LetterState.WAITING:
        return words.gettext("The letter will be tried again.")
    return None


def _row(letter: Posted, member: Member | None, reader: Reader) -> OutboxRow:
    words = reader.words
    is_troubled = letter.error is not None and letter.state in BY_HAND
    return OutboxRow(
        f"/outbox/{letter.id}",
        name_of(member, letter.member_id, words),
        _country_class(member),
        words.gettext(LETTER_KINDS[letter.kind]),
        words.gettext(LETTER_STATES[letter.state]),
        _when(letter, reader),
        error_in_words(letter.error, words) if letter.error and is_troubled else None,
    )


def _country_class(member: Member | None) -> str:
    return {Country.KR: "kr", Country.SG: "sg"}[member.country] if member else ""


def _when(letter: Posted, reader: Reader) -> str:
    gettext, language = reader.words.gettext, reader.language
    if letter.state.has_left and letter.sent_at:
        return moment_of(letter.sent_at, language).text
    if letter.state is LetterState.HELD:
        return gettext("leaves at %(time)s", time=moment_of(letter.send_after, language).text)
    if letter.state is LetterState.WAITING and letter.next_attempt_at:
        return gettext("next try at %(time)s", time=moment_of(letter.next_attempt_at, language).text)
    return gettext("written at %(time)s", time=moment_of(letter.created_at, language).text)


def _member(letter: Posted, known: Mapping[str, StoredMember]) -> Member | None:
    found = known.get(letter.member_id)
    return found.member if found else None


def _tabs(counts: Mapping[LetterState, int], chosen: LetterState | None, words: Words) -> tuple[Choice, ...]:
    every = Choice("", f"{words.gettext('All')} {sum(counts.values())}", chosen is None, "/outbox")
    return (
        every,
        *(
            Choice(
                state.value,
                f"{words.gettext(label)} {counts.get(state, 0)}",
                state is chosen,
                address("/outbox", state=state),
            )
            for state, label in LETTER_STATES.items()
            if counts.get(state) or state is chosen
        ),
    )


def _has_mail(matchmaker: Matchmaker) -> bool:
    return matchmaker.delivery.mailer is not None
