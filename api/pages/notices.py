"""What just happened to the shortlist, said once on the page that follows."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages import phrasing
from api.pages.rendering import Reader
from api.pages.shortlist_cookie import Entry, parse_entry
from matchmaker.bootstrap import Matchmaker
from matchmaker.errors import UnknownMember


@dataclass(frozen=True, slots=True)
class Notice:
    """A message; ``undo`` is the entry to put back, if that can be done."""

    text: str
    undo: Entry | None = None


def notice_of(reader: Reader, matchmaker: Matchmaker) -> Notice | None:
    """The message that this page's address asks for."""
    query, words = reader.request.query_params, reader.words
    if query.get("listed") == "full":
        return Notice(words.gettext("Your shortlist is full. Remove a pair first, then add this one."))
    listed, removed = (parse_entry(query.get(name, "")) for name in ("listed", "removed"))
    entry = listed or removed
    pair = _names(entry, reader, matchmaker) if entry else None
    if pair is None:
        return None
    if listed:
        return Notice(words.gettext("%(pair)s is on your shortlist.", pair=pair))
    return Notice(words.gettext("%(pair)s was removed from your shortlist.", pair=pair), removed)


def _names(entry: Entry, reader: Reader, matchmaker: Matchmaker) -> str | None:
    try:
        members = [matchmaker.directory.get(external_id).member for external_id in entry.key]
    except UnknownMember:
        return None
    return " – ".join(phrasing.short_name(member.names.best(reader.language)[0]) for member in members)
