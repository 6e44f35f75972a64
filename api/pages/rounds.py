"""Rounds: state the rules, look at what they give, publish it into the queue, take it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from api.dependencies import Product, RecordNumber
from api.pages import labels, round_labels
from api.pages.moments import Moment, moment_of
from api.pages.my_profile import Filled
from api.pages.rendering import Reader, Reading, address
from api.pages.round_form import RulesForm, answers_in, answers_of, faults_of, form_of, rules_of
from api.pages.round_names import LeftOutLine, PairLine, RoundNames, RuleLine
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action
from matchmaker.domain.member import Country, Purpose
from matchmaker.domain.records import MemberFilter
from matchmaker.domain.round import (
    Exposure,
    Proposal,
    Relaxation,
    Round,
    RoundRules,
    RoundState,
)
from matchmaker.domain.suggestion import percent_of
from matchmaker.errors import IllegalMove, InvalidInput, StaleVersion, TooLate
from matchmaker.formats.round_rules import parse_rules, write_rules

router = APIRouter(dependencies=[requires(Action.RUN_ROUNDS)])

MAX_OPTIONS = 2000
"""Members that the form's lists offer."""


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in the list."""

    url: str
    name: str
    purpose: str
    state: str
    opened: Moment
    pairs: int | None
    expected: str | None


@dataclass(frozen=True, slots=True)
class RoundsPage:
    """All rounds, the newest first."""

    rounds: tuple[RoundLine, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A member that a field's list offers."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The form of a new round, or of one that is revised (then ``id``)."""

    form: RulesForm
    korea: tuple[Option, ...]
    singapore: tuple[Option, ...]
    id: int | None
    version: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ExposureLine:
    """How introductions spread over one side, here and if everybody read a list of their best instead."""

    country: str
    side: str
    here: Spread
    lists: Spread | None


@dataclass(frozen=True, slots=True)
class Spread:
    """In words: the Gini coefficient, the share that nobody sees, and the most that one member gets."""

    gini: str
    never: str
    most: int


@dataclass(frozen=True, slots=True)
class RoundPage:
    """One round, as far as it has come. ``can``: what may be done now."""

    id: int
    name: str
    version: int
    state: str
    purpose: str
    method: str
    summary: tuple[tuple[str, str], ...]
    opened: Moment
    percent: int
    step: str | None
    ending: str | None
    is_solving: bool
    pairs: tuple[PairLine, ...]
    alternates: tuple[PairLine, ...]
    expected: str | None
    is_optimal: bool
    left_out: tuple[LeftOutLine, ...]
    exposure: tuple[ExposureLine, ...]
    costs: tuple[RuleLine, ...]
    has_all_costs: bool
    relaxation: tuple[Markup, ...]
    relaxed_expected: str | None
    relaxed_pairs: int
    is_proven: bool
    skipped: tuple[Markup, ...]
    notice: str | None
    can: frozenset[str]


@router.get("/rounds")
def show_rounds(reader: Reading, matchmaker: Product) -> Response:
    """All rounds."""
    lines = tuple(_line(each, reader) for each in matchmaker.rounds.list())
    return reader.render("rounds.html", RoundsPage(lines), keep=False)


@router.get("/rounds/new")
def new_round(reader: Reading, matchmaker: Product, purpose: str = "") -> Response:
    """The form of a new round, with rules that suit most."""
    chosen = Purpose(purpose) if purpose in list(Purpose) else Purpose.STARTUP
    return _form(reader, matchmaker, answers_of("", RoundRules(chosen)))


@router.post("/rounds/new")
def open_round(reader: Reading, matchmaker: Product, actor: CurrentActor, form: Filled) -> Response:
    """Keep the rules and solve the round."""
    answers = answers_in(form)
    try:
        rules = parse_rules(rules_of(answers))
        name = answers["name"] or _usual_name(rules, reader)
        opened = matchmaker.rounds.open(name, rules, actor)
    except InvalidInput as error:
        return _form(reader, matchmaker, answers, error=error)
    matchmaker.rounds.solve(opened.id, actor)
    return RedirectResponse(f"/rounds/{opened.id}", 303)


@router.get("/rounds/{round_id}/rules")
def show_rules(reader: Reading, matchmaker: Product, round_id: RecordNumber) -> Response:
    """The form of a round's rules."""
    found = matchmaker.rounds.get(round_id)
    return _form(reader, matchmaker, answers_of(found.name, found.rules), round=found)


@router.post("/rounds/{round_id}/rules")
def revise_rules(
    reader: Reading, matchmaker: Product, actor: CurrentActor, round_id: RecordNumber, form: Filled
) -> Response:
    """Keep other rules, and solve the round again."""
    found, answers = matchmaker.rounds.get(round_id), answers_in(form)
    try:
        rules = parse_rules(rules_of(answers))
        matchmaker.rounds.revise(round_id, rules, actor, _version(form), answers["name"] or None)
        matchmaker.rounds.solve(round_id, actor)
    except InvalidInput as error:
        return _form(reader, matchmaker, answers, round=found, error=error)
    except StaleVersion:
        return _form(reader, matchmaker, answers, round=found, is_stale=True)
    return RedirectResponse(f"/rounds/{round_id}", 303)


@router.get("/rounds/{round_id}/rules.json")
def export_rules(matchmaker: Product, round_id: RecordNumber) -> Response:
    """A round's rules as a file, without the private reasons."""
    text = write_rules(matchmaker.rounds.get(round_id).rules, with_reasons=False)
    headers = {"Content-Disposition": f'attachment; filename="round-{round_id}.json"'}
    return Response(text, media_type="application/json", headers=headers)


@router.get("/rounds/{round_id}")
def show_round(reader: Reading, matchmaker: Product, round_id: RecordNumber) -> Response:
    """A round, and what its rules give."""
    return _page(reader, matchmaker, round_id)


@router.post("/rounds/{round_id}")
def change_round(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    round_id: RecordNumber,
    do: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Solve, cancel, take the way out, publish, take back or discard a round."""
    rounds, gettext = matchmaker.rounds, reader.words.gettext
    changes: Mapping[str, Callable[[], object]] = {
        "solve": lambda: rounds.solve(round_id, actor),
        "cancel": lambda: rounds.cancel(round_id, actor),
        "relax": lambda: (rounds.apply_relaxation(round_id, actor, version), rounds.solve(round_id, actor)),
        "publish": lambda: rounds.publish(round_id, actor, version),
        "undo": lambda: rounds.undo_publish(round_id, actor, version),
        "discard": lambda: rounds.discard(round_id, actor, version),
    }
    if do not in changes:
        return RedirectResponse(f"/rounds/{round_id}", 303)
    try:
        changes[do]()
    except StaleVersion:
        text = gettext("Somebody changed this round first. What stands below is theirs; nothing was done.")
        return _page(reader, matchmaker, round_id, notice=text, status=409)
    except IllegalMove:
        text = gettext("That is not possible any more: the round has moved on.")
        return _page(reader, matchmaker, round_id, notice=text, status=409)
    except TooLate:
        text = gettext("Every pair of this round has been decided about; nothing is left to take back.")
        return _page(reader, matchmaker, round_id, notice=text, status=409)
    return RedirectResponse(address(f"/rounds/{round_id}", done=do), 303)


def _line(found: Round, reader: Reader) -> RoundLine:
    words, proposal = reader.words, found.proposal
    return RoundLine(
        f"/rounds/{found.id}",
        found.name,
        words.gettext(labels.PURPOSES[found.rules.purpose]),
        words.gettext(round_labels.STATES[found.state]),
        moment_of(found.opened_at, reader.language),
        len(proposal.chosen) if proposal else None,
        f"{proposal.expected:.1f}" if proposal else None,
    )


def _usual_name(rules: RoundRules, reader: Reader) -> str:
    day = reader.clocks()[0].machine[:10]
    return f"{reader.words.gettext(labels.PURPOSES[rules.purpose])} {day}"


def _version(form: Any) -> int:
    value = str(form.get("version", ""))
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def _form(
    reader: Reader,
    matchmaker: Matchmaker,
    answers: Mapping[str, Any],
    *,
    round: Round | None = None,
    error: InvalidInput | None = None,
    is_stale: bool = False,
) -> Response:
    words = reader.words
    faults = faults_of(error.faults, answers, words) if error else {}
    if error and not faults:
        faults = {"name": words.gettext("This cannot be used: %(reason)s", reason=str(error))}
    page = RulesPage(
        form_of(answers, words, faults),
        _options(matchmaker, Country.KR, reader),
        _options(matchmaker, Country.SG, reader),
        round.id if round else None,
        round.version if round else 0,
        is_stale,
    )
    status = 422 if error else 409 if is_stale else 200
    return reader.render("round_rules.html", page, status, keep=False)


def _options(matchmaker: Matchmaker, country: Country, reader: Reader) -> tuple[Option, ...]:
    found = matchmaker.directory.list_page(MemberFilter(country=country), limit=MAX_OPTIONS)
    return tuple(
        Option(each.member.external_id, each.member.names.best(reader.language)[0]) for each in found.items
    )


def _page(
    reader: Reader, matchmaker: Matchmaker, round_id: int, *, notice: str | None = None, status: int = 200
) -> Response:
    found = matchmaker.rounds.get(round_id)
    names = RoundNames(matchmaker.directory.find_many(_members_in(found)), reader)
    words, proposal, relaxation = reader.words, found.proposal, found.relaxation
    is_solving = found.state is RoundState.SOLVING
    page = RoundPage(
        id=found.id,
        name=found.name,
        version=found.version,
        state=words.gettext(round_labels.STATES[found.state]),
        purpose=words.gettext(labels.PURPOSES[found.rules.purpose]),
        method=words.gettext(round_labels.METHODS[found.rules.method][0]),
        summary=_summary(found.rules, reader),
        opened=moment_of(found.opened_at, reader.language),
        percent=round(found.progress * 100),
        step=_told(round_labels.STEPS, found.stage, reader) if is_solving else None,
        ending=_told(round_labels.ENDS, found.stage, reader) if not is_solving else None,
        is_solving=is_solving,
        pairs=tuple(names.pair(each, found) for each in proposal.chosen) if proposal else (),
        alternates=_alternates(proposal, found, names),
        expected=f"{proposal.expected:.1f}" if proposal else None,
        is_optimal=proposal.is_optimal if proposal else True,
        left_out=tuple(names.left_out(each) for each in proposal.left_out) if proposal else (),
        exposure=_exposure(proposal, reader),
        costs=_costs(proposal, names),
        has_all_costs=proposal.has_all_costs if proposal else True,
        relaxation=_relaxed(relaxation, found.rules, names),
        relaxed_expected=f"{relaxation.expected:.1f}" if relaxation else None,
        relaxed_pairs=sum(pair.rank == 0 for pair in relaxation.pairs) if relaxation else 0,
        is_proven=relaxation.is_proven if relaxation else True,
        skipped=tuple(names.skipped(each) for each in found.skipped),
        notice=notice or _done(reader),
        can=_possible(found),
    )
    return reader.render("round.html", page, status, keep=False)


def _told(sentences: Mapping[str, str], code: str | None, reader: Reader) -> str | None:
    return reader.words.gettext(sentences[code]) if code is not None and code in sentences else None


def _done(reader: Reader) -> str | None:
    gettext = reader.words.gettext
    return {
        "publish": gettext("Published: the pairs wait in the review queue. Nobody has been written to."),
        "undo": gettext("Taken back: pairs that nobody had decided about have left the queue."),
        "discard": gettext("The round was discarded."),
    }.get(reader.request.query_params.get("done", ""))


def _possible(found: Round) -> frozenset[str]:
    state = found.state
    if state is RoundState.SOLVING:
        return frozenset({"cancel"})
    if state is RoundState.PUBLISHED:
        return frozenset({"undo"})
    if state is RoundState.WITHDRAWN:
        return frozenset()
    can = {"revise", "solve", "discard"}
    if state is RoundState.PROPOSED:
        can |= {"publish"}
    if state is RoundState.INFEASIBLE and found.relaxation is not None:
        can |= {"relax"}
    return frozenset(can)


def _members_in(found: Round) -> list[str]:
    ids: set[str] = set()
    for pairs in (
        found.proposal.pairs if found.proposal else (),
        found.relaxation.pairs if found.relaxation else (),
    ):
        ids |= {external_id for pair in pairs for external_id in (pair.kr, pair.sg)}
    if found.proposal:
        ids |= {each.member_id for each in found.proposal.left_out}
        ids |= {each.best_partner for each in found.proposal.left_out if each.best_partner}
        ids |= {part for each in found.proposal.costs if each.subject for part in each.subject.split("/")}
    if found.relaxation:
        ids |= {part for _, subject in found.relaxation.rules if subject for part in subject.split("/")}
    ids |= {external_id for skipped in found.skipped for external_id in (skipped.kr, skipped.sg)}
    return sorted(ids)


def _summary(rules: RoundRules, reader: Reader) -> tuple[tuple[str, str], ...]:
    """The rules in a few lines."""
    gettext, ngettext = reader.words.gettext, reader.words.ngettext
    who = [gettext(labels.TRACKS[track]) for track in sorted(rules.tracks)] + list(rules.domains)
    if rules.members:
        who.append(ngettext("%(num)s named member", "%(num)s named members", len(rules.members)))
    if rules.joined_only:
        who.append(gettext("joined members only"))
    apart = [gettext("one per group")] if rules.one_per_group else []
    apart += [gettext("rivals apart")] if rules.keep_rivals_apart else []
    exceptions = [
        (len(rules.pins), gettext("must meet")),
        (len(rules.forbidden), gettext("must not meet")),
        (len(rules.avoid), gettext("better not meet")),
        (len(rules.capacities), gettext("with own numbers")),
    ]
    lines = (
        (gettext("Who"), ", ".join(who) or gettext("everybody")),
        (
            gettext("Introductions"),
            gettext("%(least)s to %(most)s per member", least=rules.usual.least, most=rules.usual.most),
        ),
        (gettext("Kept apart"), ", ".join(apart) or gettext("nobody")),
        (gettext("Exceptions"), ", ".join(f"{count} {what}" for count, what in exceptions if count)),
        (
            gettext("Pause"),
            ngettext(
                "%(num)s day after an earlier case",
                "%(num)s days after an earlier case",
                rules.cool_down_days,
            ),
        ),
        (gettext("Lowest score"), str(percent_of(rules.min_score)) if rules.min_score else ""),
    )
    return tuple(line for line in lines if line[1])


def _alternates(proposal: Proposal | None, found: Round, names: RoundNames) -> tuple[PairLine, ...]:
    if proposal is None:
        return ()
    standing_by = {(pair.kr, pair.sg): pair for pair in proposal.pairs if pair.rank > 0}
    ordered = sorted(standing_by.values(), key=lambda pair: -pair.score)
    return tuple(names.pair(pair, found) for pair in ordered)


def _exposure(proposal: Proposal | None, reader: Reader) -> tuple[ExposureLine, ...]:
    if proposal is None:
        return ()
    return tuple(
        ExposureLine(
            reader.words.gettext(labels.COUNTRIES[country]),
            country.lower(),
            _spread(proposal.exposure[country.lower()]),
            _spread(proposal.exposure[f"{country.lower()}-lists"])
            if f"{country.lower()}-lists" in proposal.exposure
            else None,
        )
        for country in Country
        if country.lower() in proposal.exposure
    )


def _spread(exposure: Exposure) -> Spread:
    return Spread(f"{exposure.gini:.2f}", f"{exposure.never_shown:.0%}", exposure.most)


def _costs(proposal: Proposal | None, names: RoundNames) -> tuple[RuleLine, ...]:
    if proposal is None:
        return ()
    return tuple(names.cost(cost) for cost in sorted(proposal.costs, key=lambda cost: -cost.cost))


def _relaxed(relaxation: Relaxation | None, rules: RoundRules, names: RoundNames) -> tuple[Markup, ...]:
    if relaxation is None:
        return ()
    excess = relaxation.excess or (1,) * len(relaxation.rules)
    return tuple(
        names.relaxed(rule, subject, by, rules)
        for (rule, subject), by in zip(relaxation.rules, excess, strict=True)
    )
