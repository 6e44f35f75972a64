"""What is kept in the database: one transaction at a time, vectors with their model, ids of who left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from matchmaker.domain.member import Country, Member, Partnership, Purpose, Status, Text, Track
from matchmaker.domain.records import MemberFilter
from matchmaker.errors import (
    DuplicateMember,
    SchemaOutdated,
    StaleVersion,
    StorageUnavailable,
    UnknownMember,
    UnknownRecord,
)
from matchmaker.scoring.profile import Profile
from matchmaker.services.profiling import Profiler
from matchmaker.storage.database import check_schema, migrate, open_engine, pending_changes
from matchmaker.storage.repositories import fold
from matchmaker.storage.tables import Base
from matchmaker.storage.unit_of_work import Store
from tests.factories import FakeEncoder, make_member, make_need, make_offer, make_partner

PROFILER = Profiler(FakeEncoder())
MODEL = PROFILER.model
EVERYBODY = MemberFilter()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'matchmaker.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


def add(store: Store, *members: Member, model: str = MODEL, source_hash: str | None = None) -> None:
    with store.writing() as work:
        for member in members:
            work.members.add(PROFILER.profile(member), model, source_hash=source_hash, is_edited=False)
        work.commit()


def revise(store: Store, member: Member, expected_version: int | None = None) -> int:
    with store.writing() as work:
        stored = work.members.replace(
            PROFILER.profile(member),
            MODEL,
            source_hash=None,
            is_edited=True,
            expected_version=expected_version,
        )
        work.commit()
    return stored.version


def remove(store: Store, external_id: str, expected_version: int | None = None) -> None:
    with store.writing() as work:
        work.members.remove(external_id, expected_version)
        work.commit()


def found(store: Store, *words: str) -> list[str]:
    with store.reading() as work:
        page = work.members.list_page(MemberFilter(words=words), None, 100)
        assert work.members.count(MemberFilter(words=words)) == len(page.items)
    return [stored.member.external_id for stored in page.items]


def profiles(store: Store, model: str = MODEL) -> dict[str, Profile]:
    with store.reading() as work:
        return {profile.member.external_id: profile for profile in work.vectors.list_profiles(model)}


def outdated(store: Store, model: str = MODEL) -> list[str]:
    with store.reading() as work:
        return sorted(member.external_id for member in work.vectors.list_outdated(model))


def last_seq(store: Store) -> int:
    with store.reading() as work:
        return work.changes.last_seq()


def test_the_migrations_build_exactly_the_tables(engine: Engine) -> None:
    assert pending_changes(engine) == []
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_a_migrated_database_may_be_migrated_again(engine: Engine) -> None:
    migrate(engine)
    check_schema(engine)


def test_a_database_that_was_never_migrated_says_what_to_do(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'matchmaker.db'}")
    with pytest.raises(SchemaOutdated, match="matchmaker migrate"):
        check_schema(engine)
    engine.dispose()


def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "matchmaker.db").write_text(
        "this is not a database, but it is long enough to be read as one" * 20
    )
    engine = open_engine(f"sqlite:///{tmp_path / 'matchmaker.db'}")
    for use in (migrate, check_schema):
        with pytest.raises(StorageUnavailable, match="not a database"):
            use(engine)
    with pytest.raises(StorageUnavailable), Store(engine).reading() as work:
        work.members.get("kr-one")
    engine.dispose()


def test_what_a_database_repeats_of_a_row_is_not_told(engine: Engine) -> None:
    refused = Exception("duplicate key value\nDETAIL:  Key (email)=(desk@ward.example) already exists.")
    with pytest.raises(StorageUnavailable) as caught, Store(engine).writing():
        raise DBAPIError("INSERT", None, refused)
    assert "duplicate key value" in str(caught.value)
    assert "desk@ward.example" not in str(caught.value)


def test_a_search_holds_nothing_that_a_database_refuses() -> None:
    assert fold("\uff37ard\0 ROBOTS") == "ward robots"


def test_processes_that_start_together_all_find_the_schema(tmp_path: Path) -> None:
    program = (
        "import sys; from matchmaker.storage.database import migrate, open_engine;"
        "engine = open_engine(sys.argv[1]); migrate(engine); engine.dispose()"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path / 'matchmaker.db'}"]
    root = Path(__file__).resolve().parents[2]
    running = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors


def test_a_member_is_kept_as_it_came(store: Store) -> None:
    member = make_member(
        parent="group",
        summary=Text("robots", "로봇", frozenset({"ko"})),
        needs=(make_need(ko="실증 병원", until=date(2027, 1, 1)),),
        sources=("a press release",),
        as_of=date(2026, 11, 1),
        consents=frozenset({Purpose.TALENT}),
    )
    add(store, member, source_hash="abc")
    with store.reading() as work:
        stored = work.members.get("kr-one")
    assert stored.member == member
    assert (stored.version, stored.is_edited, stored.source_hash) == (1, False, "abc")


def test_vectors_are_kept_without_loss(store: Store) -> None:
    members = [make_member(), make_partner(), make_member(external_id="kr-silent", offers=(), needs=())]
    add(store, *members)
    kept = profiles(store)
    for made in PROFILER.profile_all(members):
        assert kept[made.member.external_id].entry == made.entry
        np.testing.assert_array_equal(kept[made.member.external_id].vectors, made.vectors)


def test_an_id_is_taken_once(store: Store) -> None:
    add(store, make_member())
    with pytest.raises(DuplicateMember, match="kr-one"):
        add(store, make_partner(external_id="kr-one"))
    with store.reading() as work:
        assert work.members.get("kr-one").member == make_member()


def test_without_a_commit_nothing_is_kept(store: Store) -> None:
    with store.writing() as work:
        work.members.add(PROFILER.profile(make_member()), MODEL, source_hash=None, is_edited=True)
    assert found(store) == []
    assert last_seq(store) == 0


def test_an_error_leaves_no_trace(store: Store) -> None:
    member = make_member()
    with pytest.raises(DuplicateMember):
        add(store, member, make_partner(), member)
    assert found(store) == []
    add(store, make_member())


def test_a_revision_counts_and_brings_its_own_vectors(store: Store) -> None:
    add(store, make_member())
    changed = make_member(country=Country.SG, needs=(), offers=(make_offer("legal advice"),))
    assert revise(store, changed) == 2
    with store.reading() as work:
        stored = work.members.get("kr-one")
        assert work.members.count(MemberFilter(country=Country.SG)) == 1
    assert (stored.member, stored.version, stored.is_edited) == (changed, 2, True)
    np.testing.assert_array_equal(profiles(store)["kr-one"].vectors, PROFILER.profile(changed).vectors)
    assert found(store, "legal") == ["kr-one"]
    assert found(store, "delivery") == []


def test_a_stale_version_changes_nothing(store: Store) -> None:
    add(store, make_member())
    assert revise(store, make_member(needs=()), expected_version=1) == 2
    with pytest.raises(StaleVersion, match="at version 2, not 1"):
        revise(store, make_member(offers=()), expected_version=1)
    with pytest.raises(StaleVersion):
        remove(store, "kr-one", expected_version=1)
    with store.reading() as work:
        assert work.members.get("kr-one").member == make_member(needs=())


def test_nobody_can_be_read_revised_or_removed(store: Store) -> None:
    with pytest.raises(UnknownMember, match="nobody"), store.reading() as work:
        work.members.get("nobody")
    with pytest.raises(UnknownMember):
        revise(store, make_member())
    with pytest.raises(UnknownMember):
        remove(store, "kr-one")


@pytest.mark.parametrize("number", [-1, 10**18, 2**63, -(2**63) - 1, 10**30])
def test_a_number_that_was_never_given_is_an_unknown_record(store: Store, number: int) -> None:
    with pytest.raises(UnknownRecord), store.reading() as work:
        work.cases.get(number)
    with pytest.raises(UnknownRecord), store.writing() as work:
        work.rounds.get(number)


def test_who_leaves_leaves_only_an_id(store: Store, engine: Engine) -> None:
    add(store, make_member(), make_partner())
    remove(store, "kr-one", expected_version=1)
    with engine.connect() as connection:
        rows = {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("members", "vectors")
        }
    assert rows == {"members": 1, "vectors": 1}
    with store.reading() as work:
        assert work.members.list_withdrawn() == {"kr-one"}
    assert found(store) == ["sg-one"]


def test_what_has_left_is_nowhere_in_the_files(store: Store, tmp_path: Path) -> None:
    add(store, make_member(summary=Text("canary-in-the-summary")))
    remove(store, "kr-one")
    store.settle()
    assert not any(b"canary-in-the-summary" in path.read_bytes() for path in tmp_path.iterdir())


def test_settling_waits_for_nobody_and_is_made_up_for(store: Store, tmp_path: Path) -> None:
    add(store, make_member(summary=Text("canary-in-the-summary")))
    with store.reading() as reader:
        reader.members.get("kr-one")
        remove(store, "kr-one")
        store.settle()
    with store.writing() as writer:
        writer.members.find_many(["kr-one"])
        store.settle()
    store.settle()
    assert not any(b"canary-in-the-summary" in path.read_bytes() for path in tmp_path.iterdir())


def test_vectors_go_with_their_member(store: Store, engine: Engine) -> None:
    add(store, make_member(), make_partner())
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM members WHERE external_id = 'kr-one'"))
    assert list(profiles(store)) == ["sg-one"]


def test_a_withdrawal_ends_when_the_member_joins_again_and_no_version_comes_twice(store: Store) -> None:
    for _ in range(2):
        add(store, make_member())
        remove(store, "kr-one")
    add(store, make_member())
    with store.reading() as work:
        assert work.members.list_withdrawn() == frozenset()
        assert work.members.get("kr-one").version == 3
    with pytest.raises(StaleVersion):
        revise(store, make_member(needs=()), expected_version=1)


@pytest.mark.parametrize(
    "word",
    [
        "robot",
        "ROBOTS",
        "deliver",
        "ｒｏｂｏｔｓ",
        "병원용",
        "원용 배",
        "로봇",
        "가상",
        "kr-one",
        "100%",
        "a_b",
    ],
)
def test_search_finds_parts_of_words_in_both_languages(word: str, store: Store) -> None:
    add(
        store,
        make_member(needs=(make_need("100% uptime of a_b"),)),
        make_partner(offers=(), needs=(), domains=(), summary=Text("Law."), names=Text("Law Firm")),
    )
    assert found(store, word) == ["kr-one"]


@pytest.mark.parametrize(
    "word", ["10%", "%", "_", "a_", "\\", "robots%hospitals", "'; DROP TABLE members; --"]
)
def test_signs_of_the_database_language_are_letters_like_others(word: str, store: Store) -> None:
    add(store, make_member(), make_partner())
    assert found(store, word) == []


def test_all_words_must_occur(store: Store) -> None:
    add(store, make_member(), make_partner())
    assert found(store, "hospital") == ["kr-one", "sg-one"]
    assert found(store, "hospital", "wards", "deliver") == ["kr-one", "sg-one"]
    assert found(store, "hospital", "carry") == ["kr-one"]
    assert found(store, "carry", "forty") == []


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (MemberFilter(country=Country.KR), ["kr-one"]),
        (MemberFilter(track=Track.PUBLIC), ["sg-one"]),
        (MemberFilter(kind="startup"), ["kr-one"]),
        (MemberFilter(status="listed"), ["sg-one"]),
        (MemberFilter(country=Country.KR, track=Track.PUBLIC), []),
        (EVERYBODY, ["kr-one", "sg-one"]),
    ],
)
def test_lists_are_filtered(chosen: MemberFilter, expected: list[str], store: Store) -> None:
    add(store, make_member(), make_partner(status=Status.LISTED, consents=frozenset()))
    with store.reading() as work:
        page = work.members.list_page(chosen, None, 10)
        assert [stored.member.external_id for stored in page.items] == expected
        assert work.members.count(chosen) == len(expected)
        assert sum(work.members.count_by_track().values()) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_pages_together_are_the_list(limit: int, store: Store) -> None:
    ids = ["B", "a", "a.b", "a-b", "b"]
    add(store, *(make_member(external_id=external_id) for external_id in ids))
    seen: list[str] = []
    after: str | None = None
    while True:
        with store.reading() as work:
            page = work.members.list_page(EVERYBODY, after, limit)
        assert 0 < len(page.items) <= limit
        seen += [stored.member.external_id for stored in page.items]
        after = page.next_after
        if after is None:
            break
    assert seen == sorted(ids)


def test_a_page_after_somebody_who_left_goes_on(store: Store) -> None:
    add(store, *(make_member(external_id=f"m-{number}") for number in range(4)))
    remove(store, "m-1")
    with store.reading() as work:
        page = work.members.list_page(EVERYBODY, "m-1", 10)
    assert [stored.member.external_id for stored in page.items] == ["m-2", "m-3"]


def test_many_ids_are_found_at_once(store: Store) -> None:
    add(store, make_member(), make_partner())
    with store.reading() as work:
        wanted = [*(f"nobody-{number}" for number in range(1200)), "sg-one", "kr-one"]
        assert set(work.members.find_many(wanted)) == {"kr-one", "sg-one"}
        assert work.members.find_many([]) == {}


def test_vectors_of_another_model_are_never_handed_out(store: Store) -> None:
    add(store, make_member(), model="fake@0")
    add(store, make_partner())
    assert list(profiles(store)) == ["sg-one"]
    assert outdated(store) == ["kr-one"]
    assert outdated(store, "fake@2") == ["kr-one", "sg-one"]


def test_vectors_of_other_wordings_are_never_handed_out(store: Store, engine: Engine) -> None:
    add(store, make_member(), make_partner())
    with engine.begin() as connection:
        connection.execute(text("UPDATE vectors SET wordings_hash = 'other' WHERE member_id = 1"))
    assert list(profiles(store)) == ["sg-one"]
    assert outdated(store) == ["kr-one"]


def test_a_member_without_vectors_is_outdated(store: Store, engine: Engine) -> None:
    add(store, make_member(), make_partner())
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM vectors WHERE member_id = 1"))
    assert outdated(store) == ["kr-one"]


def test_new_vectors_replace_the_old_and_pass_over_who_left(store: Store) -> None:
    add(store, make_member(), make_partner(), model="fake@0")
    made = PROFILER.profile_all([make_member(), make_partner(), make_member(external_id="gone")])
    with store.writing() as work:
        work.vectors.replace(made, MODEL)
        work.commit()
    assert outdated(store) == []
    assert list(profiles(store)) == ["kr-one", "sg-one"]
    assert profiles(store, "fake@0") == {}


def test_every_write_leaves_a_change(store: Store) -> None:
    seqs = [last_seq(store)]
    add(store, make_member())
    seqs.append(last_seq(store))
    revise(store, make_member(needs=()))
    seqs.append(last_seq(store))
    remove(store, "kr-one")
    seqs.append(last_seq(store))
    assert seqs == [0, 1, 2, 3]


def test_a_partnership_is_put_once_and_corrected(store: Store) -> None:
    tie = Partnership("kr-one", "sg-one", frozenset(Purpose), "mou", "협력", "2026-03", ("press",), True)
    with store.writing() as work:
        assert work.partnerships.put(tie)
        assert not work.partnerships.put(tie)
        assert work.partnerships.put(Partnership("kr-one", "sg-two"))
        work.commit()
    with store.writing() as work:
        assert not work.partnerships.put(tie)
        assert work.partnerships.put(Partnership("kr-one", "sg-two", what="a pilot"))
        work.commit()
    with store.reading() as work:
        assert work.partnerships.list_all() == [tie, Partnership("kr-one", "sg-two", what="a pilot")]
    assert last_seq(store) == 3


def test_writers_at_once_all_end_well(store: Store) -> None:
    def register(number: int) -> None:
        add(store, make_member(external_id=f"m-{number}"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(register, range(24)))
    assert len(found(store)) == 24
    assert last_seq(store) == 24


def test_of_writers_of_one_record_one_wins_and_the_others_are_told(store: Store) -> None:
    add(store, make_member())

    def attempt(number: int) -> str:
        try:
            revise(store, make_member(names=Text(f"Name {number}")), expected_version=1)
        except StaleVersion:
            return "stale"
        return "written"

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(attempt, range(6)))
    assert sorted(outcomes) == ["stale"] * 5 + ["written"]
    with store.reading() as work:
        assert work.members.get("kr-one").version == 2


def test_of_writers_of_one_id_one_wins_and_the_others_are_told(store: Store) -> None:
    def attempt(_number: int) -> str:
        try:
            add(store, make_member())
        except DuplicateMember:
            return "duplicate"
        return "written"

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(attempt, range(6))) == ["duplicate"] * 5 + ["written"]


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    add(store, make_member())
    with store.reading() as work:
        assert work.members.count(EVERYBODY) == 1
        add(store, make_partner())
        assert work.members.count(EVERYBODY) == 1
        assert work.changes.last_seq() == 1
    assert last_seq(store) == 2


def test_a_database_in_memory_works_too() -> None:
    engine = open_engine("sqlite://")
    migrate(engine)
    add(Store(engine), make_member())
    assert found(Store(engine)) == ["kr-one"]
    engine.dispose()
