"""The administrator's page of accounts."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from tests.visitors import application_of, new_browser, sign_in
from tests.web.documents import Element, parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])


@pytest.fixture
def boss(visitor: TestClient) -> TestClient:
    sign_in(visitor, Role.ADMINISTRATOR)
    return visitor


def listed(browser: TestClient) -> list[Element]:
    return parse(browser.get("/accounts").text).with_class("accounts")[0].find_all("li")


def test_an_account_is_made_linked_and_used(boss: TestClient, matchmaker: Matchmaker) -> None:
    answers = {
        "role": "member",
        "member": "kr-one",
        "email": "One@example.org",
        "label": "",
        "language": "ko",
    }
    assert boss.post("/accounts", data=answers).url.path == "/accounts"
    account = matchmaker.accounts.find_by_email("one@example.org")
    assert account is not None
    assert (account.role, account.member_id, account.language) == (Role.MEMBER, "kr-one", "ko")
    line = next(each for each in listed(boss) if each.attributes["id"] == account.id)
    assert "Ward Robots (fictional)" in line.text
    shown = boss.post(f"/accounts/{account.id}/link")
    assert shown.headers["Cache-Control"] == "no-store"
    url = parse(shown.text).find("input", id="url").attributes["value"]
    assert url.startswith("http://127.0.0.1:8000/sign-in/")
    guest = new_browser(application_of(boss))
    guest.post(url.removeprefix("http://127.0.0.1:8000"))
    assert matchmaker.accounts.session(guest.cookies["session"]).id == account.id
    assert url not in boss.get("/accounts").text


def test_an_account_is_disabled_after_a_question_and_enabled_again(
    boss: TestClient, matchmaker: Matchmaker
) -> None:
    account = matchmaker.accounts.create(Role.COORDINATOR_SG, label="Singapore desk")
    question = boss.get(f"/accounts/{account.id}/disable")
    assert "Singapore desk is signed out everywhere" in question.text
    assert not matchmaker.accounts.get(account.id).is_disabled
    boss.post(f"/accounts/{account.id}/disable")
    assert matchmaker.accounts.get(account.id).is_disabled
    line = next(each for each in listed(boss) if each.attributes["id"] == account.id)
    assert "Disabled" in line.text
    boss.post(f"/accounts/{account.id}/enable")
    assert not matchmaker.accounts.get(account.id).is_disabled


def test_the_last_administrator_is_not_offered_to_disable_themselves(
    boss: TestClient, matchmaker: Matchmaker
) -> None:
    (line,) = listed(boss)
    assert "This is you" in line.text
    assert boss.post(f"/accounts/{line.attributes['id']}/disable").status_code == 409
    assert boss.get("/accounts").status_code == 200


@BOTH
@pytest.mark.parametrize(
    ("answers", "faulty"),
    [
        ({}, "role"),
        ({"role": "portal-write"}, "role"),
        ({"role": "member"}, "member"),
        ({"role": "member", "member": "kr-chip"}, "member"),
        ({"role": "administrator", "email": "nonsense"}, "email"),
        ({"role": "administrator", "label": "x" * 101}, "label"),
    ],
)
def test_a_fault_is_named_at_its_field(
    boss: TestClient, answers: dict[str, str], faulty: str, language: str
) -> None:
    """Among them: an account for an organisation that is only listed."""
    response = boss.post(f"/accounts?lang={language}", data=answers)
    assert response.status_code == 422
    document = parse(response.text)
    assert [each.attributes["id"] for each in document.with_class("fault")] == [f"{faulty}-fault"]
    field = next(each for each in document.everything() if each.attributes.get("id") == faulty)
    assert field.attributes["aria-invalid"] == "true"
    assert f"{faulty}-fault" in field.attributes["aria-describedby"]
    for name in ("email", "label"):
        assert document.find("input", id=name).attributes["value"] == answers.get(name, "")


def test_only_organisations_that_joined_are_offered(boss: TestClient) -> None:
    offered = parse(boss.get("/accounts").text).find("select", id="member").find_all("option")
    ids = {each.attributes["value"] for each in offered}
    assert "kr-one" in ids
    assert "kr-chip" not in ids


def test_there_is_nothing_under_an_unknown_id(boss: TestClient) -> None:
    assert boss.post("/accounts/a_nobody/link").status_code == 404
    assert boss.get("/accounts/a_nobody/disable").status_code == 404
