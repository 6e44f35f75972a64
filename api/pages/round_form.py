"""The form of a round's rules: filled in from rules, read back into them, faults beside their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from api.pages import labels, round_labels
from api.pages.choices import Choice
from api.pages.language import Words
from matchmaker.domain.round import RoundRules
from matchmaker.errors import Fault
from matchmaker.formats.member_line import clean

MOST = 40
BLANK = 3
"""Rows of pairs and of members that the form takes, and how many of them wait empty."""
PAIR_KINDS = ("pins", "forbidden", "avoid")
AMONG_MEMBERS = frozenset({"pinned-and-ruled-out", "unknown-member", "wrong-country", "takes-no-part"})
"""Faults that are found after the rules were read, where pairs are in alphabetical order."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """A rule about one pair."""

    number: int
    kind: str = ""
    kr: str = ""
    sg: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member's own numbers."""

    number: int
    member: str = ""
    least: str = ""
    most: str = ""


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """A way to solve a round, explained."""

    value: str
    label: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RulesForm:
    """What the form shows. ``faults`` by field name."""

    name: str
    purposes: tuple[Choice, ...]
    tracks: tuple[Choice, ...]
    methods: tuple[MethodChoice, ...]
    pair_kinds: tuple[Choice, ...]
    values: Mapping[str, str]
    flags: Mapping[str, bool]
    pairs: tuple[PairRow, ...]
    members: tuple[MemberRow, ...]
    faults: Mapping[str, str] = field(default_factory=dict)


def answers_of(name: str, rules: RoundRules) -> dict[str, Any]:
    """A form's answers as they stand for rules."""
    pairs = [("pins", pair, "") for pair in sorted(rules.pins)]
    pairs += [("forbidden", pair, "") for pair in sorted(rules.forbidden)]
    pairs += [("avoid", each.pair, each.reason) for each in rules.avoid]
    return {
        "name": name,
        "purpose": rules.purpose.value,
        "tracks": [track.value for track in rules.tracks],
        "method": rules.method.value,
        "domains": ", ".join(rules.domains),
        "only": " ".join(sorted(rules.members)),
        "least": str(rules.usual.least),
        "most": str(rules.usual.most),
        "min_score": f"{rules.min_score * 100:g}",
        "cool_down_days": str(rules.cool_down_days),
        "alternates": str(rules.alternates),
        "joined_only": rules.joined_only,
        "one_per_group": rules.one_per_group,
        "keep_rivals_apart": rules.keep_rivals_apart,
        "pairs": [{"kind": kind, "kr": kr, "sg": sg, "reason": why} for kind, (kr, sg), why in pairs],
        "members": [
            {"member": member, "least": str(each.least), "most": str(each.most)}
            for member, each in sorted(rules.capacities.items())
        ],
    }


def answers_in(form: FormData) -> dict[str, Any]:
    """A form's answers as they were filled in."""
    texts = ("name", "purpose", "method", "domains", "only", "least", "most", "min_score", "cool_down_days")
    return {
        **{name: _text(form, name) for name in (*texts, "alternates")},
        "tracks": [str(value) for value in form.getlist("tracks")],
        **{name: form.get(name) == "on" for name in ("joined_only", "one_per_group", "keep_rivals_apart")},
        "pairs": list(_rows(form, "pair", ("kr", "sg"), ("kind", "kr", "sg", "reason"))),
        "members": list(_rows(form, "own", ("member",), ("member", "least", "most"))),
    }


def rules_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as a rules file's content; what is no number stays as it was written, to be refused there."""
    pairs: Sequence[Mapping[str, str]] = answers["pairs"]
    return {
        "purpose": answers["purpose"],
        "tracks": answers["tracks"],
        "domains": [word.strip() for word in answers["domains"].split(",") if word.strip()],
        "members": answers["only"].replace(",", " ").split(),
        "joined_only": answers["joined_only"],
        "usual": {"least": _number(answers["least"]), "most": _number(answers["most"])},
        "capacities": {
            row["member"]: {"least": _number(row["least"] or "0"), "most": _number(row["most"] or "0")}
            for row in answers["members"]
        },
        "pins": [_pair(row) for row in pairs if row["kind"] not in ("forbidden", "avoid")],
        "forbidden": [_pair(row) for row in pairs if row["kind"] == "forbidden"],
        "avoid": [{**_pair(row), "reason": row["reason"]} for row in pairs if row["kind"] == "avoid"],
        "cool_down_days": _number(answers["cool_down_days"]),
        "one_per_group": answers["one_per_group"],
        "keep_rivals_apart": answers["keep_rivals_apart"],
        "min_score": _share(answers["min_score"]),
        "alternates": _number(answers["alternates"]),
        "method": answers["method"],
    }


def form_of(answers: Mapping[str, Any], words: Words, faults: Mapping[str, str] | None = None) -> RulesForm:
    """The form for some answers."""
    texts = ("domains", "only", "least", "most", "min_score", "cool_down_days", "alternates")
    flags = ("joined_only", "one_per_group", "keep_rivals_apart")
    kinds = {
        "pins": words.gettext("must meet"),
        "forbidden": words.gettext("must not meet"),
        "avoid": words.gettext("better not meet"),
    }
    return RulesForm(
        name=answers["name"],
        purposes=_choices(labels.PURPOSES, {answers["purpose"]}, words),
        tracks=_choices(labels.TRACKS, set(answers["tracks"]), words),
        methods=tuple(
            MethodChoice(method.value, words.gettext(label), words.gettext(text), method == answers["method"])
            for method, (label, text) in round_labels.METHODS.items()
        ),
        pair_kinds=tuple(Choice(kind, kinds[kind], False) for kind in PAIR_KINDS),
        values={name: answers[name] for name in texts},
        flags={name: answers[name] for name in flags},
        pairs=tuple(
            PairRow(number, **row) for number, row in enumerate([*answers["pairs"], *[{}] * BLANK][:MOST])
        ),
        members=tuple(
            MemberRow(number, **row) for number, row in enumerate([*answers["members"], *[{}] * BLANK][:MOST])
        ),
        faults=faults or {},
    )


def faults_of(faults: Sequence[Fault], answers: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What has to be mended, by the field where it stands."""
    found: dict[str, str] = {}
    for fault in faults:
        found.setdefault(_field_of(fault, answers), _said(fault, words))
    return found


def _field_of(fault: Fault, answers: Mapping[str, Any]) -> str:
    parts = fault.pointer.strip("/").split("/")
    head = parts[0]
    if head in PAIR_KINDS:
        return _pair_field(head, parts[1:], fault.code in AMONG_MEMBERS, answers["pairs"])
    if head == "capacities" and len(parts) > 1:
        members = [row["member"] for row in answers["members"]]
        return f"own-{members.index(parts[1])}-member" if parts[1] in members else "own-0-member"
    if head == "usual":
        return parts[1] if len(parts) > 1 else "most"
    if head == "members":
        return "only"
    return head if head in answers else "name"


def _pair_field(kind: str, rest: Sequence[str], is_sorted: bool, pairs: Sequence[Mapping[str, str]]) -> str:
    """The field of a pair's fault: rules count their pairs in alphabetical order, the file as they were given."""
    rows = [number for number, row in enumerate(pairs) if (row["kind"] or "pins") == kind]
    if not rest:
        return f"pair-{_repeated(rows, pairs)}-kr"
    side = rest[1] if len(rest) > 1 and rest[1] in ("kr", "sg") else "kr"
    place = int(rest[0])
    if is_sorted:
        ordered = sorted({(pairs[number]["kr"], pairs[number]["sg"]) for number in rows})
        rows = [next(n for n in rows if (pairs[n]["kr"], pairs[n]["sg"]) == pair) for pair in ordered]
    return f"pair-{rows[place] if place < len(rows) else 0}-{side}"


def _repeated(rows: Sequence[int], pairs: Sequence[Mapping[str, str]]) -> int:
    seen: set[tuple[str, str]] = set()
    for number in rows:
        pair = pairs[number]["kr"], pairs[number]["sg"]
        if pair in seen:
            return number
        seen.add(pair)
    return rows[0] if rows else 0


def _said(fault: Fault, words: Words) -> str:
    gettext = words.gettext
    if fault.pointer.startswith("/min_score"):
        return gettext("Give a number from 0 to 100.")
    sentences = {
        "pinned-and-ruled-out": gettext(
            "This pair must meet and must not meet. Take one of the two rules out."
        ),
        "twice": gettext("A pair stands here twice; leave one of the two."),
        "unknown-member": gettext(
            "There is no such member. Choose one from the list that opens as you type."
        ),
        "wrong-country": gettext("This member is from the other country. Choose one of this side."),
        "takes-no-part": gettext("One of the two takes no part in this round; let it in or drop the rule."),
        "bounds-cross": gettext("“At least” is more than “at most”. Lower the one or raise the other."),
        "value_error": gettext("“At least” is more than “at most”. Lower the one or raise the other."),
        "length": gettext("Give a name of at most 120 characters."),
        "int_type": gettext("Give a whole number."),
        "int_parsing": gettext("Give a whole number."),
        "negative": gettext("This number is too small."),
        "greater_than_equal": gettext("This number is too small."),
        "less_than_equal": gettext("This number is too large."),
        "enum": gettext("Choose one of the possibilities."),
        "too_long": gettext("There are too many entries here."),
        "string_too_long": gettext("This text is too long."),
        "string_type": gettext("Fill in both members."),
        "string_pattern_mismatch": gettext(
            "There is no such member. Choose one from the list that opens as you type."
        ),
    }
    return sentences.get(fault.code, gettext("This cannot be used: %(reason)s", reason=fault.message))


def _choices(names: Mapping[Any, str], chosen: set[str], words: Words) -> tuple[Choice, ...]:
    return tuple(
        Choice(code.value, words.gettext(label), code.value in chosen) for code, label in names.items()
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return str(clean(value) or "") if isinstance(value, str) else ""


def _rows(
    form: FormData, group: str, needed: Sequence[str], names: Sequence[str]
) -> Iterator[dict[str, str]]:
    for number in range(MOST):
        row = {name: _text(form, f"{group}-{number}-{name}") for name in names}
        if any(row[name] for name in needed):
            yield row


def _pair(row: Mapping[str, str]) -> dict[str, str]:
    return {"kr": row["kr"], "sg": row["sg"]}


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 7 else text


def _share(text: str) -> float | str:
    try:
        return round(float(text or "0") / 100, 6)
    except ValueError:
        return text
