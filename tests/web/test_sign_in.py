"""Signing in and out in a browser, and what nobody gets through."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

import pytest
from starlette.testclient import TestClient

from api.pages.rendering import NAV
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import ALLOWED, OPEN, Role
from matchmaker.domain.account import Account, new_key
from matchmaker.domain.member import Language
from matchmaker.services.throttle import Throttle
from tests.visitors import application_of, make_key, new_browser, sign_in
from tests.web.documents import parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])
ELSEWHERE = (
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "\\/elsewhere.example",
    "javascript:alert(1)",
    "elsewhere.example",
    " /accounts",
    "/accounts\r\nSet-Cookie: session=planted",
)


@dataclass
class Post:
    """Mail that keeps what it is given."""

    urls: list[str] = field(default_factory=list)

    def send(self, account: Account, url: str, language: Language) -> None:
        self.urls.append(url)


@pytest.fixture
def post(matchmaker: Matchmaker) -> Post:
    """The product sends mail here, and is asked for three links an hour at most."""
    post = Post()
    vars(matchmaker)["accounts"] = replace(matchmaker.accounts, mail=post, throttle=Throttle("3/hour"))
    return post


def link_of(matchmaker: Matchmaker, role: Role = Role.ADMINISTRATOR) -> str:
    account = matchmaker.accounts.create(role)
    return f"/sign-in/{matchmaker.accounts.issue_link(account.id)}"


class TestLink:
    def test_looking_does_not_use_it_up(self, visitor: TestClient, matchmaker: Matchmaker) -> None:
        """Programs that check mail for viruses open every link."""
        link = link_of(matchmaker)
        for _ in range(3):
            response = visitor.get(link)
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert "session" not in visitor.cookies
        (form,) = [each for each in parse(response.text).find_all("form") if each.parent is not None]
        assert form.attributes["action"] == link
        assert len(form.find_all("button")) == 1
        signed_in = visitor.post(link)
        assert signed_in.url.path == "/review"

    @BOTH
    def test_works_once(self, visitor: TestClient, matchmaker: Matchmaker, language: str) -> None:
        link = link_of(matchmaker)
        visitor.post(link)
        other = new_browser(application_of(visitor))
        for response in (other.get(f"{link}?lang={language}"), other.post(f"{link}?lang={language}")):
            assert response.status_code == 410
            title = {"en": "This link no longer works", "ko": "더 이상 쓸 수 없는 링크입니다"}[language]
            assert title in response.text
        assert "session" not in other.cookies

    def test_begins_a_new_session_whatever_the_browser_had(
        self, visitor: TestClient, matchmaker: Matchmaker
    ) -> None:
        visitor.cookies.set("session", "planted")
        response = visitor.post(link_of(matchmaker), follow_redirects=False)
        assert response.headers["Set-Cookie"].startswith("session=")
        assert "planted" not in response.headers["Set-Cookie"]
        first = response.cookies["session"]
        second = visitor.post(link_of(matchmaker, Role.COORDINATOR_SG), follow_redirects=False)
        assert second.cookies["session"] != first
        assert not matchmaker.accounts.session(first).is_known

    @pytest.mark.parametrize(
        ("base_url", "name", "secure"),
        [("http://testserver", "session", False), ("https://testserver", "__Host-session", True)],
    )
    def test_its_cookie_is_out_of_reach(
        self, client: TestClient, matchmaker: Matchmaker, base_url: str, name: str, secure: bool
    ) -> None:
        browser = new_browser(application_of(client), base_url)
        cookie = browser.post(link_of(matchmaker), follow_redirects=False).headers["Set-Cookie"]
        name_and_value, *attributes = cookie.split("; ")
        assert name_and_value.partition("=")[0] == name
        assert {each.lower() for each in attributes} == {
            "httponly",
            "max-age=604800",
            "path=/",
            "samesite=lax",
            *(["secure"] if secure else []),
        }
        assert browser.get("/accounts").status_code == 200

    def test_on_https_the_unguarded_cookie_counts_for_nothing(
        self, client: TestClient, matchmaker: Matchmaker
    ) -> None:
        """Whoever controls another host of the domain could plant one."""
        account = matchmaker.accounts.create(Role.ADMINISTRATOR)
        session = matchmaker.accounts.redeem(matchmaker.accounts.issue_link(account.id))
        browser = new_browser(application_of(client), "https://testserver")
        browser.cookies.set("session", session)
        assert browser.get("/accounts", follow_redirects=False).status_code == 303

    def test_tokens_stay_out_of_the_log(
        self, visitor: TestClient, matchmaker: Matchmaker, caplog: pytest.LogCaptureFixture
    ) -> None:
        link = link_of(matchmaker)
        with (
            caplog.at_level(logging.DEBUG, logger="api"),
            caplog.at_level(logging.DEBUG, logger="matchmaker"),
        ):
            visitor.post(link)
            visitor.post(link)
        ours = [each.getMessage() for each in caplog.records if each.name.startswith(("api", "matchmaker"))]
        assert not [each for each in ours if link in each or visitor.cookies["session"] in each]


class TestAsking:
    @BOTH
    def test_without_mail_the_page_says_whom_to_ask(self, visitor: TestClient, language: str) -> None:
        response = visitor.get(f"/sign-in?lang={language}")
        assert response.status_code == 200
        assert {"en": "ask your coordinator", "ko": "코디네이터"}[language] in response.text
        assert 'type="email"' not in response.text

    def test_a_link_comes_and_leads_where_one_was_going(
        self, visitor: TestClient, matchmaker: Matchmaker, post: Post
    ) -> None:
        matchmaker.accounts.create(Role.ADMINISTRATOR, email="boss@example.org")
        form = visitor.get("/accounts?lang=en")
        assert (form.url.path, form.url.query) == ("/sign-in", b"next=%2Faccounts")
        hidden = parse(form.text).find("input", name="next").attributes["value"]
        visitor.post("/sign-in", data={"email": "Boss@example.org", "next": hidden})
        (url,) = post.urls
        local = url.removeprefix("http://127.0.0.1:8000")
        action = parse(visitor.get(local).text).find("form", method="post").attributes["action"]
        assert visitor.post(action).url.path == "/accounts"

    def test_a_stranger_s_answer_is_the_same(
        self, visitor: TestClient, matchmaker: Matchmaker, post: Post
    ) -> None:
        matchmaker.accounts.create(Role.ADMINISTRATOR, email="boss@example.org")
        answers = []
        for email in ("boss@example.org", "stranger@example.org"):
            response = visitor.post("/sign-in", data={"email": email}, follow_redirects=False)
            headers = {name: each for name, each in response.headers.items() if name != "x-request-id"}
            answers.append((response.status_code, headers, response.content))
        assert answers[0] == answers[1]
        assert len(post.urls) == 1

    def test_asking_too_often_is_refused_alike(
        self, visitor: TestClient, matchmaker: Matchmaker, post: Post
    ) -> None:
        matchmaker.accounts.create(Role.ADMINISTRATOR, email="boss@example.org")
        for email in ("boss@example.org", "a@example.org", "b@example.org"):
            assert visitor.post("/sign-in", data={"email": email}).status_code == 200
        for email in ("boss@example.org", "stranger@example.org"):
            response = visitor.post("/sign-in", data={"email": email})
            assert response.status_code == 429
            assert int(response.headers["Retry-After"]) > 3000
            assert "Try again in 60 minutes" in response.text
        assert len(post.urls) == 1

    @BOTH
    def test_what_is_no_address_is_shown_back(self, visitor: TestClient, post: Post, language: str) -> None:
        response = visitor.post(f"/sign-in?lang={language}", data={"email": '"><b>x'})
        assert response.status_code == 422
        field = parse(response.text).find("input", id="email")
        assert field.attributes["value"] == '"><b>x'
        assert field.attributes["aria-describedby"] == "email-fault"

    @pytest.mark.parametrize("address", ELSEWHERE)
    def test_nobody_is_led_to_another_site(
        self, visitor: TestClient, matchmaker: Matchmaker, post: Post, address: str
    ) -> None:
        asked = visitor.get("/sign-in", params={"next": address}, follow_redirects=False)
        assert not parse(asked.text).find_all("input", name="next")
        link = link_of(matchmaker)
        shown = visitor.get(link, params={"next": address})
        assert parse(shown.text).find("form", method="post").attributes["action"] == link
        led = visitor.post(link, params={"next": address}, follow_redirects=False)
        assert led.headers["Location"] == "/review"
        again = visitor.get("/sign-in", params={"next": address}, follow_redirects=False)
        assert again.headers["Location"] == "/review"

    def test_a_path_that_looks_like_a_host_leads_nowhere(self, visitor: TestClient) -> None:
        response = visitor.get("/accounts/x/disable?q=1", follow_redirects=False)
        assert response.headers["Location"] == "/sign-in?next=%2Faccounts%2Fx%2Fdisable%3Fq%3D1"
        assert visitor.get("http://testserver//accounts", follow_redirects=False).status_code == 404


class TestSession:
    def test_signing_out_ends_it_here_and_there(self, visitor: TestClient, matchmaker: Matchmaker) -> None:
        sign_in(visitor, Role.ADMINISTRATOR)
        session = visitor.cookies["session"]
        response = visitor.post("/sign-out")
        assert response.url.path == "/"
        assert "session" not in visitor.cookies
        assert not matchmaker.accounts.session(session).is_known

    def test_a_disabled_account_is_out_at_its_next_request(
        self, visitor: TestClient, matchmaker: Matchmaker
    ) -> None:
        account = sign_in(visitor, Role.COORDINATOR_KR)
        assert "Sign out" in visitor.get("/members").text
        matchmaker.accounts.disable(account.id)
        assert "Sign out" not in visitor.get("/members").text

    @BOTH
    def test_the_wrong_role_gets_a_page_that_says_so(self, visitor: TestClient, language: str) -> None:
        sign_in(visitor, Role.COORDINATOR_KR)
        response = visitor.get(f"/accounts?lang={language}")
        assert response.status_code == 403
        document = parse(response.text)
        role = {"en": "Coordinator, Korea", "ko": "한국 코디네이터"}[language]
        assert document.with_class("desk")[0].find("p").text == role

    def test_a_page_that_is_not_there_still_knows_who_asks(self, visitor: TestClient) -> None:
        sign_in(visitor, Role.ADMINISTRATOR)
        response = visitor.get("/nothing")
        assert response.status_code == 404
        assert "Sign out" in response.text

    def test_the_menu_shows_what_the_role_allows(self, visitor: TestClient) -> None:
        assert not parse(visitor.get("/about").text).with_class("desk")
        sign_in(visitor, Role.ADMINISTRATOR)
        desk = parse(visitor.get("/about").text).with_class("desk")[0]
        allowed = [url for url, _, action in NAV if action in ALLOWED[Role.ADMINISTRATOR] - OPEN]
        assert [each.attributes["href"] for each in desk.find_all("a")] == allowed
        assert "/me" not in allowed

    def test_other_sites_change_nothing(self, visitor: TestClient) -> None:
        sign_in(visitor, Role.ADMINISTRATOR)
        del visitor.headers["Sec-Fetch-Site"]
        for headers in (
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
        ):
            assert (
                visitor.post("/accounts", data={"role": "administrator"}, headers=headers).status_code == 403
            )
        own = visitor.post("/accounts", data={}, headers={"Origin": "http://testserver"})
        assert own.status_code == 422

    def test_a_page_of_another_site_signs_nobody_in(
        self, visitor: TestClient, matchmaker: Matchmaker
    ) -> None:
        response = visitor.post(link_of(matchmaker), headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
        assert "session" not in visitor.cookies


class TestKey:
    def refused(self, client: TestClient, key: str, code: str) -> None:
        for method, path in (("GET", "/v1/members"), ("DELETE", "/v1/members/kr-one")):
            response = client.request(method, path, headers={"Authorization": f"Bearer {key}"})
            assert (response.status_code, response.json()["code"]) == (401, code)
            assert response.headers["WWW-Authenticate"] == "Bearer"

    def test_a_mistyped_one_is_told_apart_from_an_unknown_one(self, anonymous: TestClient) -> None:
        key = new_key()
        self.refused(anonymous, key, "unknown-key")
        self.refused(anonymous, key[:-2], "broken-key")
        self.refused(anonymous, "", "broken-key")

    def test_none_at_all_reads_but_does_not_write(self, anonymous: TestClient) -> None:
        assert anonymous.get("/v1/members").status_code == 200
        response = anonymous.delete("/v1/members/kr-one")
        assert (response.status_code, response.json()["code"]) == (401, "sign-in-required")
        assert response.headers["WWW-Authenticate"] == "Bearer"

    def test_a_revoked_one_is_refused_at_once(self, anonymous: TestClient, matchmaker: Matchmaker) -> None:
        key, text = matchmaker.keys.create(Role.PORTAL_READ, "portal")
        headers = {"Authorization": f"bearer {text}"}
        assert anonymous.get("/v1/members", headers=headers).status_code == 200
        matchmaker.keys.revoke(key.id)
        self.refused(anonymous, text, "unknown-key")

    def test_one_that_may_not_says_what_it_may_not(self, anonymous: TestClient) -> None:
        key = make_key(application_of(anonymous), Role.PORTAL_READ)
        response = anonymous.delete("/v1/members/kr-one", headers={"Authorization": f"Bearer {key}"})
        assert (response.status_code, response.json()["code"]) == (403, "forbidden")
        assert "write-members" in response.json()["detail"]

    def test_a_request_with_one_never_uses_the_cookie(self, visitor: TestClient) -> None:
        sign_in(visitor, Role.ADMINISTRATOR)
        key = make_key(application_of(visitor), Role.PORTAL_READ)
        assert visitor.get("/accounts").status_code == 200
        assert visitor.get("/accounts", headers={"Authorization": f"Bearer {key}"}).status_code == 403

    def test_in_the_address_it_counts_for_nothing(self, anonymous: TestClient) -> None:
        key = make_key(application_of(anonymous))
        for name in ("key", "api_key", "access_token", "authorization"):
            assert anonymous.delete(f"/v1/members/kr-one?{name}={key}").status_code == 401
