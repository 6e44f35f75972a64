"""The coordinators' desk: the queue at the left, one pair at the right, a decision at the bottom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from api.dependencies import Product, RecordNumber
from api.pages import desk_labels, labels
from api.pages.case_cards import CaseCard, Row, card_of_case, name_of_pair, partners_in, row_of
from api.pages.choices import Choice, options, read_choice
from api.pages.language import Words
from api.pages.moments import moment_of
from api.pages.rendering import SEOUL, Reader, Reading, address
from api.pages.short_names import sentence
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor
from matchmaker.domain.desk import CaseFilter, CaseView, Opinion, QueueCounts, QueuePage, QueuePlace
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Agreement, CloseReason, DeclineReason, Move, Stage
from matchmaker.errors import AlreadyDecided, CaseHeld, IllegalMove, InvalidInput, TooLate, UnknownRecord
from matchmaker.services.reviews import LONGEST_NOTE

router = APIRouter(dependencies=[requires(Action.REVIEW)])

LIMIT = 25
"""Cases that the list beside the card shows."""
BATCH = 20
"""Pairs per purpose that are added at once: a morning's reading."""
EVERY_PURPOSE = "all"
PER_MEMBER = 2
"""How many of them may concern one member."""
BEFORE_LETTERS = (Stage.SUGGESTED, Stage.SNOOZED, Stage.SHORTLISTED, Stage.DECLINED)
"""Stages in which surely nobody has been written to."""
_MOVES = {
    "accept": Move.SHORTLIST,
    "decline": Move.DECLINE,
    "snooze": Move.SNOOZE,
    "wake": Move.WAKE,
    "reopen": Move.REOPEN,
    "meet": Move.MEET,
    "agree": Move.AGREE,
    "close": Move.CLOSE,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue the address asks for."""

    show: str = ""
    purpose: Purpose | None = None
    words: str = ""
    round_id: int | None = None

    def filter(self) -> CaseFilter:
        """As the desk understands it."""
        stage = read_choice(Stage, self.show)
        return CaseFilter(
            frozenset({stage}) if stage else frozenset(),
            self.purpose,
            tuple(self.words.split()),
            self.round_id,
            mine=self.show == "mine",
        )

    def url(self, path: str, **changes: object) -> str:
        """A page of the desk with this filter."""
        kept: dict[str, object] = {
            "show": self.show,
            "purpose": self.purpose,
            "q": self.words,
            "round": self.round_id,
        }
        return address(path, **(kept | changes))


def read_wanted(
    show: str = "",
    purpose: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    round: str = "",
) -> Wanted:
    """The filter of an address; what does not exist is left out."""
    number = int(round) if round.isdecimal() and len(round) < 10 else None
    is_known = show == "mine" or read_choice(Stage, show) is not None
    return Wanted(show if is_known else "", read_choice(Purpose, purpose), q.strip(), number)


InQueue = Annotated[Wanted, Depends(read_wanted)]


@dataclass(frozen=True, slots=True)
class StageLink:
    """A part of the queue, with how many cases it holds."""

    url: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Toast:
    """What just happened; ``undo_url`` takes it back."""

    text: str | Markup
    undo_url: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The desk. ``card`` is None where the queue is empty; ``hidden`` are the filter's fields for forms."""

    rows: tuple[Row, ...]
    total: int
    position: str | None
    csv_url: str
    xlsx_url: str
    stages: tuple[StageLink, ...]
    more: tuple[StageLink, ...]
    purposes: tuple[Choice, ...]
    words: str
    show: str
    round_id: int | None
    card: CaseCard | None
    toast: Toast | None
    fault: str | None
    note: str
    until: str
    longest_note: int
    decline_reasons: tuple[Choice, ...]
    agreements: tuple[Choice, ...]
    close_reasons: tuple[Choice, ...]
    is_filtered: bool


@router.get("/review")
def show_queue(reader: Reading, matchmaker: Product, actor: CurrentActor, wanted: InQueue) -> Response:
    """The first case of the queue, or what to do when it is empty."""
    page = matchmaker.reviews.queue(wanted.filter(), actor, limit=LIMIT)
    done = reader.request.query_params.get("done")
    if page.items:
        first = _first_free(page, actor) or page.items[0].case.id
        return RedirectResponse(wanted.url(f"/review/{first}", done=done), 303)
    return _desk(reader, matchmaker, actor, wanted, None)


@router.post("/review/fill")
def fill_queue(
    reader: Reading, matchmaker: Product, actor: CurrentActor, purpose: Annotated[str, Form()] = ""
) -> Response:
    """Draw pairs for one purpose, or for each, into the queue."""
    chosen = read_choice(Purpose, purpose)
    if chosen is None and purpose != EVERY_PURPOSE:
        return RedirectResponse("/review", 303)
    reports = [
        matchmaker.filling.fill(each, actor, per_member=PER_MEMBER, limit=BATCH)
        for each in ([chosen] if chosen else Purpose)
    ]
    added = sum(len(report.suggested) + len(report.reopened) for report in reports)
    return RedirectResponse(address("/review", purpose=chosen, done=f"filled-{added}"), 303)


@router.get("/review/{case_id}")
def show_case(
    reader: Reading, matchmaker: Product, actor: CurrentActor, wanted: InQueue, case_id: RecordNumber
) -> Response:
    """One case; whoever opens it first holds it for a while."""
    return _desk(reader, matchmaker, actor, wanted, case_id)


@router.post("/review/{case_id}")
def decide(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    wanted: InQueue,
    case_id: RecordNumber,
    do: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
    reason: Annotated[str, Form()] = "",
    agreement: Annotated[str, Form()] = "",
    ending: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Decide about a case, or write a note, and go on with the next one."""
    if do == "note":
        return _keep_note(reader, matchmaker, actor, wanted, case_id, note)
    if do == "release":
        matchmaker.reviews.release(case_id, actor)
        return _go_on(matchmaker, actor, wanted, case_id)
    move = _MOVES.get(do)
    if move is None:
        return RedirectResponse(wanted.url(f"/review/{case_id}"), 303)
    code = _code(move, reason, agreement, ending)
    if move in (Move.DECLINE, Move.AGREE, Move.CLOSE) and code is None:
        return _fault(reader, matchmaker, actor, wanted, case_id, _what_is_missing(move, reader), note)
    try:
        matchmaker.reviews.decide(
            case_id,
            move,
            actor,
            version,
            code=code,
            until=_moment(until) if move is Move.SNOOZE else None,
            note=note.strip() or None,
        )
    except (AlreadyDecided, CaseHeld, IllegalMove) as error:
        return _too_late(reader, matchmaker, actor, wanted, case_id, error, note)
    except InvalidInput as error:
        text = _what_is_wrong(error, reader)
        return _fault(reader, matchmaker, actor, wanted, case_id, text, note, until=until)
    return _go_on(matchmaker, actor, wanted, case_id, done=case_id)


@router.post("/review/{case_id}/undo")
def undo(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    wanted: InQueue,
    case_id: RecordNumber,
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Take the last decision about a case back."""
    try:
        matchmaker.reviews.undo(case_id, actor, version)
    except (AlreadyDecided, CaseHeld) as error:
        return _too_late(reader, matchmaker, actor, wanted, case_id, error)
    except TooLate:
        text = reader.words.gettext("This can no longer be undone. Decide about the case anew instead.")
        return _fault(reader, matchmaker, actor, wanted, case_id, text, "", status=409)
    return RedirectResponse(wanted.url(f"/review/{case_id}", done="undone"), 303)


@router.post("/review/{case_id}/notes/{note_id}/erase")
def erase_note(
    matchmaker: Product, actor: CurrentActor, wanted: InQueue, case_id: RecordNumber, note_id: RecordNumber
) -> Response:
    """Erase a note; the trail keeps that there was one."""
    matchmaker.reviews.erase_note(note_id, actor)
    return RedirectResponse(wanted.url(f"/review/{case_id}", done="erased"), 303)


def _keep_note(
    reader: Reader, matchmaker: Matchmaker, actor: Actor, wanted: Wanted, case_id: int, note: str
) -> Response:
    if not note.strip():
        text = reader.words.gettext("The note is empty.")
        return _fault(reader, matchmaker, actor, wanted, case_id, text, note)
    try:
        matchmaker.reviews.note(case_id, actor, note)
    except InvalidInput as error:
        return _fault(reader, matchmaker, actor, wanted, case_id, _what_is_wrong(error, reader), note)
    return RedirectResponse(wanted.url(f"/review/{case_id}", done="noted"), 303)


def _first_free(page: QueuePage, actor: Actor) -> int | None:
    """The first case on which nobody else works."""
    free = (item for item in page.items if item.lease is None or item.lease.holder == actor.id)
    return next((item.case.id for item in free), None)


def _go_on(
    matchmaker: Matchmaker, actor: Actor, wanted: Wanted, case_id: int, done: int | None = None
) -> Response:
    """On to the next case further down on which nobody else works, else to the queue's beginning."""
    view = matchmaker.reviews.look(case_id, actor)
    page = matchmaker.reviews.queue(wanted.filter(), actor, _place_of(view), LIMIT)
    following = _first_free(page, actor)
    path = "/review" if following is None else f"/review/{following}"
    return RedirectResponse(wanted.url(path, done=done), 303)


def _place_of(view: CaseView) -> QueuePlace:
    case = view.case
    is_wanted = any(
        voice.opinion is Opinion.INTERESTED and voice.purpose is case.purpose for voice in view.voices
    )
    return QueuePlace(is_wanted, case.score, case.id)


def _desk(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    wanted: Wanted,
    case_id: int | None,
    *,
    fault: str | None = None,
    note: str = "",
    until: str = "",
    status: int = 200,
) -> Response:
    words, desk = reader.words, matchmaker.reviews
    card = None
    if case_id is not None:
        view = desk.open(case_id, actor, wanted.filter(), reader.language)
        known = matchmaker.directory.find_many(partners_in(view))
        card = card_of_case(view, known, reader, wanted.url)
    queue = desk.queue(wanted.filter(), actor, limit=LIMIT)
    page = DeskPage(
        rows=tuple(row_of(item, case_id, reader, wanted.url) for item in queue.items),
        total=queue.total,
        position=_position(queue, case_id, reader),
        csv_url=wanted.url("/review/export.csv"),
        xlsx_url=wanted.url("/review/export.xlsx"),
        stages=_stages(queue.counts, wanted, reader),
        more=_later_stages(queue.counts, wanted, reader),
        purposes=options(labels.PURPOSES, wanted.purpose, words),
        words=wanted.words,
        show=wanted.show,
        round_id=wanted.round_id,
        card=card,
        toast=_toast(reader, matchmaker, actor, wanted),
        fault=fault,
        note=note,
        until=until,
        longest_note=LONGEST_NOTE,
        decline_reasons=options(desk_labels.DECLINE_REASONS, None, words),
        agreements=options(desk_labels.AGREEMENTS, None, words),
        close_reasons=options(desk_labels.CLOSE_REASONS, None, words),
        is_filtered=wanted != Wanted(),
    )
    return reader.render("review.html", page, status, keep=False)


def _position(queue: QueuePage, case_id: int | None, reader: Reader) -> str | None:
    numbers = [item.case.id for item in queue.items]
    if case_id not in numbers:
        return None
    return reader.words.gettext(
        "%(number)s of %(total)s", number=numbers.index(case_id) + 1, total=queue.total
    )


def _stages(counts: QueueCounts, wanted: Wanted, reader: Reader) -> tuple[StageLink, ...]:
    gettext = reader.words.gettext
    return (
        StageLink(wanted.url("/review", show=""), gettext("To review"), counts.to_review, not wanted.show),
        StageLink(wanted.url("/review", show="mine"), gettext("Mine"), counts.mine, wanted.show == "mine"),
        _stage_link(Stage.SHORTLISTED, counts, wanted, reader),
        _stage_link(Stage.SNOOZED, counts, wanted, reader),
    )


def _later_stages(counts: QueueCounts, wanted: Wanted, reader: Reader) -> tuple[StageLink, ...]:
    later = (Stage.INTRODUCED, Stage.MET, Stage.AGREED, Stage.DECLINED, Stage.CLOSED)
    return tuple(_stage_link(stage, counts, wanted, reader) for stage in later)


def _stage_link(stage: Stage, counts: QueueCounts, wanted: Wanted, reader: Reader) -> StageLink:
    label = reader.words.gettext(desk_labels.STAGES[stage])
    return StageLink(
        wanted.url("/review", show=stage), label, counts.by_stage.get(stage, 0), wanted.show == stage
    )


def _toast(reader: Reader, matchmaker: Matchmaker, actor: Actor, wanted: Wanted) -> Toast | None:
    """What the address says was just done."""
    done, words = reader.request.query_params.get("done", ""), reader.words
    if text := _said(done, words):
        return Toast(text)
    if len(done) < 16 and done.startswith("filled-") and done[7:].isdecimal():
        return Toast(_filled(int(done[7:15]), words))
    if not done.isdecimal() or len(done) > 9:
        return None
    try:
        view = matchmaker.reviews.look(int(done), actor, reader.language)
    except UnknownRecord:
        return None
    text = _decided(view, reader)
    if view.undoable is None:
        return Toast(text)
    return Toast(text, wanted.url(f"/review/{view.case.id}/undo"), view.case.version)


def _said(done: str, words: Words) -> str | None:
    return {
        "undone": words.gettext("Taken back. The case is where it was."),
        "noted": words.gettext("The note is kept."),
        "erased": words.gettext("The note is erased."),
    }.get(done)


def _filled(count: int, words: Words) -> str:
    if not count:
        return words.gettext("No pair was added: what fits waits already, or its case ended recently.")
    return words.ngettext("%(num)s pair was added.", "%(num)s pairs were added.", count)


def _decided(view: CaseView, reader: Reader) -> Markup:
    """What became of a case."""
    gettext, case = reader.words.gettext, view.case
    stage = gettext(desk_labels.STAGES[case.stage])
    if case.stage is Stage.SNOOZED and case.snoozed_until:
        day = moment_of(case.snoozed_until, reader.language).day
        stage = f"{stage} ({gettext('until %(day)s', day=day)})"
    elif code := desk_labels.CODES.get(case.code or ""):
        stage = f"{stage} ({gettext(code)})"
    told = (
        gettext("%(pair)s: %(move)s. Nothing has been sent.")
        if case.stage in BEFORE_LETTERS
        else gettext("%(pair)s: %(move)s.")
    )
    return sentence(told, pair=name_of_pair(view, reader), move=stage)


def _fault(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    wanted: Wanted,
    case_id: int,
    text: str,
    note: str,
    *,
    until: str = "",
    status: int = 422,
) -> Response:
    return _desk(
        reader, matchmaker, actor, wanted, case_id, fault=text, note=note, until=until, status=status
    )


def _too_late(
    reader: Reader,
    matchmaker: Matchmaker,
    actor: Actor,
    wanted: Wanted,
    case_id: int,
    error: AlreadyDecided | CaseHeld | IllegalMove,
    note: str = "",
) -> Response:
    gettext = reader.words.gettext
    if isinstance(error, AlreadyDecided):
        text = gettext("Somebody decided first. What they decided stands below; your decision was not kept.")
    elif isinstance(error, CaseHeld):
        text = gettext("Another coordinator works on this case now; your decision was not kept.")
    else:
        text = gettext("This step is not possible from where the case is now; nothing was changed.")
    return _fault(reader, matchmaker, actor, wanted, case_id, text, note, status=409)


def _what_is_wrong(error: InvalidInput, reader: Reader) -> str:
    if any(fault.pointer == "/text" for fault in error.faults):
        return reader.words.gettext(
            "The note is too long: %(limit)s characters are the most.", limit=LONGEST_NOTE
        )
    return reader.words.gettext("Choose a day after today to be reminded on.")


def _code(move: Move, reason: str, agreement: str, ending: str) -> str | None:
    if move is Move.DECLINE:
        return read_choice(DeclineReason, reason)
    if move is Move.AGREE:
        return read_choice(Agreement, agreement)
    return read_choice(CloseReason, ending) if move is Move.CLOSE else None


def _what_is_missing(move: Move, reader: Reader) -> str:
    gettext = reader.words.gettext
    return {
        Move.DECLINE: gettext("Choose a reason, then decline."),
        Move.AGREE: gettext("Choose what they agreed on."),
        Move.CLOSE: gettext("Choose how it ended."),
    }[move]


def _moment(until: str) -> datetime | None:
    """The morning of a day in Seoul; None for no day, a day long past for what is none."""
    if not until:
        return None
    try:
        day = date.fromisoformat(until)
    except ValueError:
        day = date.min + timedelta(days=1)
    return datetime.combine(day, time(9), SEOUL).astimezone(UTC)
