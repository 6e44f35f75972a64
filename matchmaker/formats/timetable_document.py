"""Plans of timetables and what came out of them, as JSON."""

from __future__ import annotations

from pydantic import TypeAdapter

from matchmaker.domain.timetable import Plan, Planned

_PLAN, _PLANNED = TypeAdapter(Plan), TypeAdapter(Planned)


def plan_json(plan: Plan) -> str:
    """A plan as text."""
    return _PLAN.dump_json(plan).decode()


def parse_plan(text: str) -> Plan:
    """The plan that `plan_json` wrote."""
    return _PLAN.validate_json(text)


def planned_json(planned: Planned) -> str:
    """A result as text."""
    return _PLANNED.dump_json(planned).decode()


def parse_planned(text: str) -> Planned:
    """The result that `planned_json` wrote."""
    return _PLANNED.validate_json(text)
