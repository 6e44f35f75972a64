"""A member's own profile: read as others read it, and written by those who speak for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice
from api.pages.language import Words
from api.pages.rendering import Card, Reader, Reading, card_of
from api.security import CurrentActor, requires
from matchmaker.domain.access import Action, Actor
from matchmaker.domain.member import LANGUAGES, Member, Statement, Text
from matchmaker.domain.records import StoredMember
from matchmaker.errors import Fault, Forbidden, InvalidInput, StaleVersion
from matchmaker.formats.member_line import MemberLine, clean, parse_member

router = APIRouter(dependencies=[requires(Action.OWN_PROFILE)])

MOST = 20
"""Rows of offers, needs or fields that the form takes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One offer or need as the form shows it."""

    number: int
    en: str = ""
    ko: str = ""
    until: str = ""
    purposes: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What was filled in, as it was filled in. ``version`` is the profile's that it began with."""

    version: int
    summary: Mapping[str, str]
    website: str
    domains: tuple[Mapping[str, str], ...]
    offers: tuple[Mapping[str, Any], ...]
    needs: tuple[Mapping[str, Any], ...]
    consents: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProfileFormPage:
    """The form; ``faults`` by field name, ``is_stale``: somebody else saved in between."""

    card: Card
    version: int
    summary: Mapping[str, str]
    website: str
    domains: tuple[Row, ...]
    offers: tuple[Row, ...]
    needs: tuple[Row, ...]
    consents: tuple[Choice, ...]
    faults: Mapping[str, str] = field(default_factory=dict)
    is_stale: bool = False


async def read_form(request: Request) -> FormData:
    """The form of a request; its fields are not known beforehand."""
    return await request.form(max_fields=1000)


Filled = Annotated[FormData, Depends(read_form)]


@router.get("/me/profile")
def show_my_profile(reader: Reading, matchmaker: Product, actor: CurrentActor) -> Response:
    """The form, filled in with what is stored."""
    stored = own_member(matchmaker, actor)
    return reader.render("my_profile.html", _page(stored, _answers_of(stored), reader), keep=False)


@router.post("/me/profile")
def save_my_profile(reader: Reading, matchmaker: Product, actor: CurrentActor, form: Filled) -> Response:
    """Keep the profile; or show one more row, or what has to be mended."""
    stored, answers = own_member(matchmaker, actor), _answers_in(form)
    more = form.get("more")
    if more in ("domains", "offers", "needs"):
        return reader.render("my_profile.html", _page(stored, answers, reader, more=str(more)), keep=False)
    try:
        member = parse_member(_line(stored.member, answers))
        matchmaker.registration.revise(member.external_id, member, answers.version)
    except InvalidInput as error:
        page = _page(stored, answers, reader, faults=_faults(error.faults, reader.words))
        return reader.render("my_profile.html", page, 422, keep=False)
    except StaleVersion:
        return reader.render(
            "my_profile.html", _page(stored, answers, reader, is_stale=True), 409, keep=False
        )
    return RedirectResponse("/me?saved=1", 303)


def own_member(matchmaker: Any, actor: Actor) -> StoredMember:
    """The organisation that the actor speaks for.

    Raises:
        Forbidden: the account speaks for none.
        UnknownMember: it has left the directory.
    """
    if actor.member_id is None:
        raise Forbidden(action=Action.OWN_PROFILE)
    found: StoredMember = matchmaker.directory.get(actor.member_id)
    return found


def _answers_of(stored: StoredMember) -> Answers:
    member = stored.member
    return Answers(
        stored.version,
        _wordings(member.summary),
        member.website or "",
        tuple(_wordings(domain) for domain in member.domains),
        tuple(_filled(offer) for offer in member.offers),
        tuple(_filled(need) for need in member.needs),
        frozenset(member.consents),
    )


def _wordings(text: Text) -> dict[str, str]:
    return {language: text.get(language) or "" for language in LANGUAGES}


def _filled(statement: Statement) -> dict[str, Any]:
    until = statement.until.isoformat() if statement.until else ""
    return {**_wordings(statement.text), "until": until, "purposes": frozenset(statement.purposes)}


def _answers_in(form: FormData) -> Answers:
    version = str(form.get("version", ""))
    return Answers(
        int(version) if version.isdecimal() and len(version) < 10 else 0,
        {language: _text(form, f"summary-{language}") for language in LANGUAGES},
        _text(form, "website"),
        tuple(_rows_in(form, "domains")),
        tuple(_rows_in(form, "offers")),
        tuple(_rows_in(form, "needs")),
        frozenset(str(value) for value in form.getlist("consents")),
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return str(clean(value) or "") if isinstance(value, str) else ""


def _rows_in(form: FormData, group: str) -> Iterator[dict[str, Any]]:
    for number in range(MOST):
        row: dict[str, Any] = {
            language: _text(form, f"{group}-{number}-{language}") for language in LANGUAGES
        }
        if any(row.values()):
            row["until"] = _text(form, f"{group}-{number}-until")
            row["purposes"] = frozenset(str(value) for value in form.getlist(f"{group}-{number}-purposes"))
            yield row


def _line(member: Member, answers: Answers) -> dict[str, Any]:
    """The member line that the answers make of a stored member."""
    translations = _translations(member)
    line = MemberLine.of(member).model_dump(mode="json", exclude_none=True)
    return line | {
        "summary": _text_line(answers.summary, translations),
        "domains": [_text_line(row, translations) for row in answers.domains],
        "offers": [_statement_line(row, translations) for row in answers.offers],
        "needs": [_statement_line(row, translations) for row in answers.needs],
        "website": answers.website or None,
        "consents": sorted(answers.consents),
    }


def _translations(member: Member) -> frozenset[str]:
    """Wordings that are known to be translations: they stay so until somebody rewrites them."""
    texts = [
        member.summary,
        *member.domains,
        *(statement.text for statement in (*member.offers, *member.needs)),
    ]
    return frozenset(text.get(language) or "" for text in texts for language in text.translated)


def _text_line(row: Mapping[str, Any], translations: frozenset[str]) -> dict[str, Any]:
    wordings: dict[str, Any] = {language: row[language] for language in LANGUAGES if row[language]}
    translated = [language for language, wording in wordings.items() if wording in translations]
    return {**wordings, "translated": translated if len(translated) < len(wordings) else []}


def _statement_line(row: Mapping[str, Any], translations: frozenset[str]) -> dict[str, Any]:
    return {
        "text": _text_line(row, translations),
        "purposes": sorted(row["purposes"]),
        "until": row["until"] or None,
    }


def _page(
    stored: StoredMember,
    answers: Answers,
    reader: Reader,
    *,
    more: str = "",
    faults: Mapping[str, str] | None = None,
    is_stale: bool = False,
) -> ProfileFormPage:
    words = reader.words
    blank = {"domains": 1, "offers": 1, "needs": 1} | ({more: 3} if more else {})
    return ProfileFormPage(
        card_of(stored.member, words),
        stored.version if is_stale else answers.version,
        answers.summary,
        answers.website,
        _rows(answers.domains, blank["domains"], words),
        _rows(answers.offers, blank["offers"], words),
        _rows(answers.needs, blank["needs"], words),
        _purposes(answers.consents, words),
        faults or {},
        is_stale,
    )


def _rows(filled: Sequence[Mapping[str, Any]], blank: int, words: Words) -> tuple[Row, ...]:
    rows = [*filled, *({} for _ in range(blank))][:MOST]
    return tuple(
        Row(
            number,
            row.get("en", ""),
            row.get("ko", ""),
            row.get("until", ""),
            _purposes(row.get("purposes", frozenset()), words),
        )
        for number, row in enumerate(rows)
    )


def _purposes(chosen: frozenset[str], words: Words) -> tuple[Choice, ...]:
    return tuple(
        Choice(purpose.value, words.gettext(label), purpose.value in chosen)
        for purpose, label in labels.PURPOSES.items()
    )


def _faults(faults: tuple[Fault, ...], words: Words) -> dict[str, str]:
    """What has to be mended, by the field where it stands."""
    return {_field_of(fault.pointer): _said(fault, words) for fault in faults}


def _field_of(pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    if parts[0] in ("offers", "needs", "domains") and len(parts) > 1:
        language = parts[-1] if parts[-1] in LANGUAGES else "until" if parts[-1] == "until" else "en"
        return f"{parts[0]}-{parts[1]}-{language}"
    if parts[0] == "summary":
        return f"summary-{parts[-1]}" if parts[-1] in LANGUAGES else "summary-en"
    return parts[0] or "summary-en"


def _said(fault: Fault, words: Words) -> str:
    sentences = {
        "string_too_long": words.gettext("This text is too long; 4,000 characters are the most."),
        "string_pattern_mismatch": words.gettext("Write the address as https://…"),
        "date_from_datetime_parsing": words.gettext("Write the day as year-month-day, such as 2027-06-30."),
        "date_parsing": words.gettext("Write the day as year-month-day, such as 2027-06-30."),
        "too_long": words.gettext("There are too many of these; 50 are the most."),
    }
    if fault.pointer == "":
        return words.gettext("Say something about yourselves: a summary, a field, an offer or a need.")
    return sentences.get(fault.code, words.gettext("This cannot be kept as it stands; please rewrite it."))
