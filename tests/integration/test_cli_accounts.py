"""accounts, keys and the demonstration's links on the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from matchmaker.bootstrap import Matchmaker
from matchmaker.cli import accounts as commands
from matchmaker.cli.app import app
from matchmaker.cli.serving import print_links
from matchmaker.domain.access import Role
from matchmaker.errors import UnknownKey, UnknownRecord


@pytest.fixture
def ready(matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch) -> Matchmaker:
    """The product that the commands use."""
    monkeypatch.setattr(commands, "_ready", lambda: matchmaker)
    return matchmaker


def run(*words: str) -> Result:
    result = CliRunner().invoke(app, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_an_account_from_its_making_to_its_end(ready: Matchmaker) -> None:
    made = run(
        "accounts", "create", "--role", "member", "--member", "kr-one", "--label", "Robots", "--lang", "ko"
    )
    account_id = made.stdout.strip()
    account = ready.accounts.get(account_id)
    assert (account.role, account.member_id, account.language) == (Role.MEMBER, "kr-one", "ko")
    url = run("accounts", "link", account_id, "--minutes", "60").stdout.strip()
    session = ready.accounts.redeem(url.rpartition("/")[2])
    assert ready.accounts.session(session).id == account_id
    assert json.loads(run("accounts", "list", "--json").stdout)[0]["id"] == account_id
    assert "Robots" in run("accounts", "list").stdout
    run("accounts", "role", account_id, "--role", "coordinator-sg")
    assert ready.accounts.get(account_id).role is Role.COORDINATOR_SG
    run("accounts", "disable", account_id)
    assert ready.accounts.get(account_id).is_disabled
    run("accounts", "enable", account_id)
    assert not ready.accounts.get(account_id).is_disabled


def test_a_key_is_shown_once_and_closed(ready: Matchmaker) -> None:
    text = run("keys", "create", "--role", "portal-write", "--label", "portal", "--days", "30").stdout.strip()
    actor = ready.keys.actor_of(text)
    assert actor.role is Role.PORTAL_WRITE
    shown = run("keys", "list").stdout + run("keys", "list", "--json").stdout
    assert text[:10] in shown
    assert text not in shown
    run("keys", "revoke", actor.id)
    assert "revoked" in run("keys", "list").stdout
    with pytest.raises(UnknownKey):
        ready.keys.actor_of(text)


def test_an_unknown_id_ends_with_a_sentence(ready: Matchmaker) -> None:
    with pytest.raises(UnknownRecord):
        run("accounts", "link", "a_nobody")
    assert run("accounts", "create", "--role", "portal-write").exit_code == 2


def test_the_demonstration_prints_a_link_per_role(
    ready: Matchmaker, capsys: pytest.CaptureFixture[str]
) -> None:
    print_links(ready, "http://127.0.0.1:4711")
    lines = [line for line in capsys.readouterr().err.splitlines() if "/sign-in/" in line]
    tokens = [line.rpartition("http://127.0.0.1:4711/sign-in/")[2] for line in lines]
    assert len({line.index("http://") for line in lines}) == 1, "the addresses stand in one column"
    roles = [ready.accounts.session(ready.accounts.redeem(token)).role for token in tokens]
    assert roles == [Role.COORDINATOR_KR, Role.COORDINATOR_SG, Role.ADMINISTRATOR, Role.MEMBER]
