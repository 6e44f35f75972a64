"""A whole season, as people live it: import, a round per purpose, twenty decisions, five introductions, exports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Role
from matchmaker.domain.contact import Contact
from matchmaker.domain.introduction import State
from matchmaker.domain.member import Country, Language, Member, Purpose, Status
from matchmaker.domain.records import MemberFilter
from matchmaker.domain.review import Stage
from matchmaker.domain.round import RoundState
from matchmaker.formats.decision_line import DecisionLine
from matchmaker.settings import Settings
from matchmaker.storage.database import migrate
from tests.correspondence import Clock, Mailbox, mail_server, text_of, token_of
from tests.visitors import new_browser, sign_in
from tests.web.documents import parse

pytestmark = pytest.mark.slow

ALLIANCE = Path(__file__).resolve().parents[2] / "data" / "alliance"
DECISIONS = 20
INTRODUCTIONS = 5
MOST = 3


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, clock: Clock, mailbox: Mailbox) -> Iterator[Matchmaker]:
    """The product as it ships: the bundled model, the real directory, a real mail server."""
    with mail_server(mailbox) as mailer:
        product = Matchmaker(Settings(_env_file=None, var=tmp_path_factory.mktemp("season")), clock)
        vars(product)["mailer"] = mailer
        migrate(product.store.engine)
        product.importing.import_members(ALLIANCE / "members.jsonl")
        product.importing.import_partnerships(ALLIANCE / "partnerships.jsonl")
        yield product
        product.store.engine.dispose()


@pytest.fixture(scope="module")
def seoul(product: Matchmaker) -> Iterator[TestClient]:
    """The Korean coordinator's browser."""
    app = create_app(product)
    with TestClient(app):
        assert app.state.startup.wait(60)
        product.worker.stop()  # the test says when time passes
        browser = new_browser(app)
        sign_in(browser, Role.COORDINATOR_KR)
        yield browser


def joined(product: Matchmaker) -> list[Member]:
    found = product.directory.list_page(MemberFilter(status=Status.MEMBER), limit=200)
    return [each.member for each in found.items]


def solve_and_publish(product: Matchmaker, seoul: TestClient, purpose: Purpose) -> int:
    """A round for everybody that has joined, by its form."""
    form = {
        "purpose": purpose.value,
        "method": "balanced",
        "joined_only": "on",
        "one_per_group": "on",
        "least": "0",
        "most": str(MOST),
        "min_score": "0",
        "cool_down_days": "180",
        "alternates": "2",
    }
    opened = seoul.post("/rounds/new", data=form, follow_redirects=False)
    assert opened.status_code == 303, opened.text
    number = int(opened.headers["Location"].rpartition("/")[2])
    solved = product.rounds.wait(number, 60)
    assert solved.state is RoundState.PROPOSED
    published = seoul.post(f"/rounds/{number}", data={"do": "publish", "version": solved.version})
    assert published.status_code == 200
    return number


def decide_next(seoul: TestClient, place: int) -> None:
    """Three of four accepted; the others declined or snoozed, all through the card's form."""
    card = parse(seoul.get("/review").text)
    form = next(each for each in card.find_all("form") if each.find_all("button", value="accept"))
    version = form.find("input", name="version").attributes["value"]
    choice: dict[str, Any] = {0: {"do": "decline", "reason": "not-their-field"}, 4: {"do": "snooze"}}.get(
        place % 8, {"do": "accept"}
    )
    if place == 1:
        choice["note"] = "이 메모는 감사 기록에 남지 않는다"
    decided = seoul.post(
        form.attributes["action"], data={"version": version, **choice}, follow_redirects=False
    )
    assert decided.status_code == 303, decided.text


def introduce(product: Matchmaker, seoul_account: Any, count: int) -> None:
    """Introduce the best of what was accepted, each member at most once."""
    with product.store.reading() as work:
        accepted = work.cases.list_of(stages=[Stage.SHORTLISTED])
    met: set[str] = set()
    chosen = []
    for case in accepted:
        if not {case.kr, case.sg} & met:
            chosen.append(case)
            met |= {case.kr, case.sg}
    assert len(chosen) >= count
    for case in chosen[:count]:
        product.introductions.introduce(case.id, seoul_account, case.version)


def test_a_season(product: Matchmaker, seoul: TestClient, clock: Clock, mailbox: Mailbox) -> None:
    members = joined(product)
    assert len(members) == 24
    assert {member.country for member in members} == set(Country)

    rounds = [solve_and_publish(product, seoul, purpose) for purpose in Purpose]
    with product.store.reading() as work:
        cases = work.cases.list_of()
    ids = {member.external_id for member in members}
    assert len(cases) >= DECISIONS
    assert {case.round_id for case in cases} == set(rounds)
    assert all({case.kr, case.sg} <= ids for case in cases)
    for purpose in Purpose:
        met = [side for case in cases if case.purpose is purpose for side in (case.kr, case.sg)]
        assert max(met.count(external_id) for external_id in set(met)) <= MOST

    for place in range(DECISIONS):
        decide_next(seoul, place)
    with product.store.reading() as work:
        stages = [case.stage for case in work.cases.list_of()]
    assert (stages.count(Stage.DECLINED), stages.count(Stage.SNOOZED)) == (3, 2)
    assert stages.count(Stage.SHORTLISTED) == DECISIONS - 5

    for member in members:
        language: Language = "ko" if member.country is Country.KR else "en"
        address = f"partners@{member.external_id}.example"
        product.contacts.put(Contact(member.external_id, address, language), SYSTEM)
    introduce(product, SYSTEM, INTRODUCTIONS)
    product.worker.run_once()
    assert mailbox.letters == []
    clock.forward(minutes=6)
    product.introductions.follow_up()
    asked = list(mailbox.letters)
    assert len(asked) == 2 * INTRODUCTIONS
    for letter in asked:
        others = [each["To"] for each in asked if each["To"] != letter["To"]]
        assert not any(address in text_of(letter) for address in others)

    for letter in asked:
        product.introductions.answer_by_token(token_of(letter), accepts=True)
    clock.forward(minutes=1)
    product.introductions.follow_up()
    revealed = mailbox.letters[len(asked) :]
    assert len(revealed) == 2 * INTRODUCTIONS
    for view in product.introductions.list_of(SYSTEM, states=(State.ACCEPTED,)):
        kr, sg = (f"partners@{side}.example" for side in (view.introduction.kr, view.introduction.sg))
        (to_korea,) = [each for each in revealed if kr in each["To"]]
        assert sg in text_of(to_korea)
    assert len(product.timetables.source.accepted_pairs(None)) == INTRODUCTIONS

    exports(product, seoul, rounds[0])
    assert_trail_holds_and_tells(product)


def exports(product: Matchmaker, seoul: TestClient, round_id: int) -> None:
    """What a coordinator takes along."""
    funnel = seoul.get("/dashboard/funnel.csv")
    assert funnel.status_code == 200
    rows = list(csv.reader(StringIO(funnel.text.removeprefix("\ufeff"))))
    assert any(str(INTRODUCTIONS) in row for row in rows)
    workbook = load_workbook(BytesIO(seoul.get(f"/rounds/{round_id}/pairs.xlsx").content))
    assert workbook.worksheets[0].max_row > 1
    made = seoul.post(
        "/timetables",
        data={
            "name": "Summit",
            "place": "Hall",
            "zone": "Asia/Seoul",
            "day": "2027-03-02",
            "source": "accepted",
        },
    )
    assert made.status_code in (200, 422)
    decisions = list(product.decisions.export())
    assert all(DecisionLine.of(each) for each in decisions)


def assert_trail_holds_and_tells(product: Matchmaker) -> None:
    """It verifies, holds no text, and one altered row is found."""
    report = product.auditing.verify()
    assert report.holds
    assert report.count > 3 * 4 + DECISIONS + 3 * INTRODUCTIONS
    assert "메모" not in str([entry.details for entry in product.auditing.entries()])
    with product.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER trail_keeps_content"))
        altered = connection.execute(
            text("SELECT seq FROM trail WHERE action = 'decline' LIMIT 1")
        ).scalar_one()
        connection.execute(
            text("UPDATE trail SET details = replace(details, 'not-their-field', 'other') WHERE seq = :seq"),
            {"seq": altered},
        )
    broken = product.auditing.verify().broken
    assert broken is not None
    assert broken.seq == altered
