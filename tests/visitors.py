"""Who visits in tests: browsers that sign in by a link as people do, and programs with a key."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.domain.account import Account


def new_browser(app: FastAPI, base_url: str = "http://testserver") -> TestClient:
    """A browser without JavaScript. It keeps cookies, asks for HTML and says where its requests come from."""
    headers = {"Accept": "text/html", "Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
    return TestClient(app, base_url, headers=headers)


def product_of(client: TestClient) -> Matchmaker:
    """The product behind a client."""
    product: Matchmaker = application_of(client).state.matchmaker
    return product


def application_of(client: TestClient) -> FastAPI:
    """The application behind a client."""
    assert isinstance(client.app, FastAPI)
    return client.app


def sign_in(client: TestClient, role: Role, member_id: str = "kr-one") -> Account:
    """Make an account of a role and sign this browser in with it."""
    accounts = product_of(client).accounts
    account = accounts.create(role, member_id=member_id if role is Role.MEMBER else None)
    link = f"/sign-in/{accounts.issue_link(account.id)}"
    response = client.post(link, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)
    assert response.status_code == 303
    return account


def make_key(app: FastAPI, role: Role = Role.PORTAL_WRITE) -> str:
    """The text of a new key, made as the product makes it."""
    product: Matchmaker = app.state.matchmaker
    return product.keys.create(role, "tests")[1]
