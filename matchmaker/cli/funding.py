"""calls list, calls show, calls check: funding calls and who could answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from matchmaker.cli.console import AsJson, Reader, out, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from matchmaker.bootstrap import Matchmaker
    from matchmaker.domain.call import Basis, Call, Finding, Proof
    from matchmaker.domain.call_teams import ScoredTeam
    from matchmaker.domain.member import Language
    from matchmaker.services.calls import Calls, Vacancy

Lang = Annotated[Reader, typer.Option("--lang", help="The reader's language.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV for a spreadsheet.")]
CallId = Annotated[str, typer.Argument(help="id of a call; see: matchmaker calls list")]

WORDS: dict[str, dict[Language, str]] = {
    "dates": {"en": "Dates", "ko": "접수 기간"},
    "volume": {"en": "Volume", "ko": "규모"},
    "unknown": {"en": "Not published", "ko": "공개되지 않음"},
    "sources": {"en": "Sources", "ko": "출처"},
    "candidates": {"en": "Best candidates for %s", "ko": "%s 후보"},
    "needs-partner": {
        "en": "name a member of the other country first",
        "ko": "상대국 회원을 먼저 정하십시오",
    },
    "nobody": {"en": "nobody fits", "ko": "맞는 곳이 없습니다"},
    "teams": {"en": "Best complete teams of %s", "ko": "조건을 갖춘 %s곳 팀"},
    "none": {"en": "There are no calls on file.", "ko": "등록된 공모가 없습니다."},
}

calls = typer.Typer(help="Funding calls, and who could answer them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(calls, name="calls")


@calls.command("list")
def list_calls(lang: Lang = Reader.en, as_csv: AsCsv = False, as_json: AsJson = False) -> None:
    """List the calls on file; a broken file is named with the place at fault."""
    from matchmaker.formats.call_csv import calls_as_csv
    from matchmaker.formats.call_phrasing import STATES, dates_in_words, say

    found, language = _calls(), lang.language
    now = found.now()
    if as_csv:
        typer.echo(calls_as_csv(found.list_all(), now, language), nl=False)
    elif as_json:
        print_json({"items": [call_as_json(call, now) for call in found.list_all()]})
    else:
        for call in found.list_all():
            _print(f"{call.id}  [{say(STATES[call.state(now)], language)}]  {say(call.names, language)}")
            _print(f"    {dates_in_words(call.opens, call.closes, language)}")
        if not found.calls:
            _print(WORDS["none"][language])


@calls.command("show")
def show_call(call: CallId, lang: Lang = Reader.en, as_json: AsJson = False) -> None:
    """Show a call: its rules, what each rests on, and what is not published."""
    from matchmaker.formats.call_phrasing import STATES, rule_in_words, say, title_of

    calls, language = _calls(), lang.language
    found, now = calls.get(call), calls.now()
    if as_json:
        print_json(call_as_json(found, now))
        return
    _print(f"{say(found.names, language)}  [{say(STATES[found.state(now)], language)}]")
    _print(say(found.summary, language))
    for title, line, basis in _lines(found, language):
        _print(f"  {WORDS[title][language]}: {line}{_basis(basis, language)}")
    for rule in found.rules:
        _print(f"  {title_of(rule, language)}: {rule_in_words(rule, language)}{_basis(rule.basis, language)}")
    for note in found.notes:
        _print(f"  {say(note.text, language)}{_basis(note.basis, language)}")
    for text in found.unknown:
        _print(f"  {WORDS['unknown'][language]}: {say(text, language)}")
    _print(f"  {WORDS['sources'][language]}:")
    for source in found.sources:
        _print(f"    {source.title}{f'  {source.url}' if source.url else ''}")


@calls.command("check")
def check_calls(
    members: Annotated[
        list[str], typer.Argument(help="external_ids: one member, a pair, or a team of up to four.")
    ],
    call: Annotated[
        str | None, typer.Option("--call", help="Only this call, with the best candidates.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=2, max=4, help="With --call: the best teams of this size.")
    ] = None,
    lang: Lang = Reader.en,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Prove, rule by rule, which calls some members could answer; with --call also who could fill what is missing."""
    from matchmaker.formats.call_csv import proofs_as_csv

    found, language = _ready().calls, lang.language
    chosen = [call] if call else [each.id for each in found.list_all()]
    proofs = sorted((found.prove(each, members) for each in chosen), key=lambda proof: not proof.is_possible)
    if as_csv:
        typer.echo(proofs_as_csv(proofs, language), nl=False)
        return
    vacancies = found.candidates(call, members) if call else ()
    teams = found.teams(call, members[0], size) if call and found.get(call).roles else ()
    if as_json:
        print_json(_report(proofs, vacancies, teams, language))
        return
    for proof in proofs:
        _print_proof(proof, language)
    _print_vacancies(vacancies, language)
    _print_teams(teams, language)


def call_as_json(call: Call, now: datetime) -> dict[str, Any]:
    """A call for machines."""
    from matchmaker.formats.call_phrasing import rule_in_words, title_of

    return {
        "id": call.id,
        "names": {"en": call.names.en, "ko": call.names.ko},
        "state": call.state(now).value,
        "fictional": call.fictional,
        "opens": call.opens.at.isoformat() if call.opens else None,
        "closes": call.closes.at.isoformat() if call.closes else None,
        "roles": [{"country": r.country.value, "applicant": r.applicant.value} for r in call.roles],
        "rules": [
            {"title": title_of(rule, "en"), "en": rule_in_words(rule, "en"), "ko": rule_in_words(rule, "ko")}
            for rule in call.rules
        ],
    }


def _report(
    proofs: list[Proof], vacancies: tuple[Vacancy, ...], teams: tuple[ScoredTeam, ...], language: Language
) -> dict[str, Any]:
    from matchmaker.formats.call_phrasing import facts_in_words, role_in_words, rule_in_words

    return {
        "items": [
            {
                "call": proof.call.id,
                "standing": proof.standing.value,
                "findings": [
                    {
                        "rule": rule_in_words(finding.rule, language),
                        "verdict": finding.verdict.value,
                        "facts": facts_in_words(finding, language),
                    }
                    for finding in proof.findings
                ],
            }
            for proof in proofs
        ],
        "missing": [
            {
                "role": role_in_words(vacancy.role, language),
                "candidates": [
                    {"member": each.member.external_id, "score": each.score} for each in vacancy.candidates
                ],
            }
            for vacancy in vacancies
        ],
        "teams": [
            {"members": [member.external_id for member in team.members], "score": team.score}
            for team in teams
        ],
    }


def _lines(call: Call, language: Language) -> list[tuple[str, str, Basis]]:
    from matchmaker.formats.call_phrasing import dates_in_words, money_in_words

    lines = [("dates", dates_in_words(call.opens, call.closes, language), call.dates_basis)]
    if call.volume:
        lines.append(("volume", money_in_words(call.volume, language), call.volume_basis))
    return lines


def _basis(basis: Basis, language: Language) -> str:
    from matchmaker.formats.call_phrasing import basis_in_words

    text = basis_in_words(basis, language)
    return f"  ({text})" if text else ""


def _print_proof(proof: Proof, language: Language) -> None:
    from matchmaker.formats.call_phrasing import STANDINGS, STATES, names_in_words, say

    state = say(STATES[proof.state], language)
    _print(f"{say(proof.call.names, language)}  [{state}]")
    _print(f"  {names_in_words(proof.members, language)}: {say(STANDINGS[proof.standing], language)}")
    for finding in proof.findings:
        _print_finding(finding, language)


def _print_finding(finding: Finding, language: Language) -> None:
    from matchmaker.formats.call_phrasing import VERDICTS, facts_in_words, rule_in_words, say

    verdict = say(VERDICTS[finding.verdict], language)
    basis = _basis(finding.rule.basis, language)
    _print(f"    [{verdict}] {rule_in_words(finding.rule, language)}{basis}")
    for fact in facts_in_words(finding, language):
        _print(f"        {fact}")


def _print_vacancies(vacancies: tuple[Vacancy, ...], language: Language) -> None:
    from matchmaker.formats.call_phrasing import role_in_words, say

    for vacancy in vacancies:
        _print(f"{WORDS['candidates'][language] % role_in_words(vacancy.role, language)}:")
        if not vacancy.candidates:
            _print(f"    {WORDS['needs-partner' if vacancy.needs_partner else 'nobody'][language]}")
        for each in vacancy.candidates:
            _print(f"    {each.score:.2f}  {say(each.member.names, language)}  ({each.member.external_id})")


def _print_teams(teams: tuple[ScoredTeam, ...], language: Language) -> None:
    from matchmaker.formats.call_phrasing import names_in_words

    if teams:
        _print(f"{WORDS['teams'][language] % len(teams[0].members)}:")
    for team in teams:
        _print(f"    {team.score:.2f}  {names_in_words(team.members, language)}")


def _print(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _calls() -> Calls:
    """The calls without the database: what stands in the files needs none."""
    from matchmaker.bootstrap import build_matchmaker

    return build_matchmaker().calls


def _ready() -> Matchmaker:
    from matchmaker.bootstrap import build_matchmaker

    matchmaker = build_matchmaker()
    matchmaker.check()
    matchmaker.catalogue.embed_outdated()
    return matchmaker
