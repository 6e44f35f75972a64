"""accounts and keys: who may sign in, and what programs show instead."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from matchmaker.cli.console import AsJson, Reader, errors, out, print_json

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker
    from matchmaker.domain.account import Account, ApiKey


class AccountRole(StrEnum):
    """Roles of accounts, as an option."""

    member = "member"
    coordinator_kr = "coordinator-kr"
    coordinator_sg = "coordinator-sg"
    administrator = "administrator"


class KeyRole(StrEnum):
    """Roles of keys, as an option."""

    portal_read = "portal-read"
    portal_write = "portal-write"
    coordinator_kr = "coordinator-kr"
    coordinator_sg = "coordinator-sg"
    administrator = "administrator"


AccountId = Annotated[str, typer.Argument(help="The account's id, such as a_7Hq2mZ0bXc.")]
KeyId = Annotated[str, typer.Argument(help="The key's id, such as k_7Hq2mZ0bXc.")]
ForRole = Annotated[AccountRole, typer.Option("--role", help="What the account is for.")]
ForMember = Annotated[
    str | None, typer.Option("--member", help="external_id of the organisation, for a member's account.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    accounts = typer.Typer(
        help="Who may sign in: create, list, link, role, disable, enable.", no_args_is_help=True
    )
    accounts.command("create")(create_account)
    accounts.command("list")(list_accounts)
    accounts.command("link")(make_link)
    accounts.command("role")(change_role)
    accounts.command("disable")(disable_account)
    accounts.command("enable")(enable_account)
    app.add_typer(accounts, name="accounts")
    keys = typer.Typer(help="API keys of programs: create, list, revoke.", no_args_is_help=True)
    keys.command("create")(create_key)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke_key)
    app.add_typer(keys, name="keys")


def create_account(
    role: ForRole,
    member: ForMember = None,
    email: Annotated[str | None, typer.Option(help="Where sign-in links go.")] = None,
    label: Annotated[str | None, typer.Option(help="What you call it, such as “Seoul desk”.")] = None,
    lang: Annotated[Reader, typer.Option("--lang", help="The language of letters.")] = Reader.en,
) -> None:
    """Let somebody in. Then make a link: matchmaker accounts link ID."""
    from matchmaker.domain.access import Role

    account = _ready().accounts.create(
        Role(role), member_id=member, email=email, label=label, language=lang.language
    )
    typer.echo(account.id)
    errors.print(f"Made. A link that signs it in: matchmaker accounts link {account.id}", highlight=False)


def list_accounts(as_json: AsJson = False) -> None:
    """All accounts."""
    found = _ready().accounts.list_all()
    if as_json:
        print_json([_account(each) for each in found])
        return
    table = _table("id", "role", "member", "label", "e-mail", "state")
    for each in found:
        state = "disabled" if each.is_disabled else "enabled"
        row = (each.id, each.role.value, each.member_id or "", each.label or "", each.email or "", state)
        table.add_row(*row)
    out.print(table)


def make_link(
    account_id: AccountId,
    minutes: Annotated[
        int | None, typer.Option(min=1, max=1440, help="How long it works; default MATCHMAKER_LINK_MINUTES.")
    ] = None,
) -> None:
    """Print a link that signs the account in once. It cannot be shown again."""
    accounts = _ready().accounts
    token = accounts.issue_link(account_id, timedelta(minutes=minutes) if minutes else None)
    typer.echo(accounts.url_of(token))


def change_role(account_id: AccountId, role: ForRole, member: ForMember = None) -> None:
    """Give an account another role. It is signed out everywhere."""
    from matchmaker.domain.access import Role

    _ready().accounts.change_role(account_id, Role(role), member)
    errors.print(f"{account_id} is {role.value} now.", highlight=False)


def disable_account(account_id: AccountId) -> None:
    """Shut an account out at once: sessions and unused links end."""
    _ready().accounts.disable(account_id)
    errors.print(f"{account_id} is disabled.", highlight=False)


def enable_account(account_id: AccountId) -> None:
    """Let an account in again."""
    _ready().accounts.enable(account_id)
    errors.print(f"{account_id} is enabled.", highlight=False)


def create_key(
    role: Annotated[KeyRole, typer.Option("--role", help="What the key may do.")],
    label: Annotated[str, typer.Option(help="Which program uses it.")],
    days: Annotated[int | None, typer.Option(min=1, help="How long it lasts; default without end.")] = None,
) -> None:
    """Print a new key. It cannot be shown again; programs send it as `Authorization: Bearer KEY`."""
    from matchmaker.domain.access import Role

    key, text = _ready().keys.create(Role(role), label, timedelta(days=days) if days else None)
    typer.echo(text)
    errors.print(f"Made as {key.id}. To close it: matchmaker keys revoke {key.id}", highlight=False)


def list_keys(as_json: AsJson = False) -> None:
    """All keys, without their secrets."""
    found = _ready().keys.list_all()
    if as_json:
        print_json([_key(each) for each in found])
        return
    table = _table("id", "begins", "role", "label", "last used", "state")
    for each in found:
        used = f"{each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "never"
        table.add_row(each.id, each.prefix, each.role.value, each.label, used, _state(each))
    out.print(table)


def revoke_key(key_id: KeyId) -> None:
    """Close a key for good."""
    _ready().keys.revoke(key_id)
    errors.print(f"{key_id} is revoked.", highlight=False)


def _ready() -> Matchmaker:
    from matchmaker.bootstrap import build_matchmaker

    matchmaker = build_matchmaker()
    matchmaker.check()
    return matchmaker


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _state(key: ApiKey) -> str:
    from matchmaker.services.accounts import utc_now

    if key.revoked_at is not None:
        return "revoked"
    return "valid" if key.is_valid(utc_now()) else "expired"


def _account(account: Account) -> dict[str, object]:
    return {name: getattr(account, name) for name in account.__dataclass_fields__}


def _key(key: ApiKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in key.__dataclass_fields__}
