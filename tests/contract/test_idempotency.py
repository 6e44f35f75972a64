"""A write that is sent again is carried out once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.domain.idempotency import Attempt, Claim, Reply
from matchmaker.errors import AttemptRunning, KeyReused, StorageUnavailable
from matchmaker.services.idempotency import Hold, Idempotency, held_by
from matchmaker.storage.attempts import Attempts
from tests.factories import make_matchmaker
from tests.visitors import application_of, make_key, product_of

NEW: dict[str, Any] = {
    "external_id": "kr-new",
    "names": {"en": "New Works (fictional)"},
    "country": "KR",
    "track": "industry",
    "kind": "startup",
    "summary": {"en": "Grows algae in glass columns."},
    "fictional": True,
}
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def post(client: TestClient, key: str, body: dict[str, Any] = NEW, **headers: str) -> Any:
    return client.post("/v1/members", json=body, headers={"Idempotency-Key": key, **headers})


def attempts(client: TestClient) -> list[tuple[Any, ...]]:
    with product_of(client).store.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT status, body FROM attempts")]


class TestReplay:
    def test_a_retry_is_answered_as_before_and_marked(self, client: TestClient) -> None:
        first, again = post(client, "k-1"), post(client, "k-1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.content == first.content
        for name in ("ETag", "Location", "Content-Type"):
            assert again.headers[name] == first.headers[name]
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]

    def test_without_a_key_the_second_is_a_duplicate(self, client: TestClient) -> None:
        assert client.post("/v1/members", json=NEW).status_code == 201
        assert client.post("/v1/members", json=NEW).json()["code"] == "duplicate-member"

    def test_a_revision_and_a_withdrawal_are_safe_too(self, client: TestClient) -> None:
        body = {key: value for key, value in NEW.items() if key != "external_id"}
        for _ in range(2):
            headers = {"If-Match": '"1"', "Idempotency-Key": "k-1"}
            assert client.put("/v1/members/kr-one", json=body, headers=headers).json()["version"] == 2
        for _ in range(2):
            headers = {"If-Match": '"2"', "Idempotency-Key": "k-1"}
            response = client.delete("/v1/members/kr-one", headers=headers)
            assert (response.status_code, response.content) == (204, b"")
        assert response.headers["Idempotency-Replayed"] == "true"

    @pytest.mark.parametrize("key", ["a", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "!~" * 100])
    def test_keys_that_are_taken(self, client: TestClient, key: str) -> None:
        assert post(client, key).status_code == post(client, key).status_code == 201

    @pytest.mark.parametrize("key", ["", '""', "a b", "x" * 201, "a\tb"])
    def test_keys_that_are_refused(self, client: TestClient, key: str) -> None:
        response = post(client, key)
        assert (response.status_code, response.json()["code"]) == (400, "bad-idempotency-key")
        assert client.get("/v1/members/kr-new").status_code == 404

    def test_two_keys_at_once_are_refused(self, client: TestClient) -> None:
        headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
        assert client.post("/v1/members", json=NEW, headers=headers).status_code == 400

    def test_reading_takes_no_notice(self, client: TestClient) -> None:
        for _ in range(2):
            response = client.get("/v1/members/kr-one", headers={"Idempotency-Key": "k-1"})
            assert "Idempotency-Replayed" not in response.headers
        assert attempts(client) == []

    def test_what_keeps_nothing_keeps_no_answer(self, client: TestClient) -> None:
        body = {"country": "KR", "domains": [{"en": "chips"}]}
        for _ in range(2):
            response = client.post("/v1/suggestions", json=body, headers={"Idempotency-Key": "k-1"})
            assert response.status_code == 200
        assert attempts(client) == []

    def test_nobody_is_remembered_who_may_not_write(self, client: TestClient, anonymous: TestClient) -> None:
        assert post(anonymous, "k-1").status_code == 401
        reader = make_key(application_of(client), Role.PORTAL_READ)
        assert post(client, "k-1", Authorization=f"Bearer {reader}").status_code == 403
        assert attempts(client) == []


class TestScope:
    def test_another_body_is_refused(self, client: TestClient) -> None:
        assert post(client, "k-1").status_code == 201
        response = post(client, "k-1", {**NEW, "external_id": "kr-other"})
        assert (response.status_code, response.json()["code"]) == (422, "key-reused")
        assert client.get("/v1/members/kr-other").status_code == 404

    def test_another_version_is_another_request(self, client: TestClient) -> None:
        headers = {"Idempotency-Key": "k-1"}
        assert client.delete("/v1/members/kr-one", headers=headers | {"If-Match": '"1"'}).status_code == 204
        response = client.delete("/v1/members/kr-one", headers=headers | {"If-Match": '"2"'})
        assert response.json()["code"] == "key-reused"

    def test_another_address_or_another_sender_has_keys_of_its_own(self, client: TestClient) -> None:
        assert post(client, "k-1").status_code == 201
        headers = {"Idempotency-Key": "k-1", "If-Match": "*"}
        assert client.delete("/v1/members/kr-one", headers=headers).status_code == 204
        other = make_key(application_of(client))
        assert post(client, "k-1", Authorization=f"Bearer {other}").json()["code"] == "duplicate-member"

    def test_a_refused_request_may_be_mended(self, client: TestClient) -> None:
        assert post(client, "k-1", {**NEW, "country": "JP"}).status_code == 422
        assert post(client, "k-1").status_code == 201

    def test_the_answer_is_forgotten_with_the_member(self, client: TestClient) -> None:
        assert post(client, "k-1").status_code == 201
        assert any(b"algae" in (body or b"") for _, body in attempts(client))
        client.delete("/v1/members/kr-new", headers={"If-Match": "*"})
        assert attempts(client) == []


class TestAtOnce:
    def test_twenty_parallel_writes_make_one_row(self, client: TestClient) -> None:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: post(client, "k-1"), range(20)))
        outcomes = {(each.status_code, each.headers.get("Idempotency-Replayed")) for each in answers}
        assert outcomes <= {(201, None), (201, "true"), (409, None)}
        carried_out = [each for each in answers if each.status_code == 201 and not replayed(each)]
        assert len(carried_out) == 1
        assert all(each.headers["Retry-After"] == "1" for each in answers if each.status_code == 409)
        assert client.get("/v1/members/kr-new").json()["version"] == 1
        assert replayed(post(client, "k-1"))

    def test_two_writers_with_one_etag_exactly_one_wins(self, client: TestClient) -> None:
        body = {key: value for key, value in NEW.items() if key != "external_id"}

        def put(number: int) -> int:
            headers = {"If-Match": '"1"', "Idempotency-Key": f"k-{number}"}
            sent = {**body, "summary": {"en": f"Writer {number}."}}
            return client.put("/v1/members/kr-one", json=sent, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = sorted(pool.map(put, range(8)))
        assert answers == [200] + [412] * 7
        assert client.get("/v1/members/kr-one").json()["version"] == 2


def replayed(response: Any) -> bool:
    return bool(response.headers.get("Idempotency-Replayed") == "true")


class TestFailure:
    def test_when_the_answer_cannot_be_kept_nothing_is(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As when the process dies between the write and its answer."""

        def fail(*_: object) -> bool:
            raise StorageUnavailable(reason="the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(Attempts, "answer", fail)
            assert post(client, "k-1").status_code == 503
        assert client.get("/v1/members/kr-new").status_code == 404
        assert attempts(client) == []
        assert not replayed(post(client, "k-1"))
        assert client.get("/v1/members/kr-new").json()["version"] == 1


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def product(tmp_path: Any) -> Iterator[Matchmaker]:
    product = make_matchmaker(tmp_path)
    yield product
    product.store.engine.dispose()


@pytest.fixture
def idempotency(product: Matchmaker, clock: Clock) -> Idempotency:
    return Idempotency(product.store, clock)


ATTEMPT = Attempt("k_one", "POST", "/v1/members", "key", "print")
REPLY = Reply(201, {"etag": '"1"'}, b"{}")


def claimed(idempotency: Idempotency) -> Claim:
    found = idempotency.claim(ATTEMPT)
    assert isinstance(found, Claim)
    return found


class TestLife:
    def test_a_running_attempt_is_not_taken_up_twice(self, idempotency: Idempotency) -> None:
        claimed(idempotency)
        with pytest.raises(AttemptRunning):
            idempotency.claim(ATTEMPT)
        with pytest.raises(KeyReused):
            idempotency.claim(Attempt("k_one", "POST", "/v1/members", "key", "another"))

    def test_an_attempt_that_died_is_taken_up_after_a_while(
        self, idempotency: Idempotency, clock: Clock
    ) -> None:
        dead = claimed(idempotency)
        clock.at += timedelta(seconds=61)
        alive = claimed(idempotency)
        with pytest.raises(AttemptRunning):
            idempotency.answer(dead, Hold(), REPLY)
        idempotency.answer(alive, Hold(), REPLY)
        assert idempotency.claim(ATTEMPT) == REPLY

    def test_what_was_held_by_a_lost_claim_is_not_kept(
        self, idempotency: Idempotency, clock: Clock, product: Matchmaker
    ) -> None:
        lost, hold = claimed(idempotency), Hold()
        clock.at += timedelta(seconds=61)
        claimed(idempotency)
        with held_by(hold):
            product.keys.create(Role.PORTAL_READ, "tests")
            assert len(product.keys.list_all()) == 1
        with pytest.raises(AttemptRunning):
            idempotency.answer(lost, hold, REPLY)
        assert product.keys.list_all() == []

    def test_answers_are_kept_for_a_day_then_purged(self, idempotency: Idempotency, clock: Clock) -> None:
        idempotency.answer(claimed(idempotency), Hold(), REPLY)
        clock.at += timedelta(hours=23, minutes=59)
        assert idempotency.purge() == 0
        assert idempotency.claim(ATTEMPT) == REPLY
        clock.at += timedelta(minutes=1)
        assert idempotency.purge() == 1
        claimed(idempotency)

    def test_the_worker_purges(self, product: Matchmaker, clock: Clock) -> None:
        """Its clock is the present: everything here expired long ago."""
        clock.at = datetime(2020, 1, 1, tzinfo=UTC)
        claimed(Idempotency(product.store, clock))
        product.worker.run_once()
        assert product.idempotency.purge() == 0
        with product.store.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM attempts").scalar() == 0


class TestHold:
    def test_several_services_commit_together(self, product: Matchmaker) -> None:
        hold = Hold()
        with held_by(hold):
            product.keys.create(Role.PORTAL_READ, "one")
            product.keys.create(Role.PORTAL_READ, "two")
        assert product.keys.list_all() == []
        product.store.keep(hold)
        assert [key.label for key in product.keys.list_all()] == ["one", "two"]

    def test_a_part_that_does_not_commit_leaves_no_trace(self, product: Matchmaker) -> None:
        hold = Hold()
        with held_by(hold):
            product.keys.create(Role.PORTAL_READ, "one")
            with product.store.writing() as work:
                work.changes.add("kr-one", "revised")
                work.commit()
                work.changes.add("kr-two", "revised")
        product.store.keep(hold)
        with product.store.reading() as work:
            assert work.changes.last_seq() == 1
