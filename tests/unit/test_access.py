"""The one place that decides."""

from __future__ import annotations

import pytest

from matchmaker.domain.access import ALLOWED, ANYBODY, OPEN, Action, Actor, Role, authorise, is_allowed
from matchmaker.domain.member import Country
from matchmaker.errors import Forbidden, SignInRequired

MEMBER = Actor("a_1", Role.MEMBER, "kr-one")


@pytest.mark.parametrize("action", list(Action))
def test_nobody_does_more_than_read(action: Action) -> None:
    assert is_allowed(ANYBODY, action) is (action in OPEN)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_what_everybody_may(role: Role) -> None:
    assert ALLOWED[role] >= OPEN


@pytest.mark.parametrize("action", [Action.OWN_PROFILE, Action.OWN_INTRODUCTIONS])
def test_a_member_sees_its_own_alone(action: Action) -> None:
    assert is_allowed(MEMBER, action)
    assert is_allowed(MEMBER, action, member_id="kr-one")
    assert not is_allowed(MEMBER, action, member_id="sg-one")
    assert not is_allowed(Actor("a_2", Role.MEMBER), action)


def test_a_coordinator_reads_contacts_of_their_own_side() -> None:
    korea = Actor("a_3", Role.COORDINATOR_KR)
    assert is_allowed(korea, Action.READ_CONTACTS, country=Country.KR)
    assert not is_allowed(korea, Action.READ_CONTACTS, country=Country.SG)
    everywhere = Actor("a_4", Role.ADMINISTRATOR)
    assert all(is_allowed(everywhere, Action.READ_CONTACTS, country=country) for country in Country)


def test_only_administrators_manage_accounts() -> None:
    assert [role for role in Role if Action.MANAGE_ACCOUNTS in ALLOWED[role]] == [Role.ADMINISTRATOR]


def test_a_refusal_says_whether_signing_in_would_do() -> None:
    with pytest.raises(SignInRequired):
        authorise(ANYBODY, Action.REVIEW)
    with pytest.raises(Forbidden):
        authorise(MEMBER, Action.REVIEW)
    authorise(MEMBER, Action.READ_MEMBERS)
