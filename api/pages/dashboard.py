"""The dashboard: what came of the suggestions, in pictures, tables and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import dashboard_figures as figures
from api.pages import labels
from api.pages.choices import Choice, links, read_choice
from api.pages.dashboard_figures import Figure, Measure, Missing, ReasonBar
from api.pages.dashboard_tables import TABLES
from api.pages.downloads import table_of, workbook_of
from api.pages.rendering import SEOUL, Reader, Reading, address, day
from api.security import Action, requires
from matchmaker.domain.member import Country, Purpose
from matchmaker.domain.outcome import Outcome, OutcomeChoice
from matchmaker.domain.stories import Milestone
from matchmaker.errors import UnknownRecord

router = APIRouter(dependencies=[requires(Action.READ_OUTCOMES)])

LONGEST_ROUND = 9
"""Digits of a round's number."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with what it means."""

    label: str
    number: int
    note: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where an empty picture leads."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """Everything on the page; ``query`` holds what the files are asked for with."""

    title: str
    lead: str
    purposes: tuple[Choice, ...]
    query: Mapping[str, str]
    is_narrowed: bool
    tiles: tuple[Tile, ...]
    funnel: Figure
    fields: Figure
    measures: tuple[Choice, ...]
    missing: Figure
    missing_rows: tuple[Missing, ...]
    exposure: Figure
    waits: Figure
    declines: Figure
    decline_bars: tuple[ReasonBar, ...]
    refusals: Figure
    refusal_bars: tuple[ReasonBar, ...]
    network: Figure
    way_out: WayOut


@router.get("/dashboard")
def show_dashboard(
    reader: Reading, matchmaker: Product, purpose: str = "", since: str = "", round: str = "", heat: str = ""
) -> Response:
    """All pictures, for all cases or some."""
    choice = _choice(purpose, since, round)
    found = matchmaker.outcomes.snapshot(choice)
    started = found.funnel[Milestone.SUGGESTED].count > 0
    measure = read_choice(Measure, heat) or (Measure.SUGGESTED if started else Measure.NEEDS)
    return reader.render("dashboard.html", _page(found, reader, measure))


@router.get("/dashboard/{picture}.{kind}")
def download(
    reader: Reading,
    matchmaker: Product,
    picture: str,
    kind: str,
    purpose: str = "",
    since: str = "",
    round: str = "",
) -> Response:
    """One picture's numbers as a file, in the reader's language.

    Raises:
        UnknownRecord: there is no such picture, or no such kind of file.
    """
    if picture not in TABLES or kind not in ("csv", "xlsx"):
        raise UnknownRecord(kind="picture", id=f"{picture}.{kind}"[:100])
    found = matchmaker.outcomes.snapshot(_choice(purpose, since, round))
    table = TABLES[picture](found, reader)
    if kind == "csv":
        return table_of(table.plain(), f"dashboard-{picture}")
    return workbook_of([(picture, table.plain())], f"dashboard-{picture}")


def _choice(purpose: str, since: str, round_id: str) -> OutcomeChoice:
    """What an address asks for, read leniently; a day begins in Seoul."""
    number = (
        int(round_id)
        if round_id.isascii() and round_id.isdigit() and len(round_id) <= LONGEST_ROUND
        else None
    )
    return OutcomeChoice(read_choice(Purpose, purpose), _morning(since), number)


def _morning(text: str) -> datetime | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(found.year, found.month, found.day, tzinfo=SEOUL) if found.year > 1 else None


def _page(found: Outcome, reader: Reader, measure: Measure) -> DashboardPage:
    words, choice = reader.words, found.choice
    declines, refusals = figures.declines_figure(found, reader), figures.refusals_figure(found, reader)
    return DashboardPage(
        title=_title(choice, reader),
        lead=_lead(found, reader),
        purposes=links("purpose", words.gettext("All purposes"), labels.PURPOSES, choice.purpose, reader),
        query=_query(choice),
        is_narrowed=choice.since is not None or choice.round_id is not None,
        tiles=_tiles(found, reader),
        funnel=figures.funnel_figure(found, reader),
        fields=figures.fields_figure(found, reader, measure),
        measures=links("heat", "", figures.MEASURES, measure, reader)[1:],
        missing=figures.missing_figure(found, reader),
        missing_rows=figures.missing_rows(found, reader),
        exposure=figures.exposure_figure(found, reader),
        waits=figures.waits_figure(found, reader),
        declines=declines,
        decline_bars=figures.reason_bars(declines.tables[0]),
        refusals=refusals,
        refusal_bars=figures.reason_bars(refusals.tables[0]),
        network=figures.network_figure(found, reader),
        way_out=_way_out(choice, reader),
    )


def _query(choice: OutcomeChoice) -> dict[str, str]:
    return {
        "purpose": choice.purpose or "",
        "since": choice.since.date().isoformat() if choice.since is not None else "",
        "round": str(choice.round_id) if choice.round_id is not None else "",
    }


def _title(choice: OutcomeChoice, reader: Reader) -> str:
    if choice.round_id is not None:
        return reader.words.gettext("Outcomes of round %(num)s", num=choice.round_id)
    return reader.words.gettext("Outcomes")


def _lead(found: Outcome, reader: Reader) -> str:
    words, language = reader.words, reader.language
    members = words.ngettext("%(num)s organisation", "%(num)s organisations", len(found.members))
    today = day(found.as_of.astimezone(SEOUL).date(), language)
    if found.first_at is None:
        return words.gettext("As of %(today)s: %(members)s.", today=today, members=members)
    first = day(found.first_at.astimezone(SEOUL).date(), language)
    return words.gettext(
        "Pairs suggested from %(first)s to %(today)s, among %(members)s.",
        first=first,
        today=today,
        members=members,
    )


def _tiles(found: Outcome, reader: Reader) -> tuple[Tile, ...]:
    words, desk = reader.words, found.desk
    unseen = {country: side.histogram(1)[0] for country, side in found.exposure.items()}
    suggested, agreed = (found.funnel[each].count for each in (Milestone.SUGGESTED, Milestone.AGREED))
    return (
        Tile(
            words.gettext("Waiting for review"),
            desk.waiting,
            words.gettext("%(num)s of them over two days", num=desk.stale),
        ),
        Tile(
            words.gettext("Introductions open"),
            desk.open_introductions,
            words.gettext(
                "%(kr)s wait for Korea, %(sg)s for Singapore",
                kr=desk.waits_on[Country.KR],
                sg=desk.waits_on[Country.SG],
            ),
        ),
        Tile(words.gettext("Pairs agreed"), agreed, words.gettext("of %(num)s suggested", num=suggested)),
        Tile(
            words.gettext("In nobody’s top five"),
            sum(unseen.values()),
            words.gettext(
                "%(kr)s in Korea, %(sg)s in Singapore", kr=unseen[Country.KR], sg=unseen[Country.SG]
            ),
        ),
    )


def _way_out(choice: OutcomeChoice, reader: Reader) -> WayOut:
    if choice.is_everything:
        return WayOut(reader.words.gettext("See the strongest pairs"), "/pairs")
    return WayOut(reader.words.gettext("Look at all cases"), address("/dashboard"))
