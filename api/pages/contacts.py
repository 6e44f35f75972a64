"""Whom letters go to: the contacts of one side's members, kept by its coordinators or by the members themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import MemberId, Product
from api.pages.choices import Choice
from api.pages.introduce import contact_url, name_of
from api.pages.language import Words
from api.pages.rendering import Card, Reader, Reading, address, card_of
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor, is_allowed
from matchmaker.domain.contact import MAX_EMAIL, MAX_NAME, MAX_PHONE, Contact
from matchmaker.domain.member import Country, Language, Member, Status
from matchmaker.domain.plain_text import plain
from matchmaker.errors import Conflict, InvalidInput
from matchmaker.services.letters import FIRST_LANGUAGES

router = APIRouter(prefix="/contacts", dependencies=[requires(Action.READ_CONTACTS)])


@dataclass(frozen=True, slots=True)
class ContactFields:
    """What was filled in, as it was filled in."""

    name: str = ""
    email: str = ""
    language: str = ""
    phone: str = ""


def read_fields(
    name: Annotated[str, Form(max_length=1000)] = "",
    email: Annotated[str, Form(max_length=1000)] = "",
    language: Annotated[str, Form(max_length=10)] = "",
    phone: Annotated[str, Form(max_length=1000)] = "",
) -> ContactFields:
    """The form of a contact."""
    return ContactFields(name, email, language, phone)


Filled = Annotated[ContactFields, Depends(read_fields)]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A member of the coordinator's side, and whom to write to there."""

    url: str
    card: Card
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """The list."""

    tabs: tuple[Choice, ...]
    rows: tuple[ContactRow, ...]
    is_filtered: bool
    toast: str | None


@dataclass(frozen=True, slots=True)
class ContactFormPage:
    """The form, for a coordinator or (``is_own``) for the member itself; ``faults`` by field."""

    card: Card
    action: str
    back: str
    is_own: bool
    has_joined: bool
    is_kept: bool
    fields: ContactFields
    faults: Mapping[str, str]
    most: Mapping[str, int]


@router.get("")
def show_contacts(reader: Reading, matchmaker: Product, actor: CurrentActor, show: str = "") -> Response:
    """The joined members of the coordinator's side."""
    found = [
        row
        for country in Country
        if is_allowed(actor, Action.READ_CONTACTS, country=country)
        for row in matchmaker.contacts.of_side(country, actor)
    ]
    missing = [row for row in found if row[1] is None]
    is_filtered = show == "missing"
    page = ContactsPage(
        _tabs(len(found), len(missing), is_filtered, reader.words),
        tuple(_row(*row, reader.words) for row in (missing if is_filtered else found)),
        is_filtered,
        _toast(reader, matchmaker),
    )
    return reader.render("contacts.html", page, keep=False)


@router.get("/{member_id}")
def show_contact(reader: Reading, matchmaker: Product, actor: CurrentActor, member_id: MemberId) -> Response:
    """The form, filled in with what is kept."""
    contact = matchmaker.contacts.of_member(member_id, actor)
    member = matchmaker.directory.get(member_id).member
    page = contact_form(member, fields_of(contact, member), reader, is_kept=contact is not None)
    return reader.render("contact.html", page, keep=False)


@router.post("/{member_id}")
def save_contact(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    member_id: MemberId,
    fields: Filled,
    do: Annotated[str, Form()] = "save",
) -> Response:
    """Keep a contact, or forget it."""
    member = matchmaker.directory.get(member_id).member
    fault = change(matchmaker, actor, member, fields, do)
    if fault is None:
        return RedirectResponse(address("/contacts", saved=member_id), 303)
    page = contact_form(member, fields, reader, faults=faults_of(fault, reader.words))
    return reader.render("contact.html", page, 409 if isinstance(fault, Conflict) else 422, keep=False)


def change(
    matchmaker: Matchmaker, actor: Actor, member: Member, fields: ContactFields, do: str
) -> InvalidInput | Conflict | None:
    """Do what a form says; what speaks against it, if something does.

    Raises:
        SignInRequired, Forbidden: the actor may not.
    """
    if do == "remove":
        matchmaker.contacts.remove(member.external_id, actor)
        return None
    language: Language = "ko" if fields.language == "ko" else "en"
    phone, email = plain(fields.phone), plain(fields.email)
    fresh = Contact(member.external_id, email, language, plain(fields.name) or None, phone or None)
    try:
        matchmaker.contacts.put(fresh, actor)
    except (InvalidInput, Conflict) as error:
        return error
    return None


def contact_form(
    member: Member,
    fields: ContactFields,
    reader: Reader,
    *,
    is_own: bool = False,
    is_kept: bool = False,
    faults: Mapping[str, str] | None = None,
) -> ContactFormPage:
    """The form's page."""
    return ContactFormPage(
        card_of(member, reader.words),
        "/me/contact" if is_own else contact_url(member.external_id),
        "/me" if is_own else "/contacts",
        is_own,
        member.status is Status.MEMBER,
        is_kept,
        fields,
        faults or {},
        {"name": MAX_NAME, "email": MAX_EMAIL, "phone": MAX_PHONE},
    )


def fields_of(contact: Contact | None, member: Member) -> ContactFields:
    """What is kept, as the form shows it."""
    if contact is None:
        return ContactFields(language=FIRST_LANGUAGES[member.country])
    return ContactFields(contact.name or "", contact.email, contact.language, contact.phone or "")


def faults_of(error: InvalidInput | Conflict, words: Words) -> dict[str, str]:
    """What to mend, by field."""
    if isinstance(error, Conflict):
        return {"email": words.gettext("This organisation has not joined, so nobody writes to it.")}
    sentences = {
        "email": words.gettext("Give one plain e-mail address, such as desk@example.org."),
        "name": words.gettext("Give at most %(most)s characters on one line.", most=MAX_NAME),
        "phone": words.gettext("Give a number such as +65 6000 0000, or leave it out."),
    }
    names = [fault.pointer.strip("/") for fault in error.faults]
    return {name: sentences[name] for name in names if name in sentences}


def _row(member: Member, contact: Contact | None, words: Words) -> ContactRow:
    return ContactRow(contact_url(member.external_id), card_of(member, words), contact)


def _tabs(every: int, missing: int, is_filtered: bool, words: Words) -> tuple[Choice, ...]:
    all_of_them, without = words.gettext("All"), words.gettext("Without a contact")
    return (
        Choice("", f"{all_of_them} {every}", not is_filtered, "/contacts"),
        Choice("missing", f"{without} {missing}", is_filtered, address("/contacts", show="missing")),
    )


def _toast(reader: Reader, matchmaker: Matchmaker) -> str | None:
    member_id = reader.request.query_params.get("saved", "")[:100]
    found = matchmaker.directory.find_many([member_id]).get(member_id) if member_id else None
    if found is None:
        return None
    name = name_of(found.member, member_id, reader.words)
    return reader.words.gettext("The contact of %(name)s is up to date.", name=name)
