"""The first page: one sentence, one box; who is in the directory; the strongest pairs."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice, options, read_choice
from api.pages.matches import Match, match_of_pair
from api.pages.rendering import Reader, Reading, address
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Country, Language
from matchmaker.domain.records import Counts
from matchmaker.domain.suggestion import is_all_weak

router = APIRouter()

PAIRS = 6
EXAMPLES: tuple[tuple[Language, Country, str], ...] = (
    ("en", Country.KR, "A hospital in Singapore that will trial our ward AI"),
    ("en", Country.KR, "Test routes abroad for driverless shuttles"),
    ("en", Country.SG, "Inference chips for a data centre in Singapore"),
    ("en", Country.SG, "A lab for joint AI safety evaluation"),
    ("ko", Country.KR, "함께 임상을 진행할 해외 병원"),
    ("ko", Country.KR, "싱가포르에서 실증할 항만이나 터미널"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that fills the box."""

    text: str
    language: Language
    url: str


@dataclass(frozen=True, slots=True)
class TrackCount:
    """One track: members per country, and the lengths of their bars, at most 100."""

    name: str
    note: str
    url: str
    kr: int
    sg: int
    kr_bar: int
    sg_bar: int


@dataclass(frozen=True, slots=True)
class HomePage:
    """What the first page shows. ``is_weak``: even the best pair is."""

    need: str
    countries: tuple[Choice, ...]
    examples: tuple[Example, ...]
    total: int
    tracks: tuple[TrackCount, ...]
    pairs: tuple[Match, ...]
    is_weak: bool


@router.get("/")
def show_home(reader: Reading, matchmaker: Product, need: str = "", country: str = "") -> Response:
    """The first page; ``need`` and ``country`` fill the box."""
    return reader.render("home.html", home_page(reader, matchmaker, need, read_choice(Country, country)))


def home_page(reader: Reader, matchmaker: Matchmaker, need: str, country: Country | None) -> HomePage:
    """The first page's content."""
    counts = matchmaker.directory.count_by_track()
    pairs = matchmaker.suggestions.best_pairs(None, PAIRS, reader.language, per_member=1)
    return HomePage(
        need=need,
        countries=options(labels.COUNTRIES, country or likely_country(reader.language), reader.words),
        examples=tuple(
            Example(text, language, f"{address('/', need=text, country=place)}#need")
            for language, place, text in sorted(EXAMPLES, key=lambda row: row[0] != reader.language)
        ),
        total=sum(counts.values()),
        tracks=track_counts(counts, reader),
        pairs=tuple(match_of_pair(pair, None, reader) for pair in pairs),
        is_weak=is_all_weak(pairs),
    )


def likely_country(language: Language) -> Country:
    """The country that a reader of a language is more likely in; the form shows it, anybody may change it."""
    return Country.KR if language == "ko" else Country.SG


def track_counts(counts: Counts, reader: Reader) -> tuple[TrackCount, ...]:
    """The tracks with a bar per country, all on one scale."""
    largest = max(counts.values(), default=0) or 1
    gettext = reader.words.gettext
    rows = []
    for track, name in labels.TRACKS.items():
        kr, sg = (counts.get((track, country), 0) for country in (Country.KR, Country.SG))
        rows.append(
            TrackCount(
                gettext(name),
                gettext(labels.TRACK_NOTES[track]),
                address("/members", track=track),
                kr,
                sg,
                round(100 * kr / largest),
                round(100 * sg / largest),
            )
        )
    return tuple(rows)
