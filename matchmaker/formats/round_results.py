"""What a round came to, as JSON text for the database."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from matchmaker.domain.round import Proposal, Relaxation, Skipped

_PROPOSAL = TypeAdapter(Proposal)
_RELAXATION = TypeAdapter(Relaxation)
_SKIPPED = TypeAdapter(tuple[Skipped, ...])


def write_proposal(proposal: Proposal) -> str:
    """As `read_proposal` reads it."""
    return _PROPOSAL.dump_json(proposal).decode()


def read_proposal(text: str) -> Proposal:
    """What `write_proposal` wrote."""
    return _PROPOSAL.validate_json(text)


def write_relaxation(relaxation: Relaxation) -> str:
    """As `read_relaxation` reads it."""
    return _RELAXATION.dump_json(relaxation).decode()


def read_relaxation(text: str) -> Relaxation:
    """What `write_relaxation` wrote."""
    return _RELAXATION.validate_json(text)


def write_skipped(skipped: tuple[Skipped, ...]) -> str:
    """As `read_skipped` reads it."""
    return _SKIPPED.dump_json(skipped).decode()


def read_skipped(text: str) -> tuple[Skipped, ...]:
    """What `write_skipped` wrote."""
    return _SKIPPED.validate_json(text)


def proposal_as_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal as plain JSON values, for programs."""
    value: dict[str, Any] = _PROPOSAL.dump_python(proposal, mode="json")
    return value


def relaxation_as_json(relaxation: Relaxation) -> dict[str, Any]:
    """A way out as plain JSON values, for programs."""
    value: dict[str, Any] = _RELAXATION.dump_python(relaxation, mode="json")
    return value
