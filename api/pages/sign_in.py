"""Signing in by a link that works once, and signing out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from api.dependencies import Product
from api.pages.language import words_in
from api.pages.rendering import Reader, Reading, address, local_or
from api.security import forget_session, keep_session, session_token
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.account import normal_email
from matchmaker.errors import LinkSpent, TooManyRequests

router = APIRouter()


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form, or what became of it. Without mail (``has_mail``) there is no form."""

    has_mail: bool
    following: str
    is_sent: bool
    minutes: int
    email: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The one button behind a link, or that the link no longer works."""

    is_open: bool
    action: str


@router.get("/sign-in")
def show_sign_in(reader: Reading, matchmaker: Product, next: str = "", sent: str = "") -> Response:
    """The form that asks for a link. Who is signed in is led on."""
    target = local_or(next, "")
    if reader.actor.is_known:
        return RedirectResponse(target or landing(reader), 303)
    return reader.render("sign_in.html", _page(matchmaker, target, is_sent=bool(sent)), keep=False)


@router.post("/sign-in")
def ask_for_link(
    reader: Reading,
    matchmaker: Product,
    email: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Send a link to an e-mail address, if it has an account; the answer is the same if not.

    Whether it has one is looked up after the answer has gone out, so nothing about the answer can tell.
    """
    target, words = local_or(next, ""), reader.words
    if normal_email(email) is None:
        fault = words.gettext("Please write an e-mail address, such as name@example.org.")
        return _faulty(reader, _page(matchmaker, target, email, fault), 422)
    try:
        matchmaker.accounts.admit(_network_address(reader.request), email)
    except TooManyRequests as error:
        seconds = int(str(error.params["seconds"]))
        minutes = math.ceil(seconds / 60)
        fault = words.ngettext(
            "Too many links were asked for. Try again in %(num)s minute.",
            "Too many links were asked for. Try again in %(num)s minutes.",
            minutes,
        )
        response = _faulty(reader, _page(matchmaker, target, email, fault), 429)
        response.headers["Retry-After"] = str(seconds)
        return response
    sending = BackgroundTask(matchmaker.accounts.send_link, email, reader.language, target)
    return RedirectResponse(address("/sign-in", sent="1", next=target), 303, background=sending)


@router.get("/sign-in/{token}")
def show_link(reader: Reading, matchmaker: Product, token: str, next: str = "") -> Response:
    """One button. Looking at the link does not use it up: programs that check mail for viruses open links, too."""
    return _link_page(reader, matchmaker.accounts.is_open(token), next)


@router.post("/sign-in/{token}")
def sign_in(reader: Reading, matchmaker: Product, token: str, next: str = "") -> Response:
    """Use the link up: a new session begins, whatever session the browser had ends."""
    try:
        session = matchmaker.accounts.redeem(token, former=session_token(reader.request))
    except LinkSpent:
        return _link_page(reader, False, next)
    newcomer = Reader(reader.request, words_in(reader.language), matchmaker.accounts.session(session))
    response = RedirectResponse(local_or(next, landing(newcomer)), 303)
    response.headers["Cache-Control"] = "no-store"
    keep_session(response, reader.request, session)
    return response


@router.post("/sign-out")
def sign_out(request: Request, matchmaker: Product) -> Response:
    """End the session, here and in the database."""
    if token := session_token(request):
        matchmaker.accounts.sign_out(token)
    response = RedirectResponse("/", 303)
    response.headers["Cache-Control"] = "no-store"
    forget_session(response, request)
    return response


def landing(reader: Reader) -> str:
    """Where somebody begins: the first page that their role opens."""
    return next((item.url for item in reader.desk()), "/")


def _page(
    matchmaker: Matchmaker, following: str, email: str = "", fault: str = "", *, is_sent: bool = False
) -> SignInPage:
    accounts = matchmaker.accounts
    minutes = round(accounts.lifetimes.link.total_seconds() / 60)
    return SignInPage(accounts.has_mail, following, is_sent, minutes, email, fault)


def _faulty(reader: Reader, page: SignInPage, status: int) -> Response:
    return reader.render("sign_in.html", page, status, keep=False)


def _link_page(reader: Reader, is_open: bool, following: str) -> Response:
    action = address(reader.path, next=local_or(following, ""))
    return reader.render("sign_in_link.html", LinkPage(is_open, action), 200 if is_open else 410, keep=False)


def _network_address(request: Request) -> str:
    return request.client.host if request.client else ""
