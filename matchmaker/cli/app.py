"""All commands under one name."""

from __future__ import annotations

import typer

from matchmaker.cli import (
    accounts,
    benchmarking,
    delivering,
    doctor,
    files,
    funding,
    learning,
    matching,
    measuring,
    rounds,
    serving,
    trail,
)

app = typer.Typer(
    name="matchmaker",
    help="Suggest Korea-Singapore partner pairs, with reasons, in Korean and English.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for room in (
    serving,
    files,
    matching,
    funding,
    measuring,
    benchmarking,
    learning,
    accounts,
    trail,
    rounds,
    delivering,
    doctor,
):
    room.register(app)
