"""The dashboard's numbers as tables: what the page shows beside each picture, and what its files hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from api.pages import labels, outcome_labels
from api.pages.labels import N_
from api.pages.outcome_labels import field_name
from api.pages.rendering import Names, Reader, member_url, names_of
from matchmaker.domain.member import Country, Language, Purpose
from matchmaker.domain.outcome import Outcome
from matchmaker.formats import spreadsheet

LAST_BIN = 12
"""The histogram's last bar holds everybody in this many lists or more."""


@dataclass(frozen=True, slots=True)
class Word:
    """A text that is not in the reader's language, or leads somewhere."""

    text: str
    language: Language | None = None
    url: str | None = None


Cell = str | int | float | Word | None


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers under a heading each; ``words``: how many of the first columns are words."""

    key: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1

    def plain(self) -> list[list[spreadsheet.Cell]]:
        """Head and rows as a file holds them; what is not known is empty."""
        return [list(self.head), *([_plain(cell) for cell in row] for row in self.rows)]


def _plain(cell: Cell) -> spreadsheet.Cell:
    if isinstance(cell, Word):
        return cell.text
    return "" if cell is None else cell


def funnel_table(found: Outcome, reader: Reader) -> Table:
    """Pairs at each step, in all and per purpose."""
    gettext = reader.words.gettext
    rows = tuple(
        (
            gettext(outcome_labels.MILESTONES[step.milestone]),
            step.count,
            _percent(step.of_previous),
            *(found.by_purpose[purpose][step.milestone].count for purpose in Purpose),
        )
        for step in found.funnel.steps
    )
    purposes = (gettext(labels.PURPOSES[purpose]) for purpose in Purpose)
    head = (gettext("Step"), gettext("Pairs"), gettext("% of the step before"), *purposes)
    return Table("funnel", gettext("Pairs that came at least this far"), head, rows)


def fields_table(found: Outcome, reader: Reader) -> Table:
    """Every cell of the map that holds something."""
    gettext = reader.words.gettext
    cells = found.fields.cells
    rows = tuple(
        (
            field_name(kr, found.vocabulary, reader.words),
            field_name(sg, found.vocabulary, reader.words),
            cell.offers,
            cell.needs,
            cell.suggested,
            cell.agreed,
        )
        for kr in found.fields.codes
        for sg in found.fields.codes
        if (cell := cells.get((kr, sg))) is not None
    )
    head = (
        N_("Korean field"),
        N_("Singapore field"),
        N_("Offers"),
        N_("Needs"),
        N_("Suggested pairs"),
        N_("Agreed pairs"),
    )
    return Table("fields", gettext("Offers, needs and pairs by field"), _translated(reader, head), rows, 2)


def missing_table(found: Outcome, reader: Reader) -> Table:
    """Every unmet need, by the newcomer who would serve it."""
    gettext = reader.words.gettext
    rows = tuple(
        (
            field_name(each.field, found.vocabulary, reader.words),
            gettext(labels.COUNTRIES[each.country]),
            ", ".join(gettext(labels.KINDS[kind]) for kind in each.kinds),
            member_word(found, need.member_id, reader),
            _need(need.text.best(reader.language), reader),
            member_word(found, need.closest, reader) if need.closest else None,
            round(need.similarity, 2) if need.closest else None,
        )
        for each in found.missing
        for need in each.needs
    )
    head = (
        N_("Field"),
        N_("Country"),
        N_("Usual kinds"),
        N_("Who needs it"),
        N_("Need"),
        N_("What comes closest"),
        N_("Similarity"),
    )
    return Table("missing", gettext("Needs that nobody meets yet"), _translated(reader, head), rows, 6)


def exposure_table(found: Outcome, reader: Reader) -> Table:
    """Members by the number of lists they are in."""
    gettext = reader.words.gettext
    sides = [found.exposure[country].histogram(LAST_BIN) for country in Country]
    rows = tuple((label, *counts) for label, *counts in zip(bins(), *sides, strict=True))
    head = (gettext("Lists"), *(gettext(labels.COUNTRIES[country]) for country in Country))
    return Table("exposure", gettext("Organisations by the number of lists they appear in"), head, rows)


def members_table(found: Outcome, reader: Reader) -> Table:
    """How often each member is shown."""
    gettext = reader.words.gettext
    rows = tuple(
        (
            member_word(found, each.member_id, reader),
            gettext(labels.COUNTRIES[country]),
            each.lists,
            each.proposed,
            each.introduced,
        )
        for country, side in found.exposure.items()
        for each in side.members
    )
    head = (
        N_("Organisation"),
        N_("Country"),
        N_("Top-five lists"),
        N_("Suggested pairs"),
        N_("Introduced pairs"),
    )
    return Table(
        "members", gettext("How often each organisation is shown"), _translated(reader, head), rows, 2
    )


def waits_table(found: Outcome, reader: Reader) -> Table:
    """Waiting times in hours."""
    gettext = reader.words.gettext
    rows = tuple(
        (
            gettext(outcome_labels.WAITS[what]),
            _hours(wait.median),
            _hours(wait.slowest),
            wait.count,
            wait.open,
        )
        for what, wait in found.waits.items()
    )
    head = (
        N_("Step"),
        N_("Median, hours"),
        N_("Slowest tenth from, hours"),
        N_("Answered"),
        N_("Still open"),
    )
    return Table("waits", gettext("Waiting time by step"), _translated(reader, head), rows)


def declines_table(found: Outcome, reader: Reader) -> Table:
    """Coordinators' reasons."""
    gettext = reader.words.gettext
    rows = tuple((gettext(outcome_labels.DECLINES[code]), count) for code, count in found.declines.items())
    caption = gettext("Why coordinators declined pairs")
    return Table("declines", caption, (gettext("Reason"), gettext("Pairs")), rows)


def refusals_table(found: Outcome, reader: Reader) -> Table:
    """Members' reasons."""
    gettext = reader.words.gettext
    rows = tuple((gettext(outcome_labels.REFUSALS[code]), count) for code, count in found.refusals.items())
    caption = gettext("Why members said no to an introduction")
    return Table("refusals", caption, (gettext("Reason"), gettext("Answers")), rows)


def network_table(found: Outcome, reader: Reader) -> Table:
    """Every tie."""
    gettext = reader.words.gettext
    rows = tuple(
        (member_word(found, kr, reader), member_word(found, sg, reader), gettext(outcome_labels.TIES[kind]))
        for (kr, sg), kind in found.network.ties.items()
    )
    head = (gettext("Korea"), gettext("Singapore"), gettext("Tie"))
    return Table("network", gettext("Ties, one a line"), head, rows, 3)


TABLES: Mapping[str, Callable[[Outcome, Reader], Table]] = {
    "funnel": funnel_table,
    "fields": fields_table,
    "missing": missing_table,
    "exposure": exposure_table,
    "members": members_table,
    "waits": waits_table,
    "declines": declines_table,
    "refusals": refusals_table,
    "network": network_table,
}
"""Every picture's numbers, by the name that its files carry."""


def bins() -> tuple[str, ...]:
    """The names of the histogram's bars."""
    return (*map(str, range(LAST_BIN)), f"{LAST_BIN}+")


def member_word(found: Outcome, member_id: str, reader: Reader) -> Word:
    """A member by name, with a link; one that has left by its id."""
    member = found.members.get(member_id)
    if member is None:
        return Word(member_id)
    names: Names = names_of(member, reader.language)
    language = names.language if names.language != reader.language else None
    return Word(names.name, language, member_url(member_id))


def _need(said: tuple[str, Language], reader: Reader) -> Word:
    return Word(said[0], said[1] if said[1] != reader.language else None)


def _translated(reader: Reader, head: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(reader.words.gettext(label) for label in head)


def _percent(share: float | None) -> int | None:
    return round(share * 100) if share is not None else None


def _hours(time: timedelta | None) -> float | None:
    return round(time / timedelta(hours=1), 1) if time is not None else None
