"""Every kind of rule in its three values, and what a proof as a whole says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from matchmaker.domain.call import (
    AmountRule,
    Applicant,
    Basis,
    BudgetShareRule,
    Call,
    CallState,
    Case,
    ConditionRule,
    Currency,
    DurationRule,
    FactCode,
    LeadRule,
    Moment,
    Money,
    Per,
    PurposeRule,
    Role,
    Rule,
    Sector,
    SectorRule,
    Share,
    ShareholdingRule,
    SizeRule,
    Standing,
    TeamRule,
    Verdict,
    WindowRule,
    mentions,
    place,
    prove,
)
from matchmaker.domain.member import Country, Kind, Member, Purpose, Status, Text
from tests.factories import make_member, make_partner

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KR, SG = Country.KR, Country.SG
KR_COMPANY, SG_COMPANY = Role(KR, Applicant.COMPANY), Role(SG, Applicant.COMPANY)
SG_RESEARCH = Role(SG, Applicant.RESEARCH)
STARTUP = make_member()
CORPORATE = make_member(external_id="kr-big", kind=Kind.CORPORATE)
AGENCY = make_member(external_id="kr-agency", kind=Kind.AGENCY)
COMPANY = make_partner(external_id="sg-co", kind=Kind.SME)
HOSPITAL = make_partner(external_id="sg-hospital", kind=Kind.HOSPITAL)
LAB = make_partner(external_id="sg-lab", kind=Kind.LAB)
PAIR = TeamRule(roles=(KR_COMPANY, SG_COMPANY), also=(SG_RESEARCH,))
WARDS = Sector(Text("wards", "병동"), ("wards", "병동"))
CHIPS = Sector(Text("chips", "칩"), ("chips", "반도체"))
MONEY = Money(Decimal(5), Currency.SGD, Per.PROJECT)
MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


def moment(days: int) -> Moment:
    return Moment(NOW + timedelta(days=days), True)


def make_call(*rules: Rule, opens: int = -1, closes: int = 1) -> Call:
    return Call(
        id="call",
        names=Text("Call (fictional)", "공모 (가상)"),
        summary=Text("A call.", "공모."),
        funders=(),
        opens=moment(opens),
        closes=moment(closes),
        dates_basis=Basis(),
        volume=None,
        volume_basis=Basis(),
        rules=rules,
        notes=(),
        unknown=(),
        sources=(),
    )


def silent(member: Member) -> Member:
    return replace(member, domains=(), summary=Text("x", None), offers=(), needs=())


@pytest.mark.parametrize(
    ("rule", "members", "verdict", "code"),
    [
        (PAIR, (STARTUP, COMPANY), MET, FactCode.ROLES_FILLED),
        (PAIR, (STARTUP, COMPANY, LAB), MET, FactCode.ROLES_FILLED),
        (PAIR, (STARTUP, HOSPITAL), UNKNOWN, FactCode.ROLES_PERHAPS),
        (PAIR, (STARTUP, COMPANY, CORPORATE), UNKNOWN, FactCode.EXTRA_UNKNOWN),
        (PAIR, (STARTUP,), NOT_MET, FactCode.ROLES_MISSING),
        (PAIR, (STARTUP, COMPANY, AGENCY), NOT_MET, FactCode.NO_PLACE),
        (LeadRule(applicant=Applicant.COMPANY), (STARTUP,), MET, FactCode.LEAD_FOUND),
        (LeadRule(applicant=Applicant.COMPANY, country=SG), (HOSPITAL,), UNKNOWN, FactCode.LEAD_PERHAPS),
        (LeadRule(applicant=Applicant.COMPANY, country=SG), (STARTUP, LAB), NOT_MET, FactCode.LEAD_ABSENT),
        (
            BudgetShareRule(most=Decimal(70), of=Share.COUNTRY),
            (STARTUP, COMPANY),
            UNKNOWN,
            FactCode.SHARE_NOT_STATED,
        ),
        (
            ShareholdingRule(country=SG, least=Decimal(30)),
            (COMPANY,),
            UNKNOWN,
            FactCode.SHAREHOLDING_NOT_STATED,
        ),
        (ShareholdingRule(country=SG, least=Decimal(30)), (STARTUP,), UNKNOWN, FactCode.PARTNER_MISSING),
        (SectorRule(sectors=(WARDS,)), (STARTUP, COMPANY), MET, FactCode.SECTOR_NAMED),
        (SectorRule(sectors=(WARDS,)), (STARTUP, silent(COMPANY)), UNKNOWN, FactCode.SECTOR_ON_ONE_SIDE),
        (SectorRule(sectors=(CHIPS,)), (STARTUP, COMPANY), NOT_MET, FactCode.SECTOR_ABSENT),
        (SectorRule(sectors=(CHIPS,), is_exclusive=False), (STARTUP,), MET, FactCode.SECTORS_OPEN),
        (SizeRule(kinds=frozenset({Kind.STARTUP})), (STARTUP,), MET, FactCode.SIZE_FITS),
        (SizeRule(kinds=frozenset({Kind.STARTUP})), (HOSPITAL,), UNKNOWN, FactCode.SIZE_NOT_STATED),
        (SizeRule(kinds=frozenset({Kind.STARTUP})), (CORPORATE,), NOT_MET, FactCode.SIZE_TOO_LARGE),
        (
            SizeRule(kinds=frozenset({Kind.STARTUP}), country=SG),
            (CORPORATE,),
            UNKNOWN,
            FactCode.PARTNER_MISSING,
        ),
        (PurposeRule(purposes=frozenset({Purpose.RESEARCH})), (STARTUP,), MET, FactCode.PURPOSE_AGREED),
        (
            PurposeRule(purposes=frozenset({Purpose.RESEARCH})),
            (replace(STARTUP, status=Status.LISTED),),
            UNKNOWN,
            FactCode.PURPOSE_NOT_ASKED,
        ),
        (
            PurposeRule(purposes=frozenset({Purpose.RESEARCH})),
            (replace(STARTUP, consents=frozenset({Purpose.TALENT})),),
            NOT_MET,
            FactCode.PURPOSE_REFUSED,
        ),
        (DurationRule(most=12), (STARTUP, COMPANY), UNKNOWN, FactCode.DURATION_NOT_STATED),
        (AmountRule(most=MONEY), (STARTUP, COMPANY), UNKNOWN, FactCode.AMOUNT_NOT_STATED),
        (ConditionRule(text=Text("civil", "민간")), (STARTUP,), UNKNOWN, FactCode.CONDITION_NOT_STATED),
        (WindowRule(opens=moment(-1), closes=moment(1), now=NOW), (), MET, FactCode.WINDOW_OPEN),
        (WindowRule(opens=moment(1), closes=moment(2), now=NOW), (), UNKNOWN, FactCode.WINDOW_AHEAD),
        (WindowRule(opens=None, closes=None, now=NOW), (), UNKNOWN, FactCode.WINDOW_UNKNOWN),
        (WindowRule(opens=None, closes=moment(0), now=NOW), (), NOT_MET, FactCode.WINDOW_OVER),
    ],
)
def test_a_rule_is_met_not_met_or_to_be_asked(
    rule: Rule, members: tuple[Member, ...], verdict: Verdict, code: FactCode
) -> None:
    outcome = rule.weigh(Case(members))
    assert outcome.verdict is verdict
    assert code in {fact.code for fact in outcome.facts}


def test_who_leads_may_still_be_found() -> None:
    rule = LeadRule(applicant=Applicant.COMPANY, country=SG)
    assert rule.weigh(Case((STARTUP,), (SG_COMPANY,))).verdict is UNKNOWN


@pytest.mark.parametrize(
    ("call", "members", "standing"),
    [
        (make_call(PAIR), (STARTUP, COMPANY), Standing.READY),
        (make_call(PAIR, DurationRule(most=9)), (STARTUP, COMPANY), Standing.ASK),
        (make_call(PAIR), (STARTUP,), Standing.INCOMPLETE),
        (make_call(PAIR), (AGENCY,), Standing.RULED_OUT),
        (make_call(PAIR, closes=0), (STARTUP, COMPANY), Standing.RULED_OUT),
        (make_call(PAIR, opens=1, closes=2), (STARTUP, COMPANY), Standing.ASK),
    ],
)
def test_a_proof_in_one_word(call: Call, members: tuple[Member, ...], standing: Standing) -> None:
    assert prove(call, members, NOW).standing is standing


def test_places_are_taken_by_sure_kinds_first() -> None:
    roles = (SG_COMPANY, SG_RESEARCH)
    placing = place(roles, (HOSPITAL, LAB))
    assert placing.taken == {0: HOSPITAL, 1: LAB}
    assert placing.doubtful == (0,)
    assert place(roles, (HOSPITAL,)).missing


def test_nobody_takes_two_places() -> None:
    assert place((KR_COMPANY, KR_COMPANY), (STARTUP,)).missing == (KR_COMPANY,)


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("uses AI on wards", "ai", True),
        ("aid for airports", "AI", False),
        ("의료기기를 만든다", "의료기기", True),
        ("AI를 쓴다", "AI", True),
        ("반도체", "의료", False),
    ],
)
def test_words_are_found_whole_in_english_and_anywhere_in_korean(
    text: str, word: str, expected: bool
) -> None:
    assert mentions(text, word) is expected


def test_the_state_follows_the_dates() -> None:
    call = make_call(PAIR)
    at = {days: call.state(NOW + timedelta(days=days)) for days in (-2, -1, 0, 1)}
    assert at == {
        -2: CallState.UPCOMING,
        -1: CallState.OPEN,
        0: CallState.OPEN,
        1: CallState.CLOSED,
    }
    assert replace(call, opens=None, closes=None).state(NOW) is CallState.PLANNED
