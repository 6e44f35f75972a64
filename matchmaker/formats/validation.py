"""From pydantic's findings to the product's own errors."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from matchmaker.errors import Fault, InvalidInput

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], value: Any) -> Model:
    """Decoded JSON as a model.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = faults_of(error)
        raise InvalidInput(
            "; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults), faults
        ) from error


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """pydantic's findings as faults with JSON Pointers."""
    return tuple(
        Fault(
            _pointer(found["loc"]), found["type"], _message(found["type"], found["msg"]), found.get("ctx", {})
        )
        for found in error.errors(include_url=False, include_input=False)
    )


def _message(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown field; correct its name or leave it out"
    return message.removeprefix("Value error, ")


def _pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
