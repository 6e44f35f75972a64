"""Whoever asks too much is told when to come back, and everybody is told what is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from api.app import create_app
from api.rates import charge_rows, network_of
from matchmaker.bootstrap import Matchmaker
from matchmaker.errors import InvalidSetting, TooManyRequests
from matchmaker.services.throttle import Quota, Quotas
from matchmaker.settings import Settings
from tests.factories import make_matchmaker
from tests.visitors import application_of, make_key


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[TestClient]:
    """A client of an application that lets everybody ask four times an hour, two of them to write."""
    product = make_matchmaker(tmp_path, rate_limit="4/hour", rate_limit_writes="2/hour")
    app = create_app(product)
    with TestClient(app) as client:
        assert app.state.startup.wait(30)
        yield client
    product.store.engine.dispose()


def spend(client: TestClient, times: int, **headers: str) -> Any:
    for _ in range(times):
        response = client.get("/v1/members", headers=headers)
    return response


def test_an_answer_says_what_there_is_and_what_is_left(limited: TestClient) -> None:
    response = spend(limited, 1)
    assert response.headers["RateLimit-Policy"] == '"requests";q=4;w=3600'
    assert response.headers["RateLimit"].startswith('"requests";r=3;t=')
    assert 0 < int(response.headers["RateLimit"].rpartition("=")[2]) <= 3600
    assert spend(limited, 1).headers["RateLimit"].startswith('"requests";r=2;t=')


@pytest.mark.parametrize("language", ["en", "ko"])
def test_too_much_is_a_problem_that_says_when_to_come_back(limited: TestClient, language: str) -> None:
    assert spend(limited, 4).status_code == 200
    response = spend(limited, 1, **{"Accept-Language": language})
    assert (response.status_code, response.json()["code"]) == (429, "too-many-requests")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Content-Language"] == language
    assert response.headers["Retry-After"] in response.json()["detail"]
    assert response.headers["RateLimit"] == f'"requests";r=0;t={response.headers["Retry-After"]}'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json()["request_id"] == response.headers["X-Request-Id"]


def test_errors_count_and_tell_too(limited: TestClient) -> None:
    response = limited.get("/v1/members/nobody")
    assert response.status_code == 404
    assert response.headers["RateLimit"].startswith('"requests";r=3;')


def test_a_refused_head_has_no_body(limited: TestClient) -> None:
    spend(limited, 4)
    response = limited.head("/v1/members")
    assert (response.status_code, response.content) == (429, b"")


def test_writes_have_a_quota_of_their_own(limited: TestClient) -> None:
    limited.headers["Authorization"] = f"Bearer {make_key(application_of(limited))}"
    answers = [limited.delete("/v1/members/nobody", headers={"If-Match": "*"}) for _ in range(3)]
    assert [each.status_code for each in answers] == [404, 404, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"requests";q=4;w=3600, "writes";q=2;w=3600'
    assert spend(limited, 1).status_code == 200


def test_each_key_counts_for_itself_and_a_made_up_one_by_address(limited: TestClient) -> None:
    spend(limited, 4)
    assert spend(limited, 1).status_code == 429
    one, other = (make_key(application_of(limited)) for _ in range(2))
    assert spend(limited, 4, Authorization=f"Bearer {one}").status_code == 200
    assert spend(limited, 1, Authorization=f"Bearer {one}").status_code == 429
    assert spend(limited, 1, Authorization=f"Bearer {other}").status_code == 200
    assert spend(limited, 1, Authorization="Bearer amk_made-up").status_code == 429


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/static/style.css", "/openapi.json", "/problems/error"]
)
def test_what_costs_nothing_is_free(limited: TestClient, path: str) -> None:
    answers = [limited.get(path) for _ in range(6)]
    assert {each.status_code for each in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_without_limits_nothing_is_said(reader: TestClient) -> None:
    response = reader.get("/v1/members?limit=1")
    assert not {"RateLimit", "RateLimit-Policy"} & set(response.headers)


def test_a_limit_that_cannot_be_read_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="MATCHMAKER_RATE_LIMIT_WRITES"):
        create_app(Matchmaker(Settings(_env_file=None, var=tmp_path, rate_limit_writes="often")))


def bulk_request(quotas: Quotas) -> Request:
    request = Request({"type": "http", "method": "POST", "headers": [], "client": ("192.0.2.1", 1)})
    request.scope["app"] = None
    request.state.quotas, request.state.allowances, request.state.actor = quotas, [], None
    return request


def test_the_rows_of_a_bulk_count() -> None:
    quotas = Quotas(None, Quota("writes", "10/hour"))
    request = bulk_request(quotas)
    from matchmaker.domain.access import SYSTEM

    request.state.actor = SYSTEM
    charge_rows(request, 8)
    assert [each.remaining for each in request.state.allowances] == [3]
    with pytest.raises(TooManyRequests):
        charge_rows(request, 8)
    charge_rows(request, 1)


def test_a_bulk_larger_than_the_quota_takes_all_of_it() -> None:
    quota = Quota("writes", "10/hour")
    assert quota.take("one", 5000).remaining == 0
    assert quota.take("one").is_spent
    assert not quota.take("other").is_spent


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
