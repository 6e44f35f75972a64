"""Webhooks as a portal meets them: over REST alone, from making one to reading its log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.services.clock import utc_now
from tests.visitors import make_key, product_of
from tests.webhooks import Receiver, prepare, receiving, verified

EVENTS = ["member.registered", "member.withdrawn"]


@pytest.fixture
def matchmaker(matchmaker: Matchmaker) -> Matchmaker:
    prepare(matchmaker, utc_now)
    return matchmaker


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def made(client: TestClient, receiver: Receiver) -> dict[str, Any]:
    product_of(client).worker.stop()  # `turn` does its work, when the test wants it
    response = client.post("/v1/webhooks", json={"url": receiver.url, "events": EVENTS})
    assert response.status_code == 201
    found: dict[str, Any] = response.json()
    assert response.headers["Location"] == f"/v1/webhooks/{found['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Cache-Control"] == "no-store"
    return found


def turn(client: TestClient) -> None:
    """What the worker does, now."""
    product_of(client).webhook_delivery.follow_up()


def test_a_portal_hears_of_a_member_that_leaves(
    client: TestClient, receiver: Receiver, made: dict[str, Any]
) -> None:
    client.delete("/v1/members/kr-one", headers={"If-Match": "*"})
    turn(client)
    told = [verified(made["secret"], request) for request in receiver.received]
    assert [(each["type"], each["data"]) for each in told] == [("member.withdrawn", {"member": "kr-one"})]
    (delivery,) = client.get(f"/v1/webhooks/{made['id']}/deliveries").json()["items"]
    assert (delivery["state"], delivery["status"], delivery["attempt"]) == ("delivered", 204, 1)
    replayed = client.post(f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay")
    assert (replayed.status_code, replayed.json()["event"]) == (202, delivery["event"])


def test_the_secret_is_told_once(client: TestClient, made: dict[str, Any]) -> None:
    address = f"/v1/webhooks/{made['id']}"
    for response in (client.get(address), client.get("/v1/webhooks")):
        assert made["secret"] not in response.text
    rotated = client.post(f"{address}/rotate").json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"]
    assert "whsec_" not in client.get(address).text


def test_a_webhook_is_changed_by_whoever_read_its_version(client: TestClient, made: dict[str, Any]) -> None:
    address = f"/v1/webhooks/{made['id']}"
    changed = client.patch(address, json={"events": ["member.revised"]}, headers={"If-Match": '"1"'})
    assert (changed.json()["events"], changed.headers["ETag"]) == (["member.revised"], '"2"')
    stale = client.patch(address, json={"enabled": False}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    off = client.patch(address, json={"enabled": False}, headers={"If-Match": '"2"'}).json()
    assert (off["enabled"], off["disabled_reason"]) == (False, "switched-off")
    assert client.post(f"{address}/test").json()["code"] == "illegal-move"
    assert client.delete(address, headers={"If-Match": '"3"'}).status_code == 204
    assert client.get(address).status_code == 404


def test_the_test_button_sends_something(
    client: TestClient, receiver: Receiver, made: dict[str, Any]
) -> None:
    response = client.post(f"/v1/webhooks/{made['id']}/test")
    assert (response.status_code, response.json()["state"]) == (202, "waiting")
    turn(client)
    assert verified(made["secret"], receiver.received[0])["type"] == "webhook.test"


def test_the_log_is_read_page_by_page(client: TestClient, made: dict[str, Any]) -> None:
    address = f"/v1/webhooks/{made['id']}"
    numbers = [client.post(f"{address}/test").json()["id"] for _ in range(5)]
    found, following = [], f"{address}/deliveries?limit=2"
    while following:
        page = client.get(following)
        found += [each["id"] for each in page.json()["items"]]
        following = page.links["next"]["url"] if "next" in page.links else ""
    assert found == numbers[::-1]


def test_a_cursor_of_another_webhook_is_refused(client: TestClient, made: dict[str, Any]) -> None:
    for _ in range(2):
        client.post(f"/v1/webhooks/{made['id']}/test")
    cursor = client.get(f"/v1/webhooks/{made['id']}/deliveries?limit=1").json()["next"]
    other = client.post("/v1/webhooks", json={"url": made["url"], "events": EVENTS}).json()
    response = client.get(f"/v1/webhooks/{other['id']}/deliveries", params={"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (400, "bad-cursor")


def test_another_portal_finds_nothing(app: FastAPI, client: TestClient, made: dict[str, Any]) -> None:
    other = TestClient(app, headers={"Authorization": f"Bearer {make_key(app, Role.PORTAL_WRITE)}"})
    assert other.get("/v1/webhooks").json()["items"] == []
    for method, rest in (("GET", ""), ("POST", "/rotate"), ("POST", "/test"), ("GET", "/deliveries")):
        assert other.request(method, f"/v1/webhooks/{made['id']}{rest}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://10.0.0.1/", "events": EVENTS}, "/url"),
        ({"url": "https://hooks.example.org:25/", "events": EVENTS}, "/url"),
        ({"url": "https://hooks.example.org/", "events": []}, "/events"),
        ({"url": "https://hooks.example.org/", "events": ["webhook.test"]}, "/events/0"),
        ({"url": "https://hooks.example.org/", "events": EVENTS, "secret": "mine"}, "/secret"),
        ({"events": EVENTS}, "/url"),
    ],
)
def test_what_is_wrong_is_pointed_at(client: TestClient, body: dict[str, Any], pointer: str) -> None:
    response = client.post("/v1/webhooks", json=body, headers={"Accept-Language": "ko"})
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
