"""Importing files and registering by hand: twice is once, and what a person did is never undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Member, Text
from matchmaker.domain.records import MemberFilter
from matchmaker.errors import (
    DuplicateMember,
    InvalidInput,
    StaleVersion,
    UnknownMember,
    UnreadableFile,
)
from matchmaker.formats.member_line import MemberLine
from matchmaker.services.importing import SHOWN_FAULTS, ImportReport, Outcome
from tests.factories import make_matchmaker, make_member, make_need, make_partner

Write = Callable[..., Path]
ONE, TWO = make_member(), make_partner()


@pytest.fixture
def matchmaker(tmp_path: Path) -> Matchmaker:
    return make_matchmaker(tmp_path / "var")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_lines(*lines: Member | str) -> Path:
        path = tmp_path / "members.jsonl"
        texts = [
            x if isinstance(x, str) else MemberLine.of(x).model_dump_json(exclude_none=True) for x in lines
        ]
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    return write_lines


def stored(matchmaker: Matchmaker) -> dict[str, Member]:
    page = matchmaker.directory.list_page(MemberFilter(), limit=100)
    return {item.member.external_id: item.member for item in page.items}


def counts(report: ImportReport) -> dict[str, int]:
    return {outcome.value: number for outcome, number in report.counts.items() if number}


def last_seq(matchmaker: Matchmaker) -> int:
    with matchmaker.store.reading() as work:
        return work.changes.last_seq()


def test_members_come_in_as_they_stand_in_the_file(matchmaker: Matchmaker, write: Write) -> None:
    report = matchmaker.importing.import_members(write(ONE, TWO))
    assert counts(report) == {"created": 2}
    assert stored(matchmaker) == {"kr-one": ONE, "sg-one": TWO}
    assert not matchmaker.directory.get("kr-one").is_edited


def test_a_second_import_changes_nothing(matchmaker: Matchmaker, write: Write) -> None:
    path = write(ONE, TWO)
    matchmaker.importing.import_members(path)
    before = last_seq(matchmaker)
    assert counts(matchmaker.importing.import_members(path)) == {"unchanged": 2}
    assert last_seq(matchmaker) == before
    assert matchmaker.directory.get("kr-one").version == 1


def test_only_changed_lines_are_written(matchmaker: Matchmaker, write: Write) -> None:
    matchmaker.importing.import_members(write(ONE, TWO))
    changed = replace(ONE, website="https://example.org")
    report = matchmaker.importing.import_members(write(changed, TWO, replace(ONE, external_id="kr-two")))
    assert counts(report) == {"created": 1, "updated": 1, "unchanged": 1}
    assert stored(matchmaker)["kr-one"] == changed
    assert matchmaker.directory.get("kr-one").version == 2
    assert matchmaker.directory.get("sg-one").version == 1


def test_the_order_of_fields_is_no_change(matchmaker: Matchmaker, write: Write) -> None:
    matchmaker.importing.import_members(write(ONE))
    line: dict[str, Any] = json.loads(MemberLine.of(ONE).model_dump_json())
    report = matchmaker.importing.import_members(write(json.dumps(dict(reversed(line.items())))))
    assert counts(report) == {"unchanged": 1}


def test_what_a_person_wrote_is_kept(matchmaker: Matchmaker, write: Write) -> None:
    path = write(ONE)
    matchmaker.importing.import_members(path)
    edited = replace(ONE, names=Text("Edited by hand"))
    matchmaker.registration.revise("kr-one", edited)
    assert counts(matchmaker.importing.import_members(path)) == {"kept": 1}
    assert stored(matchmaker)["kr-one"] == edited


def test_who_registered_by_hand_is_kept(matchmaker: Matchmaker, write: Write) -> None:
    matchmaker.registration.register(replace(ONE, names=Text("By hand")))
    assert counts(matchmaker.importing.import_members(write(ONE))) == {"kept": 1}


def test_who_withdrew_stays_away(matchmaker: Matchmaker, write: Write) -> None:
    path = write(ONE, TWO)
    matchmaker.importing.import_members(path)
    matchmaker.registration.withdraw("kr-one")
    assert counts(matchmaker.importing.import_members(path)) == {"withdrawn": 1, "unchanged": 1}
    assert list(stored(matchmaker)) == ["sg-one"]


def test_who_withdrew_may_come_back_by_hand(matchmaker: Matchmaker, write: Write) -> None:
    path = write(ONE)
    matchmaker.importing.import_members(path)
    matchmaker.registration.withdraw("kr-one")
    matchmaker.registration.register(ONE)
    assert counts(matchmaker.importing.import_members(path)) == {"kept": 1}


def test_a_broken_line_stops_the_whole_file(matchmaker: Matchmaker, write: Write) -> None:
    with pytest.raises(InvalidInput, match=r"line 2: .*not a JSON object") as caught:
        matchmaker.importing.import_members(write(ONE, "{", TWO))
    assert "nothing was imported" in str(caught.value)
    assert "--keep-going" in str(caught.value)
    assert stored(matchmaker) == {}


def test_keep_going_takes_the_good_lines(matchmaker: Matchmaker, write: Write) -> None:
    report = matchmaker.importing.import_members(write(ONE, "{", TWO, '{"colour": 1}'), keep_going=True)
    assert counts(report) == {"created": 2, "broken": 2}
    assert [line.number for line in report.broken] == [2, 4]
    assert {fault.pointer for fault in report.broken[1].faults} >= {"/colour", "/names"}
    assert set(stored(matchmaker)) == {"kr-one", "sg-one"}
    assert report.as_dict()["lines"] == [{"line": x.number, "reason": x.reason} for x in report.broken]


def test_of_lines_with_one_id_the_first_counts(matchmaker: Matchmaker, write: Write) -> None:
    path = write(ONE, replace(TWO, external_id="kr-one"))
    with pytest.raises(InvalidInput, match="“kr-one” stands in line 1 already"):
        matchmaker.importing.import_members(path)
    assert counts(matchmaker.importing.import_members(path, keep_going=True)) == {"created": 1, "broken": 1}
    assert stored(matchmaker) == {"kr-one": ONE}


def test_a_long_list_of_faults_is_cut(matchmaker: Matchmaker, write: Write) -> None:
    with pytest.raises(InvalidInput, match="and 5 more") as caught:
        matchmaker.importing.import_members(write(*["{"] * (SHOWN_FAULTS + 5)))
    assert str(caught.value).count("\n  line ") == SHOWN_FAULTS
    assert len(caught.value.faults) == SHOWN_FAULTS + 5


def test_a_dry_run_says_what_would_happen_and_writes_nothing(matchmaker: Matchmaker, write: Write) -> None:
    matchmaker.importing.import_members(write(ONE))
    before = last_seq(matchmaker)
    report = matchmaker.importing.import_members(write(replace(ONE, needs=()), TWO, "{"), True, dry_run=True)
    assert counts(report) == {"updated": 1, "created": 1, "broken": 1}
    assert stored(matchmaker) == {"kr-one": ONE}
    assert last_seq(matchmaker) == before


def test_an_unreadable_file_is_told(matchmaker: Matchmaker, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="does not exist"):
        matchmaker.importing.import_members(tmp_path / "nowhere.jsonl")


def test_an_empty_file_is_nothing(matchmaker: Matchmaker, write: Write) -> None:
    assert counts(matchmaker.importing.import_members(write("", " "))) == {}


def test_progress_reaches_the_end(matchmaker: Matchmaker, write: Write) -> None:
    told: list[tuple[int, int]] = []
    many = [replace(ONE, external_id=f"m-{number}") for number in range(300)]
    report = matchmaker.importing.import_members(write(*many), progress=lambda *step: told.append(step))
    assert counts(report) == {"created": 300}
    assert told[-1] == (300, 300)
    assert told == sorted(told)
    assert matchmaker.directory.count(MemberFilter()) == 300


def test_texts_that_need_cleaning_match_at_once(matchmaker: Matchmaker, write: Write) -> None:
    dirty = json.loads(MemberLine.of(ONE).model_dump_json())
    dirty["summary"] = {"en": "cafe\u200b\u0301 \u202erobots\x0cfor wards", "ko": "\u1105\u200b\u1169봇"}
    matchmaker.importing.import_members(write(json.dumps(dirty), TWO))
    assert [item.member.external_id for item in matchmaker.suggestions.for_member("kr-one").items] == [
        "sg-one"
    ]
    assert counts(matchmaker.importing.import_members(write(json.dumps(dirty), TWO))) == {"unchanged": 2}


def test_every_outcome_is_in_the_report_for_machines() -> None:
    assert set(ImportReport().as_dict()) == {outcome.value for outcome in Outcome} | {"lines"}


def test_pairs_are_imported_once(matchmaker: Matchmaker, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"kr": "kr-one", "sg": "sg-one", "colour": 1}\n{"kr": "kr-one", "sg": "sg-two"}\n')
    assert matchmaker.importing.import_partnerships(path) == 2
    assert matchmaker.importing.import_partnerships(path) == 0
    path.write_text('{"kr": "kr-one", "sg": "sg-one", "what": "a pilot"}\n{"kr": "kr-one"}\n')
    with pytest.raises(InvalidInput, match=r"line 2: /sg"):
        matchmaker.importing.import_partnerships(path)
    with matchmaker.store.reading() as work:
        assert [tie.what for tie in work.partnerships.list_all()] == [None, None]


def test_a_member_registers_changes_and_leaves(matchmaker: Matchmaker) -> None:
    assert matchmaker.registration.register(ONE).version == 1
    assert matchmaker.registration.revise("kr-one", replace(ONE, needs=()), 1).version == 2
    assert matchmaker.directory.get("kr-one").is_edited
    matchmaker.registration.withdraw("kr-one", 2)
    with pytest.raises(UnknownMember):
        matchmaker.directory.get("kr-one")


def test_an_id_registers_once(matchmaker: Matchmaker) -> None:
    matchmaker.registration.register(ONE)
    with pytest.raises(DuplicateMember, match="kr-one"):
        matchmaker.registration.register(replace(TWO, external_id="kr-one"))


def test_a_revision_names_one_member_and_its_version(matchmaker: Matchmaker) -> None:
    matchmaker.registration.register(ONE)
    with pytest.raises(InvalidInput, match="they must agree"):
        matchmaker.registration.revise("kr-one", TWO)
    with pytest.raises(StaleVersion):
        matchmaker.registration.revise("kr-one", ONE, expected_version=7)
    with pytest.raises(UnknownMember):
        matchmaker.registration.revise("sg-one", TWO)
    with pytest.raises(StaleVersion):
        matchmaker.registration.withdraw("kr-one", expected_version=7)
    with pytest.raises(UnknownMember):
        matchmaker.registration.withdraw("sg-one")


def test_a_need_in_one_language_is_registered(matchmaker: Matchmaker) -> None:
    member = replace(ONE, summary=Text(), domains=(), offers=(), needs=(make_need(ko="실증 병원"),))
    assert matchmaker.registration.register(member).member == member
