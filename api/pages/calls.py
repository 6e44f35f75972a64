"""Funding calls: the list, and one call with its rules, their sources, and the proof for a member or a pair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages.rendering import Card, Reader, Reading, Said, Source, address, card_of, said
from api.security import Action, requires
from matchmaker.domain.call import (
    LARGEST_TEAM,
    Basis,
    Call,
    CallState,
    Finding,
    Moment,
    Proof,
)
from matchmaker.domain.call_teams import ScoredTeam
from matchmaker.domain.member import Country, Language
from matchmaker.domain.suggestion import percent_of
from matchmaker.formats.call_phrasing import (
    STANDINGS,
    STATES,
    VERDICTS,
    basis_in_words,
    dates_in_words,
    end_in_words,
    facts_in_words,
    money_in_words,
    role_in_words,
    rule_in_words,
    say,
    title_of,
)
from matchmaker.services.calls import Calls, Vacancy

router = APIRouter(dependencies=[requires(Action.READ_MEMBERS)])

SHOWN = 4
"""Calls on the page of a member or a pair."""


@dataclass(frozen=True, slots=True)
class CallLink:
    """A call that somebody could answer, leading to the proof."""

    name: str
    url: str
    state: str
    dates: str
    standing: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as the list shows it."""

    name: str
    url: str
    summary: str
    is_fictional: bool
    dates: str
    ends: str
    volume: str
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallGroup:
    """The calls that stand alike."""

    anchor: str
    title: str
    rows: tuple[CallRow, ...]


@dataclass(frozen=True, slots=True)
class CallsPage:
    """All calls."""

    groups: tuple[CallGroup, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a statement rests on."""

    source: Source | None
    text: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with its basis and, in a proof, its verdict and the facts."""

    title: str
    text: str
    ground: Ground
    verdict: str = ""
    verdict_word: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """A member to choose."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """Somebody for an empty place; ``score`` in percent."""

    card: Card
    score: int
    url: str | None
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty place and who could fill it."""

    role: str
    needs_partner: bool
    candidates: tuple[CandidateRow, ...]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A complete team; ``score`` in percent."""

    cards: tuple[Card, ...]
    score: int


@dataclass(frozen=True, slots=True)
class SizeLink:
    """A size of teams to look at."""

    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ProofView:
    """A proof as the page shows it."""

    cards: tuple[Card, ...]
    standing: str
    rows: tuple[RuleRow, ...]
    gaps: tuple[Gap, ...]
    sizes: tuple[SizeLink, ...]
    teams: tuple[TeamRow, ...]
    has_teams: bool


@dataclass(frozen=True, slots=True)
class CallPage:
    """One call."""

    name: str
    other_name: Said
    state: str
    is_fictional: bool
    summary: str
    dates: str
    ends: str
    dates_ground: Ground
    volume: str
    volume_ground: Ground
    funders: tuple[Card, ...]
    rules: tuple[RuleRow, ...]
    notes: tuple[RuleRow, ...]
    unknown: tuple[str, ...]
    sources: tuple[Source, ...]
    url: str
    koreans: tuple[Option, ...]
    singaporeans: tuple[Option, ...]
    proof: ProofView | None


@router.get("/calls")
def show_calls(reader: Reading, matchmaker: Product) -> Response:
    """All calls: open, to come, planned, closed."""
    calls = matchmaker.calls
    now = calls.now()
    every = [(call.state(now), call) for call in calls.list_all()]
    groups = tuple(
        CallGroup(state.value, say(STATES[state], reader.language), rows)
        for state in CallState
        if (rows := tuple(_row(call, reader.language) for found, call in every if found is state))
    )
    return reader.render("calls.html", CallsPage(groups))


@router.get("/calls/{call_id}")
def show_call(
    reader: Reading, matchmaker: Product, call_id: str, kr: str = "", sg: str = "", size: str = ""
) -> Response:
    """One call; with ``kr`` or ``sg`` also the proof for that member or pair.

    Raises:
        UnknownRecord: there is no such call.
        UnknownMember: a side is not registered.
        InvalidInput: a side is in the other country.
    """
    calls = matchmaker.calls
    call = calls.get(call_id)
    team = calls.team_of(kr or None, sg or None) if kr or sg else ()
    proof = _proof(calls, call, team, size, reader) if team else None
    return reader.render("call.html", _page(matchmaker.calls, call, team, proof, reader))


def call_links(proofs: Iterable[Proof], reader: Reader) -> tuple[CallLink, ...]:
    """The calls that nothing speaks against, the next deadline first."""
    possible = [proof for proof in proofs if proof.is_possible]
    return tuple(_link(proof, reader.language) for proof in possible[:SHOWN])


def call_url(call_id: str, **query: object) -> str:
    """A call's page; with members, their proof."""
    url = address(f"/calls/{quote(call_id, safe='')}", **query)
    return f"{url}#proof" if query else url


def _link(proof: Proof, language: Language) -> CallLink:
    call = proof.call
    sides = {member.country.lower(): member.external_id for member in proof.members}
    return CallLink(
        say(call.names, language),
        call_url(call.id, **sides),
        say(STATES[proof.state], language),
        dates_in_words(call.opens, call.closes, language),
        say(STANDINGS[proof.standing], language),
    )


def _row(call: Call, language: Language) -> CallRow:
    return CallRow(
        say(call.names, language),
        call_url(call.id),
        say(call.summary, language),
        call.fictional,
        dates_in_words(call.opens, call.closes, language),
        _ends(call.closes, language),
        money_in_words(call.volume, language) if call.volume else "",
        tuple(role_in_words(role, language) for role in call.roles),
    )


def _ends(closes: Moment | None, language: Language) -> str:
    """The exact end of a whole day in both countries."""
    return end_in_words(closes, language) if closes and closes.is_whole_day else ""


def _page(
    calls: Calls, call: Call, team: tuple[str, ...], proof: ProofView | None, reader: Reader
) -> CallPage:
    language, other = reader.language, reader.other_language
    every = {member.external_id: member for country in Country for member in calls.members_in(country)}
    return CallPage(
        name=say(call.names, language),
        other_name=said(call.names, other),
        state=say(STATES[call.state(calls.now())], language),
        is_fictional=call.fictional,
        summary=say(call.summary, language),
        dates=dates_in_words(call.opens, call.closes, language),
        ends=_ends(call.closes, language),
        dates_ground=_ground(call.dates_basis, language),
        volume=money_in_words(call.volume, language) if call.volume else "",
        volume_ground=_ground(call.volume_basis, language),
        funders=tuple(card_of(every[each], reader.words) for each in call.funders if each in every),
        rules=tuple(
            RuleRow(title_of(rule, language), rule_in_words(rule, language), _ground(rule.basis, language))
            for rule in call.rules
        ),
        notes=tuple(
            RuleRow("", say(each.text, language), _ground(each.basis, language)) for each in call.notes
        ),
        unknown=tuple(say(text, language) for text in call.unknown),
        sources=tuple(Source(each.title, each.url) for each in call.sources),
        url=call_url(call.id),
        koreans=_options(calls, Country.KR, team, language),
        singaporeans=_options(calls, Country.SG, team, language),
        proof=proof,
    )


def _options(calls: Calls, country: Country, team: tuple[str, ...], language: Language) -> tuple[Option, ...]:
    found = [
        Option(member.external_id, member.names.best(language)[0], member.external_id in team)
        for member in calls.members_in(country)
    ]
    return tuple(sorted(found, key=lambda option: option.label.casefold()))


def _proof(calls: Calls, call: Call, team: tuple[str, ...], size: str, reader: Reader) -> ProofView:
    proof = calls.prove(call.id, team)
    sizes = range(max(len(call.roles), 2), LARGEST_TEAM + 1) if call.roles else range(0)
    chosen = (
        int(size) if size.isdecimal() and len(size) == 1 and int(size) in sizes else min(sizes, default=0)
    )
    teams = calls.teams(call.id, team[0], chosen) if chosen else ()
    return ProofView(
        cards=tuple(card_of(member, reader.words) for member in proof.members),
        standing=say(STANDINGS[proof.standing], reader.language),
        rows=tuple(_finding(finding, reader.language) for finding in proof.findings),
        gaps=tuple(_gap(call, each, team, proof, reader) for each in calls.candidates(call.id, team)),
        sizes=tuple(
            SizeLink(
                reader.words.ngettext("Teams of %(num)s", "Teams of %(num)s", each),
                f"{reader.with_query(lang=None, size=str(each))}#teams",
                each == chosen,
            )
            for each in sizes
        ),
        teams=tuple(_team(each, reader) for each in teams),
        has_teams=bool(chosen),
    )


def _finding(finding: Finding, language: Language) -> RuleRow:
    return RuleRow(
        title_of(finding.rule, language),
        rule_in_words(finding.rule, language),
        _ground(finding.rule.basis, language),
        finding.verdict.value,
        say(VERDICTS[finding.verdict], language),
        facts_in_words(finding, language),
    )


def _gap(call: Call, vacancy: Vacancy, team: tuple[str, ...], proof: Proof, reader: Reader) -> Gap:
    return Gap(
        role_in_words(vacancy.role, reader.language),
        vacancy.needs_partner,
        tuple(
            CandidateRow(
                card_of(each.member, reader.words),
                percent_of(each.score),
                _pair_with(call, each.member.external_id, team, proof)
                if each.member.country is not proof.members[0].country
                else None,
                each.is_sure,
            )
            for each in vacancy.candidates
        ),
    )


def _pair_with(call: Call, candidate: str, team: tuple[str, ...], proof: Proof) -> str | None:
    """The proof for one member with the candidate; a pair has no third seat on this page."""
    if len(team) != 1:
        return None
    asking = proof.members[0]
    return call_url(
        call.id,
        **{asking.country.lower(): asking.external_id, asking.country.other.lower(): candidate},
    )


def _team(team: ScoredTeam, reader: Reader) -> TeamRow:
    return TeamRow(tuple(card_of(member, reader.words) for member in team.members), percent_of(team.score))


def _ground(basis: Basis, language: Language) -> Ground:
    source = Source(basis.source.title, basis.source.url) if basis.source else None
    return Ground(source, "" if source else basis_in_words(basis, language))
