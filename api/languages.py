"""Which language a reader gets: what the address asks for, else what the browser prefers, else English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from starlette.requests import HTTPConnection

from matchmaker.domain.member import Language

DEFAULT: Language = "en"


def language_of(request: HTTPConnection) -> Language:
    """The reader's language: ``?lang=`` where it names one of ours, else by ``Accept-Language``."""
    asked = request.query_params.get("lang")
    for language in get_args(Language):
        if asked == language:
            return language  # type: ignore[no-any-return]
    return preferred_language(request.headers.get("accept-language", ""))


def preferred_language(header: str) -> Language:
    """The best of our languages in an ``Accept-Language`` header (RFC 9110, 12.5.4)."""
    ranked = sorted(weighted(header), key=lambda choice: -choice[1])
    for tag, quality in ranked:
        if quality <= 0:
            continue
        primary = tag.partition("-")[0]
        if primary == "ko":
            return "ko"
        if primary in ("en", "*"):
            return "en"
    return DEFAULT


def prefers_html(header: str) -> bool:
    """Whether an ``Accept`` header names HTML before JSON: a browser, not a program."""
    qualities = dict(weighted(header))
    html = max(qualities.get("text/html", 0.0), qualities.get("application/xhtml+xml", 0.0))
    json = max(qualities.get("application/json", 0.0), qualities.get("application/problem+json", 0.0))
    return html > json


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """The choices of an ``Accept...`` header, lower case, with their quality; an unreadable quality counts 0."""
    for choice in header.lower().split(","):
        name, *parameters = (part.strip() for part in choice.split(";"))
        if name:
            yield name, _quality(parameters)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
