"""Suggestions and pairs through the REST doors."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from tests.factories import ScoredSuggestions

PROFILE: dict[str, Any] = {"country": "KR", "offers": [{"text": {"ko": "병원용 배송 로봇"}}]}


def partners(response: Any) -> list[str]:
    """Who is suggested, best first."""
    assert response.status_code == 200, response.text
    return [item["member"]["external_id"] for item in response.json()["items"]]


class TestForMember:
    def test_partners_of_the_other_country_best_first(self, reader: TestClient) -> None:
        body = reader.get("/v1/members/kr-one/suggestions").json()
        scores = [item["score"] for item in body["items"]]
        assert scores == sorted(scores, reverse=True)
        assert {item["member"]["country"] for item in body["items"]} == {"SG"}
        assert (body["next"], body["purpose"], body["known"]) == (None, None, [])
        assert body["model"] == "fake@1"
        assert body["snapshot"] == reader.get("/readyz").json()["snapshot"]
        assert set(body["items"][0]["parts"]) == {"needs", "coverage", "words", "roles", "breadth"}

    def test_the_score_is_the_same_whoever_asks(self, reader: TestClient) -> None:
        compared = 0
        for item in reader.get("/v1/members/kr-one/suggestions").json()["items"]:
            other = item["member"]["external_id"]
            for back in reader.get(f"/v1/members/{other}/suggestions").json()["items"]:
                if back["member"]["external_id"] == "kr-one":
                    assert (item["score"], item["gives"], item["gets"]) == (
                        back["score"],
                        back["gets"],
                        back["gives"],
                    )
                    assert item["parts"] == back["parts"]
                    compared += 1
            pair = reader.get(f"/v1/pairs/kr-one/{other}").json()
            assert (pair["score"], pair["kr_to_sg"], pair["sg_to_kr"]) == (
                item["score"],
                item["gives"],
                item["gets"],
            )
            assert pair["reasons"] == item["reasons"]
        assert compared >= 2

    def test_the_score_is_said_in_one_word(self, client: TestClient, matchmaker: Matchmaker) -> None:
        ScoredSuggestions.put_into(matchmaker, 0.4)
        for body in (
            client.get("/v1/members/kr-one/suggestions?limit=4").json(),
            client.post("/v1/suggestions?limit=4", json=PROFILE).json(),
            client.get("/v1/pairs?limit=4").json(),
        ):
            words = [item["confidence"] for item in body["items"]]
            assert words == ["strong", "good", "possible", "possible"]
        assert client.get("/v1/pairs/kr-one/sg-one").json()["confidence"] == "strong"

    def test_reasons_quote_both_sides(self, reader: TestClient) -> None:
        item = reader.get("/v1/members/kr-one/suggestions").json()["items"][0]
        assert item["reasons"]
        for reason in item["reasons"]:
            giver, taker = reason["from"], reason["to"]
            assert {giver["member"], taker["member"]} == {"kr-one", item["member"]["external_id"]}
            assert (giver["member"] == "kr-one") == (reason["direction"] == "kr_to_sg")
            assert giver["text"]
            assert taker["text"]

    @pytest.mark.parametrize(
        ("url", "header", "language"),
        [
            ("", "", "en"),
            ("", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
            ("", "en-SG,ko;q=0.5", "en"),
            ("", "fr, *;q=0.1", "en"),
            ("", "ko;q=0", "en"),
            ("", "ko;q=x", "en"),
            ("?lang=ko", "en", "ko"),
            ("?lang=en", "ko", "en"),
        ],
    )
    def test_the_reader_s_language(self, reader: TestClient, url: str, header: str, language: str) -> None:
        response = reader.get(f"/v1/members/sg-one/suggestions{url}", headers={"Accept-Language": header})
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.headers["Vary"]
        for item in response.json()["items"]:
            for reason in item["reasons"]:
                assert reason["to"]["language"] == language or reason["to"]["member"] == "kr-voice"
            for blocker in item["blockers"]:
                assert blocker["detail"].isascii() == (language == "en")

    def test_a_purpose_needs_consent(self, reader: TestClient) -> None:
        for purpose, is_there in (("research", True), ("startup", False), ("talent", False)):
            response = reader.get("/v1/members/kr-one/suggestions", params={"purpose": purpose})
            assert ("sg-quiet" in partners(response)) is is_there
            assert response.json()["purpose"] == purpose

    def test_a_track_restricts(self, reader: TestClient) -> None:
        assert partners(reader.get("/v1/members/kr-one/suggestions?track=research")) == []
        assert partners(reader.get("/v1/members/kr-one/suggestions?track=public")) != []

    def test_known_partners_are_listed_apart(self, reader: TestClient) -> None:
        response = reader.get("/v1/members/kr-chip/suggestions")
        assert "sg-fab" not in partners(response)
        [known] = response.json()["known"]
        assert known["external_id"] == "sg-fab"
        assert known["names"]["ko"] == "투아스전자 (가상)"

    def test_known_partners_are_ranked_when_asked_for(self, reader: TestClient) -> None:
        response = reader.get("/v1/members/kr-chip/suggestions?include_known=true")
        assert "sg-fab" in partners(response)
        [item] = [item for item in response.json()["items"] if item["member"]["external_id"] == "sg-fab"]
        assert ("already-partners", True) in [(b["code"], b["hard"]) for b in item["blockers"]]

    def test_limits(self, reader: TestClient) -> None:
        assert len(partners(reader.get("/v1/members/kr-one/suggestions?limit=1"))) == 1
        assert reader.get("/v1/members/kr-one/suggestions?limit=100000").status_code == 200
        assert reader.get("/v1/members/kr-one/suggestions?limit=0").status_code == 422

    @pytest.mark.parametrize("query", ["purpose=fun", "track=x", "lang=fr", "lang=", "include_known=perhaps"])
    def test_choices_that_do_not_exist_are_refused(self, reader: TestClient, query: str) -> None:
        assert reader.get(f"/v1/members/kr-one/suggestions?{query}").status_code == 422


class TestForProfile:
    def test_a_country_and_something_to_match_on_are_enough(self, reader: TestClient) -> None:
        response = reader.post("/v1/suggestions", json=PROFILE)
        assert partners(response)[0] in ("sg-one", "sg-quiet", "sg-clinic")
        assert response.headers["Content-Language"] == "en"

    def test_nothing_is_kept(self, client: TestClient, matchmaker: Matchmaker) -> None:
        before = client.get("/readyz").json()
        client.post("/v1/suggestions", json=PROFILE | {"external_id": "passer-by"})
        assert client.get("/readyz").json() == before
        assert client.get("/v1/members/passer-by").status_code == 404
        for file in matchmaker.settings.var.rglob("*"):
            assert not file.is_file() or b"passer-by" not in file.read_bytes()

    def test_it_answers_as_for_the_same_member(self, reader: TestClient) -> None:
        member = reader.get("/v1/members/kr-chip").json()
        for name in ("version", "updated_at", "is_edited", "completeness", "notice"):
            del member[name]
        asked, stored = (
            reader.post("/v1/suggestions", json=member),
            reader.get("/v1/members/kr-chip/suggestions"),
        )
        assert asked.json() == stored.json()

    @pytest.mark.parametrize(
        "body", [{}, {"country": "KR"}, {"country": "JP", "domains": [{"en": "x"}]}, PROFILE | {"x": 1}]
    )
    def test_what_cannot_be_matched_is_refused(self, reader: TestClient, body: dict[str, Any]) -> None:
        response = reader.post("/v1/suggestions", json=body)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input")


class TestPairs:
    def test_the_best_pairs(self, reader: TestClient) -> None:
        body = reader.get("/v1/pairs", params={"limit": 3, "lang": "ko"}).json()
        assert len(body["items"]) == 3
        scores = [pair["score"] for pair in body["items"]]
        assert scores == sorted(scores, reverse=True)
        assert not any(blocker["hard"] for pair in body["items"] for blocker in pair["blockers"])
        assert body["model"] == "fake@1"

    def test_a_pair_that_may_not_be_suggested_is_explained_all_the_same(self, reader: TestClient) -> None:
        pair = reader.get("/v1/pairs/kr-chip/sg-fab", params={"lang": "ko"}).json()
        hard = [blocker for blocker in pair["blockers"] if blocker["hard"]]
        assert [blocker["code"] for blocker in hard] == ["already-partners"]
        assert hard[0]["detail"] == "이미 협력하고 있는 사이입니다."
        assert {"not-a-member", "no-needs-stated"} <= {blocker["code"] for blocker in pair["blockers"]}
        consent = reader.get("/v1/pairs/kr-one/sg-quiet", params={"purpose": "startup"}).json()
        assert "no-consent" in [blocker["code"] for blocker in consent["blockers"] if blocker["hard"]]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("sg-fab/kr-chip", 422),
            ("kr-one/kr-chip", 422),
            ("nobody/sg-fab", 404),
            ("kr-one/nobody", 404),
            ("kr-one/%00", 404),
            ("kr-one", 404),
            ("kr-one/sg-one/more", 404),
        ],
    )
    def test_pairs_that_do_not_exist(self, reader: TestClient, path: str, status: int) -> None:
        assert reader.get(f"/v1/pairs/{path}").status_code == status
