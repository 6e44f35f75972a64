"""The directory through the REST doors: real database, real index, an encoder without a model."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from matchmaker.bootstrap import Matchmaker

BODY: dict[str, Any] = {
    "external_id": "sg-new",
    "names": {"en": "Bedok Baths (fictional)", "ko": "베독온천 (가상)"},
    "country": "SG",
    "track": "industry",
    "kind": "sme",
    "status": "member",
    "summary": {"en": "Runs warm baths."},
    "fictional": True,
}


def ids(response: Any) -> list[str]:
    """Who a page lists."""
    return [item["external_id"] for item in response.json()["items"]]


def read_for_change(client: TestClient, external_id: str) -> tuple[dict[str, Any], str]:
    """A member as the documentation says to prepare it for PUT, and its ETag."""
    response = client.get(f"/v1/members/{external_id}")
    body: dict[str, Any] = response.json()
    for name in ("version", "updated_at", "is_edited", "completeness", "notice"):
        del body[name]
    return body, response.headers["ETag"]


class TestList:
    def test_all_members_in_order(self, reader: TestClient) -> None:
        response = reader.get("/v1/members")
        assert response.status_code == 200
        assert ids(response) == sorted(ids(response))
        assert response.json()["total"] == 7
        assert response.json()["next"] is None
        assert "Link" not in response.headers

    def test_pages_follow_each_other_without_gap_or_repetition(self, reader: TestClient) -> None:
        response = reader.get("/v1/members", params={"limit": 2, "country": "SG"})
        found = ids(response)
        while response.json()["next"]:
            assert response.json()["total"] == 4
            assert response.links["next"]["url"].startswith("/v1/members?")
            response = reader.get(response.links["next"]["url"])
            found += ids(response)
        assert found == ["sg-clinic", "sg-fab", "sg-one", "sg-quiet"]

    def test_the_cursor_in_the_body_continues_too(self, reader: TestClient) -> None:
        first = reader.get("/v1/members", params={"limit": 6}).json()
        assert ids(reader.get("/v1/members", params={"limit": 6, "cursor": first["next"]})) == ["sg-quiet"]

    @pytest.mark.parametrize(
        "change", [{"country": "KR"}, {"q": "x"}, {"status": "member"}, {"kind": "hospital"}]
    )
    def test_a_cursor_belongs_to_its_filter(self, reader: TestClient, change: dict[str, str]) -> None:
        cursor = reader.get("/v1/members", params={"limit": 1}).json()["next"]
        response = reader.get("/v1/members", params={"cursor": cursor, **change})
        assert (response.status_code, response.json()["code"]) == (400, "bad-cursor")

    @pytest.mark.parametrize("tampered", ["x", "%%%", "AAAA", "한글", "A" * 60, "é"])
    def test_a_cursor_of_ones_own_making_is_refused(self, reader: TestClient, tampered: str) -> None:
        response = reader.get("/v1/members", params={"cursor": tampered})
        assert (response.status_code, response.json()["code"]) == (400, "bad-cursor")

    def test_every_altered_character_is_noticed(self, reader: TestClient) -> None:
        cursor: str = reader.get("/v1/members", params={"limit": 1}).json()["next"]
        for at in range(len(cursor) - 1):  # the last one may hold unused bits
            altered = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
            assert reader.get("/v1/members", params={"cursor": altered}).status_code == 400

    def test_the_key_is_kept_private_and_survives_a_restart(
        self, client: TestClient, matchmaker: Matchmaker
    ) -> None:
        cursor = client.get("/v1/members", params={"limit": 1}).json()["next"]
        key = Path(matchmaker.settings.var) / "secret.key"
        assert key.stat().st_mode & 0o777 == 0o600
        app = create_app(matchmaker)
        with TestClient(app) as restarted:
            assert app.state.startup.wait(30)
            assert restarted.get("/v1/members", params={"cursor": cursor}).status_code == 200

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"country": "KR"}, ["kr-chip", "kr-one", "kr-voice"]),
            ({"status": "listed"}, ["kr-chip"]),
            ({"kind": "hospital", "q": "camera"}, ["sg-fab"]),
            ({"track": "research"}, []),
            ({"q": "로봇"}, ["kr-one", "sg-clinic", "sg-one", "sg-quiet"]),
            ({"q": "병동로"}, ["kr-one"]),
            ({"q": "동로봇"}, ["kr-one"]),
            ({"q": "ROBOT hospit", "country": "KR"}, ["kr-one"]),
            ({"q": "병원 카메라"}, []),
            ({"q": unicodedata.normalize("NFD", "반도체")}, ["kr-chip", "sg-fab"]),
            ({"q": "ｃｈｉｐ"}, ["kr-chip", "sg-fab"]),
            ({"q": "kr-voice"}, ["kr-voice"]),
            ({"q": "%"}, []),
            ({"q": "_"}, []),
            ({"q": "' OR 1=1 --"}, []),
            ({"q": "\x00반\u200b도체"}, ["kr-chip", "sg-fab"]),
        ],
    )
    def test_filters_and_parts_of_words(
        self, reader: TestClient, filters: dict[str, str], found: list[str]
    ) -> None:
        response = reader.get("/v1/members", params=filters)
        assert ids(response) == found
        assert response.json()["total"] == len(found)

    @pytest.mark.parametrize("limit", ["201", "100000", "9" * 40])
    def test_a_limit_that_is_too_large_is_taken_for_the_largest(self, reader: TestClient, limit: str) -> None:
        assert reader.get("/v1/members", params={"limit": limit}).status_code == 200

    @pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", ""])
    def test_a_limit_that_makes_no_sense_is_refused(self, reader: TestClient, limit: str) -> None:
        response = reader.get("/v1/members", params={"limit": limit})
        assert response.status_code == 422
        [error] = response.json()["errors"]
        assert (error["place"], error["pointer"]) == ("query", "/limit")

    @pytest.mark.parametrize("name", ["country", "track", "kind", "status"])
    def test_a_filter_that_does_not_exist_is_refused(self, reader: TestClient, name: str) -> None:
        assert reader.get("/v1/members", params={name: "elsewhere"}).status_code == 422

    def test_listed_ones_carry_a_notice_in_both_languages(self, reader: TestClient) -> None:
        notice = reader.get("/v1/members/kr-chip").json()["notice"]
        assert notice["en"] == "Not a member, from public sources"
        assert "회원" in notice["ko"]
        assert reader.get("/v1/members/kr-one").json()["notice"] is None


class TestRegister:
    def test_a_new_member_is_kept_and_can_be_suggested_at_once(self, client: TestClient) -> None:
        response = client.post("/v1/members", json=BODY)
        assert response.status_code == 201
        assert response.headers["Location"] == "/v1/members/sg-new"
        assert response.headers["ETag"] == '"1"'
        assert response.json()["is_edited"] is True
        again = client.get(response.headers["Location"])
        assert again.json() == response.json()
        assert again.headers["ETag"] == '"1"'
        partners = client.get("/v1/members/kr-one/suggestions").json()["items"]
        assert "sg-new" in [item["member"]["external_id"] for item in partners]

    def test_texts_are_cleaned(self, client: TestClient) -> None:
        sent = BODY | {"summary": {"en": " Runs \u202e warm\u200b  baths. "}}
        assert client.post("/v1/members", json=sent).json()["summary"]["en"] == "Runs warm baths."

    def test_an_id_that_is_taken_is_refused(self, reader: TestClient) -> None:
        response = reader.post("/v1/members", json=BODY | {"external_id": "kr-one"})
        assert (response.status_code, response.json()["code"]) == (409, "duplicate-member")
        assert "kr-one" in response.json()["detail"]

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"hobby": "chess"}, "/hobby"),
            ({"a/b~c": 1}, "/a~1b~0c"),
            ({"version": 3}, "/version"),
            ({"country": "JP"}, "/country"),
            ({"country": None}, "/country"),
            ({"names": {}}, "/names"),
            ({"names": {"en": "", "ko": "  "}}, "/names"),
            ({"names": {"en": "\u200b"}}, "/names"),
            ({"summary": {"en": ""}}, ""),
            ({"summary": {"en": "x" * 5000}}, "/summary/en"),
            ({"summary": {"fr": "Bonjour"}}, "/summary/fr"),
            ({"summary": {"en": 7}}, "/summary/en"),
            ({"offers": [{"text": {"en": "x"}, "purposes": ["fun"]}]}, "/offers/0/purposes/0"),
            ({"offers": [{"text": {"en": "x"}, "until": "2026-02-30"}]}, "/offers/0/until"),
            ({"domains": [{"en": "x"}] * 51}, "/domains"),
            ({"external_id": ""}, "/external_id"),
            ({"external_id": "a b"}, "/external_id"),
            ({"external_id": "../etc"}, "/external_id"),
            ({"external_id": "x" * 101}, "/external_id"),
            ({"website": "javascript:alert(1)"}, "/website"),
            ({"status": "listed", "consents": ["startup"]}, ""),
        ],
    )
    def test_a_broken_rule_is_named_with_its_place(
        self, reader: TestClient, change: dict[str, Any], pointer: str
    ) -> None:
        response = reader.post("/v1/members", json=BODY | change)
        assert response.status_code == 422
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
        assert {error["place"] for error in response.json()["errors"]} == {"body"}

    @pytest.mark.parametrize("body", [[], "text", 7, None, [BODY]])
    def test_a_body_that_is_no_object_is_refused(self, reader: TestClient, body: Any) -> None:
        headers = {"Content-Type": "application/json"}
        assert reader.post("/v1/members", content=json.dumps(body), headers=headers).status_code == 422

    def test_many_broken_rules_do_not_make_a_long_answer(self, reader: TestClient) -> None:
        response = reader.post("/v1/members", json=BODY | {f"field-{number}": 1 for number in range(1000)})
        assert response.status_code == 422
        assert len(response.json()["errors"]) == 50

    def test_what_was_sent_is_not_quoted_in_the_answer(self, reader: TestClient) -> None:
        response = reader.post("/v1/members", json=BODY | {"country": "S3CRET", "as_of": "S3CRET"})
        assert response.status_code == 422
        assert "S3CRET" not in response.text


class TestRead:
    def test_an_unchanged_member_is_not_sent_again(self, reader: TestClient) -> None:
        for tag in ('"1"', 'W/"1"', '"0", "1"', "*"):
            response = reader.get("/v1/members/kr-one", headers={"If-None-Match": tag})
            assert (response.status_code, response.content) == (304, b"")
            assert response.headers["ETag"] == '"1"'

    @pytest.mark.parametrize("tag", ['"2"', "1", "", '"'])
    def test_another_version_is_sent(self, reader: TestClient, tag: str) -> None:
        assert reader.get("/v1/members/kr-one", headers={"If-None-Match": tag}).status_code == 200

    @pytest.mark.parametrize(
        "external_id",
        [
            "nobody",
            "한국",
            "a b",
            "KR-ONE",
            "x" * 300,
            "\x00",
            "\n",
            "%",
            "'",
            "<script>",
            "🙂",
            "kr-one\u200b",
        ],
    )
    def test_ids_with_odd_characters_are_simply_unknown(self, reader: TestClient, external_id: str) -> None:
        for tail in ("", "/suggestions"):
            response = reader.get(f"/v1/members/{quote(external_id, safe='')}{tail}")
            assert (response.status_code, response.json()["code"]) == (404, "unknown-member")

    @pytest.mark.parametrize("path", ["a%2Fb", "..%2F..%2Fetc", "%2F", "kr-one/", "kr-one/history"])
    def test_addresses_that_lead_nowhere(self, reader: TestClient, path: str) -> None:
        response = reader.get(f"/v1/members/{path}")
        assert (response.status_code, response.json()["code"]) == (404, "not-found")


class TestRevise:
    def test_a_member_is_written_anew(self, client: TestClient) -> None:
        body, tag = read_for_change(client, "kr-one")
        body["summary"] = {"en": "Grows algae."}
        response = client.put("/v1/members/kr-one", json=body, headers={"If-Match": tag})
        assert response.status_code == 200
        assert response.headers["ETag"] == '"2"'
        assert (response.json()["version"], response.json()["is_edited"]) == (2, True)
        assert ids(client.get("/v1/members?q=algae")) == ["kr-one"]

    def test_what_was_read_can_be_sent_back_unchanged(self, client: TestClient) -> None:
        for external_id in ids(client.get("/v1/members")):
            body, tag = read_for_change(client, external_id)
            assert (
                client.put(f"/v1/members/{external_id}", json=body, headers={"If-Match": tag}).status_code
                == 200
            )
            assert read_for_change(client, external_id)[0] == body

    def test_the_id_may_be_left_out(self, client: TestClient) -> None:
        body, tag = read_for_change(client, "kr-one")
        del body["external_id"]
        assert client.put("/v1/members/kr-one", json=body, headers={"If-Match": tag}).status_code == 200

    def test_the_id_may_not_contradict_the_address(self, reader: TestClient) -> None:
        body, tag = read_for_change(reader, "kr-one")
        response = reader.put("/v1/members/sg-one", json=body, headers={"If-Match": tag})
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input")

    def test_without_a_version_nothing_changes(self, reader: TestClient) -> None:
        body, _ = read_for_change(reader, "kr-one")
        response = reader.put("/v1/members/kr-one", json=body)
        assert (response.status_code, response.json()["code"]) == (428, "precondition-required")
        assert reader.get("/v1/members/kr-one").json()["version"] == 1

    @pytest.mark.parametrize("tag", ['"0"', '"2"', 'W/"1"', "1", "nonsense", '"one"', '"' + "9" * 5000 + '"'])
    def test_a_stale_version_changes_nothing(self, reader: TestClient, tag: str) -> None:
        body, _ = read_for_change(reader, "kr-one")
        response = reader.put("/v1/members/kr-one", json=body, headers={"If-Match": tag})
        assert (response.status_code, response.json()["code"]) == (412, "stale-version")
        assert reader.get("/v1/members/kr-one").json()["version"] == 1

    @pytest.mark.parametrize("tag", ["*", '"0", "1"', '"1", "3"', 'W/"1", "1"', '"7","1" , "x"'])
    def test_several_versions_or_any(self, client: TestClient, tag: str) -> None:
        body, _ = read_for_change(client, "kr-one")
        assert client.put("/v1/members/kr-one", json=body, headers={"If-Match": tag}).status_code == 200

    def test_the_second_of_two_writers_is_told(self, client: TestClient) -> None:
        body, tag = read_for_change(client, "kr-one")
        assert client.put("/v1/members/kr-one", json=body, headers={"If-Match": tag}).status_code == 200
        assert client.put("/v1/members/kr-one", json=body, headers={"If-Match": tag}).status_code == 412

    def test_nobody_cannot_be_revised(self, reader: TestClient) -> None:
        body, tag = read_for_change(reader, "kr-one")
        body["external_id"] = "nobody"
        response = reader.put("/v1/members/nobody", json=body, headers={"If-Match": tag})
        assert (response.status_code, response.json()["code"]) == (404, "unknown-member")


class TestAmend:
    def test_what_is_named_changes_and_the_rest_stays(self, client: TestClient) -> None:
        before = client.get("/v1/members/kr-one").json()
        patch = {"summary": {"en": "Grows algae."}, "website": "https://ward.example", "needs": []}
        response = amend(client, "kr-one", patch, '"1"')
        assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
        after = response.json()
        assert after["summary"] == before["summary"] | {"en": "Grows algae."}
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {
            "summary",
            "website",
            "needs",
            "version",
            "updated_at",
            "is_edited",
            "completeness",
        }
        assert amend(client, "kr-one", {"website": None}, '"2"').json()["website"] is None
        assert ids(client.get("/v1/members?q=algae")) == ["kr-one"]

    @pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
    def test_both_media_types_are_taken(self, client: TestClient, media_type: str) -> None:
        headers = {"If-Match": "*", "Content-Type": media_type}
        response = client.patch("/v1/members/kr-one", content=b"{}", headers=headers)
        assert response.status_code == 200

    @pytest.mark.parametrize(
        ("patch", "tag", "status", "code"),
        [
            ({"website": None}, None, 428, "precondition-required"),
            ({"website": None}, '"7"', 412, "stale-version"),
            ({"country": "JP"}, '"1"', 422, "invalid-input"),
            ({"names": None}, '"1"', 422, "invalid-input"),
            ({"version": 2}, '"1"', 422, "invalid-input"),
            ({"external_id": "kr-two"}, '"1"', 422, "invalid-input"),
            ([], '"1"', 422, "invalid-input"),
        ],
    )
    def test_what_cannot_be_done_changes_nothing(
        self, reader: TestClient, patch: Any, tag: str | None, status: int, code: str
    ) -> None:
        response = amend(reader, "kr-one", patch, tag)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert reader.get("/v1/members/kr-one").json()["version"] == 1

    def test_nobody_cannot_be_amended(self, reader: TestClient) -> None:
        assert amend(reader, "nobody", {}, "*").status_code == 404


def amend(client: TestClient, external_id: str, patch: Any, tag: str | None) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return client.patch(f"/v1/members/{external_id}", json=patch, headers=headers)


class TestWithdraw:
    def test_a_withdrawn_member_is_gone_everywhere(self, client: TestClient) -> None:
        response = client.delete("/v1/members/sg-one", headers={"If-Match": '"1"'})
        assert (response.status_code, response.content) == (204, b"")
        assert client.get("/v1/members/sg-one").status_code == 404
        assert "sg-one" not in ids(client.get("/v1/members"))
        assert "sg-one" not in client.get("/v1/members/kr-one/suggestions").json()["items"]
        assert client.get("/v1/pairs/kr-one/sg-one").status_code == 404

    def test_it_needs_the_present_version(self, reader: TestClient) -> None:
        assert reader.delete("/v1/members/sg-one").status_code == 428
        assert reader.delete("/v1/members/sg-one", headers={"If-Match": '"9"'}).status_code == 412
        assert reader.delete("/v1/members/nobody", headers={"If-Match": '"1"'}).status_code == 404
        assert reader.get("/v1/members/sg-one").status_code == 200


def test_partnerships_are_listed_with_their_sources(reader: TestClient) -> None:
    everything = reader.get("/v1/partnerships").json()
    assert everything["total"] == 1
    assert everything["items"][0]["sources"] == ["press"]
    for side in ("kr-chip", "sg-fab"):
        assert reader.get("/v1/partnerships", params={"member": side}).json() == everything
    assert reader.get("/v1/partnerships", params={"member": "kr-one"}).json()["items"] == []


def test_an_application_that_was_not_started_opens_nothing(app: FastAPI, matchmaker: Matchmaker) -> None:
    assert "catalogue" not in vars(matchmaker)
    assert not (matchmaker.settings.var / "secret.key").exists()
