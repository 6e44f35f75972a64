"""Introductions as coordinators follow them: who is asked, who is silent, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import desk_labels, labels
from api.pages.choices import Choice, options, read_choice
from api.pages.downloads import table_of, workbook_of
from api.pages.introduce import name_of
from api.pages.introduction_words import LETTER_KINDS, LETTER_STATES, answer_in_words
from api.pages.language import Words
from api.pages.moments import Moment, moment_of
from api.pages.rendering import SEOUL, Card, Reader, Reading, address, card_of, day
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor, is_allowed
from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import Introduction, State
from matchmaker.domain.member import Country, Purpose
from matchmaker.domain.outbox import Posted
from matchmaker.domain.review import Stage
from matchmaker.errors import IllegalMove, StaleVersion
from matchmaker.services.introductions import IntroductionView

router = APIRouter(dependencies=[requires(Action.INTRODUCE)])

Cells = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SideRow:
    """One side in the list: its name, its country's class, what it said."""

    name: str
    country_class: str
    said: str


@dataclass(frozen=True, slots=True)
class IntroductionRow:
    """An introduction in the list."""

    url: str
    purpose: str
    state: str
    when: Moment
    sides: tuple[SideRow, ...]


@dataclass(frozen=True, slots=True)
class IntroductionsPage:
    """The list. ``tabs``: by state, with how many; the links to files keep the filter."""

    tabs: tuple[Choice, ...]
    purposes: tuple[Choice, ...]
    state: str
    rows: tuple[IntroductionRow, ...]
    is_filtered: bool
    csv_url: str
    xlsx_url: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something in an introduction's life; ``is_ahead``: not yet."""

    when: str
    machine: str
    text: str
    is_ahead: bool = False


@dataclass(frozen=True, slots=True)
class FollowedSide:
    """One side of an opened introduction. ``contact`` is None where the coordinator may not see it."""

    card: Card | None
    name: str
    country_class: str
    said: str
    may_see_contact: bool
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter of this introduction."""

    url: str
    to: str
    country_class: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Toast:
    """What just happened; ``undo_url`` takes it back."""

    text: str
    undo_url: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class IntroductionPage:
    """One introduction. ``undo_url``: where its case goes back to the desk, while nothing has left."""

    id: int
    version: int
    title: str
    purpose: str
    state: str
    case_url: str
    case_stage: str
    is_held: bool
    is_open: bool
    has_accepted: bool
    may_record: bool
    sides: tuple[FollowedSide, ...]
    steps: tuple[Step, ...]
    letters: tuple[LetterRow, ...]
    undo_url: str | None
    case_version: int
    toast: Toast | None
    fault: str | None


@router.get("/introductions")
def show_introductions(
    reader: Reading, matchmaker: Product, actor: CurrentActor, state: str = "", purpose: str = ""
) -> Response:
    """All introductions, or those of one state or purpose, the latest first."""
    chosen, about = read_choice(State, state), read_choice(Purpose, purpose)
    found = matchmaker.introductions.list_of(actor, purpose=about)
    shown = [view for view in found if chosen in (None, view.introduction.state)]
    page = IntroductionsPage(
        tabs=_tabs(found, chosen, about, reader.words),
        purposes=options(labels.PURPOSES, about, reader.words),
        state=chosen or "",
        rows=tuple(_row(view, reader) for view in shown),
        is_filtered=chosen is not None or about is not None,
        csv_url=address("/introductions.csv", state=chosen, purpose=about),
        xlsx_url=address("/introductions.xlsx", state=chosen, purpose=about),
    )
    return reader.render("introductions.html", page, keep=False)


@router.get("/introductions.csv")
def introductions_csv(
    reader: Reading, matchmaker: Product, actor: CurrentActor, state: str = "", purpose: str = ""
) -> Response:
    """The list as a table for spreadsheets."""
    rows = _chosen_rows(matchmaker, actor, state, purpose, reader.words)
    return table_of(rows, "introductions")


@router.get("/introductions.xlsx")
def introductions_xlsx(
    reader: Reading, matchmaker: Product, actor: CurrentActor, state: str = "", purpose: str = ""
) -> Response:
    """The list as a workbook."""
    rows = _chosen_rows(matchmaker, actor, state, purpose, reader.words)
    return workbook_of([(reader.words.gettext("Introductions"), rows)], "introductions")


@router.get("/introductions/{introduction_id}")
def show_introduction(
    reader: Reading, matchmaker: Product, actor: CurrentActor, introduction_id: int
) -> Response:
    """One introduction."""
    return _introduction(reader, matchmaker, actor, introduction_id)


@router.post("/introductions/{introduction_id}/cancel")
def cancel(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    introduction_id: int,
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Take it back; whoever was asked hears so, and the case is closed."""
    try:
        matchmaker.introductions.cancel(introduction_id, actor, version)
    except (StaleVersion, IllegalMove):
        fault = reader.words.gettext(
            "Something happened meanwhile; it stands below. The introduction was not cancelled."
        )
        return _introduction(reader, matchmaker, actor, introduction_id, fault=fault, status=409)
    return RedirectResponse(address(f"/introductions/{introduction_id}", done="cancelled"), 303)


def _tabs(
    found: Sequence[IntroductionView], chosen: State | None, about: Purpose | None, words: Words
) -> tuple[Choice, ...]:
    counts = Counter(view.introduction.state for view in found)
    every = Choice(
        "",
        f"{words.gettext('All')} {len(found)}",
        chosen is None,
        address("/introductions", purpose=about),
    )
    return (
        every,
        *(
            Choice(
                state.value,
                f"{words.gettext(label)} {counts[state]}",
                state is chosen,
                address("/introductions", state=state, purpose=about),
            )
            for state, label in desk_labels.STATES.items()
        ),
    )


def _row(view: IntroductionView, reader: Reader) -> IntroductionRow:
    found, words = view.introduction, reader.words
    return IntroductionRow(
        f"/introductions/{found.id}",
        words.gettext(labels.PURPOSES[found.purpose]),
        words.gettext(desk_labels.STATES[found.state]),
        moment_of(found.ended_at or found.asked_at or found.created_at, reader.language),
        tuple(
            SideRow(
                name_of(view.side(country).member, view.side(country).member_id, words),
                country.lower(),
                answer_in_words(view.side(country), found, country, words),
            )
            for country in Country
        ),
    )


def _introduction(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    introduction_id: int,
    *,
    fault: str | None = None,
    status: int = 200,
) -> Response:
    view = matchmaker.introductions.view(introduction_id, actor)
    found, words = view.introduction, reader.words
    case = matchmaker.reviews.look(found.case_id, actor, reader.language)
    is_held = found.state is State.HELD
    undo_url = f"/review/{found.case_id}/undo" if is_held and case.undoable is not None else None
    page = IntroductionPage(
        id=found.id,
        version=found.version,
        title=" ↔ ".join(
            name_of(view.side(each).member, view.side(each).member_id, words) for each in Country
        ),
        purpose=words.gettext(labels.PURPOSES[found.purpose]),
        state=words.gettext(desk_labels.STATES[found.state]),
        case_url=f"/review/{found.case_id}",
        case_stage=words.gettext(desk_labels.STAGES[case.case.stage]),
        is_held=is_held,
        is_open=not found.state.is_over,
        has_accepted=found.state is State.ACCEPTED,
        may_record=found.state is State.ACCEPTED and case.case.stage in (Stage.INTRODUCED, Stage.MET),
        sides=tuple(_followed(view, country, matchmaker, actor, words) for country in Country),
        steps=tuple(_steps(view, reader)),
        letters=_letters(matchmaker.outbox.list_of(actor, (), found.id), view, words),
        undo_url=undo_url,
        case_version=case.case.version,
        toast=_toast(reader, found, undo_url, case.case.version),
        fault=fault,
    )
    return reader.render("introduction.html", page, status, keep=False)


def _followed(
    view: IntroductionView, country: Country, matchmaker: Matchmaker, actor: Actor, words: Words
) -> FollowedSide:
    side = view.side(country)
    may_see = side.member is not None and is_allowed(actor, Action.READ_CONTACTS, country=country)
    return FollowedSide(
        card_of(side.member, words) if side.member else None,
        name_of(side.member, side.member_id, words),
        country.lower(),
        answer_in_words(side, view.introduction, country, words),
        may_see,
        matchmaker.contacts.of_member(side.member_id, actor) if may_see else None,
    )


def _steps(view: IntroductionView, reader: Reader) -> Iterator[Step]:
    """What happened, in order, and what comes next."""
    found, words = view.introduction, reader.words
    yield _step(found.created_at, words.gettext("The letters were written"), reader)
    if found.state is State.HELD:
        yield _step(found.send_after, words.gettext("The letters leave"), reader, is_ahead=True)
    if found.asked_at:
        yield _step(found.asked_at, words.gettext("The first letter left"), reader)
    if found.reminded_at:
        yield _step(found.reminded_at, words.gettext("Whoever was silent was reminded"), reader)
    if view.answer_by:
        text = words.gettext("The last day for an answer")
        yield Step(day(view.answer_by, reader.language), view.answer_by.isoformat(), text, True)
    if found.ended_at:
        yield _step(found.ended_at, words.gettext(desk_labels.STATES[found.state]), reader)


def _step(at: datetime, text: str, reader: Reader, *, is_ahead: bool = False) -> Step:
    moment = moment_of(at, reader.language)
    return Step(moment.text, moment.machine, text, is_ahead)


def _letters(letters: Sequence[Posted], view: IntroductionView, words: Words) -> tuple[LetterRow, ...]:
    return tuple(_letter_row(letter, view, words) for letter in reversed(letters))


def _letter_row(letter: Posted, view: IntroductionView, words: Words) -> LetterRow:
    country = Country.KR if letter.member_id == view.introduction.kr else Country.SG
    return LetterRow(
        f"/outbox/{letter.id}",
        name_of(view.side(country).member, letter.member_id, words),
        country.lower(),
        words.gettext(LETTER_KINDS[letter.kind]),
        words.gettext(LETTER_STATES[letter.state]),
    )


def _toast(reader: Reader, found: Introduction, undo_url: str | None, case_version: int) -> Toast | None:
    done, words = reader.request.query_params.get("done"), reader.words
    if done == "introduced" and found.state is State.HELD:
        moment = moment_of(found.send_after, reader.language)
        text = words.gettext("Both letters are written. They leave at %(time)s.", time=moment.text)
        return Toast(text, undo_url, case_version)
    if done == "cancelled" and found.state is State.CANCELLED:
        return Toast(words.gettext("The introduction is cancelled."))
    return None


def _chosen_rows(matchmaker: Matchmaker, actor: Actor, state: str, purpose: str, words: Words) -> list[Cells]:
    chosen = read_choice(State, state)
    found = matchmaker.introductions.list_of(
        actor, states=[chosen] if chosen else [], purpose=read_choice(Purpose, purpose)
    )
    gettext = words.gettext
    heading: Cells = (
        gettext("Number"),
        gettext("Korean side (English)"),
        gettext("Korean side (Korean)"),
        gettext("Singapore side (English)"),
        gettext("Singapore side (Korean)"),
        gettext("Purpose"),
        gettext("State"),
        gettext("Korean side’s answer"),
        gettext("Singapore side’s answer"),
        gettext("Written (KST)"),
        gettext("Asked (KST)"),
        gettext("Ended (KST)"),
    )
    return [heading, *(_cells(view, words) for view in found)]


def _cells(view: IntroductionView, words: Words) -> Cells:
    found = view.introduction
    return (
        found.id,
        *_both_names(view, Country.KR),
        *_both_names(view, Country.SG),
        words.gettext(labels.PURPOSES[found.purpose]),
        words.gettext(desk_labels.STATES[found.state]),
        *(answer_in_words(view.side(country), found, country, words) for country in Country),
        *(_minute(at) for at in (found.created_at, found.asked_at, found.ended_at)),
    )


def _both_names(view: IntroductionView, country: Country) -> tuple[str, str]:
    side = view.side(country)
    if side.member is None:
        return side.member_id, ""
    return side.member.names.en or "", side.member.names.ko or ""


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}" if at else ""
