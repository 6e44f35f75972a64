"""Which language a reader gets, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

from api.languages import preferred_language
from matchmaker.domain.member import LANGUAGES, Language

LOCALES = Path(__file__).resolve().parent / "locales"
"""One folder per language other than English: ``ko/LC_MESSAGES/*.po``, one catalogue per group of pages."""
SOURCE: Language = "en"
COOKIE = "lang"


@dataclass(frozen=True, eq=False)
class Words:
    """The interface's words in one language. English is what stands in the code."""

    language: Language
    catalogue: NullTranslations

    def gettext(self, message: str, **values: object) -> str:
        """A message with ``%(name)s`` filled in."""
        text = str(self.catalogue.ugettext(message))
        return text % values if values else text

    def ngettext(self, one: str, many: str, num: int) -> str:
        """A message for one or for many, with ``%(num)s`` filled in."""
        return str(self.catalogue.ungettext(one, many, num)) % {"num": num}


@cache
def words_in(language: Language) -> Words:
    """The words of a language, read once from its catalogue."""
    return Words(language, NullTranslations() if language == SOURCE else _load(language))


def catalogue_of(language: Language) -> Catalog:
    """All messages of a language other than English, from every file in its folder.

    Raises:
        ValueError: two files translate one message differently.
    """
    together = Catalog(locale=language)
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                known = together.get(message.id) if message.id else None
                if known is not None and known.string != message.string:
                    raise ValueError(f"{path.name}: “{message.id}” has other words in another file")
                together[message.id] = message
    return together


def _load(language: Language) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalogue_of(language))
    compiled.seek(0)
    return Translations(compiled)


def language_of(request: Request) -> Language:
    """What the address says (``?lang=``), else the cookie, else what the browser prefers."""
    for choice in (chosen_language(request), request.cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return choice
    return preferred_language(request.headers.get("accept-language", ""))


def chosen_language(request: Request) -> Language | None:
    """The language the address asks for, if it does."""
    choice = request.query_params.get("lang")
    return choice if choice in LANGUAGES else None
