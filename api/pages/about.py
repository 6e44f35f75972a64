"""What the service is, how scores are made, where the data comes from; and a page for developers."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.rendering import Reading
from matchmaker.domain.member import Status
from matchmaker.domain.records import MemberFilter

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores, 0 to 100, and its word."""

    word: str
    lowest: int


@dataclass(frozen=True, slots=True)
class AboutPage:
    """Numbers and words of the page about the service."""

    listed: int
    joined: int
    bands: tuple[Band, ...]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DevelopersPage:
    """The address that the examples call."""

    base_url: str


@router.get("/about")
def show_about(reader: Reading, matchmaker: Product) -> Response:
    """What the service is."""
    gettext = reader.words.gettext
    page = AboutPage(
        matchmaker.directory.count(MemberFilter(status=Status.LISTED)),
        matchmaker.directory.count(MemberFilter(status=Status.MEMBER)),
        tuple(Band(gettext(word), round(bound * 100)) for bound, word in labels.BANDS),
        tuple((gettext(title), gettext(text)) for title, text in labels.PARTS.values()),
    )
    return reader.render("about.html", page)


@router.get("/developers")
def show_developers(reader: Reading) -> Response:
    """How programs ask."""
    return reader.render("developers.html", DevelopersPage(str(reader.request.base_url).rstrip("/")))
