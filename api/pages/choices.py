"""Choices that live in an address: read leniently, shown as links or options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from api.pages.language import Words
from api.pages.rendering import Reader

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to choose, its words, and where choosing it leads."""

    value: str
    label: str
    is_chosen: bool
    url: str = ""


def read_choice(codes: type[Code], value: str | None) -> Code | None:
    """The code an address names; None for none or for one that does not exist."""
    return codes(value) if value in list(codes) else None


def options(labels: Mapping[Code, str], chosen: Code | None, words: Words) -> tuple[Choice, ...]:
    """The choices of a form field."""
    return tuple(Choice(code.value, words.gettext(label), code is chosen) for code, label in labels.items())


def links(
    name: str, everything: str, labels: Mapping[Code, str], chosen: Code | None, reader: Reader
) -> tuple[Choice, ...]:
    """The choices as links to this page, the first one for no choice."""
    quiet: dict[str, str | None] = {"lang": None, "listed": None, "removed": None, "limit": None}
    first = Choice("", everything, chosen is None, reader.with_query(**quiet, **{name: None}))
    return (
        first,
        *(
            Choice(
                code.value,
                reader.words.gettext(label),
                code is chosen,
                reader.with_query(**quiet, **{name: code.value}),
            )
            for code, label in labels.items()
        ),
    )
