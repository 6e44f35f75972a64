"""Fixtures for every kind of test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Member, Partnership, Purpose, Status, Text
from matchmaker.formats.member_line import MemberLine
from matchmaker.formats.pair_line import PairLine
from matchmaker.services.profiling import Profiler
from matchmaker.settings import Settings
from tests.factories import (
    UNLIMITED,
    FakeEncoder,
    make_matchmaker,
    make_member,
    make_need,
    make_offer,
    make_partner,
)
from tests.visitors import make_key

REQUIRE_ALL = os.environ.get("MATCHMAKER_REQUIRE_ALL", "").lower() in ("1", "true", "yes")
ABSENT = "absent:"
"""How the reason of a skip starts when something is not installed or not built."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``MATCHMAKER_REQUIRE_ALL=1`` a test that skips because something is absent fails instead."""
    report = yield
    if REQUIRE_ALL and report.skipped and call.excinfo is not None:
        reason = str(call.excinfo.value)
        if reason.startswith(ABSENT):
            report.outcome = "failed"
            report.longrepr = f"MATCHMAKER_REQUIRE_ALL is set, but this test skipped: {reason}"
    return report


def alliance() -> list[Member]:
    """A small alliance: members and listed ones, one language and both, siblings, somebody without needs."""
    return [
        make_member(),
        make_member(
            external_id="kr-chip",
            names=Text("Saebit Chips (fictional)", "새빛칩 (가상)"),
            status=Status.LISTED,
            domains=(Text("AI chips", "인공지능 반도체"),),
            summary=Text("Designs inference chips for cameras.", "카메라용 추론 반도체를 설계한다."),
            offers=(make_offer("inference chips", "추론용 반도체", Purpose.STARTUP),),
            needs=(),
        ),
        make_member(
            external_id="kr-voice",
            names=Text(None, "목소리연구실 (가상)"),
            domains=(),
            summary=Text(None, "한국어 음성 인식을 연구한다."),
            offers=(make_offer(None, "한국어 음성 말뭉치", Purpose.RESEARCH),),
            needs=(make_need(None, "다국어 음성 공동연구", Purpose.RESEARCH),),
        ),
        make_partner(),
        make_partner(
            external_id="sg-clinic",
            names=Text("Kallang Clinics (fictional)", None),
            parent="sg-one",
            summary=Text("Runs clinics for older people.", None),
        ),
        make_partner(
            external_id="sg-fab",
            names=Text("Tuas Electronics (fictional)", "투아스전자 (가상)"),
            domains=(Text("smart cameras", "지능형 카메라"),),
            summary=Text("Assembles smart cameras for ports.", "항만용 지능형 카메라를 조립한다."),
            offers=(make_offer("a port for trials", "실증용 항만", Purpose.STARTUP),),
            needs=(make_need("chips for cameras", "카메라용 반도체", Purpose.STARTUP),),
        ),
        make_partner(
            external_id="sg-quiet",
            names=Text("Quiet Lab (fictional)", "조용한연구실 (가상)"),
            consents=frozenset({Purpose.RESEARCH}),
        ),
    ]


def ties() -> list[Partnership]:
    """The partnerships that the small alliance knows."""
    return [
        Partnership(
            "kr-chip", "sg-fab", frozenset({Purpose.STARTUP}), "mou", "A pilot.", "2026-03", ("press",)
        )
    ]


@pytest.fixture(scope="session")
def alliance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``var`` folder with a migrated database that holds the small alliance. To be copied, not to be used."""
    folder = tmp_path_factory.mktemp("alliance")
    product = make_matchmaker(folder / "var")
    members = [MemberLine.of(member).model_dump_json(exclude_none=True) for member in alliance()]
    pairs = [PairLine.of(tie).model_dump_json() for tie in ties()]
    product.importing.import_members(_write_lines(folder / "members.jsonl", members))
    product.importing.import_partnerships(_write_lines(folder / "partnerships.jsonl", pairs))
    product.catalogue.current()
    product.store.engine.dispose()
    return folder / "var"


def _write_lines(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _copy_of(folder: Path, var: Path) -> Matchmaker:
    shutil.copytree(folder, var)
    product = Matchmaker(Settings(_env_file=None, var=var, **UNLIMITED))
    vars(product)["profiler"] = Profiler(FakeEncoder())
    return product


@pytest.fixture
def matchmaker(tmp_path: Path, alliance_folder: Path) -> Iterator[Matchmaker]:
    """The product over a database of its own with the small alliance in it; no model is needed."""
    product = _copy_of(alliance_folder, tmp_path / "var")
    yield product
    product.store.engine.dispose()


@pytest.fixture
def app(matchmaker: Matchmaker) -> FastAPI:
    """The web application over the small alliance, not started."""
    return create_app(matchmaker)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of a started application of its own, ready; it carries a key that may write."""
    yield from _started(app)


@pytest.fixture(scope="session")
def reader(alliance_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client for tests that change nothing: they all share one application. It carries a key, like `client`."""
    product = _copy_of(alliance_folder, tmp_path_factory.mktemp("reader") / "var")
    yield from _started(create_app(product))
    product.store.engine.dispose()


@pytest.fixture
def anonymous(client: TestClient) -> TestClient:
    """Somebody without key or account at the application of `client`."""
    return TestClient(client.app, follow_redirects=False)


def _started(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        assert app.state.startup.wait(30), "the application did not become ready"
        client.headers["Authorization"] = f"Bearer {make_key(app)}"
        yield client
