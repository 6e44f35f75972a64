"""Whatever goes wrong, the answer is a problem document (or a page, for people) with all the headers."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from api.headers import SECURITY
from matchmaker.bootstrap import Matchmaker
from matchmaker.errors import StorageUnavailable
from tests.visitors import application_of, make_key

JSON = {"Content-Type": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SECRET = "a profile text that nobody else should see"


@pytest.fixture
def breaking(app: FastAPI) -> Iterator[TestClient]:
    """A client of an application with doors that fail."""
    router = APIRouter()

    @router.get("/v1/broken")
    def broken() -> None:
        raise ValueError(SECRET)

    @router.get("/v1/storage")
    def storage() -> None:
        raise StorageUnavailable(reason="connection to db.internal as matchmaker failed")

    @router.get("/page/broken")
    def broken_page() -> None:
        raise ValueError(SECRET)

    app.include_router(router)
    with TestClient(app) as client:
        yield client


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is a complete problem document with all headers; returns it."""
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem.keys() == {
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
        "errors",
    }
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert problem["title"]
    assert problem["detail"]
    assert_headers(response)
    return problem


def assert_headers(response: Any) -> None:
    """The headers that every answer has."""
    for name, value in SECURITY.items():
        assert response.headers[name] == value
    assert response.headers["X-Request-Id"]
    assert response.headers["Cache-Control"]


class TestFramework:
    def test_nothing_there(self, reader: TestClient) -> None:
        for path in ("/v1", "/v1/nothing", "/v2/members", "/healthz/", "/docs", "/redoc"):
            assert_problem(reader.get(path), 404, "not-found")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("POST", "/v1/members/kr-one", "GET, PUT, PATCH, DELETE, HEAD"),
            ("DELETE", "/v1/members", "GET, POST, HEAD"),
            ("OPTIONS", "/v1/members", "GET, POST, HEAD"),
            ("GET", "/v1/suggestions", "POST"),
            ("HEAD", "/v1/suggestions", "POST"),
            ("POST", "/healthz", "GET, HEAD"),
            ("POST", "/openapi.json", "GET, HEAD"),
            ("POST", "/static/style.css", "GET, HEAD"),
            ("BREW", "/v1/pairs", "GET, HEAD"),
        ],
    )
    def test_a_method_that_is_not_taken(
        self, reader: TestClient, method: str, path: str, allowed: str
    ) -> None:
        response = reader.request(method, path)
        assert response.status_code == 405
        assert response.headers["Allow"] == allowed
        assert_headers(response)
        if method != "HEAD":
            assert allowed in assert_problem(response, 405, "method-not-allowed")["detail"]

    @pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b"nothing", b'{"a": 1,}', b'{"a": "\xff"}'])
    def test_broken_json(self, reader: TestClient, body: bytes) -> None:
        response = reader.post("/v1/members", content=body, headers=JSON)
        assert_problem(response, 400, "bad-request" if b"\xff" in body else "broken-json")

    @pytest.mark.parametrize(
        "body",
        [
            b"[" * 100_000,
            b'{"a":' * 40_000,
            b'{"a": ' + b"9" * 10_000 + b"}",
            b'{"names": {"en": "\\ud800"}}',
        ],
    )
    def test_json_that_is_meant_to_hurt(self, reader: TestClient, body: bytes) -> None:
        response = reader.post("/v1/members", content=body, headers=JSON)
        assert response.status_code in (400, 422)
        assert_problem(response, response.status_code, response.json()["code"])

    @pytest.mark.parametrize(
        "media_type", [None, "text/plain", "application/x-www-form-urlencoded", "text/json", ""]
    )
    def test_a_body_that_is_not_declared_as_json(self, reader: TestClient, media_type: str | None) -> None:
        headers = {} if media_type is None else {"Content-Type": media_type}
        for method, path in (
            ("POST", "/v1/members"),
            ("PUT", "/v1/members/kr-one"),
            ("POST", "/v1/suggestions"),
        ):
            response = reader.request(method, path, content=b"{}", headers={"If-Match": '"1"', **headers})
            assert_problem(response, 415, "unsupported-media-type")

    @pytest.mark.parametrize(
        "media_type", ["application/json; charset=utf-8", "application/merge+json", "Application/JSON"]
    )
    def test_ways_to_declare_json(self, reader: TestClient, media_type: str) -> None:
        response = reader.post("/v1/members", content=b"{}", headers={"Content-Type": media_type})
        assert_problem(response, 422, "invalid-input")

    def test_no_body_at_all(self, reader: TestClient) -> None:
        assert_problem(reader.post("/v1/members", headers=JSON), 422, "invalid-input")


class TestBodyLimit:
    @pytest.mark.parametrize("path", ["/v1/members", "/v1/suggestions"])
    def test_a_large_body_is_refused(self, reader: TestClient, path: str) -> None:
        body = json.dumps({"country": "KR", "summary": {"en": "x" * 1_000_000}}).encode()
        problem = assert_problem(reader.post(path, content=body, headers=JSON), 413, "body-too-large")
        assert "262144" in problem["detail"]

    def test_a_large_body_that_hides_its_length_is_refused(self, reader: TestClient) -> None:
        def chunks() -> Iterator[bytes]:
            for _ in range(100):
                yield b"x" * 10_000

        response = reader.post("/v1/members", content=chunks(), headers=JSON)
        assert "Content-Length" not in response.request.headers
        assert_problem(response, 413, "body-too-large")

    def test_a_length_that_cannot_be_is_refused(self, reader: TestClient) -> None:
        response = reader.post("/v1/members", content=b"{}", headers={**JSON, "Content-Length": "9" * 5000})
        assert_problem(response, 413, "body-too-large")

    def test_a_body_just_within_the_limit_is_read(self, reader: TestClient, matchmaker: Matchmaker) -> None:
        limit = matchmaker.settings.max_body
        assert reader.post("/v1/members", content=b" " * (limit - 2) + b"{}", headers=JSON).status_code == 422
        assert reader.post("/v1/members", content=b" " * (limit - 1) + b"{}", headers=JSON).status_code == 413


class TestCrossSite:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
            {"Origin": "https://elsewhere.example"},
            {"Origin": "http://testserver.elsewhere.example"},
            {"Origin": "http://testserver:81"},
            {"Origin": "null"},
        ],
    )
    def test_other_sites_change_nothing(self, reader: TestClient, headers: dict[str, str]) -> None:
        for method, path in (
            ("POST", "/v1/members"),
            ("DELETE", "/v1/members/kr-one"),
            ("POST", "/anything"),
        ):
            assert_problem(reader.request(method, path, headers=headers), 403, "cross-site")
        assert reader.get("/v1/members/kr-one", headers=headers).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}],
    )
    def test_our_own_pages_and_programs_do(self, client: TestClient, headers: dict[str, str]) -> None:
        response = client.delete("/v1/members/kr-one", headers={"If-Match": "*", **headers})
        assert response.status_code == 204


class TestWords:
    @pytest.mark.parametrize(
        ("header", "language"), [("ko", "ko"), ("en", "en"), ("", "en"), ("de, ko;q=0.5", "ko")]
    )
    def test_the_reader_s_language(self, reader: TestClient, header: str, language: str) -> None:
        response = reader.get("/v1/members/nobody", headers={"Accept-Language": header})
        problem = assert_problem(response, 404, "unknown-member")
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.headers["Vary"]
        assert problem["title"] == {"en": "No such member", "ko": "그런 회원이 없습니다"}[language]

    def test_the_address_decides_before_the_browser(self, reader: TestClient) -> None:
        response = reader.get("/v1/members/nobody/suggestions?lang=ko", headers={"Accept-Language": "en"})
        assert response.headers["Content-Language"] == "ko"

    @pytest.mark.parametrize(
        ("method", "path", "headers", "content", "status"),
        [
            ("GET", "/v1/nothing", {}, b"", 404),
            ("POST", "/v1/pairs", {}, b"", 405),
            ("POST", "/v1/members", JSON, b" " * 300_000, 413),
            ("POST", "/v1/members", {"Content-Type": "text/plain"}, b"{}", 415),
            ("POST", "/v1/members", JSON, b"{}", 422),
            ("POST", "/v1/members", JSON, b"{", 400),
            ("DELETE", "/v1/members/kr-one", {}, b"", 428),
            ("DELETE", "/v1/members/kr-one", {"If-Match": '"9"'}, b"", 412),
            ("POST", "/v1/members", {"Origin": "https://elsewhere.example"}, b"", 403),
            ("GET", "/v1/members", {"Authorization": "Bearer amk_x"}, b"", 401),
            ("GET", "/v1/broken", {}, b"", 500),
        ],
    )
    def test_whatever_refuses_speaks_korean(
        self,
        breaking: TestClient,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes,
        status: int,
    ) -> None:
        app = application_of(breaking)
        assert app.state.startup.wait(30)
        sent = {"Authorization": f"Bearer {make_key(app)}", "Accept-Language": "ko", **headers}
        response = breaking.request(method, path, content=content, headers=sent)
        problem = assert_problem(response, status, response.json()["code"])
        assert response.headers["Content-Language"] == "ko"
        for text in (problem["title"], problem["detail"], *(each["detail"] for each in problem["errors"])):
            assert any("가" <= letter <= "힣" for letter in text), text

    def test_the_type_resolves(self, reader: TestClient) -> None:
        problem = assert_problem(reader.get("/v1/members/nobody"), 404, "unknown-member")
        described = reader.get(problem["type"])
        assert described.status_code == 200
        assert described.json()["title"]["en"] == problem["title"]
        assert described.json()["status"] == 404


class TestFailure:
    def test_an_unexpected_error_is_a_problem_too(self, breaking: TestClient) -> None:
        problem = assert_problem(breaking.get("/v1/broken"), 500, "internal-error")
        assert problem["request_id"] in problem["detail"]
        assert SECRET not in json.dumps(problem)

    def test_its_log_names_place_and_request_but_quotes_nothing(
        self, breaking: TestClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            response = breaking.get("/v1/broken", headers={"X-Request-Id": "request-77"})
        assert response.headers["X-Request-Id"] == "request-77"
        assert "request-77: ValueError" in caplog.text
        assert "in broken" in caplog.text
        assert SECRET not in caplog.text.replace("raise ValueError(SECRET)", "")

    def test_a_refused_profile_is_not_logged(
        self, reader: TestClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            reader.post("/v1/members", json={"country": SECRET, "summary": {"en": SECRET, "x": SECRET}})
            reader.post("/v1/suggestions", json={"country": "KR", "summary": {"en": SECRET}})
        assert SECRET not in caplog.text

    def test_a_failing_database_says_when_to_come_back(
        self, breaking: TestClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = breaking.get("/v1/storage")
        problem = assert_problem(response, 503, "storage-unavailable")
        assert response.headers["Retry-After"] == "5"
        assert "db.internal" not in json.dumps(problem)
        assert "db.internal" in caplog.text

    def test_people_get_a_page(self, breaking: TestClient) -> None:
        for path, status in (("/nothing", 404), ("/page/broken", 500)):
            response = breaking.get(path, headers=BROWSER)
            assert response.status_code == status
            assert response.headers["Content-Type"].startswith("text/html")
            assert SECRET not in response.text
            assert_headers(response)

    def test_programs_get_none(self, breaking: TestClient) -> None:
        assert_problem(breaking.get("/nothing", headers={"Accept": "application/json"}), 404, "not-found")
        assert_problem(breaking.get("/nothing", headers={"Accept": "*/*"}), 404, "not-found")
        assert_problem(breaking.get("/v1/nothing", headers=BROWSER), 404, "not-found")
        assert_problem(breaking.get("/problems/nothing", headers=BROWSER), 404, "not-found")


class TestHeaders:
    def test_every_answer_has_them(self, reader: TestClient) -> None:
        for path in (
            "/v1/members",
            "/healthz",
            "/readyz",
            "/openapi.json",
            "/problems/error",
            "/static/style.css",
        ):
            response = reader.get(path)
            assert response.status_code == 200
            assert_headers(response)

    @pytest.mark.parametrize("given", ["abcdef12", "9d1f-77.A_b" * 4])
    def test_a_sane_request_id_is_kept(self, reader: TestClient, given: str) -> None:
        assert reader.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given

    @pytest.mark.parametrize("given", ["", "short", "x" * 129, "with space", "<script>", "a\tbcdefgh"])
    def test_another_one_is_replaced(self, reader: TestClient, given: str) -> None:
        response = reader.get("/healthz", headers={"X-Request-Id": given})
        assert response.headers["X-Request-Id"] != given
        assert len(response.headers["X-Request-Id"]) == 32

    def test_head_is_get_without_the_body(self, reader: TestClient) -> None:
        for path in ("/healthz", "/v1/members/kr-one", "/v1/members/nobody"):
            got, head = reader.get(path), reader.head(path)
            assert (head.status_code, head.content) == (got.status_code, b"")
            assert head.headers["Content-Type"] == got.headers["Content-Type"]

    def test_the_host_header_finds_its_way_into_no_answer(self, reader: TestClient) -> None:
        for path in ("/v1/members?limit=1", "/v1/members/", "/nothing"):
            response = reader.get(path, headers={"Host": "evil.example"})
            assert "evil.example" not in response.text + str(response.headers)
