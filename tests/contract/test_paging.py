"""Every list is read to its end by following `next`, whatever comes and goes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from api.cursors import Cursors
from api.paging import Paging
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.records import MemberFilter
from tests.factories import make_matchmaker, make_member

LISTS = [
    "/v1/members",
    "/v1/members?country=KR",
    "/v1/members/kr-one/suggestions",
    "/v1/members/kr-one/suggestions?track=public&include_known=true&lang=ko",
    "/v1/pairs",
    "/v1/pairs?purpose=startup",
    "/v1/partnerships",
    "/v1/calls",
]


WHOLE = "/v1/webhooks"
"""A key's webhooks are few and come whole."""
ELSEWHERE = "/v1/webhooks/{webhook_id}/deliveries"
"""Tested with the webhooks, of which the small alliance has none."""


def with_query(url: str, **asked: str | int) -> str:
    parts = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{url}{'&' if '?' in url else '?'}{parts}"


def read_all(client: TestClient, url: str, limit: int) -> list[Any]:
    """The items of all pages; each page says twice where the next one is."""
    response = client.get(with_query(url, limit=limit))
    items = list(response.json()["items"])
    while (following := response.json()["next"]) is not None:
        assert len(response.json()["items"]) == limit
        link = response.links["next"]["url"]
        assert parse_qs(urlsplit(link).query)["cursor"] == [following]
        response = client.get(link)
        assert response.status_code == 200
        items += response.json()["items"]
    assert "next" not in response.links
    return items


def test_every_list_of_the_document_is_tested(app: FastAPI) -> None:
    paged = {
        path
        for path, methods in app.openapi()["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter["name"] == "cursor"
    }
    listed = {
        path
        for path, methods in app.openapi()["paths"].items()
        if methods.get("get", {}).get("operationId", "").startswith(("list_", "suggest_"))
    }
    tested = {url.partition("?")[0].replace("kr-one", "{external_id}") for url in LISTS}
    assert listed - {WHOLE} == paged == tested | {ELSEWHERE}


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_together_are_the_whole_list(reader: TestClient, url: str, limit: int) -> None:
    whole = reader.get(url).json()
    assert whole["next"] is None
    assert read_all(reader, url, limit) == whole["items"]


@pytest.mark.parametrize("url", LISTS)
def test_a_limit_that_is_too_large_is_taken_for_the_largest(reader: TestClient, url: str) -> None:
    assert reader.get(with_query(url, limit=10**9)).json()["items"] == reader.get(url).json()["items"]
    assert reader.get(with_query(url, limit=0)).status_code == 422


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("cursor", ["x", "AAAA", "%25", "A" * 60])
def test_a_made_up_cursor_is_refused(reader: TestClient, url: str, cursor: str) -> None:
    response = reader.get(with_query(url, cursor=cursor))
    assert (response.status_code, response.json()["code"]) == (400, "bad-cursor")


def test_a_cursor_belongs_to_its_list(reader: TestClient) -> None:
    cursors = {url: reader.get(with_query(url, limit=1)).json()["next"] for url in LISTS}
    for url, cursor in cursors.items():
        for other in LISTS:
            if cursor is not None and other != url:
                assert reader.get(with_query(other, cursor=cursor)).status_code == 400, (url, other)


def test_a_profile_s_list_goes_on_with_the_same_profile(reader: TestClient) -> None:
    body = {"country": "KR", "domains": [{"en": "hospital robotics"}]}
    whole = reader.post("/v1/suggestions", json=body).json()["items"]
    found: list[Any] = []
    url, cursor = "/v1/suggestions?limit=1", ""
    while cursor is not None:
        answer = reader.post(url + cursor, json=body).json()
        found += answer["items"]
        cursor = answer["next"] and f"&cursor={answer['next']}"
    assert found == whole
    first = reader.post(url, json=body).json()["next"]
    other = reader.post(f"{url}&cursor={first}", json={**body, "domains": [{"en": "chips"}]})
    assert (other.status_code, other.json()["code"]) == (400, "bad-cursor")


Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 19)), max_size=6)
SOME_IDS = st.frozensets(st.integers(0, 19), max_size=12)


class Book:
    """A list that changes between the pages, kept in memory."""

    def __init__(self, numbers: frozenset[int]) -> None:
        self.rows = set(numbers)

    def change(self, steps: list[Step]) -> None:
        for verb, number in steps:
            (self.rows.add if verb == "add" else self.rows.discard)(number)


@given(start=SOME_IDS, changes=st.lists(STEPS, max_size=8), limit=st.integers(1, 5))
def test_a_list_that_changes_meanwhile_skips_and_repeats_nobody_who_stays(
    start: frozenset[int], changes: list[list[Step]], limit: int
) -> None:
    seen: list[int] = []
    book, cursor = Book(start), ""
    stayed = set(start)
    pending = iter(changes)
    cursors = Cursors(lambda: b"k" * 32)
    while True:
        request = Request({"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []})
        paging = Paging(request, Response(), cursors, cursor or None)
        page, following = paging.cut(sorted(book.rows), lambda row: (row,), limit, "numbers")
        seen += page
        if following is None:
            break
        cursor = following
        book.change(next(pending, []))
        stayed &= book.rows
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert stayed <= set(seen)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchmaker]:
    folder: Path = tmp_path_factory.mktemp("paging")
    product = make_matchmaker(folder)
    yield product
    product.store.engine.dispose()


@given(start=SOME_IDS, changes=st.lists(STEPS, max_size=4), limit=st.integers(1, 5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_directory_in_the_database_does_so_too(
    product: Matchmaker, start: frozenset[int], changes: list[list[Step]], limit: int
) -> None:
    present = {stored.member.external_id for stored in product.directory.list_page(MemberFilter()).items}
    for external_id in present - {name(number) for number in start}:
        product.registration.withdraw(external_id)
    for number in start:
        keep(product, number)
    seen: list[str] = []
    stayed, after = {name(number) for number in start}, None
    pending = iter(changes)
    while True:
        page = product.directory.list_page(MemberFilter(), after, limit)
        seen += [stored.member.external_id for stored in page.items]
        if (after := page.next_after) is None:
            break
        for verb, number in next(pending, []):
            keep(product, number) if verb == "add" else drop(product, number)
            stayed -= {name(number)} if verb == "remove" else set()
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def name(number: int) -> str:
    return f"kr-{number:02}"


def keep(product: Matchmaker, number: int) -> None:
    if not product.directory.find_many([name(number)]):
        product.registration.register(make_member(external_id=name(number)))


def drop(product: Matchmaker, number: int) -> None:
    if product.directory.find_many([name(number)]):
        product.registration.withdraw(name(number))
