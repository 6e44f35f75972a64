"""suggest, pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from matchmaker.cli.console import AsJson, PurposeOption, Reader, out, print_json

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker
    from matchmaker.domain.suggestion import Pair, Reason, Suggestion

Purposes = Annotated[PurposeOption | None, typer.Option("--purpose", help="Weight what serves this purpose.")]
Lang = Annotated[Reader, typer.Option("--lang", help="The reader's language.")]

MEANING = "Scores: of 100 pairs with 0.24, about 24 were judged worth an introduction when we tested it.\n"
WEAK = "Weak: little in the two profiles speaks for this pair."
NOTHING_FITS = "Nothing here fits well: state needs and offers more concretely, or try another --purpose.\n"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(suggest)
    app.command()(pairs)


def suggest(
    member: Annotated[str, typer.Argument(help="external_id of a member.")],
    purpose: Purposes = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 5,
    lang: Lang = Reader.en,
    as_json: AsJson = False,
) -> None:
    """Suggest partners for a member."""
    from matchmaker.domain.member import Purpose

    chosen = Purpose(purpose) if purpose else None
    found = _ready().suggestions.for_member(member, chosen, limit=limit, language=lang.language)
    if as_json:
        rows = [suggestion_as_json(item) for item in found.items]
        print_json({"items": rows, "model": found.model, "snapshot": found.snapshot})
        return
    out.print(f"Partners for [bold]{escape(found.member.names.best(lang.language)[0])}[/]", highlight=False)
    _print_meaning(found.items)
    for rank, item in enumerate(found.items, start=1):
        _print_found(rank, item.member.names.best(lang.language)[0], item)
        _print_reasons(item.reasons)
    if not found.items:
        out.print("Nobody can be suggested: the other country has no eligible member for this purpose.")


def pairs(
    purpose: Purposes = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    lang: Lang = Reader.en,
    as_json: AsJson = False,
) -> None:
    """The best pairs of the alliance."""
    from matchmaker.domain.member import Purpose

    chosen = Purpose(purpose) if purpose else None
    found = _ready().suggestions.best_pairs(chosen, limit, lang.language)
    if as_json:
        print_json({"items": [pair_as_json(pair) for pair in found]})
        return
    _print_meaning(found)
    for rank, pair in enumerate(found, start=1):
        _print_found(rank, " - ".join(side.names.best(lang.language)[0] for side in (pair.kr, pair.sg)), pair)
        _print_reasons(pair.reasons[:1])


def suggestion_as_json(item: Suggestion) -> dict[str, Any]:
    """A suggestion for machines."""
    return {
        "member": item.member.external_id,
        "score": item.score,
        "confidence": item.confidence.value,
        "gives": item.gives,
        "gets": item.gets,
        "parts": dict(item.parts),
        "reasons": [_reason_as_json(reason) for reason in item.reasons],
        "blockers": [blocker.value for blocker in item.blockers],
    }


def pair_as_json(pair: Pair) -> dict[str, Any]:
    """A pair for machines."""
    return {
        "kr": pair.kr.external_id,
        "sg": pair.sg.external_id,
        "score": pair.score,
        "confidence": pair.confidence.value,
        "kr_to_sg": pair.kr_to_sg,
        "sg_to_kr": pair.sg_to_kr,
        "parts": dict(pair.parts),
        "reasons": [_reason_as_json(reason) for reason in pair.reasons],
        "blockers": [blocker.value for blocker in pair.blockers],
    }


def _reason_as_json(reason: Reason) -> dict[str, Any]:
    return {
        "direction": reason.direction.value,
        "from": {
            "member": reason.source.member_id,
            "kind": reason.source.kind.value,
            "text": reason.source.text,
        },
        "to": {
            "member": reason.target.member_id,
            "kind": reason.target.kind.value,
            "text": reason.target.text,
        },
        "similarity": reason.similarity,
    }


def _print_meaning(found: Sequence[Suggestion | Pair]) -> None:
    """What the numbers say, and what to do where none of them is worth much."""
    from matchmaker.domain.suggestion import is_all_weak

    if found:
        out.print(MEANING, markup=False, highlight=False, soft_wrap=True)
    if is_all_weak(found):
        out.print(NOTHING_FITS, markup=False, highlight=False, soft_wrap=True)


def _print_found(rank: int, name: str, found: Suggestion | Pair) -> None:
    from matchmaker.domain.suggestion import Confidence, percent_of

    score = f"{percent_of(found.score) / 100:.2f}"
    line = f"{rank:>2}. [bold]{escape(name)}[/]  {score} {found.confidence}"
    out.print(line, highlight=False, soft_wrap=True)
    if found.confidence is Confidence.WEAK:
        out.print(f"      {WEAK}", markup=False, highlight=False, soft_wrap=True)


def _print_reasons(reasons: Sequence[Reason]) -> None:
    for reason in reasons[:2]:
        source, target = reason.source, reason.target
        what = f"{source.member_id}: “{source.text}” -> {target.member_id}: “{target.text}”"
        out.print(f"      {what}  ({reason.similarity:.2f})", markup=False, highlight=False, soft_wrap=True)


def _ready() -> Matchmaker:
    from matchmaker.bootstrap import build_matchmaker

    matchmaker = build_matchmaker()
    matchmaker.check()
    matchmaker.catalogue.embed_outdated()
    return matchmaker
