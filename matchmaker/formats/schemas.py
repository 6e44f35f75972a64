"""The line and file formats as JSON Schema (draft 2020-12), made from the models that read them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from matchmaker.formats.call_file import CallFile
from matchmaker.formats.decision_line import DecisionLine
from matchmaker.formats.member_line import MemberLine
from matchmaker.formats.pair_line import PairLine

_MODELS: dict[str, type[BaseModel]] = {
    "member": MemberLine,
    "pair": PairLine,
    "decision": DecisionLine,
    "call": CallFile,
}


def json_schema(name: str) -> dict[str, Any]:
    """The schema of ``member``, ``pair`` or ``decision`` lines, or of a ``call`` file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_MODELS[name].model_json_schema(),
    }
