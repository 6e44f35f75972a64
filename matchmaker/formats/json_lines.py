"""JSON Lines files, read one line at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from matchmaker.domain.decision import Decision
from matchmaker.domain.member import Member, Partnership
from matchmaker.errors import Fault, InvalidInput, UnreadableFile
from matchmaker.formats.decision_line import parse_decision
from matchmaker.formats.member_line import parse_member
from matchmaker.formats.pair_line import parse_pair

MAX_LINE = 262_144
"""Characters of one line; a longer one is not parsed."""

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Line(Generic[Parsed]):
    """One line: its number from 1, and what it holds or why it holds nothing."""

    number: int
    value: Parsed | None
    error: InvalidInput | None = None


def read_lines(path: Path, parse: Callable[[Any], Parsed]) -> Iterator[Line[Parsed]]:
    """The non-empty lines of a file, the broken ones with their error.

    Raises:
        UnreadableFile: the file is missing or not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield parse_line(number, text, parse)
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path} does not exist") from error
    except IsADirectoryError as error:
        raise UnreadableFile(f"{path} is a folder, not a file of JSON lines") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not UTF-8 text; save it as UTF-8 and try again") from error


def parse_line(number: int, text: str, parse: Callable[[Any], Parsed]) -> Line[Parsed]:
    """One line, parsed, or with its error."""
    if len(text) > MAX_LINE:
        fault = Fault("", "too-long", f"the line is longer than {MAX_LINE} characters; shorten its texts")
        return Line(number, None, InvalidInput(fault.message, (fault,)))
    try:
        return Line(number, parse(json.loads(text)))
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        fault = Fault("", "broken-json", f"not a JSON object ({why})")
        return Line(number, None, InvalidInput(fault.message, (fault,)))
    except InvalidInput as error:
        return Line(number, None, error)


def load_members(path: Path) -> list[Member]:
    """All members of a file; nothing is taken unless every line is good.

    Raises:
        UnreadableFile: a line is broken or an external_id occurs twice.
    """
    members = load_all(path, parse_member)
    seen: set[str] = set()
    for member in members:
        if member.external_id in seen:
            raise UnreadableFile(
                f"{path}: external_id “{member.external_id}” occurs twice; keep one of the lines"
            )
        seen.add(member.external_id)
    return members


def load_pairs(path: Path) -> list[Partnership]:
    """All pairs of a file; nothing is taken unless every line is good.

    Raises:
        UnreadableFile: a line is broken.
    """
    return load_all(path, parse_pair)


def load_decisions(path: Path) -> list[Decision]:
    """All decisions of a file; nothing is taken unless every line is good.

    Raises:
        UnreadableFile: a line is broken.
    """
    return load_all(path, parse_decision)


def load_all(path: Path, parse: Callable[[Any], Parsed]) -> list[Parsed]:
    """What all lines of a file hold; nothing is taken unless every line is good.

    Raises:
        UnreadableFile: the file cannot be read, or a line is broken.
    """
    values: list[Parsed] = []
    for line in read_lines(path, parse):
        if line.error is not None:
            raise UnreadableFile(f"{path}, line {line.number}: {line.error}", line.error.faults)
        if line.value is not None:
            values.append(line.value)
    return values
