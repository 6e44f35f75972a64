"""A member's own first page: who waits for an answer, what would help to be found, three doors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages.contacts import ContactFormPage, Filled, change, contact_form, faults_of, fields_of
from api.pages.language import Words
from api.pages.my_profile import own_member
from api.pages.own_introductions import OwnRow, rows_of
from api.pages.rendering import Card, Reader, Reading, card_of
from api.security import CurrentActor, requires
from matchmaker.domain.access import Action
from matchmaker.domain.contact import Contact
from matchmaker.domain.member import LANGUAGES, Language, Member, Status, Text

router = APIRouter(dependencies=[requires(Action.OWN_PROFILE)])


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that would help to be found, and where to do it."""

    text: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class OwnHomePage:
    """The member's organisation at a glance. ``others``: introductions that wait for nobody here."""

    card: Card
    profile_url: str
    has_joined: bool
    waiting: tuple[OwnRow, ...]
    others: int
    advice: tuple[Advice, ...]
    contact: Contact | None
    toast: str | None


@router.get("/me")
def show_own_home(reader: Reading, matchmaker: Product, actor: CurrentActor) -> Response:
    """The member's own first page."""
    member = own_member(matchmaker, actor).member
    contact = matchmaker.contacts.of_member(member.external_id, actor)
    rows = rows_of(matchmaker, actor, member, reader)
    waiting = tuple(row for row in rows if row.is_waiting)
    card = card_of(member, reader.words)
    page = OwnHomePage(
        card,
        card.url,
        member.status is Status.MEMBER,
        waiting,
        len(rows) - len(waiting),
        tuple(_advice(member, contact, reader.words)),
        contact,
        _toast(reader),
    )
    return reader.render("own_home.html", page, keep=False)


@router.get("/me/contact")
def show_own_contact(reader: Reading, matchmaker: Product, actor: CurrentActor) -> Response:
    """Whom letters go to."""
    member = own_member(matchmaker, actor).member
    contact = matchmaker.contacts.of_member(member.external_id, actor)
    page = contact_form(member, fields_of(contact, member), reader, is_own=True, is_kept=contact is not None)
    return _contact_page(reader, page)


@router.post("/me/contact")
def save_own_contact(reader: Reading, matchmaker: Product, actor: CurrentActor, fields: Filled) -> Response:
    """Keep whom letters go to."""
    member = own_member(matchmaker, actor).member
    fault = change(matchmaker, actor, member, fields, "save")
    if fault is None:
        return RedirectResponse("/me?saved=contact", 303)
    page = contact_form(member, fields, reader, is_own=True, faults=faults_of(fault, reader.words))
    return _contact_page(reader, page, 422)


def _contact_page(reader: Reader, page: ContactFormPage, status: int = 200) -> Response:
    return reader.render("contact.html", page, status, keep=False)


def _advice(member: Member, contact: Contact | None, words: Words) -> Iterator[Advice]:
    """What would help, the most useful first."""
    gettext = words.gettext
    if not member.open_purposes:
        yield Advice(
            gettext(
                "You are open to no purpose, so nobody is suggested to you and you are suggested to nobody."
            ),
            "/me/profile#consents-hint",
            gettext("Choose purposes"),
        )
    if not member.needs:
        yield Advice(
            gettext("No need is stated. Concrete needs find partners two to three times better."),
            "/me/profile#needs-0-en",
            gettext("State what you need"),
        )
    if not member.offers:
        yield Advice(
            gettext("No offer is stated, so only your description speaks for you."),
            "/me/profile#offers-0-en",
            gettext("State what you offer"),
        )
    if missing := _missing_language(member):
        yield Advice(
            gettext("Some of your texts have no Korean version.")
            if missing == "ko"
            else gettext("Some of your texts have no English version."),
            "/me/profile",
            gettext("Add the other language"),
        )
    if contact is None:
        yield Advice(
            gettext("Nobody is named whom letters go to, so you cannot be introduced."),
            "/me/contact",
            gettext("Name a contact"),
        )


def _missing_language(member: Member) -> Language | None:
    """A language that some of the member's texts lack."""
    texts: list[Text] = [statement.text for statement in (*member.needs, *member.offers)]
    if member.summary:
        texts.append(member.summary)
    return next((each for each in LANGUAGES if any(not text.get(each) for text in texts)), None)


def _toast(reader: Reader) -> str | None:
    sentences = {
        "1": reader.words.gettext("Your profile is saved. It counts with the next search."),
        "contact": reader.words.gettext("Letters go there from now on."),
    }
    return sentences.get(reader.request.query_params.get("saved", ""))
