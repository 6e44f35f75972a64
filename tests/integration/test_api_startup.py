"""From started to ready: what is answered while the index is built, and when something is missing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.startup import Startup
from embeddings.protocols import Encoder, Progress, Vectors
from matchmaker import bootstrap as matchmaker_bootstrap
from matchmaker.bootstrap import Matchmaker
from matchmaker.errors import MatchmakerError, ModelUnavailable
from matchmaker.services.profiling import Profiler
from matchmaker.settings import REPOSITORY, Settings
from matchmaker.storage.database import migrate
from tests.factories import FakeEncoder


class SlowEncoder(FakeEncoder):
    """Another model, which waits for a sign before it encodes."""

    go = threading.Event()

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        assert self.go.wait(30)
        return super().encode_document(texts, progress)


def test_before_it_is_ready_it_says_so(matchmaker: Matchmaker) -> None:
    encoder = SlowEncoder(name="slow@1")
    encoder.go.clear()
    vars(matchmaker)["profiler"] = Profiler(encoder)
    app = create_app(matchmaker)
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200
        for path in ("/readyz", "/v1/members", "/v1/members/kr-one/suggestions"):
            response = client.get(path, headers={"Accept-Language": "ko"})
            assert (response.status_code, response.json()["code"]) == (503, "not-ready")
            assert response.headers["Retry-After"] == "5"
        assert client.get("/openapi.json").status_code == 200
        encoder.go.set()
        assert app.state.startup.wait(30)
        assert client.get("/readyz").json()["model"] == "slow@1"
        assert client.get("/v1/members/kr-one/suggestions").json()["items"]


def test_it_becomes_ready_once_the_obstacle_is_gone(tmp_path: Path) -> None:
    product = Matchmaker(Settings(_env_file=None, var=tmp_path))
    vars(product)["profiler"] = Profiler(FakeEncoder())
    app = create_app(product)
    app.state.startup = Startup(product, retry_after=0.05)
    with TestClient(app) as client:
        assert _obstacle(app.state.startup, "schema-outdated")
        response = client.get("/readyz")
        assert (response.status_code, response.json()["code"]) == (503, "schema-outdated")
        assert "matchmaker migrate" in response.json()["detail"]
        migrate(product.store.engine)
        assert app.state.startup.wait(30)
        assert client.get("/readyz").json()["members"] == 0
    product.store.engine.dispose()


def test_a_missing_model_is_told_without_its_path(
    matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(settings: Settings) -> Encoder:
        raise ModelUnavailable(model="/srv/no-model-here", reason="there is no such folder")

    monkeypatch.setattr(matchmaker_bootstrap, "load_encoder", missing)
    del vars(matchmaker)["profiler"]
    app = create_app(matchmaker)
    with TestClient(app) as client:
        assert _obstacle(app.state.startup, "model-unavailable")
        response = client.get("/v1/members")
        assert (response.status_code, response.json()["code"]) == (503, "model-unavailable")
        assert "no-model-here" not in response.text


@pytest.mark.slow
def test_the_bundled_model_finds_a_partner_across_languages(tmp_path: Path) -> None:
    product = Matchmaker(Settings(_env_file=None, var=tmp_path))
    if not (Path(product.settings.model) / "model.safetensors").exists():
        pytest.skip("absent: the bundled model")
    migrate(product.store.engine)
    product.importing.import_members(REPOSITORY / "data" / "alliance" / "fictional.jsonl")
    app = create_app(product)
    with TestClient(app) as client:
        assert app.state.startup.wait(120)
        body = {
            "country": "SG",
            "needs": [{"text": {"en": "robots that watch over patients at night in care homes"}}],
        }
        found = client.post("/v1/suggestions", json=body).json()["items"]
        assert "fic-dolbomgyeol" in [item["member"]["external_id"] for item in found[:3]]
    product.store.engine.dispose()


def test_a_defect_in_the_start_is_told_too(matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(engine: object) -> None:
        raise RuntimeError("defect")

    monkeypatch.setattr(Matchmaker, "check", defect)
    app = create_app(matchmaker)
    with TestClient(app) as client:
        assert _obstacle(app.state.startup, "not-ready", "log")
        assert client.get("/readyz").status_code == 503


def test_a_server_that_stops_does_not_wait_for_the_work(matchmaker: Matchmaker) -> None:
    encoder = SlowEncoder(name="slow@2")
    encoder.go.clear()
    vars(matchmaker)["profiler"] = Profiler(encoder)
    startup = Startup(matchmaker)
    startup.begin()
    stopping = threading.Thread(target=startup.stop)
    stopping.start()
    encoder.go.set()
    stopping.join(10)
    assert not stopping.is_alive()
    assert not startup.wait(0)


def test_a_lost_database_makes_it_unready(client: TestClient, matchmaker: Matchmaker) -> None:
    matchmaker.store.engine.dispose()
    for file in matchmaker.settings.var.glob("matchmaker.db*"):
        file.unlink()
    for path in ("/readyz", "/v1/members", "/v1/members/kr-one"):
        response = client.get(path)
        assert (response.status_code, response.json()["code"]) == (503, "storage-unavailable")
        assert "no such table" not in response.text


def _obstacle(startup: Startup, code: str, words: str = "") -> bool:
    """Wait until a start has met an obstacle of some kind."""
    for _ in range(600):
        try:
            startup.require()
        except MatchmakerError as error:
            if error.code == code and words in str(error):
                return True
        startup.wait(0.05)
    return False
