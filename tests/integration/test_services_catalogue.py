"""The catalogue follows the database: every write is seen, files only save time, models never mix."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from embeddings.exact_index import ExactIndex
from embeddings.faiss_index import FaissIndex
from embeddings.protocols import VectorIndex, Vectors
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country, Member, Text
from matchmaker.errors import NotReady, SnapshotCorrupt
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.profiling import Profiler
from matchmaker.services.snapshots import MANIFEST, SnapshotFiles
from matchmaker.storage.unit_of_work import Store
from tests.factories import FakeEncoder, make_matchmaker, make_member, make_need, make_partner, make_pool

MEMBERS = (
    make_member(),
    make_member(external_id="kr-two", needs=(make_need("legal advice"),)),
    make_partner(),
    make_partner(external_id="sg-two", summary=Text("A law firm."), needs=()),
)


@dataclass
class Clock:
    """A day that a test moves on."""

    today: date

    def __call__(self) -> date:
        return self.today


@dataclass
class CountingFactory:
    """Makes exact indexes and counts them."""

    made: int = 0

    def __call__(self, vectors: Vectors) -> VectorIndex:
        self.made += 1
        return ExactIndex(vectors)


@pytest.fixture
def matchmaker(tmp_path: Path) -> Matchmaker:
    matchmaker = make_matchmaker(tmp_path)
    register(matchmaker, *MEMBERS)
    return matchmaker


def register(matchmaker: Matchmaker, *members: Member) -> None:
    for member in members:
        matchmaker.registration.register(member)


def suggested(matchmaker: Matchmaker, external_id: str = "kr-one") -> list[tuple[str, float]]:
    found = matchmaker.suggestions.for_member(external_id)
    return [(item.member.external_id, item.score) for item in found.items]


def catalogue_of(store: Store, encoder: FakeEncoder, clock: Callable[[], date] = date.today) -> Catalogue:
    return Catalogue(store, Profiler(encoder), ExactIndex, None, clock)


def test_a_write_is_seen_by_the_next_read(matchmaker: Matchmaker) -> None:
    assert matchmaker.catalogue.edition is None
    assert [external_id for external_id, _ in suggested(matchmaker)] == ["sg-one", "sg-two"]
    register(matchmaker, make_partner(external_id="sg-three"))
    assert matchmaker.catalogue.lag() == 1
    assert "sg-three" in dict(suggested(matchmaker))
    assert matchmaker.catalogue.lag() == 0
    matchmaker.registration.revise("sg-three", make_partner(external_id="sg-three", consents=frozenset()))
    assert "sg-three" not in dict(suggested(matchmaker))
    matchmaker.registration.withdraw("sg-two")
    assert [external_id for external_id, _ in suggested(matchmaker)] == ["sg-one"]


def test_the_write_of_another_process_is_seen_too(matchmaker: Matchmaker, tmp_path: Path) -> None:
    suggested(matchmaker)
    register(make_matchmaker(tmp_path), make_partner(external_id="sg-three"))
    assert "sg-three" in dict(suggested(matchmaker))


def test_without_a_write_the_edition_stays(matchmaker: Matchmaker) -> None:
    assert matchmaker.catalogue.current() is matchmaker.catalogue.current()


def test_readers_at_once_share_one_edition(matchmaker: Matchmaker) -> None:
    with ThreadPoolExecutor(8) as threads:
        editions = list(threads.map(lambda _: matchmaker.catalogue.current(), range(16)))
    assert len({id(edition) for edition in editions}) == 1


def test_readers_and_writers_at_once_end_well(matchmaker: Matchmaker) -> None:
    def write(number: int) -> None:
        register(matchmaker, make_partner(external_id=f"sg-x{number}"))

    def read(_number: int) -> None:
        suggested(matchmaker)

    with ThreadPoolExecutor(6) as threads:
        tasks = [threads.submit(task, number) for number in range(8) for task in (write, read)]
        for task in tasks:
            task.result()
    assert len(matchmaker.catalogue.current().pool) == len(MEMBERS) + 8


def test_index_files_make_the_same_suggestions_as_vectors(matchmaker: Matchmaker, tmp_path: Path) -> None:
    before = suggested(matchmaker)
    files = SnapshotFiles(tmp_path / "index", FaissIndex.load)
    factory = CountingFactory()
    restarted = Catalogue(matchmaker.store, matchmaker.profiler, factory, files)
    pool = restarted.current().pool
    assert factory.made == 0
    asker = pool.find("kr-one")
    assert asker is not None
    ranking = pool.rank(asker, lambda _: True)
    assert [
        (m.external_id, s) for m, s in zip(ranking.members, ranking.scores.score.tolist(), strict=True)
    ] == before


def spoil_index(folder: Path) -> None:
    path = folder / "kr-offer.faiss"
    path.write_bytes(path.read_bytes()[:-4] + b"\x00\x00\x80\x3f")


def remove_index(folder: Path) -> None:
    (folder / "sg-need.faiss").unlink()


def truncate_index(folder: Path) -> None:
    path = folder / "kr-need.faiss"
    path.write_bytes(path.read_bytes()[:10])


def break_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("{")


def empty_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("[]")


def shorten_manifest(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"files": {}}))


def swap_indexes(folder: Path) -> None:
    """Consistent with itself, but not with the database."""
    manifest = json.loads((folder / MANIFEST).read_text())
    files = manifest["files"]
    files["kr-offer.faiss"] = files["sg-summary.faiss"]
    shutil.copy(folder / "sg-summary.faiss", folder / "kr-offer.faiss")
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_index,
        remove_index,
        truncate_index,
        break_manifest,
        empty_manifest,
        shorten_manifest,
        swap_indexes,
    ],
)
def test_spoiled_index_files_are_told_and_made_anew(
    spoil: Callable[[Path], None], matchmaker: Matchmaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = suggested(matchmaker)
    spoil(tmp_path / "index")
    with caplog.at_level(logging.WARNING):
        assert suggested(make_matchmaker(tmp_path)) == before
    assert len(caplog.records) == 1
    caplog.clear()
    assert suggested(make_matchmaker(tmp_path)) == before
    assert not caplog.records


def test_index_files_of_another_state_are_passed_over(
    matchmaker: Matchmaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    suggested(matchmaker)
    register(matchmaker, make_partner(external_id="sg-three"))
    restarted = make_matchmaker(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert "sg-three" in dict(suggested(restarted))
    assert not caplog.records


def test_a_folder_that_cannot_be_written_stops_no_answer(
    matchmaker: Matchmaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "occupied").write_text("a file where a folder should be")
    files = SnapshotFiles(tmp_path / "occupied" / "index", FaissIndex.load)
    catalogue = Catalogue(matchmaker.store, matchmaker.profiler, FaissIndex, files)
    with caplog.at_level(logging.WARNING):
        assert len(catalogue.current().pool) == len(MEMBERS)
    assert len(caplog.records) == 1


def test_snapshots_saved_at_once_leave_a_whole_one(tmp_path: Path) -> None:
    pool = make_pool(MEMBERS, make_index=FaissIndex)
    files = SnapshotFiles(tmp_path / "index", FaissIndex.load)

    def save(_number: int) -> None:
        for _ in range(5):
            files.save(pool)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save, range(4)))
    indexes = files.load(pool.snapshot)
    assert indexes is not None
    assert len(indexes) == 8
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_a_snapshot_is_loaded_under_its_own_name_only(tmp_path: Path) -> None:
    pool = make_pool(MEMBERS, make_index=FaissIndex)
    files = SnapshotFiles(tmp_path / "index", FaissIndex.load)
    assert files.load(pool.snapshot) is None
    files.save(pool)
    assert files.load("another") is None
    loaded = files.load(pool.snapshot)
    assert loaded is not None
    assert set(loaded) == {(country, kind) for country in Country for kind in FacetKind}


def test_an_unreadable_snapshot_says_where_and_why(tmp_path: Path) -> None:
    pool = make_pool(MEMBERS, make_index=FaissIndex)
    files = SnapshotFiles(tmp_path / "index", FaissIndex.load)
    files.save(pool)
    remove_index(tmp_path / "index")
    with pytest.raises(SnapshotCorrupt, match=r"sg-need\.faiss is missing or altered"):
        files.load(pool.snapshot)


def test_another_model_waits_for_its_own_vectors(matchmaker: Matchmaker, tmp_path: Path) -> None:
    suggested(matchmaker)
    changed = make_matchmaker(tmp_path, FakeEncoder("fake@2", dimensions=96))
    with pytest.raises(NotReady, match=r"4 members wait for vectors of fake@2"):
        suggested(changed)
    told: list[tuple[int, int]] = []
    assert changed.catalogue.embed_outdated(lambda *step: told.append(step)) == 4
    assert told == [(4, 4)]
    assert changed.suggestions.for_member("kr-one").model == "fake@2"
    assert changed.catalogue.embed_outdated() == 0


def test_index_files_of_another_model_are_passed_over(
    matchmaker: Matchmaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = matchmaker.catalogue.current().pool
    changed = make_matchmaker(tmp_path, FakeEncoder("fake@2"))
    changed.catalogue.embed_outdated()
    with caplog.at_level(logging.WARNING):
        new = changed.catalogue.current().pool
    assert new.snapshot != old.snapshot
    assert not caplog.records


def test_who_joins_under_the_old_model_is_waited_for(matchmaker: Matchmaker, tmp_path: Path) -> None:
    changed = make_matchmaker(tmp_path, FakeEncoder("fake@2"))
    changed.catalogue.embed_outdated()
    register(matchmaker, make_partner(external_id="sg-three"))
    with pytest.raises(NotReady, match="1 members"):
        changed.catalogue.current()
    assert changed.catalogue.embed_outdated() == 1
    assert len(changed.catalogue.current().pool) == 5


def test_a_new_day_drops_what_has_expired(matchmaker: Matchmaker) -> None:
    clock = Clock(date(2026, 12, 31))
    need = make_need("a partner for the year", until=clock.today)
    matchmaker.registration.revise("kr-one", make_member(needs=(need,)))
    catalogue = catalogue_of(matchmaker.store, FakeEncoder(), clock)

    def needs() -> list[str]:
        found = catalogue.current().pool.find("kr-one")
        assert found is not None
        return [wording.text for wording in found.wordings if wording.kind is FacetKind.NEED]

    assert needs() == ["a partner for the year"]
    clock.today += timedelta(days=1)
    assert needs() == []


def test_partnerships_are_part_of_the_edition(matchmaker: Matchmaker, tmp_path: Path) -> None:
    matchmaker.catalogue.current()
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"kr": "kr-one", "sg": "sg-one"}\n')
    matchmaker.importing.import_partnerships(pairs)
    edition = matchmaker.catalogue.current()
    assert edition.ties.pairs == {("kr-one", "sg-one")}


def test_an_empty_alliance_has_an_edition(tmp_path: Path) -> None:
    edition = make_matchmaker(tmp_path).catalogue.current()
    assert len(edition.pool) == 0
    assert edition.seq == 0


@pytest.mark.parametrize("member", [make_member(), make_partner()])
def test_the_first_member_finds_nobody_and_nothing_breaks(member: Member, tmp_path: Path) -> None:
    matchmaker = make_matchmaker(tmp_path)
    register(matchmaker, member)
    assert suggested(matchmaker, member.external_id) == []
    assert suggested(make_matchmaker(tmp_path), member.external_id) == []
