"""From a context to a page: one Jinja environment per language, and what every page shows around its content."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from babel.dates import format_date
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages import labels, shortlist_cookie
from api.pages.labels import N_
from api.pages.language import COOKIE, Words, chosen_language, language_of, words_in
from api.security import CurrentActor
from matchmaker.domain.access import ANYBODY, Action, Actor, is_allowed
from matchmaker.domain.member import Language, Member, Text

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"
LOCALES: dict[Language, str] = {"en": "en_SG", "ko": "ko_KR"}
NAV: tuple[tuple[str, str, Action | None], ...] = (
    ("/", N_("Home"), None),
    ("/find", N_("Find partners"), None),
    ("/members", N_("Directory"), None),
    ("/pairs", N_("Pairs"), None),
    ("/shortlist", N_("Shortlist"), None),
    ("/about", N_("About"), None),
    ("/me", N_("My organisation"), Action.OWN_PROFILE),
    ("/review", N_("Review"), Action.REVIEW),
    ("/rounds", N_("Rounds"), Action.RUN_ROUNDS),
    ("/introductions", N_("Introductions"), Action.INTRODUCE),
    ("/outbox", N_("Outbox"), Action.INTRODUCE),
    ("/import", N_("Import"), Action.WRITE_MEMBERS),
    ("/contacts", N_("Contacts"), Action.READ_CONTACTS),
    ("/timetables", N_("Timetables"), Action.RUN_ROUNDS),
    ("/dashboard", N_("Outcomes"), Action.READ_OUTCOMES),
    ("/accounts", N_("Accounts"), Action.MANAGE_ACCOUNTS),
)
"""The main menu in order: address, words, and what a reader must be allowed to do to see it. What needs permission
stands in a row of its own."""
ONCE: dict[str, str | None] = dict.fromkeys(("lang", "listed", "removed", "done", "saved"))
"""Query parameters that are meant for one showing."""
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_BEFORE_PARTICLE = re.compile("”(?=[(가-힣])")
YEAR = 365 * 24 * 3600
SEOUL, SINGAPORE = timezone(timedelta(hours=9), "KST"), timezone(timedelta(hours=8), "SGT")
"""Neither keeps summer time, so no time zone database is needed."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of the main menu."""

    url: str
    label: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """One moment as it reads in a place: ``machine`` in ISO 8601."""

    machine: str
    text: str


@dataclass(frozen=True, eq=False)
class Reader:
    """Whoever looks at a page: their request, language, shortlist, and who they are."""

    request: Request
    words: Words
    actor: Actor = ANYBODY

    @property
    def language(self) -> Language:
        """The language of the interface."""
        return self.words.language

    @property
    def other_language(self) -> Language:
        """The language that the switch leads to."""
        return "ko" if self.language == "en" else "en"

    @property
    def path(self) -> str:
        """The path of this page; never one that a browser takes for another host's address."""
        return "/" + self.request.url.path.lstrip("/\\")

    @property
    def address(self) -> str:
        """Path and query of this page without what was only meant for one showing."""
        return self.with_query(**ONCE)

    @property
    def switch_url(self) -> str:
        """This page in the other language."""
        return self.with_query(**ONCE | {"lang": self.other_language})

    @property
    def shortlist(self) -> tuple[shortlist_cookie.Entry, ...]:
        """The pairs this reader keeps."""
        return shortlist_cookie.read(self.request.cookies.get(shortlist_cookie.COOKIE, ""))

    def with_query(self, **changes: str | None) -> str:
        """This page's address with some query parameters set, or removed where None."""
        kept = {key: value for key, value in self.request.query_params.items() if key not in changes}
        return address(self.path, **kept, **changes)

    @property
    def role(self) -> str:
        """The reader's role in words; empty if nobody is signed in."""
        return self.words.gettext(labels.ROLES[self.actor.role]) if self.actor.role else ""

    def nav(self) -> tuple[NavItem, ...]:
        """The main menu: what everybody sees."""
        return tuple(self._nav_item(url, label) for url, label, action in NAV if action is None)

    def desk(self) -> tuple[NavItem, ...]:
        """The reader's own menu: what their role allows."""
        return tuple(
            self._nav_item(url, label)
            for url, label, action in NAV
            if action is not None and is_allowed(self.actor, action)
        )

    def clocks(self) -> tuple[Clock, Clock]:
        """Now, in Seoul and in Singapore."""
        now = datetime.now(SEOUL).replace(second=0, microsecond=0)
        return (
            Clock(now.isoformat(timespec="minutes"), f"{now:%H:%M} KST"),
            Clock(
                now.astimezone(SINGAPORE).isoformat(timespec="minutes"),
                f"{now.astimezone(SINGAPORE):%H:%M} SGT",
            ),
        )

    def render(self, template: str, page: object, status: int = 200, *, keep: bool = True) -> Response:
        """A page. ``keep=False`` for what was made from somebody's own text: no cache may hold it."""
        html = _environment(self.language).get_template(template).render(page=page, reader=self)
        response = HTMLResponse(html, status)
        response.headers["Content-Language"] = self.language
        response.headers["Vary"] = "Accept-Language, Cookie"
        response.headers["Cache-Control"] = "private, no-cache" if keep else "no-store"
        if language := chosen_language(self.request):
            set_cookie(response, self.request, COOKIE, language)
        return response

    def _nav_item(self, url: str, label: str) -> NavItem:
        count = len(self.shortlist) if url == "/shortlist" else 0
        return NavItem(url, self.words.gettext(label), self._is_within(url), count)

    def _is_within(self, url: str) -> bool:
        return self.path == url or (url != "/" and self.path.startswith(f"{url}/"))


def get_reader(request: Request, actor: CurrentActor) -> Reader:
    """The reader behind a request."""
    return Reader(request, words_in(language_of(request)), actor)


Reading = Annotated[Reader, Depends(get_reader)]


def set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    """A cookie of ours: for a year, for this site, out of reach of scripts."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=YEAR, path="/", secure=secure, httponly=True, samesite="lax")


def local_or(text: str, default: str) -> str:
    """An address if it is a path on this site, else the default: nobody is led to another site by a parameter."""
    return text if _LOCAL.fullmatch(text) else default


def address(path: str, **query: object) -> str:
    """A path with the query parameters that have a value."""
    given = {key: str(value) for key, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def member_url(external_id: str) -> str:
    """A member's page."""
    return f"/members/{quote(external_id, safe='')}"


def pair_url(kr: str, sg: str, purpose: str | None = None) -> str:
    """A pair's page."""
    return address(f"/pairs/{quote(kr, safe='')}/{quote(sg, safe='')}", purpose=purpose)


def glued(sentence: str) -> str:
    """A sentence whose Korean particles stay on the line of the quotation before them."""
    return _BEFORE_PARTICLE.sub("”\u2060", sentence)


@cache
def static_url(name: str) -> str:
    """A static file's address; it changes with the file, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@dataclass(frozen=True, slots=True)
class Said:
    """A text as shown, and the language it is in."""

    text: str
    language: Language


def said(text: Text, language: Language) -> Said:
    """A text for a reader of a language."""
    return Said(*text.best(language))


@dataclass(frozen=True, slots=True)
class Names:
    """A member's name for this reader, and the one in the other language where it differs."""

    name: str
    language: Language
    other: Said | None


def names_of(member: Member, language: Language) -> Names:
    """Both names, the reader's language first."""
    name, found = member.names.best(language)
    other = member.names.get("ko" if found == "en" else "en")
    return Names(
        name, found, Said(other, "ko" if found == "en" else "en") if other and other != name else None
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A member as lists show it."""

    external_id: str
    url: str
    names: Names
    country: str
    country_class: str
    kind: str
    track: str
    note: str
    is_listed: bool
    is_fictional: bool
    domains: tuple[Said, ...]


def card_of(member: Member, words: Words) -> Card:
    """What lists and headings show of a member."""
    return Card(
        external_id=member.external_id,
        url=member_url(member.external_id),
        names=names_of(member, words.language),
        country=words.gettext(labels.COUNTRIES[member.country]),
        country_class=member.country.lower(),
        kind=words.gettext(labels.KINDS[member.kind]),
        track=words.gettext(labels.TRACK_NAMES[member.track]),
        note=labels.status_note(member, words),
        is_listed=labels.is_listed(member),
        is_fictional=member.fictional,
        domains=tuple(said(domain, words.language) for domain in member.domains),
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is known from: a link, or words alone."""

    text: str
    url: str | None


def source_of(source: str) -> Source:
    """A source as shown: a link reads as the site it leads to."""
    if not source.startswith(("https://", "http://")):
        return Source(source, None)
    try:
        return Source(urlsplit(source).netloc.removeprefix("www.") or source, source)
    except ValueError:
        return Source(source, None)


def day(value: date, language: Language) -> str:
    """A date in words."""
    return format_date(value, "long", locale=LOCALES[language])


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = words_in(language)
    extension: Any = environment
    extension.install_gettext_callables(words.catalogue.ugettext, words.catalogue.ungettext, newstyle=True)
    environment.filters["glued"] = glued
    environment.globals.update(static_url=static_url, address=address)
    return environment
