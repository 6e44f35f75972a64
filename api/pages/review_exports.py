"""The queue taken along: what a filter leaves, as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import desk_labels, labels
from api.pages.downloads import table_of, workbook_of
from api.pages.language import Words
from api.pages.moments import moment_of
from api.pages.rendering import Reader, Reading
from api.pages.review import InQueue, Wanted
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Actor
from matchmaker.domain.desk import QueueItem
from matchmaker.domain.member import Member
from matchmaker.formats.spreadsheet import Cell

router = APIRouter(prefix="/review", dependencies=[requires(Action.REVIEW)])

AT_ONCE = 500
"""Cases read at a time."""


@router.get("/export.csv")
def queue_as_csv(reader: Reading, matchmaker: Product, actor: CurrentActor, wanted: InQueue) -> Response:
    """The cases of a filter as CSV."""
    return table_of(_rows(reader, matchmaker, actor, wanted), "review-queue")


@router.get("/export.xlsx")
def queue_as_xlsx(reader: Reading, matchmaker: Product, actor: CurrentActor, wanted: InQueue) -> Response:
    """The cases of a filter as a workbook."""
    sheet = reader.words.gettext("Queue"), _rows(reader, matchmaker, actor, wanted)
    return workbook_of([sheet], "review-queue")


def _rows(reader: Reader, matchmaker: Matchmaker, actor: Actor, wanted: Wanted) -> Iterator[Sequence[Cell]]:
    yield _head(reader.words)
    for item in _all(matchmaker, actor, wanted):
        yield _row(item, reader)


def _all(matchmaker: Matchmaker, actor: Actor, wanted: Wanted) -> Iterator[QueueItem]:
    after = None
    while True:
        page = matchmaker.reviews.queue(wanted.filter(), actor, after, AT_ONCE)
        yield from page.items
        if (after := page.next_after) is None:
            return


def _head(words: Words) -> list[Cell]:
    gettext = words.gettext
    return [
        gettext("Case"),
        gettext("Purpose"),
        gettext("Stage"),
        gettext("Reason"),
        gettext("Score"),
        gettext("Korean side (English)"),
        gettext("Korean side (Korean)"),
        gettext("Singapore side (English)"),
        gettext("Singapore side (Korean)"),
        gettext("A member is interested"),
        gettext("Round"),
        gettext("Opened"),
        gettext("Last change"),
        gettext("Snoozed until"),
    ]


def _row(item: QueueItem, reader: Reader) -> list[Cell]:
    case, gettext, language = item.case, reader.words.gettext, reader.language
    code = desk_labels.CODES.get(case.code or "")
    return [
        case.id,
        gettext(labels.PURPOSES[case.purpose]),
        gettext(desk_labels.STAGES[case.stage]),
        gettext(code) if code else "",
        round(case.score * 100, 1),
        *_names(item.kr, case.kr),
        *_names(item.sg, case.sg),
        gettext("yes") if item.is_wanted else "",
        case.round_id or "",
        moment_of(case.opened_at, language).text,
        moment_of(case.changed_at, language).text,
        moment_of(case.snoozed_until, language).text if case.snoozed_until else "",
    ]


def _names(member: Member | None, external_id: str) -> tuple[str, str]:
    return (member.names.en or "", member.names.ko or "") if member else (external_id, external_id)
