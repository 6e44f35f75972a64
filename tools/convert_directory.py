"""Convert the compiled directory of organisations into the member and pair files of the alliance.

Inputs
    --facts          JSON Lines, one organisation each: what public sources say about it
    --partnerships   JSON Lines, one publicly announced Korea-Singapore collaboration each
    --overlay        folder with `kr.jsonl` and `sg.jsonl`: our Korean wording, purposes and parents
    --output         folder with `fictional.jsonl`; receives `members.jsonl` and `partnerships.jsonl`

An overlay line `{"external_id", "parent"?, "domains", "summary"?, "offers", "needs"}` is aligned one to one
with the lists `domains`, `offers` and `seeks` of its organisation; `parent` is the id of another organisation
or of a group that is itself not listed. An organisation without an overlay line is still converted: in
English only, with every offer and need open to all three purposes, and a warning names it.

The output depends on the inputs alone, so a second run changes nothing. Every problem in an input is reported
as `file:line: what is wrong; what to do`, with exit status 1, before any file is written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]

ID_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
PURPOSES = ("startup", "research", "talent")
OVERLAY_FILES = ("kr.jsonl", "sg.jsonl")
COMPILED_ON = "2026-11-01"
"""Compiled in November 2026; the day is not recorded, so the first of the month stands for it."""

WITHOUT_INDEPENDENT_SOURCE = frozenset({"knovel", "ptcsys", "tong-tar"})
"""Known from one press release only: never shown as verified, whatever their confidence says."""

FACT_TEXT_KEYS = frozenset({"id", "name_en", "name_ko", "country", "track", "org_type", "confidence"})
FACT_LIST_KEYS = frozenset({"domains", "facts_en", "offers", "seeks", "sources"})
FACT_OPTIONAL_KEYS = frozenset({"facts_ko", "note"})
PAIR_KEYS = ("kr", "sg", "purpose", "kind", "date", "what", "sources", "in_seed")
PAIR_DROPPED_KEYS = frozenset({"confidence"})
OVERLAY_KEYS = frozenset({"external_id", "domains", "offers", "needs"})
OVERLAY_OPTIONAL_KEYS = frozenset({"parent", "summary"})


class DirectoryError(Exception):
    """An input line that cannot be converted; the message starts with `file:line:`."""


@dataclass(frozen=True)
class Line:
    """One parsed line of a JSON Lines file, with its place for error messages."""

    path: Path
    number: int
    row: Row

    def error(self, problem: str) -> DirectoryError:
        """A DirectoryError that points at this line."""
        return DirectoryError(f"{self.path}:{self.number}: {problem}")


@dataclass(frozen=True)
class Directory:
    """Everything that is read, keyed by the organisation's id."""

    facts: Mapping[str, Line]
    overlay: Mapping[str, Line]
    pairs: Sequence[Line]
    fictional: Sequence[Line]


@dataclass(frozen=True)
class Converted:
    """The rows to write and the ids of organisations that still lack an overlay line."""

    members: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    without_overlay: list[str] = field(default_factory=list)


# Reading


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the objects of a JSON Lines file; blank lines are skipped.

    Raises DirectoryError for a line that is not a JSON object, OSError where the file cannot be read.
    """
    # Not splitlines(): it also breaks at U+2028 and its kin, which may stand inside a JSON string.
    for number, text in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(unicodedata.normalize("NFC", text))
        except json.JSONDecodeError as problem:
            raise DirectoryError(f"{path}:{number}: not JSON ({problem}); correct the line") from problem
        if not isinstance(row, dict):
            raise DirectoryError(f"{path}:{number}: not a JSON object; write one object per line")
        yield Line(path, number, row)


def by_id(lines: Iterator[Line], key: str) -> dict[str, Line]:
    """Index lines by the value of `key`; raises DirectoryError where it is missing or repeated."""
    indexed: dict[str, Line] = {}
    for line in lines:
        value = line.row.get(key)
        if not isinstance(value, str) or not value:
            raise line.error(f"{key!r} is missing; every line needs one")
        if value in indexed:
            raise line.error(f"{value!r} stands already on line {indexed[value].number}; keep one of the two")
        indexed[value] = line
    return indexed


def read_overlay(folder: Path) -> dict[str, Line]:
    """Read the overlay files that exist; raises DirectoryError where both describe the same organisation."""
    present = [folder / name for name in OVERLAY_FILES if (folder / name).is_file()]
    return by_id((line for path in present for line in read_lines(path)), "external_id")


def read_directory(facts: Path, partnerships: Path, overlay: Path, fictional: Path) -> Directory:
    """Read all inputs and check that they fit together; raises DirectoryError."""
    directory = Directory(
        facts=by_id(read_lines(facts), "id"),
        overlay=read_overlay(overlay),
        pairs=list(read_lines(partnerships)),
        fictional=list(read_lines(fictional)) if fictional.is_file() else [],
    )
    check_overlay(directory)
    check_pairs(directory)
    check_fictional(directory)
    return directory


# Checking


def check_keys(line: Line, required: frozenset[str], optional: frozenset[str]) -> None:
    """Raise DirectoryError unless the line has every required key and no unknown one."""
    if missing := sorted(required - line.row.keys()):
        raise line.error(f"missing {', '.join(missing)}; add it")
    if unknown := sorted(line.row.keys() - required - optional):
        raise line.error(f"unknown {', '.join(unknown)}; correct the spelling or remove it")


def check_facts(line: Line) -> None:
    """Raise DirectoryError unless every fact has its key and its type."""
    check_keys(line, FACT_TEXT_KEYS | FACT_LIST_KEYS, FACT_OPTIONAL_KEYS)
    for key in sorted(FACT_TEXT_KEYS):
        if not isinstance(line.row[key], str) or not line.row[key].strip():
            raise line.error(f"{key!r} must be a text; write it")
    for key in sorted(FACT_LIST_KEYS):
        if not is_texts(line.row[key]):
            raise line.error(f"{key!r} must be a list of texts; correct it")
    if not is_texts(line.row.get("facts_ko") or []):
        raise line.error("'facts_ko' must be a list of texts; correct or remove it")


def is_texts(value: object) -> bool:
    """Whether the value is a list whose entries are texts with something in them."""
    return isinstance(value, list) and all(isinstance(entry, str) and entry.strip() for entry in value)


def check_overlay(directory: Directory) -> None:
    """Every overlay line is about an organisation of the facts file, and its parent is shaped like an id."""
    for external_id, line in directory.overlay.items():
        check_keys(line, OVERLAY_KEYS, OVERLAY_OPTIONAL_KEYS)
        if external_id not in directory.facts:
            raise line.error(f"{external_id!r} is not in the facts file; correct the id or remove the line")
        if "parent" in line.row and not is_parent(line.row["parent"], external_id):
            raise line.error(
                f"parent {line.row['parent']!r} is not the id of another body; correct or remove it"
            )


def is_parent(value: object, child: str) -> bool:
    """Whether the value is shaped like an id and is not the child's own."""
    return isinstance(value, str) and re.fullmatch(ID_PATTERN, value) is not None and value != child


def check_pairs(directory: Directory) -> None:
    """Every pair names one Korean and one Singaporean organisation of the facts file."""
    for line in directory.pairs:
        check_keys(line, frozenset(PAIR_KEYS), PAIR_DROPPED_KEYS)
        for side, country in (("kr", "KR"), ("sg", "SG")):
            found = directory.facts.get(line.row[side])
            if found is None or found.row.get("country") != country:
                raise line.error(f"{side} {line.row[side]!r} is no {country} organisation; correct the id")


def check_fictional(directory: Directory) -> None:
    """Every fictional member says so, and no two members share an id."""
    for external_id, line in by_id(iter(directory.fictional), "external_id").items():
        if not external_id.startswith("fic-") or line.row.get("fictional") is not True:
            raise line.error(f"{external_id!r} must start with 'fic-' and say \"fictional\": true")
        if external_id in directory.facts:
            raise line.error(f"{external_id!r} is also the id of a real organisation; choose another")


# Converting


def text_of(en: str, ko: str | None) -> Row:
    """A text whose English is original and whose Korean, if any, is our translation."""
    return {"en": en} if ko is None else {"en": en, "ko": ko, "translated": ["ko"]}


def aligned(line: Line, key: str, length: int) -> list[Any]:
    """The overlay list under `key`; raises DirectoryError unless it has one entry per English one."""
    entries = line.row[key]
    if not isinstance(entries, list) or len(entries) != length:
        raise line.error(f"{key!r} must be a list of {length} entries, one for each English one")
    return entries


def korean(line: Line, key: str, text: object) -> str:
    """A Korean wording from an overlay line, stripped; raises DirectoryError where it is empty or no text."""
    if not isinstance(text, str) or not text.strip():
        raise line.error(f"{key!r} holds {text!r} where a Korean text is expected; write it")
    return text.strip()


def purposes_of(line: Line, key: str, chosen: object) -> list[str]:
    """The chosen purposes in canonical order; raises DirectoryError for none or an unknown one."""
    if not isinstance(chosen, list) or not chosen or not set(chosen) <= set(PURPOSES):
        raise line.error(f"purposes {chosen!r} in {key!r}; choose one or more of {', '.join(PURPOSES)}")
    return [purpose for purpose in PURPOSES if purpose in chosen]


def domains_of(english: Sequence[str], overlay: Line | None) -> list[Row]:
    """The domains as texts, with Korean where the overlay has it."""
    if overlay is None:
        return [text_of(en, None) for en in english]
    translated = aligned(overlay, "domains", len(english))
    return [text_of(en, korean(overlay, "domains", ko)) for en, ko in zip(english, translated, strict=True)]


def facets_of(english: Sequence[str], overlay: Line | None, key: str) -> list[Row]:
    """The offers or needs (`key`), with Korean and purposes from the overlay, else open to every purpose."""
    if overlay is None:
        return [{"text": text_of(en, None), "purposes": list(PURPOSES)} for en in english]
    return [
        facet_of(en, overlay, key, entry)
        for en, entry in zip(english, aligned(overlay, key, len(english)), strict=True)
    ]


def facet_of(en: str, overlay: Line, key: str, entry: object) -> Row:
    """One offer or need; raises DirectoryError where the overlay entry is not {"ko", "purposes"}."""
    if not isinstance(entry, dict) or entry.keys() != {"ko", "purposes"}:
        raise overlay.error(f'{key!r} holds {entry!r}; write {{"ko": ..., "purposes": [...]}}')
    return {
        "text": text_of(en, korean(overlay, key, entry["ko"])),
        "purposes": purposes_of(overlay, key, entry["purposes"]),
    }


def summary_of(facts: Line, overlay: Line | None) -> Row:
    """The facts joined to a paragraph; original Korean facts win over an overlay's translation."""
    english = " ".join(facts.row["facts_en"])
    if facts.row.get("facts_ko"):
        return {"en": english, "ko": " ".join(facts.row["facts_ko"])}
    if overlay is None or "summary" not in overlay.row:
        return text_of(english, None)
    return text_of(english, korean(overlay, "summary", overlay.row["summary"]))


def is_verified(row: Row) -> bool:
    """Whether a source of its own, beyond a passing mention or one press release, stands behind the entry."""
    return row["confidence"] != "low" and row["id"] not in WITHOUT_INDEPENDENT_SOURCE


def member_of(facts: Line, overlay: Line | None) -> Row:
    """The member line of one organisation, keys in their fixed order; raises DirectoryError."""
    check_facts(facts)
    row = facts.row
    parent = overlay.row.get("parent") if overlay else None
    return {
        "external_id": row["id"],
        **({"parent": parent} if parent else {}),
        "names": {"en": row["name_en"], "ko": row["name_ko"]},
        "country": row["country"],
        "track": row["track"],
        "kind": row["org_type"],
        "status": "listed",
        "domains": domains_of(row["domains"], overlay),
        "summary": summary_of(facts, overlay),
        "offers": facets_of(row["offers"], overlay, "offers"),
        "needs": facets_of(row["seeks"], overlay, "needs"),
        "sources": row["sources"],
        "as_of": COMPILED_ON,
        "verified": is_verified(row),
        "fictional": False,
    }


def convert(directory: Directory) -> Converted:
    """Convert the whole directory, organisations in the order of the facts file, fictional members last."""
    listed = [member_of(line, directory.overlay.get(name)) for name, line in directory.facts.items()]
    return Converted(
        members=listed + [line.row for line in directory.fictional],
        pairs=[{key: line.row[key] for key in PAIR_KEYS} for line in directory.pairs],
        without_overlay=[name for name in directory.facts if name not in directory.overlay],
    )


# Writing


def write_lines(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as JSON Lines: UTF-8, one object per line, keys in the given order, `\\n` at every end."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", newline="\n")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line (None: that of the process)."""
    alliance = Path("data/alliance")
    parser = argparse.ArgumentParser(description="Convert the compiled directory into alliance member files.")
    parser.add_argument("--facts", type=Path, required=True, help="organisations, JSON Lines")
    parser.add_argument("--partnerships", type=Path, required=True, help="known collaborations, JSON Lines")
    parser.add_argument("--overlay", type=Path, default=alliance / "overlay", help="folder of Korean wording")
    parser.add_argument("--output", type=Path, default=alliance, help="folder of the member and pair files")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the conversion; returns the exit status, 1 where an input is wrong or unreadable."""
    options = parse_arguments(arguments)
    output: Path = options.output
    try:
        converted = convert(
            read_directory(options.facts, options.partnerships, options.overlay, output / "fictional.jsonl")
        )
        write_lines(output / "members.jsonl", converted.members)
        write_lines(output / "partnerships.jsonl", converted.pairs)
    except (DirectoryError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    if missing := converted.without_overlay:
        print(
            f"warning: {len(missing)} organisations have no overlay line (English only, all purposes): "
            f"{', '.join(missing)}",
            file=sys.stderr,
        )
    print(f"{len(converted.members)} members and {len(converted.pairs)} pairs written to {output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
