"""The trail: how long it is, its latest hash, whether it holds, and all of it as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.dependencies import Product
from api.pages.labels import N_
from api.pages.language import Words
from api.pages.rendering import Reading
from api.security import requires
from matchmaker.domain.access import Action
from matchmaker.domain.trail import Break, Entry, moment

router = APIRouter(prefix="/trail", dependencies=[requires(Action.REVIEW)])

JSON_LINES = "application/jsonl; charset=utf-8"
_REASONS = {
    "it does not follow the entry before it": N_("It does not follow the entry before it."),
    "its content does not match its hash": N_("Its content was changed afterwards."),
    "the trail ends before the latest known entry": N_("Entries are missing at the end."),
}
_REWRITTEN = "no entry has the hash that was noted elsewhere; the end was written anew"
_ELSEWHERE = N_("No entry has the hash that you noted earlier: what came after it was written anew.")
_MISSING = N_("Entries are missing before it.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What following the chain found."""

    holds: bool
    text: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """The trail in numbers. ``verdict`` is None until somebody asks."""

    count: int
    head: str
    noted: str
    verdict: Verdict | None


@router.get("")
def show_trail(
    reader: Reading,
    matchmaker: Product,
    check: str = "",
    noted: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """How long the trail is and, if asked, whether it holds."""
    expected = noted.strip().lower() or None
    if not check:
        count, head = matchmaker.auditing.head()
        return reader.render("trail.html", TrailPage(count, head, "", None), keep=False)
    report = matchmaker.auditing.verify(expected)
    verdict = _verdict(report.count, report.broken, expected, reader.words)
    return reader.render("trail.html", TrailPage(report.count, report.head, noted, verdict), keep=False)


@router.get("/entries.jsonl")
def download(matchmaker: Product) -> Response:
    """All entries, one JSON object per line, the oldest first."""
    headers = {"Content-Disposition": 'attachment; filename="trail.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(matchmaker.auditing.entries()), media_type=JSON_LINES, headers=headers)


def _lines(entries: Iterator[Entry]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps({**asdict(entry), "at": moment(entry.at)}, ensure_ascii=False) + "\n"


def _verdict(count: int, broken: Break | None, expected: str | None, words: Words) -> Verdict:
    gettext = words.gettext
    if broken is None:
        text = words.ngettext(
            "The trail holds: %(num)s entry, nothing altered, removed or inserted.",
            "The trail holds: %(num)s entries, nothing altered, removed or inserted.",
            count,
        )
        reason = gettext("The hash that you noted earlier is among them.") if expected else None
        return Verdict(True, text, reason)
    if broken.reason == _REWRITTEN:
        return Verdict(False, gettext("The trail does not hold."), gettext(_ELSEWHERE))
    text = gettext("The trail is broken at entry %(seq)s.", seq=broken.seq)
    return Verdict(False, text, gettext(_REASONS.get(broken.reason, _MISSING)))
