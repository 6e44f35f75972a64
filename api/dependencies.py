"""What every door asks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from matchmaker.bootstrap import Matchmaker


def get_matchmaker(request: Request) -> Matchmaker:
    """The product behind this application."""
    matchmaker: Matchmaker = request.app.state.matchmaker
    return matchmaker


Product = Annotated[Matchmaker, Depends(get_matchmaker)]
