"""The dashboard in both languages, with a season and without, and its files read back."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from api.app import create_app
from api.pages.charts import shortened
from api.pages.dashboard_tables import TABLES
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.domain.member import Purpose, Text
from tests.factories import make_member, make_need
from tests.season import Season, play
from tests.visitors import sign_in
from tests.web.documents import Element, parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])
PAIRS = [
    (kr, sg, purpose)
    for purpose in Purpose
    for kr in ("kr-one", "kr-voice", "kr-chip")
    for sg in ("sg-one", "sg-clinic", "sg-fab")
]


@pytest.fixture
def season(matchmaker: Matchmaker) -> Season:
    """A season that has been played over the small alliance."""
    season = Season(matchmaker)
    play(season, PAIRS)
    return season


@pytest.fixture
def coordinator(season: Season) -> Iterator[TestClient]:
    """Somebody who may read outcomes, at an application with a season behind it."""
    yield from _reading(season.product)


@pytest.fixture
def early_coordinator(matchmaker: Matchmaker) -> Iterator[TestClient]:
    """The same before anything has happened."""
    yield from _reading(matchmaker)


def _reading(product: Matchmaker) -> Iterator[TestClient]:
    app = create_app(product)
    with TestClient(app, headers={"Accept": "text/html"}) as client:
        assert app.state.startup.wait(30)
        sign_in(client, Role.COORDINATOR_KR)
        yield client


def page(client: TestClient, path: str = "/dashboard", language: str = "en") -> Element:
    response = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert response.status_code == 200, response.text[:300]
    return parse(response.text)


def figure(document: Element, key: str) -> Element:
    return document.find("figure", id=key)


@BOTH
def test_every_picture_has_a_title_and_its_numbers_as_a_table(coordinator: TestClient, language: str) -> None:
    document = page(coordinator, language=language)
    assert document.find("html").attributes["lang"] == language
    assert len(document.find_all("h1")) == 1
    for drawing in document.with_class("chart"):
        label = drawing.attributes["aria-labelledby"]
        assert drawing.attributes["role"] == "img"
        assert drawing.find("title", id=label).text
    for key in ("funnel", "fields", "exposure", "waits", "network", "missing"):
        assert figure(document, key).find_all("table"), key
    ids = [each.attributes["id"] for each in document.everything() if "id" in each.attributes]
    assert len(ids) == len(set(ids))


def test_pictures_use_no_style_attribute(coordinator: TestClient) -> None:
    response = coordinator.get("/dashboard")
    assert "style=" not in response.text
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]


def test_funnel_and_table_say_the_same(coordinator: TestClient, season: Season) -> None:
    funnel = figure(page(coordinator), "funnel")
    counts = [int(row.find_all("td")[0].text) for row in funnel.find("tbody").find_all("tr")]
    drawn = [int(element.text) for element in funnel.with_class("big")]
    found = season.product.outcomes.snapshot()
    assert counts == drawn == [step.count for step in found.funnel.steps]
    assert counts[0] == len(PAIRS)


@BOTH
def test_nothing_has_happened_yet(early_coordinator: TestClient, language: str) -> None:
    document = page(early_coordinator, language=language)
    empty = [figure(document, key) for key in ("funnel", "waits", "declines", "refusals")]
    for each in empty:
        (words,) = each.with_class("nothing")
        assert words.find("a").attributes["href"] == "/pairs"
        assert not each.with_class("chart")
    assert figure(document, "network").with_class("tie-line")
    assert figure(document, "fields").with_class("cell")


def test_a_narrowed_choice_without_cases_leads_back_to_all(coordinator: TestClient) -> None:
    document = page(coordinator, "/dashboard?round=99")
    assert document.find("h1").text == "Outcomes of round 99"
    (words,) = figure(document, "funnel").with_class("nothing")
    assert words.find("a").attributes["href"] == "/dashboard"


def test_a_choice_lives_in_the_address_and_goes_with_the_files(coordinator: TestClient) -> None:
    document = page(coordinator, "/dashboard?purpose=talent&since=2026-10-01&round=1&heat=offers")
    links = {a.attributes["href"] for a in figure(document, "funnel").find_all("a")}
    assert "/dashboard/funnel.csv?purpose=talent&since=2026-10-01&round=1" in links
    assert document.find("input", id="since").attributes["value"] == "2026-10-01"
    chosen = [a.text for a in document.find_all("a") if a.attributes.get("aria-current") == "true"]
    assert chosen == ["Talent", "Offers"]


@pytest.mark.parametrize("query", ["since=never&round=x&purpose=fun&heat=9", "round=²&since=0001-01-01"])
def test_what_no_address_can_mean_is_passed_over(coordinator: TestClient, query: str) -> None:
    document = page(coordinator, f"/dashboard?{query}")
    assert document.find("h1").text == "Outcomes"


@pytest.mark.parametrize("picture", TABLES)
@BOTH
def test_files_hold_what_the_page_shows(coordinator: TestClient, picture: str, language: str) -> None:
    as_csv = coordinator.get(f"/dashboard/{picture}.csv?lang={language}")
    as_xlsx = coordinator.get(f"/dashboard/{picture}.xlsx?lang={language}")
    for response, kind in ((as_csv, "csv"), (as_xlsx, "xlsx")):
        assert response.status_code == 200
        assert response.headers["Content-Disposition"] == f'attachment; filename="dashboard-{picture}.{kind}"'
    assert as_csv.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(as_csv.content.decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(as_xlsx.content)).worksheets[0]
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == rows
    shown = page(coordinator, language=language)
    heads = [tuple(th.text for th in head.find_all("th")) for head in shown.find_all("thead")]
    if picture not in ("declines", "refusals"):
        assert tuple(rows[0]) in heads
    if language == "ko":
        assert re.search("[가-힣]", rows[0][0])


@pytest.mark.parametrize("name", ["nothing.csv", "funnel.pdf", "funnel.csv.exe"])
def test_a_file_that_does_not_exist_is_not_found(coordinator: TestClient, name: str) -> None:
    assert coordinator.get(f"/dashboard/{name}").status_code == 404


def test_no_cell_is_a_formula(season: Season, coordinator: TestClient) -> None:
    season.product.registration.register(
        make_member(
            external_id="kr-evil",
            names=Text("=HYPERLINK(1)", None),
            needs=(make_need("@zqxj wkvq", None, Purpose.STARTUP),),
        )
    )
    rows = list(csv.reader(StringIO(coordinator.get("/dashboard/members.csv").content.decode("utf-8-sig"))))
    assert "'=HYPERLINK(1)" in {row[0] for row in rows}
    for picture in ("members", "missing"):
        book = load_workbook(BytesIO(coordinator.get(f"/dashboard/{picture}.xlsx").content))
        kinds = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
        assert kinds <= {"s", "n"}


def test_names_are_escaped_in_pictures(season: Season, coordinator: TestClient) -> None:
    renamed = make_member(external_id="kr-chip", names=Text("<b>Chips & Co", None))
    season.product.registration.revise("kr-chip", renamed)
    text = coordinator.get("/dashboard").text
    assert "<b>Chips" not in text
    assert "&lt;b&gt;Chips &amp; Co" in text


def test_korean_letters_count_for_almost_two() -> None:
    assert shortened("Harbour Hospital", 20) == "Harbour Hospital"
    assert shortened("Harbour Hospital", 8) == "Harbour…"
    assert shortened("한국인공지능연구원", 8) == "한국인공…"
