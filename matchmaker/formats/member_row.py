"""A row of a table as a member, under a confirmed mapping; what cannot be read is told cell by cell."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matchmaker.domain.bulk import CellFault, ReadRow
from matchmaker.domain.member import Language, Member
from matchmaker.errors import Fault, InvalidInput
from matchmaker.formats import code_words
from matchmaker.formats.code_words import CodeWords
from matchmaker.formats.column_mapping import ColumnMapping, Target
from matchmaker.formats.member_line import MemberLine, clean, parse_member
from matchmaker.formats.table_file import TableRow

SHOWN = 80
"""Characters of a cell that a fault repeats."""
_TEXT_FIELDS = ("names", "domains", "summary", "offers", "needs")
_CODES: Mapping[str, CodeWords[Any]] = {
    "country": code_words.COUNTRIES,
    "track": code_words.TRACKS,
    "kind": code_words.KINDS,
    "status": code_words.STATUSES,
}
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f가-힣]")
_PARTS = re.compile(r"[;；]+")
_BULLET = re.compile(r"^\s*(?:[-*•·▪◦]|\d{1,2}[.)])\s+")
_CELL_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DAY = re.compile(r"(\d{4})[.\-/년]\s?(\d{1,2})(?:[.\-/월]\s?(\d{1,2})일?)?[.월]?")
_DIGEST = 8


@dataclass
class _Draft:
    """The member in the making, and what is wrong with it."""

    row: TableRow
    mapping: ColumnMapping
    fields: dict[str, Any] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)

    def cells(self, name: str) -> Iterator[tuple[str, Target, str]]:
        """Header, target and text of the cells of a field that say something."""
        for header, target in self.mapping.columns.items():
            if target is not None and target.field == name and (text := self.row.cells.get(header, "")):
                yield header, target, text

    def has(self, name: str) -> bool:
        """Whether some column is mapped to a field."""
        return any(target.field == name for target in self.mapping.targets)

    def column_of(self, name: str) -> str:
        """The header that a fault of a field stands under; the field's name if it has no column."""
        found = (
            h for h, target in self.mapping.columns.items() if target is not None and target.field == name
        )
        return next((header for header in found if self.row.cells.get(header)), None) or next(
            (h for h, target in self.mapping.columns.items() if target is not None and target.field == name),
            name,
        )

    def refuse(self, column: str, code: str, value: str = "", suggestion: str = "", detail: str = "") -> None:
        """Note a fault."""
        self.faults.append(CellFault(column, code, value[:SHOWN], suggestion, detail))


def read_row(row: TableRow, mapping: ColumnMapping, stored: Mapping[str, Member] | None = None) -> ReadRow:
    """A row as a member.

    What no column says stays as ``stored`` has it under the same id; a column's empty cell empties.
    """
    draft = _Draft(row, mapping)
    _note_cell_errors(draft)
    names = _texts(draft, "names")
    name = next(iter(names.values()), "")
    _read_codes(draft)
    external_id, has_own_id = _id_of(draft, names)
    known = (stored or {}).get(external_id)
    draft.fields = {**(_as_json(known) if known else {}), **draft.fields, "external_id": external_id}
    _read_names(draft, names)
    _read_lists(draft)
    _read_rest(draft)
    _fill_defaults(draft)
    return _finished(draft, name, has_own_id)


def row_id(row: TableRow, mapping: ColumnMapping) -> str:
    """The id that a row will have."""
    draft = _Draft(row, mapping)
    _read_codes(draft)
    return _id_of(draft, _texts(draft, "names"))[0]


def external_id_of(names: Mapping[Language, str], country: str) -> str:
    """The id of an organisation that came without one: country, what can be read of its name, and a digest of the name.

    It depends on country and name alone (the English one, if there is one), so it is the same in every run and in
    every order of rows, and two names give two ids even where they read alike.
    """
    name = unicodedata.normalize("NFKC", names.get("en") or names.get("ko") or "").casefold()
    name = " ".join(name.split())
    readable = re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", name)).strip("-")[:60].strip("-")
    digest = hashlib.sha256(f"{country}\n{name}".encode()).hexdigest()[:_DIGEST]
    return "-".join(filter(None, (country.lower() or "xx", readable, digest)))


def parts_of(cell: str) -> list[str]:
    """The items of a cell that lists several: its lines, or what stands between semicolons; each once, no bullets."""
    has_lines = "\n" in cell.strip() or _BULLET.match(cell)
    parts = cell.splitlines() if has_lines else _PARTS.split(cell)
    found = (str(clean(_BULLET.sub("", part)) or "") for part in parts)
    return list(dict.fromkeys(filter(None, found)))


def language_of(text: str) -> Language:
    """Korean if a Korean letter occurs."""
    return "ko" if _HANGUL.search(text) else "en"


def _note_cell_errors(draft: _Draft) -> None:
    for header, target in draft.mapping.columns.items():
        cell = draft.row.cells.get(header, "")
        if target is not None and _CELL_ERROR.fullmatch(cell):
            draft.refuse(header, "cell-error", cell)


def _texts(draft: _Draft, name: str) -> dict[Language, str]:
    """A single text by language; of several cells in one language the first counts, one that names it before others."""
    found: dict[Language, str] = {}
    for _, target, text in sorted(draft.cells(name), key=lambda each: each[1].language is None):
        if wording := clean(text):
            found.setdefault(target.language or language_of(text), wording)
    return dict(sorted(found.items()))


def _read_codes(draft: _Draft) -> None:
    for name, words in _CODES.items():
        for header, _, text in draft.cells(name):
            code = words.find(text)
            if code is None:
                draft.refuse(header, f"unknown-{name}", text, words.suggest(text))
            draft.fields[name] = code


def _id_of(draft: _Draft, names: Mapping[Language, str]) -> tuple[str, bool]:
    for header, _, text in draft.cells("external_id"):
        if not _ID.fullmatch(text):
            draft.refuse(header, "bad-id", text, _as_id(text))
        return text, True
    country = draft.fields.get("country") or draft.mapping.country
    return external_id_of(names, country or ""), False


def _as_id(text: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", unicodedata.normalize("NFKD", text)).strip("-._")[:100]
    return readable if _ID.fullmatch(readable) else ""


def _as_json(member: Member) -> dict[str, Any]:
    return MemberLine.of(member).model_dump(mode="json", exclude_none=True)


def _read_names(draft: _Draft, names: Mapping[Language, str]) -> None:
    if not names:
        draft.refuse(draft.column_of("names"), "missing-name")
    draft.fields["names"] = {**_untranslated(draft.fields.get("names", {}), names), **names}
    if draft.has("summary"):
        summary = _texts(draft, "summary")
        kept = draft.fields.get("summary", {}) if _says_one_language(draft, "summary") else {}
        draft.fields["summary"] = {**_untranslated(kept, summary), **summary}


def _says_one_language(draft: _Draft, name: str) -> bool:
    found = {target.language for target in draft.mapping.targets if target.field == name}
    return len(found) == 1 and None not in found


def _untranslated(text: Mapping[str, Any], written: Mapping[Language, str]) -> dict[str, Any]:
    """A stored text whose newly written languages are no translations any more."""
    kept = [
        each for each in text.get("translated", ()) if text.get(each) == written.get(each, text.get(each))
    ]
    return {**text, "translated": kept} if text else {}


def _read_lists(draft: _Draft) -> None:
    if draft.has("domains"):
        draft.fields["domains"] = _bilingual(draft, "domains")
    for name in ("offers", "needs"):
        if draft.has(name):
            draft.fields[name] = _statements(_bilingual(draft, name), draft.fields.get(name, ()))
    if draft.has("sources"):
        draft.fields["sources"] = [part for _, _, text in draft.cells("sources") for part in parts_of(text)]


def _statements(texts: Sequence[dict[str, str]], stored: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Statements; one that is stored with the same words keeps its purposes, its date and what is a translation."""
    known = {(each["text"].get("en"), each["text"].get("ko")): each for each in stored}
    return [known.get((text.get("en"), text.get("ko")), {"text": text}) for text in texts]


def _bilingual(draft: _Draft, name: str) -> list[dict[str, str]]:
    """The items of a field: those of two languages go together one by one if there are as many of both."""
    found: dict[Language, list[str]] = {"en": [], "ko": []}
    for _, target, text in draft.cells(name):
        for part in parts_of(text):
            found[target.language or language_of(part)].append(part)
    if len(found["en"]) == len(found["ko"]) and _has_both(draft, name):
        return [{"en": en, "ko": ko} for en, ko in zip(found["en"], found["ko"], strict=True)]
    return [{language: part} for language, parts in found.items() for part in parts]


def _has_both(draft: _Draft, name: str) -> bool:
    """Whether both languages have columns of their own."""
    return {"en", "ko"} <= {target.language for target in draft.mapping.targets if target.field == name}


def _read_rest(draft: _Draft) -> None:
    for name in ("parent", "website", "as_of"):
        if draft.has(name):
            draft.fields[name] = None
        for _, _, text in draft.cells(name):
            draft.fields[name] = _READERS.get(name, str)(text)
    if draft.has("consents"):
        draft.fields["consents"] = list(_consents(draft))


def _consents(draft: _Draft) -> Iterator[str]:
    for header, _, text in draft.cells("consents"):
        for part in re.split(r"[;,；\n/·]+", text):
            if part.strip():
                purpose = code_words.PURPOSES.find(part)
                if purpose is None:
                    draft.refuse(header, "unknown-purpose", part.strip(), code_words.PURPOSES.suggest(part))
                else:
                    yield purpose.value


def _website(text: str) -> str:
    """An address; people leave out how it is reached."""
    return text if text.casefold().startswith(("http://", "https://")) or " " in text else f"https://{text}"


def _as_day(text: str) -> str:
    """A date as ISO 8601 where it is written with dots, slashes or Korean words."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return text
    year, month, day = found[1], int(found[2]), found[3]
    return f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")


_READERS = {"website": _website, "as_of": _as_day}


def _fill_defaults(draft: _Draft) -> None:
    """What the table does not say: from the mapping; the track from the kind. Nobody consents by a table's silence."""
    fields, mapping = draft.fields, draft.mapping
    for name in ("country", "kind", "track", "status"):
        if fields.get(name) is None and not _is_refused(draft, name):
            fields[name] = getattr(mapping, name)
    if fields["track"] is None and fields["kind"] is not None and not _is_refused(draft, "track"):
        fields["track"] = code_words.track_of(code_words.KINDS.find(fields["kind"]) or fields["kind"])
    if fields["status"] is None:
        fields.pop("status")
    if fields.get("status") == "listed":
        fields.pop("consents", None)
    elif fields.get("status") == "member":
        fields.setdefault("consents", [])
    for name in ("country", "kind"):
        if fields[name] is None and not _is_refused(draft, name):
            draft.refuse(draft.column_of(name), f"missing-{name}")


def _is_refused(draft: _Draft, name: str) -> bool:
    return any(fault.code == f"unknown-{name}" for fault in draft.faults)


def _finished(draft: _Draft, name: str, has_own_id: bool) -> ReadRow:
    member = None
    if not draft.faults:
        try:
            member = parse_member({key: value for key, value in draft.fields.items() if value is not None})
        except InvalidInput as error:
            draft.faults = [_of_rule(fault, draft) for fault in error.faults]
    return ReadRow(draft.row.number, member, tuple(draft.faults), name[:SHOWN], has_own_id)


_RULES = {
    "string_too_long": "too-long",
    "too_long": "too-many",
    "string_pattern_mismatch": "bad-form",
    "date_from_datetime_parsing": "bad-date",
    "date_parsing": "bad-date",
}


def _of_rule(fault: Fault, draft: _Draft) -> CellFault:
    """A broken rule of the member's format, under the column that it came from."""
    name = fault.pointer.split("/")[1] if fault.pointer else ""
    if not name:
        return CellFault("", "nothing-to-match", detail=fault.message)
    column = draft.column_of(name)
    code = _RULES.get(fault.code, "rule")
    if code == "bad-form":
        code = {"website": "bad-website", "parent": "bad-id"}.get(name, "rule")
    return CellFault(column, code, draft.row.cells.get(column, "")[:SHOWN], "", fault.message)
