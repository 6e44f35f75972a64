"""Members' short names within sentences, marked where they are in the other language."""

from __future__ import annotations

from markupsafe import Markup, escape

from api.pages.language import Words
from api.pages.phrasing import short_name
from matchmaker.domain.member import Member


def named(member: Member | None, external_id: str, words: Words) -> Markup:
    """A member's short name in the reader's language, else in the other with ``lang``; the id if it has left."""
    if member is None:
        return Markup(escape(words.gettext("%(id)s (has left)", id=external_id)))
    name, language = member.names.best(words.language)
    shown = escape(short_name(name))
    return (
        shown if language == words.language else Markup('<span lang="{}">{}</span>').format(language, shown)
    )


def sentence(message: str, **places: object) -> Markup:
    """A message of the catalogue with names in it; whatever is no markup yet is escaped."""
    return Markup(message) % places
