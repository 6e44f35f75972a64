"""Many members at once over HTTP, and the jobs behind it: nothing is lost, doubled or half-written."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from starlette.testclient import TestClient

from api.uploads import XLSX
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.bulk import BulkReport, RowOutcome
from matchmaker.domain.job import Job, JobState
from matchmaker.domain.records import MemberFilter
from matchmaker.errors import InvalidInput, UnknownRecord, UnreadableFile
from matchmaker.formats.member_line import MemberLine
from matchmaker.services.bulk import BulkOptions, Format, OnError
from matchmaker.services.jobs import LOST, MOST_ATTEMPTS, Finished, Heard, Jobs
from tests.factories import make_matchmaker, make_member, make_partner
from tests.tables import HEADERS, ROWS, SINGAPUR, csv_bytes, many_rows, repacked, workbook_bytes, written
from tests.visitors import make_key

JSONL, CSV = {"Content-Type": "application/jsonl"}, {"Content-Type": "text/csv"}
TABLE = BulkOptions(Format.TABLE)
SKIP = BulkOptions(Format.TABLE, on_error=OnError.SKIP)


@pytest.fixture
def empty(tmp_path: Path) -> Matchmaker:
    return make_matchmaker(tmp_path / "empty")


def count(product: Matchmaker) -> int:
    return product.directory.count(MemberFilter())


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def run(product: Matchmaker, tmp_path: Path, content: bytes, options: BulkOptions = TABLE) -> BulkReport:
    return product.bulk.run(written(tmp_path / "file", content), options)


def ids(product: Matchmaker) -> list[str]:
    return [member.external_id for member in product.bulk.export()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_every_encoding_makes_the_same_members(empty: Matchmaker, tmp_path: Path, encoding: str) -> None:
    first = run(empty, tmp_path, workbook_bytes(ROWS))
    assert first.counts == {RowOutcome.CREATED: 2}
    again = run(empty, tmp_path, csv_bytes(ROWS, encoding, ";"))
    assert again.counts == {RowOutcome.UNCHANGED: 2}


def test_a_run_in_another_order_changes_nothing(empty: Matchmaker, tmp_path: Path) -> None:
    rows = many_rows(40)
    run(empty, tmp_path, csv_bytes(rows))
    before = ids(empty)
    assert run(empty, tmp_path, csv_bytes(rows[::-1])).counts == {RowOutcome.UNCHANGED: 40}
    assert ids(empty) == before


def test_one_fault_holds_all_unless_it_is_skipped(empty: Matchmaker, tmp_path: Path) -> None:
    content = csv_bytes([*ROWS, SINGAPUR])
    assert run(empty, tmp_path, content).counts == {RowOutcome.REFUSED: 1, RowOutcome.HELD: 2}
    assert count(empty) == 0
    assert run(empty, tmp_path, content, SKIP).counts == {RowOutcome.CREATED: 2, RowOutcome.REFUSED: 1}


def test_a_repeated_organisation_is_refused(empty: Matchmaker, tmp_path: Path) -> None:
    report = run(empty, tmp_path, csv_bytes([*ROWS, ROWS[0]]), SKIP)
    (refused,) = report.refused
    assert (refused.number, refused.faults[0].code, refused.faults[0].value) == (4, "duplicate", "2")


def test_a_name_that_somebody_else_bears_needs_an_id(matchmaker: Matchmaker, tmp_path: Path) -> None:
    row = ["하버 병원 (가상)", "", "싱가포르", "병원", "AI", *[""] * 6]
    (refused,) = run(matchmaker, tmp_path, csv_bytes([row])).refused
    assert (refused.faults[0].code, refused.faults[0].suggestion) == ("same-name", "sg-one")


def test_a_dry_run_writes_nothing(empty: Matchmaker, tmp_path: Path) -> None:
    dry = BulkOptions(Format.TABLE, dry_run=True)
    assert run(empty, tmp_path, csv_bytes(ROWS), dry).counts == {RowOutcome.CREATED: 2}
    assert count(empty) == 0


def test_every_row_says_how_complete_its_profile_is(empty: Matchmaker, tmp_path: Path) -> None:
    report = run(empty, tmp_path, csv_bytes(ROWS))
    first, second = (row.completeness.score for row in report.rows if row.completeness)
    assert first > second


def test_a_mended_workbook_is_taken(empty: Matchmaker, tmp_path: Path) -> None:
    path = written(tmp_path / "file", csv_bytes([ROWS[0], [*SINGAPUR[:4], "=1+1", *SINGAPUR[5:]]]))
    book = load_workbook(BytesIO(empty.bulk.workbook(path, TABLE)))
    sheet = book.worksheets[0]
    assert "f" not in {cell.data_type for row in sheet for cell in row}
    assert [cell.value for cell in sheet[1]][: len(HEADERS)] == HEADERS
    assert "Singapur → Singapore?" in str(sheet[2][len(HEADERS) + 1].value)
    sheet.cell(2, 3).value = "Singapore"
    book.save(path)
    assert run(empty, tmp_path, path.read_bytes()).counts == {RowOutcome.CREATED: 1}
    (member,) = empty.bulk.export()
    assert member.domains[0].en == "=1+1"


def test_a_thousand_rows(empty: Matchmaker, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = written(tmp_path / "file", workbook_bytes(many_rows(1000)))
    report = empty.bulk.run(path, TABLE, lambda done, total: heard.append((done, total)))
    assert report.counts == {RowOutcome.CREATED: 1000}
    assert heard[-1] == (1000, 1000)
    assert len(set(ids(empty))) == 1000


def test_small_files_are_answered_line_by_line(client: TestClient) -> None:
    lines = [MemberLine.of(make_member(external_id=f"new-{n}")).model_dump_json() for n in range(3)]
    found = results(client.post("/v1/members:import", content="\n".join(lines), headers=JSONL))
    assert [(row["line"], row["external_id"], row["outcome"]) for row in found] == [
        (n + 1, f"new-{n}", "created") for n in range(3)
    ]
    assert client.get("/v1/members/new-1").json()["completeness"]["score"] == 100


def test_faults_stop_it_with_a_problem_that_names_them(client: TestClient, matchmaker: Matchmaker) -> None:
    before = count(matchmaker)
    content = csv_bytes([*ROWS, SINGAPUR], "cp949")
    refused = client.post("/v1/members:import", content=content, headers=CSV)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/4/국가"
    assert count(matchmaker) == before
    url = "/v1/members:import?on_error=skip"
    found = results(client.post(url, content=content, headers=CSV))
    assert found[2]["faults"][0]["suggestion"] == "Singapore"
    assert [row["outcome"] for row in found] == ["created", "created", "refused"]


def test_a_mapping_and_defaults_come_with_the_request(client: TestClient) -> None:
    mapping = json.dumps({"columns": {"A": "names", "B": "needs", "C": None}, "kind": "lab"})
    params = {"mapping": mapping, "country": "SG", "dry_run": "true"}
    content = "A,B,C\nQuiet Works,partners,secret\n"
    (row,) = results(client.post("/v1/members:import", params=params, content=content, headers=CSV))
    assert row["outcome"] == "created"
    assert row["external_id"].startswith("sg-quiet-works-")
    bad = client.post("/v1/members:import", params={"mapping": "{"}, content=content, headers=CSV)
    assert bad.status_code == 422


def test_a_bomb_and_too_large_a_body_are_refused(client: TestClient, matchmaker: Matchmaker) -> None:
    bomb = repacked(workbook_bytes(ROWS), xl__worksheets__sheet1_xml=b"<x>" + b" " * 20_000_000)
    refused = client.post("/v1/members:import", content=bomb, headers={"Content-Type": XLSX})
    assert (refused.status_code, refused.json()["code"]) == (422, "unreadable-file")
    size = matchmaker.settings.import_max_body + 1
    large = client.post("/v1/members:import", headers=CSV | {"Content-Length": str(size)}, content=b"")
    assert large.status_code == 413
    assert list(matchmaker.settings.job_files.iterdir()) == []


def test_what_is_exported_imports_as_unchanged(client: TestClient) -> None:
    lines = client.get("/v1/members:export").text
    found = results(client.post("/v1/members:import", content=lines, headers=JSONL))
    assert {row["outcome"] for row in found} == {"unchanged"}
    table = client.get("/v1/members:export?format=csv").text
    url = "/v1/members:import?dry_run=true"
    outcomes = {
        row["external_id"]: row["outcome"]
        for row in results(client.post(url, content=table.encode(), headers=CSV))
    }
    assert set(outcomes.values()) == {"unchanged"}


def job_of(client: TestClient, content: bytes, **params: str) -> str:
    accepted = client.post(
        "/v1/members:import", params=params, content=content, headers=CSV | {"Prefer": "respond-async"}
    )
    assert accepted.status_code == 202
    location: str = accepted.headers["Location"]
    return location


def finished(client: TestClient, location: str) -> dict[str, Any]:
    over = threading.Event()
    for _ in range(600):
        job: dict[str, Any] = client.get(location).json()
        if job["state"] in ("done", "failed", "cancelled"):
            return job
        over.wait(0.05)
    raise AssertionError(job)


def test_a_job_says_how_far_it_is_and_what_came_of_it(
    app: FastAPI, client: TestClient, matchmaker: Matchmaker
) -> None:
    location = job_of(client, csv_bytes(many_rows(300)))
    job = finished(client, location)
    assert (job["state"], job["progress"], job["counts"]) == ("done", 300, {"created": 300})
    assert len(results(client.get(job["results"]))) == 300
    assert len(list(matchmaker.settings.job_files.iterdir())) == 1, "the upload is gone"
    other = {"Authorization": f"Bearer {make_key(app, Role.PORTAL_WRITE)}"}
    assert client.get(location, headers=other).status_code == 404, "it is another key's"


def test_a_job_that_cannot_be_done_says_why(client: TestClient) -> None:
    job = finished(client, job_of(client, b"\x81\xff\xff"))
    assert (job["state"], job["problem"]) == ("failed", "unreadable-file")


def submit(product: Matchmaker, content: bytes) -> Job:
    name, file = product.job_files.create()
    with file:
        file.write(content)
    return product.jobs.submit("import-members", TABLE.as_json(), name, "k_one")


def test_a_job_that_waits_is_cancelled_at_once(empty: Matchmaker) -> None:
    job = submit(empty, csv_bytes(ROWS))
    assert empty.jobs.cancel(job.id, SYSTEM).state is JobState.CANCELLED
    assert not empty.jobs.run_once()
    assert list(empty.settings.job_files.iterdir()) == []


def altered(jobs: Jobs, work: Any) -> Jobs:
    return Jobs(jobs.store, jobs.files, {"import-members": work}, jobs.now)


def test_a_job_that_runs_stops_at_its_next_step(empty: Matchmaker) -> None:
    job = submit(empty, csv_bytes(many_rows(600)))

    def work(running: Job, heard: Heard) -> Finished:
        def cancelling(done: int, total: int) -> None:
            empty.jobs.cancel(running.id, SYSTEM)
            heard(done, total)

        return empty.bulk.work(running, cancelling)

    altered(empty.jobs, work).run_once()
    assert empty.jobs.get(job.id, SYSTEM).state is JobState.CANCELLED
    assert count(empty) == 0


class Crash(BaseException):
    """The process dies: nothing catches this."""


def test_after_a_crash_another_worker_goes_on(empty: Matchmaker) -> None:
    """The first worker dies after it wrote a batch; the rest is written once, nothing twice."""
    job = submit(empty, csv_bytes(many_rows(600)))

    def dying(running: Job, heard: Heard) -> Finished:
        def until_256(done: int, total: int) -> None:
            heard(done, total)
            if done >= 256:
                raise Crash

        return empty.bulk.work(running, until_256)

    with pytest.raises(Crash):
        altered(empty.jobs, dying).run_once()
    assert count(empty) == 256
    assert not empty.jobs.run_once(), "its worker may still be alive"
    later = Jobs(empty.store, empty.job_files, empty.jobs.kinds, lambda: datetime.now(UTC) + LOST * 2)
    assert later.run_once()
    done = empty.jobs.get(job.id, SYSTEM)
    assert (done.state, done.attempt) == (JobState.DONE, 2)
    assert done.summary == {"created": 344, "unchanged": 256}


def test_a_job_that_kills_its_workers_is_given_up(empty: Matchmaker) -> None:
    job = submit(empty, csv_bytes(ROWS))

    def dying(running: Job, heard: Heard) -> Finished:
        raise Crash

    clock = [datetime.now(UTC)]
    jobs = Jobs(empty.store, empty.job_files, {"import-members": dying}, lambda: clock[0])
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Crash):
            jobs.run_once()
        clock[0] += LOST * 2
    assert jobs.run_once()
    assert empty.jobs.get(job.id, SYSTEM).state is JobState.FAILED


def test_a_worker_that_is_asked_to_end_hands_its_job_back(empty: Matchmaker) -> None:
    job = submit(empty, csv_bytes(ROWS))
    empty.jobs.run_once(lambda: True)
    assert empty.jobs.get(job.id, SYSTEM).state is JobState.QUEUED
    empty.jobs.run_once()
    assert empty.jobs.get(job.id, SYSTEM).state is JobState.DONE


def test_a_job_is_done_by_one_of_several_workers(empty: Matchmaker) -> None:
    for _ in range(6):
        submit(empty, csv_bytes(ROWS))
    counts: list[int] = []

    def work() -> None:
        done = 0
        while empty.jobs.run_once():
            done += 1
        counts.append(done)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 6
    assert count(empty) == 2


def test_old_jobs_and_forgotten_files_go(empty: Matchmaker) -> None:
    job = submit(empty, csv_bytes(ROWS))
    empty.jobs.run_once()
    name, file = empty.job_files.create()
    file.close()
    empty.jobs.tidy()
    assert empty.job_files.path(name)
    late = Jobs(empty.store, empty.job_files, {}, lambda: datetime.now(UTC) + timedelta(days=30))
    late.tidy()
    assert list(empty.settings.job_files.iterdir()) == []
    with pytest.raises(UnknownRecord):
        empty.jobs.get(job.id, SYSTEM)


def test_a_job_is_its_makers(empty: Matchmaker) -> None:
    job = submit(empty, csv_bytes(ROWS))
    assert empty.jobs.get(job.id, Actor("k_one", Role.PORTAL_WRITE)).id == job.id
    assert empty.jobs.get(job.id, Actor("a_one", Role.COORDINATOR_SG)).id == job.id
    with pytest.raises(UnknownRecord):
        empty.jobs.cancel(job.id, Actor("k_two", Role.PORTAL_WRITE))


def test_a_file_that_cannot_be_read_is_told(empty: Matchmaker, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        run(empty, tmp_path, b"")
    with pytest.raises(InvalidInput, match="name"):
        run(empty, tmp_path, b"country,kind\nKR,lab\n")


def test_json_lines_and_tables_meet(empty: Matchmaker, tmp_path: Path) -> None:
    """What came in as a line may be changed by a table that names its id, and only where the table speaks."""
    lines = MemberLine.of(make_partner()).model_dump_json(exclude_none=True).encode()
    run(empty, tmp_path, lines, BulkOptions())
    report = run(
        empty, tmp_path, b"ID,English name,website\nsg-one,Harbour Hospital (fictional),harbour.example\n"
    )
    assert report.counts == {RowOutcome.UPDATED: 1}
    (member,) = empty.bulk.export()
    assert member.website == "https://harbour.example"
    assert member.needs == make_partner().needs
