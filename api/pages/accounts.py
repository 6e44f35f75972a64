"""Accounts, for administrators: who may sign in, and links to hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice, options, read_choice
from api.pages.rendering import Reader, Reading, day, names_of
from api.security import requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action, Role
from matchmaker.domain.account import PEOPLE, Account
from matchmaker.domain.member import Language, Member, Status
from matchmaker.domain.records import MemberFilter
from matchmaker.errors import InvalidInput

router = APIRouter(dependencies=[requires(Action.MANAGE_ACCOUNTS)])

MEMBERS = 500
"""Organisations that the form offers."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account as the list shows it."""

    id: str
    title: str
    role: str
    organisation: str
    email: str
    since: str
    is_disabled: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """All accounts, and the form for another one."""

    accounts: tuple[AccountLine, ...]
    roles: tuple[Choice, ...]
    members: tuple[Choice, ...]
    email: str = ""
    label: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewLinkPage:
    """A link, shown this once."""

    account: AccountLine
    url: str
    minutes: int


@dataclass(frozen=True, slots=True)
class DisablePage:
    """The question before an account is disabled."""

    account: AccountLine


@router.get("/accounts")
def show_accounts(reader: Reading, matchmaker: Product) -> Response:
    """All accounts."""
    return reader.render("accounts.html", accounts_page(reader, matchmaker), keep=False)


@router.post("/accounts")
def add_account(
    reader: Reading,
    matchmaker: Product,
    role: Annotated[str, Form()] = "",
    member: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    label: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> Response:
    """Make an account, then lead back to the list."""
    chosen = read_choice(Role, role)
    if chosen not in PEOPLE:
        faults = {"role": reader.words.gettext("Please choose a role.")}
        return _again(reader, matchmaker, None, member, email, label, faults)
    member_id = member if chosen is Role.MEMBER and member else None
    spoken: Language = "ko" if language == "ko" else "en"
    try:
        account = matchmaker.accounts.create(
            chosen, member_id=member_id, email=email, label=label, language=spoken, by=reader.actor
        )
    except InvalidInput as error:
        return _again(reader, matchmaker, chosen, member, email, label, _faults_of(error, reader))
    return RedirectResponse(f"/accounts#{account.id}", 303)


@router.post("/accounts/{account_id}/link")
def make_link(reader: Reading, matchmaker: Product, account_id: str) -> Response:
    """Make a link that signs the account in once, and show it this once."""
    accounts = matchmaker.accounts
    token = accounts.issue_link(account_id, by=reader.actor)
    minutes = round(accounts.lifetimes.link.total_seconds() / 60)
    line = _line_of(accounts.get(account_id), {}, reader)
    return reader.render("account_link.html", NewLinkPage(line, accounts.url_of(token), minutes), keep=False)


@router.get("/accounts/{account_id}/disable")
def ask_whether_to_disable(reader: Reading, matchmaker: Product, account_id: str) -> Response:
    """The question before it happens."""
    account = matchmaker.accounts.get(account_id)
    line = _line_of(account, _names(reader, matchmaker), reader)
    return reader.render("account_disable.html", DisablePage(line), keep=False)


@router.post("/accounts/{account_id}/disable")
def disable_account(reader: Reading, matchmaker: Product, account_id: str) -> Response:
    """Shut an account out."""
    matchmaker.accounts.disable(account_id, by=reader.actor)
    return RedirectResponse(f"/accounts#{account_id}", 303)


@router.post("/accounts/{account_id}/enable")
def enable_account(reader: Reading, matchmaker: Product, account_id: str) -> Response:
    """Let an account in again."""
    matchmaker.accounts.enable(account_id, by=reader.actor)
    return RedirectResponse(f"/accounts#{account_id}", 303)


def accounts_page(
    reader: Reader,
    matchmaker: Matchmaker,
    role: Role | None = None,
    member: str = "",
    email: str = "",
    label: str = "",
    faults: Mapping[str, str] | None = None,
) -> AccountsPage:
    """The list, and the form as it was filled in."""
    names = _names(reader, matchmaker)
    return AccountsPage(
        accounts=tuple(_line_of(each, names, reader) for each in matchmaker.accounts.list_all()),
        roles=options({each: labels.ROLES[each] for each in PEOPLE}, role, reader.words),
        members=tuple(Choice(each, name, each == member) for each, name in names.items()),
        email=email,
        label=label,
        faults=faults or {},
    )


def _again(
    reader: Reader,
    matchmaker: Matchmaker,
    role: Role | None,
    member: str,
    email: str,
    label: str,
    faults: Mapping[str, str],
) -> Response:
    page = accounts_page(reader, matchmaker, role, member, email, label, faults)
    return reader.render("accounts.html", page, 422, keep=False)


def _faults_of(error: InvalidInput, reader: Reader) -> Mapping[str, str]:
    gettext = reader.words.gettext
    sentences = {
        "/role": gettext("Please choose a role."),
        "/member_id": gettext("Please choose the organisation that this account speaks for."),
        "/email": gettext("This is no e-mail address, or another account has it."),
        "/label": gettext("A name is one line of at most 100 characters."),
    }
    places = {"/member_id": "member"}
    return {
        places.get(fault.pointer, fault.pointer.strip("/")): sentences[fault.pointer]
        for fault in error.faults
    }


def _names(reader: Reader, matchmaker: Matchmaker) -> Mapping[str, str]:
    """The organisations that have joined, by id, in order of their names."""
    page = matchmaker.directory.list_page(MemberFilter(status=Status.MEMBER), limit=MEMBERS)
    names = {stored.member.external_id: _name(stored.member, reader) for stored in page.items}
    return dict(sorted(names.items(), key=lambda each: each[1]))


def _name(member: Member, reader: Reader) -> str:
    return names_of(member, reader.language).name


def _line_of(account: Account, names: Mapping[str, str], reader: Reader) -> AccountLine:
    role = reader.words.gettext(labels.ROLES[account.role])
    organisation = names.get(account.member_id, account.member_id) if account.member_id else ""
    return AccountLine(
        id=account.id,
        title=account.label or organisation or role,
        role=role,
        organisation=organisation,
        email=account.email or "",
        since=day(account.created_at.date(), reader.language),
        is_disabled=account.is_disabled,
        is_own=account.id == reader.actor.id,
    )
