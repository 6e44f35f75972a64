"""Accounts, links, sessions and keys over a real database, at moments that the test chooses."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import ANYBODY, Actor, Role
from matchmaker.domain.account import PEOPLE, PROGRAMS, Account, new_key
from matchmaker.domain.member import Language
from matchmaker.errors import (
    BrokenKey,
    Conflict,
    InvalidInput,
    InvalidSetting,
    LinkSpent,
    MailUnavailable,
    TooManyRequests,
    UnknownKey,
    UnknownRecord,
)
from matchmaker.services.accounts import Accounts
from matchmaker.services.keys import Keys
from matchmaker.services.throttle import Throttle
from tests.factories import make_matchmaker

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A moment that moves when told."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Post:
    """Mail that keeps what it is given."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    is_broken: bool = False

    def send(self, account: Account, url: str, language: Language) -> None:
        if self.is_broken:
            raise MailUnavailable(reason="refused")
        self.sent.append((account.id, url, language))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def accounts(matchmaker: Matchmaker, clock: Clock, post: Post) -> Accounts:
    return replace(matchmaker.accounts, now=clock, mail=post, throttle=Throttle("3/hour"))


@pytest.fixture
def keys(matchmaker: Matchmaker, clock: Clock) -> Keys:
    return Keys(matchmaker.store, clock)


@pytest.fixture
def korea(accounts: Accounts) -> Account:
    return accounts.create(Role.COORDINATOR_KR, email="Desk@Example.org", label="Seoul desk", language="ko")


def signed_in(accounts: Accounts, account: Account) -> str:
    return accounts.redeem(accounts.issue_link(account.id))


class TestAccounts:
    def test_is_kept_as_it_was_made(self, accounts: Accounts, korea: Account) -> None:
        assert accounts.get(korea.id) == korea == accounts.list_all()[0]
        assert (korea.email, korea.label, korea.created_at) == ("desk@example.org", "Seoul desk", START)
        assert korea.id.startswith("a_")

    @pytest.mark.parametrize("email", ["desk@example.org", " DESK@EXAMPLE.ORG"])
    def test_is_found_by_email_however_it_is_written(
        self, accounts: Accounts, korea: Account, email: str
    ) -> None:
        assert accounts.find_by_email(email) == korea

    @pytest.mark.parametrize("email", ["", "other@example.org", "nonsense"])
    def test_is_not_found_by_another(self, accounts: Accounts, korea: Account, email: str) -> None:
        assert accounts.find_by_email(email) is None

    @pytest.mark.parametrize(
        ("role", "fields", "pointer"),
        [
            (Role.MEMBER, {}, "/member_id"),
            (Role.MEMBER, {"member_id": "kr-chip"}, "/member_id"),
            (Role.MEMBER, {"member_id": "nobody"}, "/member_id"),
            (Role.COORDINATOR_SG, {"member_id": "sg-one"}, "/member_id"),
            (Role.PORTAL_WRITE, {}, "/role"),
            (Role.ADMINISTRATOR, {"email": "no address"}, "/email"),
            (Role.ADMINISTRATOR, {"email": "desk@example.org"}, "/email"),
            (Role.ADMINISTRATOR, {"label": "two\nlines"}, "/label"),
            (Role.ADMINISTRATOR, {"label": "x" * 101}, "/label"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, accounts: Accounts, korea: Account, role: Role, fields: dict[str, Any], pointer: str
    ) -> None:
        """Among it: speaking for an organisation that is only listed."""
        with pytest.raises(InvalidInput) as caught:
            accounts.create(role, **fields)
        assert [fault.pointer for fault in caught.value.faults] == [pointer]
        assert accounts.list_all() == [korea]

    def test_two_without_email_are_two(self, accounts: Accounts) -> None:
        assert accounts.create(Role.COORDINATOR_SG, email=" ").id != accounts.create(Role.COORDINATOR_SG).id

    def test_nobody_is_under_an_unknown_id(self, accounts: Accounts) -> None:
        for act in (accounts.get, accounts.disable, accounts.enable, accounts.issue_link):
            with pytest.raises(UnknownRecord):
                act("a_nobody")

    def test_the_last_administrator_stays(self, accounts: Accounts) -> None:
        first = accounts.create(Role.ADMINISTRATOR)
        with pytest.raises(Conflict):
            accounts.disable(first.id)
        with pytest.raises(Conflict):
            accounts.change_role(first.id, Role.COORDINATOR_KR)
        second = accounts.create(Role.ADMINISTRATOR)
        assert accounts.disable(first.id).is_disabled
        with pytest.raises(Conflict):
            accounts.disable(second.id)

    def test_changes_are_on_the_trail_without_names(
        self, accounts: Accounts, korea: Account, matchmaker: Matchmaker
    ) -> None:
        accounts.disable(korea.id, by=Actor("a_boss", Role.ADMINISTRATOR))
        with matchmaker.store.reading() as work:
            entries = work.trail.list_of(f"account/{korea.id}")
        assert [(entry.actor, entry.action) for entry in entries] == [
            ("system", "account-created"),
            ("a_boss", "account-disabled"),
        ]
        assert "example.org" not in str(entries)
        assert "Seoul" not in str(entries)

    def test_leave_with_their_organisation(self, accounts: Accounts, matchmaker: Matchmaker) -> None:
        account = accounts.create(Role.MEMBER, member_id="kr-one", email="one@example.org")
        session = signed_in(accounts, account)
        matchmaker.registration.withdraw("kr-one")
        assert accounts.session(session) == ANYBODY
        assert accounts.find_by_email("one@example.org") is None


class TestLinks:
    def test_opens_a_session_once(self, accounts: Accounts, korea: Account) -> None:
        token = accounts.issue_link(korea.id)
        assert accounts.is_open(token)
        session = accounts.redeem(token)
        assert accounts.session(session) == Actor(korea.id, Role.COORDINATOR_KR)
        assert not accounts.is_open(token)
        with pytest.raises(LinkSpent):
            accounts.redeem(token)

    def test_of_many_at_the_same_time_one_wins(self, accounts: Accounts, korea: Account) -> None:
        token, won = accounts.issue_link(korea.id), []

        def attempt() -> None:
            with suppress(LinkSpent):
                won.append(accounts.redeem(token))

        threads = [threading.Thread(target=attempt) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1

    def test_expires(self, accounts: Accounts, korea: Account, clock: Clock) -> None:
        token, longer = accounts.issue_link(korea.id), accounts.issue_link(korea.id, timedelta(hours=24))
        clock.move(minutes=15)
        assert not accounts.is_open(token)
        with pytest.raises(LinkSpent):
            accounts.redeem(token)
        accounts.redeem(longer)

    @pytest.mark.parametrize("token", ["", "nonsense", "0" * 10_000, "한글", "' OR 1=1 --"])
    def test_nonsense_opens_nothing(self, accounts: Accounts, korea: Account, token: str) -> None:
        with pytest.raises(LinkSpent):
            accounts.redeem(token)

    def test_of_a_disabled_account_stops_working(self, accounts: Accounts, korea: Account) -> None:
        token = accounts.issue_link(korea.id)
        accounts.disable(korea.id)
        with pytest.raises(LinkSpent):
            accounts.redeem(token)
        with pytest.raises(Conflict):
            accounts.issue_link(korea.id)
        accounts.enable(korea.id)
        with pytest.raises(LinkSpent):
            accounts.redeem(token)
        signed_in(accounts, korea)

    def test_only_digests_are_kept(self, accounts: Accounts, korea: Account, matchmaker: Matchmaker) -> None:
        token = accounts.issue_link(korea.id)
        session = signed_in(accounts, korea)
        matchmaker.store.engine.dispose()
        kept = b"".join(path.read_bytes() for path in matchmaker.settings.var.glob("matchmaker.db*"))
        assert korea.id.encode() in kept
        assert token.encode() not in kept
        assert session.encode() not in kept


class TestSessions:
    def test_live_on_with_use_but_not_for_ever(
        self, accounts: Accounts, korea: Account, clock: Clock
    ) -> None:
        session = signed_in(accounts, korea)
        for _ in range(16):
            clock.move(hours=10)
            assert accounts.session(session).is_known
        clock.move(hours=8)
        assert accounts.session(session) == ANYBODY

    def test_end_unused(self, accounts: Accounts, korea: Account, clock: Clock) -> None:
        session = signed_in(accounts, korea)
        clock.move(hours=12)
        assert accounts.session(session) == ANYBODY

    def test_a_new_one_ends_the_browser_s_former_one(self, accounts: Accounts, korea: Account) -> None:
        former = signed_in(accounts, korea)
        elsewhere = signed_in(accounts, korea)
        present = accounts.redeem(accounts.issue_link(korea.id), former=former)
        assert present != former
        assert [accounts.session(each).is_known for each in (former, elsewhere, present)] == [
            False,
            True,
            True,
        ]

    def test_a_chosen_token_is_never_taken_over(self, accounts: Accounts, korea: Account) -> None:
        planted = "planted-by-somebody-else"
        session = accounts.redeem(accounts.issue_link(korea.id), former=planted)
        assert session != planted
        assert accounts.session(planted) == ANYBODY

    def test_sign_out_here_and_everywhere(self, accounts: Accounts, korea: Account) -> None:
        here, there, third = (signed_in(accounts, korea) for _ in range(3))
        accounts.sign_out(here)
        assert [accounts.session(each).is_known for each in (here, there)] == [False, True]
        accounts.sign_out_everywhere(korea.id)
        assert not any(accounts.session(each).is_known for each in (there, third))

    def test_a_disabled_account_is_out_at_once(self, accounts: Accounts, korea: Account) -> None:
        session = signed_in(accounts, korea)
        accounts.disable(korea.id)
        assert accounts.session(session) == ANYBODY
        accounts.enable(korea.id)
        assert accounts.session(session) == ANYBODY

    def test_another_role_holds_at_once(self, accounts: Accounts, korea: Account) -> None:
        session = signed_in(accounts, korea)
        accounts.change_role(korea.id, Role.MEMBER, "sg-one")
        assert accounts.session(session) == ANYBODY
        again = signed_in(accounts, korea)
        assert accounts.session(again) == Actor(korea.id, Role.MEMBER, "sg-one")


class TestMailedLinks:
    def test_reach_the_account(self, accounts: Accounts, korea: Account, post: Post) -> None:
        accounts.send_link(" DESK@example.org", "ko", "/members?q=a b")
        ((account_id, url, language),) = post.sent
        assert (account_id, language) == (korea.id, "ko")
        token, _, query = url.removeprefix("http://127.0.0.1:8000/sign-in/").partition("?")
        assert query == "next=%2Fmembers%3Fq%3Da+b"
        assert accounts.session(accounts.redeem(token)).id == korea.id

    @pytest.mark.parametrize("email", ["other@example.org", "nonsense", ""])
    def test_reach_nobody_else(self, accounts: Accounts, korea: Account, post: Post, email: str) -> None:
        accounts.send_link(email, "en")
        assert post.sent == []

    def test_do_not_reach_a_disabled_account(self, accounts: Accounts, korea: Account, post: Post) -> None:
        accounts.disable(korea.id)
        accounts.send_link("desk@example.org", "en")
        assert post.sent == []

    def test_a_broken_mail_server_is_noted_without_address_or_token(
        self, accounts: Accounts, korea: Account, post: Post, caplog: pytest.LogCaptureFixture
    ) -> None:
        post.is_broken = True
        with caplog.at_level(logging.DEBUG):
            accounts.send_link("desk@example.org", "en")
        assert f"{korea.id} was not mailed: mail-unavailable" in caplog.text
        assert "example.org" not in caplog.text
        assert "/sign-in/" not in caplog.text

    def test_nobody_asks_too_often(self, accounts: Accounts, korea: Account) -> None:
        """Counted by network address and by e-mail address, known or not."""
        for email in ("desk@example.org", "a@example.org", "b@example.org"):
            accounts.admit("192.0.2.1", email)
        with pytest.raises(TooManyRequests) as caught:
            accounts.admit("192.0.2.1", "c@example.org")
        assert 3500 < int(str(caught.value.params["seconds"])) <= 3601
        for number in (2, 3):
            accounts.admit(f"192.0.2.{number}", " DESK@example.org")
        with pytest.raises(TooManyRequests):
            accounts.admit("192.0.2.4", "desk@example.org")


class TestKeys:
    @pytest.mark.parametrize("role", PROGRAMS)
    def test_stands_for_its_role(self, keys: Keys, role: Role) -> None:
        key, text = keys.create(role, "portal")
        assert keys.actor_of(text) == Actor(key.id, role)
        assert text.startswith(key.prefix)
        assert keys.list_all()[0].last_used_at == START

    def test_a_typing_error_is_told_apart_from_a_strange_key(self, keys: Keys) -> None:
        _, text = keys.create(Role.PORTAL_READ, "portal")
        with pytest.raises(BrokenKey):
            keys.actor_of(text[:-1] + ("a" if text[-1] != "a" else "b"))
        with pytest.raises(UnknownKey):
            keys.actor_of(new_key())

    def test_ends_when_revoked_and_stays_in_the_list(self, keys: Keys, clock: Clock) -> None:
        key, text = keys.create(Role.PORTAL_WRITE, "portal")
        keys.revoke(key.id)
        clock.move(days=1)
        assert keys.revoke(key.id).revoked_at == START
        with pytest.raises(UnknownKey):
            keys.actor_of(text)
        assert [each.id for each in keys.list_all()] == [key.id]

    def test_ends_with_its_time(self, keys: Keys, clock: Clock) -> None:
        _, text = keys.create(Role.PORTAL_READ, "portal", timedelta(days=30))
        clock.move(days=29)
        keys.actor_of(text)
        clock.move(days=1)
        with pytest.raises(UnknownKey):
            keys.actor_of(text)

    @pytest.mark.parametrize(
        ("role", "label", "lasts"),
        [
            (Role.MEMBER, "portal", None),
            (Role.PORTAL_READ, "  ", None),
            (Role.PORTAL_READ, "x" * 101, None),
            (Role.PORTAL_READ, "portal", timedelta(0)),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, keys: Keys, role: Role, label: str, lasts: timedelta | None
    ) -> None:
        with pytest.raises(InvalidInput):
            keys.create(role, label, lasts)

    def test_an_unknown_one_cannot_be_revoked(self, keys: Keys) -> None:
        with pytest.raises(UnknownRecord):
            keys.revoke("k_nobody")


def test_every_role_belongs_to_people_or_programs() -> None:
    assert {*PEOPLE, *PROGRAMS} == set(Role)


def test_a_limit_that_cannot_be_read_is_named(tmp_path: Any) -> None:
    with pytest.raises(InvalidSetting, match="MATCHMAKER_SIGN_IN_LIMIT"):
        make_matchmaker(tmp_path, sign_in_limit="often").accounts.list_all()


def test_demonstration_accounts_are_made_once(matchmaker: Matchmaker) -> None:
    first = matchmaker.demo_accounts.ensure()
    assert [(each.role, each.member_id) for each in first] == [
        (Role.COORDINATOR_KR, None),
        (Role.COORDINATOR_SG, None),
        (Role.ADMINISTRATOR, None),
        (Role.MEMBER, "kr-one"),
    ]
    assert matchmaker.demo_accounts.ensure() == first
    assert set(matchmaker.accounts.list_all()) == set(first)
