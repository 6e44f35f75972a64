"""What a browser sees when something went wrong: one sentence, one action."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.pages.labels import N_
from api.pages.language import language_of, words_in
from api.pages.rendering import Reader, address
from api.security import SAFE_METHODS, current_actor
from matchmaker.domain.access import ANYBODY, Actor
from matchmaker.errors import MatchmakerError

_PAGES: dict[int, tuple[str, str, str, str]] = {
    400: (
        N_("This request cannot be read"),
        N_("Something in the address or the form is not as it should be."),
        "/",
        N_("Start again from the first page"),
    ),
    403: (
        N_("This is not allowed"),
        N_("The form was sent from another site, or this page is not yours to see."),
        "/",
        N_("Go to the first page"),
    ),
    404: (
        N_("There is nothing here"),
        N_("The address may be mistyped, or the member has left the directory."),
        "/members",
        N_("Look in the directory"),
    ),
    405: (
        N_("This page is not used that way"),
        N_("Please open it by a link or through its form."),
        "/",
        N_("Go to the first page"),
    ),
    413: (
        N_("That is too much text"),
        N_("Please shorten what you wrote and send it again."),
        "/find",
        N_("Back to the form"),
    ),
    422: (
        N_("This request cannot be read"),
        N_("Something in the address or the form is not as it should be."),
        "/",
        N_("Start again from the first page"),
    ),
    429: (
        N_("One moment, please"),
        N_("Many requests came from here at once; the next one will be answered in a minute."),
        "/",
        N_("Go to the first page"),
    ),
    500: (
        N_("Something went wrong on our side"),
        N_("Nothing you wrote was kept or sent to anyone; please try again."),
        "/",
        N_("Go to the first page"),
    ),
    503: (
        N_("The service is getting ready"),
        N_("The directory is being prepared; try again in a minute."),
        "",
        N_("Try again"),
    ),
}


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One sentence, one action."""

    status: int
    title: str
    text: str
    action_url: str
    action: str


def render_error(request: Request, status: int, title: str, detail: str) -> Response:
    """The page for an error, in the reader's language; who has to sign in is led there.

    ``title`` and ``detail`` are shown only for a status that has no words of its own here.
    """
    reader = Reader(request, words_in(language_of(request)), _actor(request))
    if status == 401:
        following = reader.address if request.method in SAFE_METHODS else ""
        return RedirectResponse(address("/sign-in", next=following), 303)
    gettext = reader.words.gettext
    if status in _PAGES:
        heading, text, url, action = _PAGES[status]
        page = ErrorPage(status, gettext(heading), gettext(text), url or reader.path, gettext(action))
    else:
        page = ErrorPage(status, title, detail, "/", gettext("Go to the first page"))
    return reader.render("error.html", page, status, keep=False)


def _actor(request: Request) -> Actor:
    """Who asked, for the page's header; an error page appears whatever is wrong with the rest."""
    try:
        return current_actor(request)
    except MatchmakerError:
        return ANYBODY
