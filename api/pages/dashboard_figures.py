"""The dashboard's pictures: each with its heading, a sentence that reads it, its drawings and its tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from api.pages import charts, labels, outcome_labels
from api.pages.charts import Bar, Line, Node, Span
from api.pages.dashboard_tables import LAST_BIN, TABLES, Table, Word, bins, member_word
from api.pages.labels import N_
from api.pages.outcome_labels import duration, field_name, percent
from api.pages.rendering import Reader
from matchmaker.domain.fields import OTHER
from matchmaker.domain.member import Country
from matchmaker.domain.outcome import FEW, UNMET, NeedMatch, Outcome, Place, Wait, WaitFor
from matchmaker.domain.stories import Milestone

MOST_MISSING = 8
"""Missing partners on the page; the file has all of them."""


class Measure(StrEnum):
    """What the heat map counts."""

    SUGGESTED = "suggested"
    AGREED = "agreed"
    NEEDS = "needs"
    OFFERS = "offers"


MEASURES = {
    Measure.SUGGESTED: N_("Suggested pairs"),
    Measure.AGREED: N_("Agreed pairs"),
    Measure.NEEDS: N_("Needs"),
    Measure.OFFERS: N_("Offers"),
}
MEASURE_TEXTS = {
    Measure.SUGGESTED: N_("Suggested pairs by the fields of both sides."),
    Measure.AGREED: N_("Pairs that agreed on something, by the fields of both sides."),
    Measure.NEEDS: N_(
        "Demand: needs of organisations in one field that speak of the other, from both sides."
    ),
    Measure.OFFERS: N_(
        "Supply: offers of organisations in one field that speak of the other, from both sides."
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture. ``empty`` replaces the drawings where there is nothing to draw yet."""

    key: str
    title: str
    text: str
    drawings: tuple[Markup, ...]
    tables: tuple[Table, ...]
    empty: str | None = None


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """A reason, how often it was given, and its length from 0 to 100."""

    label: str
    count: int
    length: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need that nobody meets: whose, in whose words, and what comes closest."""

    member: Word
    need: Word
    closest: Word | None
    similarity: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A kind of newcomer and whom it would serve."""

    title: str
    country_class: str
    country: str
    kinds: str
    serves: str
    needs: tuple[Wanted, ...]


def funnel_figure(found: Outcome, reader: Reader) -> Figure:
    """From suggestion to agreement, drawn wide and narrow."""
    words = reader.words
    steps = found.funnel.steps
    first, last = steps[0].count, steps[-1].count
    title = words.gettext("Funnel from %(first)s suggested pairs to %(last)s agreed", first=first, last=last)
    before = dict(zip(Milestone, [None, *Milestone], strict=False))
    bars = []
    for step in steps:
        earlier = before[step.milestone]
        note = (
            words.gettext(outcome_labels.OF_STEP[earlier], share=percent(step.of_previous))
            if earlier is not None and step.of_previous is not None
            else ""
        )
        bars.append(Bar(words.gettext(outcome_labels.MILESTONES[step.milestone]), step.count, note))
    drawings = (
        charts.funnel("funnel-wide", title, bars),
        charts.funnel_narrow("funnel-narrow", title, bars),
    )
    empty = None if first else words.gettext("No pair has been suggested to coordinators yet.")
    heading = words.gettext("From suggestion to agreement")
    return _figure("funnel", heading, _funnel_text(found, reader), drawings, found, reader, empty)


def fields_figure(found: Outcome, reader: Reader, measure: Measure) -> Figure:
    """The heat map of fields."""
    words, fields = reader.words, found.fields
    codes = [code for code in fields.codes if code != OTHER or fields.other_share]
    lines: dict[Country, list[Line]] = {
        country: [
            Line(field_name(code, found.vocabulary, words), fields.members.get((country, code), 0))
            for code in codes
        ]
        for country in Country
    }
    values = [
        [getattr(cell, measure) if (cell := fields.cells.get((kr, sg))) is not None else 0 for sg in codes]
        for kr in codes
    ]
    text = words.gettext(MEASURE_TEXTS[measure])
    note = words.gettext(
        "Rows are Korean fields, columns Singapore’s; the small number says how many organisations are in each. "
        "Each stands in one field, by the words of its domains; %(share)s match no field.",
        share=percent(fields.other_share),
    )
    drawing = charts.heat_map("fields", text, _sides(reader), lines[Country.KR], lines[Country.SG], values)
    empty = None if any(map(any, values)) else words.gettext("Nothing to count here yet.")
    heading = words.gettext("Where the fields meet")
    return _figure("fields", heading, f"{text} {note}", (drawing,), found, reader, empty)


def exposure_figure(found: Outcome, reader: Reader) -> Figure:
    """Who gets seen, and how unequally."""
    words = reader.words
    korea, singapore = (found.exposure[country] for country in Country)
    unseen = sum(side.histogram(LAST_BIN)[0] for side in (korea, singapore))
    parts = [
        words.gettext("Organisations by the number of top-five lists they appear in."),
        words.ngettext("%(num)s appears in none.", "%(num)s appear in none.", unseen),
        words.gettext(
            "Gini coefficient %(kr)s in Korea, %(sg)s in Singapore (0: all alike, 1: one has everything).",
            kr=f"{korea.lists.gini:.2f}",
            sg=f"{singapore.lists.gini:.2f}",
        ),
    ]
    if found.asked < len(found.members):
        parts.append(words.gettext("Measured on the lists of %(num)s of them.", num=found.asked))
    drawing = charts.histogram(
        "exposure",
        words.gettext("How many top-five lists each organisation appears in"),
        bins(),
        (words.gettext("Korea, %(num)s organisations", num=len(korea.members)), korea.histogram(LAST_BIN)),
        (
            words.gettext("Singapore, %(num)s organisations", num=len(singapore.members)),
            singapore.histogram(LAST_BIN),
        ),
    )
    empty = None if found.members else words.gettext("There are no organisations yet.")
    tables = (TABLES["exposure"](found, reader), TABLES["members"](found, reader))
    return Figure("exposure", words.gettext("Who gets seen"), " ".join(parts), (drawing,), tables, empty)


def waits_figure(found: Outcome, reader: Reader) -> Figure:
    """How long people wait."""
    words = reader.words
    spans = [_span(what, wait, reader) for what, wait in found.waits.items()]
    title = words.gettext("Median and slowest tenth of the waiting time by step")
    drawing = charts.waits("waits", title, spans, words.gettext("%(num)s d"))
    text = words.gettext(
        "Dot: median. Line: to where the slowest tenth begins. Calendar time, weekends included; what is still open "
        "is not in it."
    )
    has_any = any(wait.count or wait.open for wait in found.waits.values())
    empty = None if has_any else words.gettext("Nobody has been waited for yet.")
    return _figure("waits", words.gettext("How long people wait"), text, (drawing,), found, reader, empty)


def declines_figure(found: Outcome, reader: Reader) -> Figure:
    """Why coordinators declined."""
    words, total = reader.words, sum(found.declines.values())
    text = words.ngettext(
        "The reason that the coordinator picked, %(num)s declined pair.",
        "The reason that the coordinator picked, %(num)s declined pairs.",
        total,
    )
    empty = None if total else words.gettext("No pair has been declined.")
    return _figure("declines", words.gettext("Why pairs were declined"), text, (), found, reader, empty)


def refusals_figure(found: Outcome, reader: Reader) -> Figure:
    """Why members said no."""
    words, total = reader.words, sum(found.refusals.values())
    text = words.ngettext(
        "The reason that the member gave, %(num)s refused introduction.",
        "The reason that the member gave, %(num)s refused introductions.",
        total,
    )
    empty = None if total else words.gettext("No member has refused an introduction.")
    return _figure("refusals", words.gettext("Why members said no"), text, (), found, reader, empty)


def network_figure(found: Outcome, reader: Reader) -> Figure:
    """Who works with whom."""
    words, net = reader.words, found.network
    columns: tuple[list[Node], list[Node]] = ([], [])
    for member_id, place in net.places.items():
        columns[place.column].append(_node(found, member_id, place, reader))
    title = words.gettext("Organisations in Korea and Singapore and the ties between them")
    ties = [(*pair, kind) for pair, kind in net.ties.items()]
    drawings = (
        charts.network("network-wide", title, _sides(reader), *columns, ties, net.rows),
        charts.network("network-narrow", title, _sides(reader), *columns, ties, net.rows, charts.CLOSE),
    )
    text = "{} {}".format(
        words.gettext(
            "Thick line: agreed through an introduction. Hairline: known before, from public sources."
        ),
        words.ngettext(
            "%(num)s organisation without a tie is not drawn.",
            "%(num)s organisations without a tie are not drawn.",
            net.isolated,
        ),
    )
    empty = None if net.ties else words.gettext("No tie between Korea and Singapore is known here yet.")
    return _figure("network", words.gettext("Who works with whom"), text, drawings, found, reader, empty)


def missing_figure(found: Outcome, reader: Reader) -> Figure:
    """Which newcomer would serve whom; the page lists it, there is no drawing."""
    words = reader.words
    unmet = sum(len(each.needs) for each in found.missing)
    text = words.gettext(
        "%(unmet)s of %(needs)s stated needs find no offer or description on the other side with a similarity of "
        "%(least)s or more. That is a sign, not a proof: somebody may say the same in other words, so what comes "
        "closest is shown.",
        unmet=unmet,
        least=f"{UNMET:.2f}",
        needs=found.needs,
    )
    empty = None if unmet else words.gettext("Every stated need finds something close.")
    return _figure("missing", words.gettext("The missing partner"), text, (), found, reader, empty)


def missing_rows(found: Outcome, reader: Reader) -> tuple[Missing, ...]:
    """The newcomers who would serve most members, as the page lists them."""
    words = reader.words
    return tuple(
        Missing(
            field_name(each.field, found.vocabulary, words),
            each.country.lower(),
            words.gettext(labels.COUNTRIES[each.country]),
            ", ".join(words.gettext(labels.KINDS[kind]) for kind in each.kinds),
            words.ngettext(
                "would serve %(num)s organisation", "would serve %(num)s organisations", len(each.members)
            ),
            tuple(_wanted(found, need, reader) for need in each.needs),
        )
        for each in found.missing[:MOST_MISSING]
    )


def reason_bars(table: Table) -> tuple[ReasonBar, ...]:
    """Reasons as bars, the longest full."""
    counts = [(str(row[0]), row[1]) for row in table.rows if isinstance(row[1], int)]
    most = max((count for _, count in counts), default=1)
    return tuple(ReasonBar(label, count, round(count / most * 100)) for label, count in counts)


def _figure(
    key: str,
    title: str,
    text: str,
    drawings: tuple[Markup, ...],
    found: Outcome,
    reader: Reader,
    empty: str | None,
) -> Figure:
    return Figure(key, title, text, drawings, (TABLES[key](found, reader),), empty)


def _funnel_text(found: Outcome, reader: Reader) -> str:
    words = reader.words
    note = words.gettext("A pair counts at every step it ever came to, whatever became of it later.")
    loss = found.funnel.largest_loss
    if loss is None or loss.of_previous is None or found.funnel.steps[0].count < FEW:
        return note
    share = percent(loss.of_previous)
    return f"{words.gettext(outcome_labels.LOSSES[loss.milestone], share=share)} {note}"


def _span(what: WaitFor, wait: Wait, reader: Reader) -> Span:
    words = reader.words
    note = words.gettext("%(count)s done, %(open)s open", count=wait.count, open=wait.open)
    label, colour = words.gettext(outcome_labels.WAITS[what]), outcome_labels.WAIT_COLOURS[what]
    if wait.median is None or wait.slowest is None:
        few = words.gettext("too few to say (fewer than %(num)s)", num=FEW)
        return Span(label, note, colour, words=(few, ""))
    said = (duration(wait.median, words), duration(wait.slowest, words))
    return Span(label, note, colour, wait.median, wait.slowest, said)


def _node(found: Outcome, member_id: str, place: Place, reader: Reader) -> Node:
    return Node(member_id, member_word(found, member_id, reader).text, place.row)


def _wanted(found: Outcome, need: NeedMatch, reader: Reader) -> Wanted:
    text, language = need.text.best(reader.language)
    return Wanted(
        member_word(found, need.member_id, reader),
        Word(text, language if language != reader.language else None),
        member_word(found, need.closest, reader) if need.closest is not None else None,
        f"{need.similarity:.2f}",
    )


def _sides(reader: Reader) -> tuple[str, str]:
    korea, singapore = (reader.words.gettext(labels.COUNTRIES[country]) for country in Country)
    return korea, singapore
