"""Reasons as sentences. Nothing is written freely: a fixed pattern per kind of evidence holds the two texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from api.pages.language import Words
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.particles import Particle, with_particle
from matchmaker.domain.suggestion import Direction, Quote, Reason

MAX_QUOTE = 130
"""Characters of a text inside a sentence; the whole text stands below it."""
STATED_FIRST = 0.1
"""A stated need met by a stated offer leads unless other evidence is closer by more than this cosine."""

_REMARK = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_SENTENCE = re.compile(
    r"[다요죠까]$|^(?:we|i|our|i['’]m|we['’]re|looking|seeking|searching|need|please)\b", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9+*'’-]*|[0-9]+[A-Za-z0-9]*|[가-힣]+")
_COMMON = re.compile(
    r"ai|and|the|for|with|from|into|that|this|its|are|was|has|have|can|who|which|their|our|your|other|more|than"
    r"|about|using|used?|based|new|also|well|such|both|all|any|not|over|under|between|through|each|per|via|of|to"
    r"|및|위한|위해|통한|대한|있는|하는|관련|등의|에서|으로|그리고|함께|한다|있다|합니다|있습니다|다양한|다른"
)
_ENDINGS = re.compile(r"(?:’s|'s|ies|es|s|ed|ing|y)$")
_PARTICLES = re.compile(r"(?<=..)(?:으로|에서|에게|까지|부터|하는|하고|[을를은는이가의과와에로도한할])$")
_MIN_STEM = 3
_MIN_SYLLABLES = 2


@dataclass(frozen=True, slots=True)
class Person:
    """Who a sentence speaks of; ``is_reader`` for the one who asks about themselves."""

    name: str
    is_reader: bool = False


def short_name(name: str) -> str:
    """A name without the remark in brackets at its end."""
    return _REMARK.sub("", name) or name


def leading(reasons: tuple[Reason, ...]) -> Reason | None:
    """The reason to say aloud."""
    return max(reasons, key=_prominence, default=None)


def _prominence(reason: Reason) -> float:
    is_stated = reason.source.kind is FacetKind.OFFER and reason.target.kind is FacetKind.NEED
    return reason.similarity + STATED_FIRST * is_stated


def told(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The leading reason and the best one of the other direction."""
    first = leading(reasons)
    if first is None:
        return ()
    rest = [reason for reason in reasons if reason.direction is not first.direction]
    return (first, *rest[:1])


def sentence(reason: Reason, kr: Person, sg: Person, words: Words) -> str:
    """A reason as two short sentences: what the one wants, what the other has."""
    giver, taker = (kr, sg) if reason.direction is Direction.KR_TO_SG else (sg, kr)
    return f"{clause(reason.target, taker, words)} {clause(reason.source, giver, words)}"


def clause(quote: Quote, person: Person, words: Words) -> str:
    """What a facet says of somebody, in the reader's language."""
    shown = shorten(quote.text)
    text = f"“{shown}”"
    values = {
        "name": person.name,
        "name_topic": _attach(person.name, "topic", words),
        "text": text,
        "text_object": _attach(text, "object", words),
        "text_called": _attach(text, "called", words),
    }
    pattern = _said_pattern if _SENTENCE.search(shown) else _pattern
    return pattern(quote.kind, person, words) % values


def _said_pattern(kind: FacetKind, person: Person, words: Words) -> str:
    """For needs and offers that are sentences: nobody looks for “We need a hospital”."""
    if kind is FacetKind.NEED:
        return (
            words.gettext("Your need: %(text)s.")
            if person.is_reader
            else words.gettext("%(name)s says it needs: %(text)s.")
        )
    if kind is FacetKind.OFFER:
        return (
            words.gettext("Your offer: %(text)s.")
            if person.is_reader
            else words.gettext("%(name)s says it offers: %(text)s.")
        )
    return _pattern(kind, person, words)


def _pattern(kind: FacetKind, person: Person, words: Words) -> str:
    if person.is_reader:
        return {
            FacetKind.NEED: words.gettext("You look for %(text_object)s."),
            FacetKind.OFFER: words.gettext("You offer %(text_object)s."),
            FacetKind.SUMMARY: words.gettext("You write: %(text_called)s."),
            FacetKind.DOMAIN: words.gettext("You work in %(text)s."),
        }[kind]
    return {
        FacetKind.NEED: words.gettext("%(name_topic)s looks for %(text_object)s."),
        FacetKind.OFFER: words.gettext("%(name_topic)s offers %(text_object)s."),
        FacetKind.SUMMARY: words.gettext("The profile of %(name)s says %(text_called)s."),
        FacetKind.DOMAIN: words.gettext("%(name_topic)s works in %(text)s."),
    }[kind]


def _attach(text: str, particle: Particle, words: Words) -> str:
    return with_particle(text, particle) if words.language == "ko" else text


def shorten(text: str, limit: int = MAX_QUOTE) -> str:
    """A text cut at a word to at most ``limit`` characters, without its full stop."""
    text = text.rstrip(" .。")
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text; marked where it carries the match."""

    text: str
    is_marked: bool


def marked(text: str, other: str, is_statement: bool) -> tuple[Piece, ...]:
    """A text with the words marked that the other text uses too; a short statement without any is marked whole."""
    stems = {_stem(word) for word in _WORD.findall(other)} - {""}
    spans = list(_joined(text, _shared(text, stems)))
    if not spans and is_statement:
        spans = [(0, len(text))]
    return tuple(_pieces(text, spans))


def _stem(word: str) -> str:
    """What two forms of a word share; empty for words too common to say anything."""
    folded = word.casefold()
    if _COMMON.fullmatch(folded):
        return ""
    if "가" <= folded[0] <= "힣":
        return _PARTICLES.sub("", folded) if len(folded) >= _MIN_SYLLABLES else ""
    stem = _ENDINGS.sub("", folded)
    return stem if len(stem) >= _MIN_STEM else folded if len(folded) >= _MIN_STEM else ""


def _shared(text: str, stems: set[str]) -> Iterator[tuple[int, int]]:
    for found in _WORD.finditer(text):
        if _stem(found.group()) in stems:
            yield found.span()


def _joined(text: str, spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbours with only white space between them become one."""
    held: tuple[int, int] | None = None
    for span in spans:
        if held is not None and text[held[1] : span[0]].isspace():
            held = (held[0], span[1])
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _pieces(text: str, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    done = 0
    for start, end in spans:
        if start > done:
            yield Piece(text[done:start], False)
        yield Piece(text[start:end], True)
        done = end
    if done < len(text):
        yield Piece(text[done:], False)
