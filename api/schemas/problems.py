"""Errors as they look outside (RFC 9457)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ProblemError(BaseModel):
    """One broken rule."""

    place: Literal["body", "query", "path", "header", "cookie"] = Field(
        description="Where the value at fault was sent."
    )
    pointer: str = Field(
        description="JSON Pointer (RFC 6901) of the value; outside the body, the parameter's name after a slash.",
        examples=["/offers/0/text", "/limit"],
    )
    code: str = Field(description="Stable name of the rule.", examples=["missing"])
    detail: str = Field(description="The rule, in the reader's language.", examples=["This field is needed."])


class Problem(BaseModel):
    """Why a request was refused. Sent as `application/problem+json`."""

    type: str = Field(
        description="Address that describes this kind of problem.", examples=["/problems/unknown-member"]
    )
    title: str = Field(
        description="The kind of problem, in the reader's language.", examples=["No such member"]
    )
    status: int = Field(description="The HTTP status again.", examples=[404])
    detail: str = Field(
        description="What happened and what to do next, in the reader's language.",
        examples=["No member is registered as “nobody”."],
    )
    instance: str = Field(description="The path that was asked for.", examples=["/v1/members/nobody"])
    code: str = Field(description="Stable name of the kind of problem.", examples=["unknown-member"])
    request_id: str = Field(
        description="Names this request in the server's log; also in the header `X-Request-Id`.",
        examples=["4be1c0f2a5d94a0f8a54c9a3b1a7d0e6"],
    )
    errors: list[ProblemError] = Field(description="The broken rules, where there are several; at most 50.")


class BothLanguages(BaseModel):
    """A text of this service in both languages."""

    en: str
    ko: str


class ProblemKind(BaseModel):
    """What a problem's `type` resolves to."""

    type: str = Field(examples=["/problems/unknown-member"])
    code: str = Field(examples=["unknown-member"])
    status: int = Field(examples=[404])
    title: BothLanguages
    detail: BothLanguages = Field(description="The sentence, `%(name)s` standing for what varies.")
