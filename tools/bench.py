"""Ratios measured side by side in one run: what the product costs over the bare work that it needs.

    make bench            (python -m tools.bench [--json] [--rounds N])

Absolute times depend on the machine; ratios much less. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path

import uvicorn

from api.app import create_app
from matchmaker.bootstrap import Matchmaker, build_matchmaker
from matchmaker.domain.member import Purpose, Track
from matchmaker.domain.suggestion import SuggestionList
from matchmaker.formats.json_lines import load_members
from matchmaker.services.profiling import Profiler
from matchmaker.settings import Settings
from matchmaker.storage.database import migrate
from tools.rounds.timing import simulated


@dataclass(frozen=True)
class Ratio:
    """Median milliseconds of both sides and their ratio."""

    what: str
    against: str
    ours_ms: float
    bare_ms: float
    ratio: float


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var=Path(folder), database_url="", rate_limit="", rate_limit_writes="")
        importing = measure_import(settings, max(3, arguments.rounds // 60))
        matchmaker = build_matchmaker(settings)
        ids = _ids(matchmaker)
        rows = [importing, measure_suggestions(matchmaker, ids, arguments.rounds)]
        rows.append(measure_requests(matchmaker, ids, arguments.rounds))
        rows.append(measure_round(arguments.rounds))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    for row in rows:
        print(
            f"{row.what:44} {row.ours_ms:9.2f} ms   {row.against:40} {row.bare_ms:9.2f} ms   ratio {row.ratio:6.2f}"
        )


def measure_import(settings: Settings, rounds: int) -> Ratio:
    """Importing the directory into an empty database, against encoding the same texts."""
    path = settings.alliance / "members.jsonl"
    profiler = build_matchmaker(settings).profiler
    members = load_members(path)
    profiler.profile_all(members)
    ours, bare = [], []
    for number in range(rounds):
        url = f"sqlite:///{settings.var / f'import-{number}.db'}" if number else ""
        fresh = build_matchmaker(settings.model_copy(update={"database_url": url}))
        fresh.__dict__["profiler"] = profiler
        migrate(fresh.store.engine)
        ours.append(_timed(lambda fresh=fresh: fresh.importing.import_members(path)))  # type: ignore[misc]
        bare.append(_timed(lambda: _encode_texts(profiler, path)))
    return _ratio("import of the directory", "encoding the same texts", ours, bare)


def measure_suggestions(matchmaker: Matchmaker, ids: list[str], rounds: int) -> Ratio:
    """Suggestions for a stored member, against the FAISS searches of its vectors."""
    pool = matchmaker.catalogue.current().pool
    ours, bare = [], []
    for _, external_id in zip(range(rounds), cycle(ids)):
        profile = pool.find(external_id)
        if profile is None:
            continue
        partitions = [p for p in pool.sides[profile.member.country.other].partitions if p.index is not None]

        def search() -> None:
            for partition in partitions:  # noqa: B023
                if partition.index is not None:
                    partition.index.search(profile.vectors, 50)  # noqa: B023

        ours.append(_timed(lambda: matchmaker.suggestions.for_member(external_id)))  # noqa: B023
        bare.append(_timed(search))
    return _ratio("suggestions for a stored member", "its bare FAISS searches, top 50", ours, bare)


def measure_requests(matchmaker: Matchmaker, ids: list[str], rounds: int) -> Ratio:
    """The suggestions route over HTTP, against the same route and response model with a canned answer."""
    with _serving(matchmaker) as ours_port, _serving(_canned(matchmaker, ids[0])) as bare_port:
        connections = [HTTPConnection("127.0.0.1", port, timeout=30) for port in (ours_port, bare_port)]
        times: tuple[list[float], list[float]] = ([], [])
        for _, external_id in zip(range(rounds), cycle(ids)):
            for connection, column in zip(connections, times, strict=True):
                path = f"/v1/members/{external_id}/suggestions"
                column.append(_timed(lambda: _get(connection, path)))  # noqa: B023
        for connection in connections:
            connection.close()
    return _ratio("GET suggestions over HTTP", "the same route, canned answer", *times)


def measure_round(rounds: int) -> Ratio:
    """A balanced round of alliance size through the front door, against OR-tools alone on the same market."""
    instance = simulated()
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(_timed(instance.ours))
        bare.append(_timed(instance.bare))
    return _ratio("round (flow), 120 x 80", "OR-tools alone", ours, bare)


@dataclass(frozen=True)
class CannedSuggestions:
    """Always the same answer."""

    answer: SuggestionList

    def for_member(
        self,
        external_id: str,
        purpose: Purpose | None = None,
        track: Track | None = None,
        limit: int = 10,
        language: str = "en",
        include_known: bool = False,
        after: object = None,
    ) -> SuggestionList:
        """The answer."""
        return self.answer


def _canned(matchmaker: Matchmaker, external_id: str) -> Matchmaker:
    canned = build_matchmaker(matchmaker.settings)
    canned.__dict__["profiler"] = matchmaker.profiler
    canned.__dict__["catalogue"] = matchmaker.catalogue
    canned.__dict__["suggestions"] = CannedSuggestions(matchmaker.suggestions.for_member(external_id))
    return canned


@contextmanager
def _serving(matchmaker: Matchmaker) -> Iterator[int]:
    config = uvicorn.Config(
        create_app(matchmaker), host="127.0.0.1", port=0, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    _wait_until_ready(port)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _wait_until_ready(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/readyz")
        if connection.getresponse().status == 200:
            return
        time.sleep(0.1)
    raise TimeoutError("the server did not become ready")


def _get(connection: HTTPConnection, path: str) -> None:
    connection.request("GET", path, headers={"Accept": "application/json"})
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}")


def _encode_texts(profiler: Profiler, path: Path) -> None:
    profiler.profile_all(load_members(path))


def _ids(matchmaker: Matchmaker) -> list[str]:
    sides = matchmaker.catalogue.current().pool.sides.values()
    return [entry.member.external_id for side in sides for entry in side.entries]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _ratio(what: str, against: str, ours: list[float], bare: list[float]) -> Ratio:
    first, second = statistics.median(ours), statistics.median(bare)
    return Ratio(what, against, round(first, 3), round(second, 3), round(first / second, 2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=300, help="measurements per side")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
