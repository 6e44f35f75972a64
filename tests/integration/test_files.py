"""Member and pair files: every line is read, a broken one is named by its number."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker.errors import UnreadableFile
from matchmaker.formats.json_lines import MAX_LINE, load_members, load_pairs, read_lines
from matchmaker.formats.member_line import MemberLine, parse_member

ALLIANCE = Path(__file__).resolve().parents[2] / "data" / "alliance"
GOOD = {
    "external_id": "kr-one",
    "names": {"en": "Ward Robots (fictional)"},
    "country": "KR",
    "track": "industry",
    "kind": "startup",
    "summary": {"en": "Builds robots."},
}
PAIR = {"kr": "kr-one", "sg": "sg-one"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_lines(*lines: object) -> Path:
        path = tmp_path / "lines.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path

    return write_lines


def alliance_lines() -> list[str]:
    files = (ALLIANCE / "members.jsonl", ALLIANCE / "fictional.jsonl")
    return [line for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]


def test_every_line_of_the_alliance_survives_the_way_in_and_out() -> None:
    lines = alliance_lines()
    assert len(lines) > 100
    for line in lines:
        member = parse_member(json.loads(line))
        written = MemberLine.of(member).model_dump_json(exclude_none=True)
        assert parse_member(json.loads(written)) == member
        assert said_in(json.loads(line)) == said_in(json.loads(written))


def said_in(value: object) -> object:
    """What a line says: without fields that say nothing and the consents a status implies, sets in one order."""
    if isinstance(value, dict):
        kept = {key: said_in(item) for key, item in value.items() if item not in ([], {}, False)}
        kept.pop("consents", None)
        return kept
    if isinstance(value, list):
        return sorted(value) if all(isinstance(item, str) for item in value) else [said_in(v) for v in value]
    return value


def test_the_pairs_of_the_alliance_load() -> None:
    assert load_pairs(ALLIANCE / "partnerships.jsonl")


def test_members_are_read_in_order_and_empty_lines_passed_over(write: Callable[..., Path]) -> None:
    path = write(GOOD, "", "   ", {**GOOD, "external_id": "kr-two"})
    assert [member.external_id for member in load_members(path)] == ["kr-one", "kr-two"]
    assert [line.number for line in read_lines(path, parse_member)] == [1, 4]


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "windows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n")
    assert [member.external_id for member in load_members(path)] == ["kr-one"]


def test_a_line_separator_inside_a_text_ends_no_line(write: Callable[..., Path]) -> None:
    path = write({**GOOD, "summary": {"en": "one\u2028two\u0085three"}})
    assert [line.number for line in read_lines(path, parse_member)] == [1]
    assert load_members(path)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("{", "broken-json"),
        ("not json", "broken-json"),
        ("[" * 100_000, "broken-json"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "too-long"),
        ('{"external_id": ' + "1" * 5000 + "}", "broken-json"),
        (" " * MAX_LINE + "{}", "too-long"),
    ],
    ids=["cut", "text", "deep", "long", "huge-number", "padded"],
)
def test_a_broken_line_is_told_and_the_rest_is_read(
    broken: str, code: str, write: Callable[..., Path]
) -> None:
    lines = list(read_lines(write(GOOD, broken, GOOD), parse_member))
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[1].value is None
    assert lines[1].error is not None
    assert [fault.code for fault in lines[1].error.faults] == [code]
    assert lines[0].error is lines[2].error is None


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_json_does_not_know_are_refused(constant: str, write: Callable[..., Path]) -> None:
    text = json.dumps(GOOD)[:-1] + f', "as_of": {constant}}}'
    (line,) = read_lines(write(text), parse_member)
    assert line.error is not None


def test_loading_names_file_and_line(write: Callable[..., Path]) -> None:
    path = write(GOOD, "", "{")
    with pytest.raises(UnreadableFile, match=r"lines\.jsonl, line 3: "):
        load_members(path)


def test_loading_keeps_the_faults(write: Callable[..., Path]) -> None:
    with pytest.raises(UnreadableFile) as caught:
        load_members(write({**GOOD, "country": "JP"}))
    assert [fault.pointer for fault in caught.value.faults] == ["/country"]


def test_an_id_that_occurs_twice_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(UnreadableFile, match="“kr-one” occurs twice"):
        load_members(write(GOOD, GOOD))


def test_a_broken_pair_names_its_line(write: Callable[..., Path]) -> None:
    with pytest.raises(UnreadableFile, match=r"line 2: /sg"):
        load_pairs(write(PAIR, {"kr": "kr-one"}))


def test_a_file_that_is_absent_or_a_folder_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.jsonl does not exist"):
        load_members(tmp_path / "nowhere.jsonl")
    with pytest.raises(UnreadableFile, match="is a folder"):
        load_pairs(tmp_path)


def test_a_path_through_a_file_is_told_by_name(write: Callable[..., Path]) -> None:
    path = write(GOOD) / "members.jsonl"
    with pytest.raises(UnreadableFile, match=r"members\.jsonl"):
        load_members(path)


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_another_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "members.jsonl"
    path.write_text(json.dumps(GOOD | {"names": {"ko": "병동로봇"}}, ensure_ascii=False), encoding=encoding)
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        load_members(path)
