"""What the service is, how scores are made, where the data comes from; and a page for developers."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.language import Words
from api.pages.rendering import Reading
from matchmaker.domain.member import Status
from matchmaker.domain.records import MemberFilter
from matchmaker.domain.suggestion import LOWEST, percent_of

router = APIRouter()

EXAMPLE = 24
"""The score that the page explains, in percent."""


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores and its word: of 100 such pairs, from ``lowest`` to ``highest``, worth an introduction."""

    word: str
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class AboutPage:
    """Numbers and words of the page about the service."""

    listed: int
    joined: int
    example: int
    meaning: str
    bands: tuple[Band, ...]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DevelopersPage:
    """The address that the examples call."""

    base_url: str


@router.get("/about")
def show_about(reader: Reading, matchmaker: Product) -> Response:
    """What the service is."""
    words = reader.words
    page = AboutPage(
        matchmaker.directory.count(MemberFilter(status=Status.LISTED)),
        matchmaker.directory.count(MemberFilter(status=Status.MEMBER)),
        EXAMPLE,
        labels.meaning_of(EXAMPLE, words),
        bands(words),
        tuple((words.gettext(title), words.gettext(text)) for title, text in labels.PARTS.values()),
    )
    return reader.render("about.html", page)


def bands(words: Words) -> tuple[Band, ...]:
    """Which scores each word stands for, best first; together they are all the scores that are shown."""
    starts = {confidence: percent_of(lowest) for confidence, lowest in LOWEST.items()}
    ends = (percent_of(1.0), *(start - 1 for start in starts.values()))
    return tuple(
        Band(words.gettext(labels.CONFIDENCES[confidence]), start, end)
        for (confidence, start), end in zip(starts.items(), ends, strict=False)
    )


@router.get("/developers")
def show_developers(reader: Reading) -> Response:
    """How programs ask."""
    return reader.render("developers.html", DevelopersPage(str(reader.request.base_url).rstrip("/")))
