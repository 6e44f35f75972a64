"""Calls and proofs in words, in English and Korean: one wording for the pages, the REST answers and the terminal.

Every sentence is a fixed pattern filled with what the file and the profiles say. Korean patterns put names where no
particle depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from matchmaker.domain.call import (
    AmountRule,
    Applicant,
    Basis,
    BudgetShareRule,
    CallState,
    ConditionRule,
    Currency,
    DurationRule,
    Fact,
    FactCode,
    Finding,
    LeadRule,
    Moment,
    Money,
    Per,
    PurposeRule,
    Role,
    Rule,
    SectorRule,
    Share,
    ShareholdingRule,
    SizeRule,
    Standing,
    TeamRule,
    Verdict,
    WindowRule,
)
from matchmaker.domain.member import Country, Kind, Language, Member, Purpose, Text

LOCALES: Mapping[Language, str] = {"en": "en_SG", "ko": "ko_KR"}
SEOUL, SINGAPORE = timezone(timedelta(hours=9), "KST"), timezone(timedelta(hours=8), "SGT")

Both = Text


def _both(en: str, ko: str) -> Both:
    return Text(en, ko)


COUNTRIES = {Country.KR: _both("Korea", "한국"), Country.SG: _both("Singapore", "싱가포르")}
ROLES = {
    (Country.KR, Applicant.COMPANY): _both("a company in Korea", "한국 기업"),
    (Country.SG, Applicant.COMPANY): _both("a company in Singapore", "싱가포르 기업"),
    (Country.KR, Applicant.RESEARCH): _both("a research performer in Korea", "한국 연구수행기관"),
    (Country.SG, Applicant.RESEARCH): _both("a research performer in Singapore", "싱가포르 연구수행기관"),
    (Country.KR, Applicant.ANY): _both("an organisation in Korea", "한국 기관"),
    (Country.SG, Applicant.ANY): _both("an organisation in Singapore", "싱가포르 기관"),
}
APPLICANTS = {
    Applicant.COMPANY: _both("a company", "기업"),
    Applicant.RESEARCH: _both("a research performer", "연구수행기관"),
    Applicant.ANY: _both("any organisation", "모든 기관"),
}
PURPOSES = {
    Purpose.STARTUP: _both("startup and business", "창업·사업"),
    Purpose.RESEARCH: _both("joint research", "공동 연구"),
    Purpose.TALENT: _both("talent", "인재"),
}
SIZES = {
    Kind.STARTUP: _both("startups", "스타트업"),
    Kind.SME: _both("small and medium companies", "중소기업"),
    Kind.CORPORATE: _both("larger companies", "중견·대기업"),
    Kind.OPERATOR: _both("operators", "운영사"),
}
PER = {
    Per.PROJECT: _both("%s per project", "과제당 %s"),
    Per.YEAR: _both("%s per project and year", "과제당 연 %s"),
    Per.PROGRAMME: _both("%s for the whole programme", "사업 전체 %s"),
}
VERDICTS = {
    Verdict.MET: _both("Met", "충족"),
    Verdict.NOT_MET: _both("Not met", "미충족"),
    Verdict.UNKNOWN: _both("Ask", "확인 필요"),
}
STATES = {
    CallState.OPEN: _both("Open", "접수 중"),
    CallState.UPCOMING: _both("Opens later", "접수 예정"),
    CallState.PLANNED: _both("Planned", "계획 중"),
    CallState.CLOSED: _both("Closed", "마감"),
}
STANDINGS = {
    Standing.READY: _both("Every rule is met.", "모든 조건을 충족합니다."),
    Standing.ASK: _both(
        "Nothing speaks against it; some points are still to be asked.",
        "걸리는 조건은 없으며, 몇 가지를 확인해야 합니다.",
    ),
    Standing.INCOMPLETE: _both(
        "Partners are still missing; otherwise nothing speaks against it.",
        "함께할 곳이 더 필요합니다. 그 밖에 걸리는 조건은 없습니다.",
    ),
    Standing.RULED_OUT: _both("At least one rule is not met.", "충족하지 못하는 조건이 있습니다."),
}
TITLES: Mapping[type[Rule], Both] = {
    TeamRule: _both("Who applies together", "함께 신청할 기관"),
    LeadRule: _both("Who leads", "주관"),
    BudgetShareRule: _both("Share of the budget", "예산 비중"),
    ShareholdingRule: _both("Local shareholding", "현지 지분"),
    SectorRule: _both("Fields", "분야"),
    SizeRule: _both("Size of the company", "기업 규모"),
    PurposeRule: _both("Purpose", "목적"),
    DurationRule: _both("Duration", "기간"),
    AmountRule: _both("Amount", "금액"),
    ConditionRule: _both("Other condition", "그 밖의 조건"),
    WindowRule: _both("Dates", "접수 기간"),
}
FACTS = {
    FactCode.ROLES_FILLED: _both("Every place is taken: %(names)s.", "모든 자리가 찼습니다: %(names)s."),
    FactCode.ROLES_PERHAPS: _both(
        "Ask whether this counts as such an applicant: %(names)s.",
        "신청 자격이 있는 기관에 해당하는지 확인하십시오: %(names)s.",
    ),
    FactCode.ROLES_MISSING: _both("Still missing: %(roles)s.", "더 필요한 곳: %(roles)s."),
    FactCode.NO_PLACE: _both(
        "The call has no place for: %(names)s.", "신청할 수 있는 자리가 없습니다: %(names)s."
    ),
    FactCode.EXTRA_UNKNOWN: _both(
        "Ask whether one more may join: %(names)s.", "추가로 참여할 수 있는지 확인하십시오: %(names)s."
    ),
    FactCode.LEAD_FOUND: _both("Could lead: %(names)s.", "주관할 수 있는 곳: %(names)s."),
    FactCode.LEAD_PERHAPS: _both(
        "Ask whether it may lead: %(names)s.", "주관할 수 있는지 확인하십시오: %(names)s."
    ),
    FactCode.LEAD_ABSENT: _both("Nobody here may lead.", "주관할 수 있는 곳이 없습니다."),
    FactCode.SHARE_NOT_STATED: _both(
        "Ask: no profile states how the budget is divided.",
        "확인하십시오. 프로필에는 예산 배분이 나와 있지 않습니다.",
    ),
    FactCode.SHAREHOLDING_NOT_STATED: _both(
        "Ask: the profile does not state who owns it: %(names)s.",
        "확인하십시오. 프로필에 지분이 나와 있지 않습니다: %(names)s.",
    ),
    FactCode.PARTNER_MISSING: _both(
        "Concerns a partner who is not chosen yet.", "아직 정해지지 않은 협력처에 관한 조건입니다."
    ),
    FactCode.SECTOR_NAMED: _both(
        "%(sector)s: the profile says “%(quote)s” (%(names)s).",
        "%(sector)s: 프로필에 “%(quote)s” 표현이 있습니다 (%(names)s).",
    ),
    FactCode.SECTOR_ON_ONE_SIDE: _both(
        "Ask whether the project is in these fields; the profile does not name them: %(names)s.",
        "과제가 이 분야에 드는지 확인하십시오. 프로필에는 나와 있지 않습니다: %(names)s.",
    ),
    FactCode.SECTOR_ABSENT: _both(
        "No profile names one of these fields: %(names)s.", "이 분야가 프로필에 없습니다: %(names)s."
    ),
    FactCode.SECTORS_OPEN: _both("Every field is welcome.", "모든 분야가 신청할 수 있습니다."),
    FactCode.SIZE_FITS: _both(
        "The profile says: %(kind)s (%(names)s).", "프로필상 %(kind)s입니다 (%(names)s)."
    ),
    FactCode.SIZE_NOT_STATED: _both(
        "Ask: the profile does not state its size: %(names)s.",
        "확인하십시오. 프로필에 기업 규모가 나와 있지 않습니다: %(names)s.",
    ),
    FactCode.SIZE_TOO_LARGE: _both(
        "Of another size: %(kind)s (%(names)s).", "규모가 다릅니다: %(kind)s (%(names)s)."
    ),
    FactCode.PURPOSE_AGREED: _both("Open to this purpose: %(names)s.", "이 목적에 동의했습니다: %(names)s."),
    FactCode.PURPOSE_NOT_ASKED: _both(
        "Ask: it is no member and nobody has asked it: %(names)s.",
        "확인하십시오. 회원이 아니며 아직 묻지 않은 곳입니다: %(names)s.",
    ),
    FactCode.PURPOSE_REFUSED: _both(
        "Not open to this purpose: %(names)s.", "이 목적에 동의하지 않았습니다: %(names)s."
    ),
    FactCode.DURATION_NOT_STATED: _both("Ask how long the project would take.", "과제 기간을 확인하십시오."),
    FactCode.AMOUNT_NOT_STATED: _both(
        "Ask how much the project would need.", "과제에 필요한 금액을 확인하십시오."
    ),
    FactCode.CONDITION_NOT_STATED: _both(
        "Ask: no profile answers this.", "확인하십시오. 프로필만으로는 알 수 없습니다."
    ),
    FactCode.WINDOW_OPEN: _both("Applications are taken now.", "지금 접수하고 있습니다."),
    FactCode.WINDOW_AHEAD: _both("Applications are not taken yet.", "아직 접수를 시작하지 않았습니다."),
    FactCode.WINDOW_OVER: _both("The deadline has passed.", "접수가 끝났습니다."),
    FactCode.WINDOW_UNKNOWN: _both("No date has been published.", "공개된 일정이 없습니다."),
}


def say(text: Both, language: Language) -> str:
    """The wording in a language, or the other one."""
    return text.best(language)[0]


def role_in_words(role: Role, language: Language) -> str:
    """A place in a team, as it stands inside a sentence."""
    return say(ROLES[role.country, role.applicant], language)


def roles_in_words(roles: Iterable[Role], language: Language) -> str:
    """Places in a row; one that stands twice is said twice."""
    return ", ".join(role_in_words(role, language) for role in roles)


def names_in_words(members: Iterable[Member], language: Language) -> str:
    """Members' names in a row."""
    return ", ".join(say(member.names, language) for member in members)


def amount_in_words(money: Money, language: Language) -> str:
    """An amount alone, as the locale writes it; the Singapore dollar never as a bare $."""
    pattern = "'S$'#,##0" if money.currency is Currency.SGD else "¤#,##0"
    return format_currency(
        money.amount, money.currency, format=pattern, locale=LOCALES[language], currency_digits=False
    )


def money_in_words(money: Money, language: Language) -> str:
    """An amount and what it is for."""
    text = say(PER[money.per], language) % amount_in_words(money, language)
    if money.country is None:
        return text
    side = say(COUNTRIES[money.country], language)
    return f"{side} 측 {text}" if language == "ko" else f"{text} on the side of {side}"


def moment_in_words(moment: Moment, language: Language, *, is_end: bool) -> str:
    """A moment in Korea and Singapore; a whole day reads as the day alone, in the place where it is meant.

    A day that is meant in Singapore ends an hour later than the same day in Korea, so both ends are shown.
    """
    if moment.is_whole_day:
        inside = moment.at - timedelta(seconds=1) if is_end else moment.at
        return format_date(inside.astimezone(_zone_of_day(moment.at)), "long", locale=LOCALES[language])
    seoul, singapore = (moment.at.astimezone(zone) for zone in (SEOUL, SINGAPORE))
    day = format_date(seoul, "long", locale=LOCALES[language])
    if seoul.date() == singapore.date():
        return f"{day}, {seoul:%H:%M} KST / {singapore:%H:%M} SGT"
    other = format_date(singapore, "long", locale=LOCALES[language])
    return f"{day}, {seoul:%H:%M} KST / {other}, {singapore:%H:%M} SGT"


def exact_in_words(moment: Moment) -> str:
    """The exact end or start in both places, for machines and footnotes: ISO minutes with the zone's name."""
    return " / ".join(
        f"{moment.at.astimezone(zone):%Y-%m-%d %H:%M} {zone.tzname(None)}" for zone in (SEOUL, SINGAPORE)
    )


def end_in_words(closes: Moment, language: Language) -> str:
    """The last minute of a call in both places."""
    last = replace(closes, at=closes.at - timedelta(minutes=1), is_whole_day=False)
    text = moment_in_words(last, language, is_end=True)
    return f"{text}까지" if language == "ko" else f"until {text}"


def dates_in_words(opens: Moment | None, closes: Moment | None, language: Language) -> str:
    """Opening and closing in a row."""
    if opens is None and closes is None:
        return say(_both("dates not published", "일정 미공개"), language)
    start = moment_in_words(opens, language, is_end=False) if opens else ""
    end = moment_in_words(closes, language, is_end=True) if closes else ""
    if not start:
        return f"{end}까지" if language == "ko" else f"until {end}"
    return f"{start} – {end}".strip()


def title_of(rule: Rule, language: Language) -> str:
    """What a rule is about."""
    return say(TITLES[type(rule)], language)


def rule_in_words(rule: Rule, language: Language) -> str:
    """What a rule asks."""
    is_ko = language == "ko"
    match rule:
        case TeamRule(roles=roles, also=also):
            text = roles_in_words(roles, language)
            extra = roles_in_words(also, language)
            more = f" 추가로 참여할 수 있는 곳: {extra}." if is_ko else f" May also join: {extra}."
            return f"{_sentence(text)}{more if also else ''}"
        case LeadRule(applicant=applicant, country=country):
            role = ROLES[country, applicant] if country else APPLICANTS[applicant]
            return f"주관: {say(role, language)}." if is_ko else f"Led by {say(role, language)}."
        case BudgetShareRule(most=most, of=of):
            return _share(of, format_decimal(most, locale=LOCALES[language]), is_ko)
        case ShareholdingRule(country=country, least=least):
            where, part = say(COUNTRIES[country], language), format_decimal(least, locale=LOCALES[language])
            return (
                f"{where} 기업은 현지 지분이 {part}% 이상이어야 합니다."
                if is_ko
                else f"Companies in {where} must be held locally by at least {part}%."
            )
        case SectorRule(sectors=sectors, is_exclusive=is_exclusive):
            names = ", ".join(say(sector.name, language) for sector in sectors)
            if is_exclusive:
                return f"분야 한정: {names}." if is_ko else f"Only: {names}."
            return f"모든 분야, 중점: {names}." if is_ko else f"All fields, in focus: {names}."
        case SizeRule(kinds=kinds, country=country):
            sizes = ", ".join(say(SIZES[kind], language) for kind in SIZES if kind in kinds)
            where = f" ({say(COUNTRIES[country], language)})" if country else ""
            return f"신청 기업: {sizes}{where}." if is_ko else f"Companies that may apply: {sizes}{where}."
        case PurposeRule(purposes=purposes):
            names = ", ".join(say(PURPOSES[purpose], language) for purpose in PURPOSES if purpose in purposes)
            return f"목적: {names}." if is_ko else f"For: {names}."
        case DurationRule(most=most):
            return f"최대 {most}개월." if is_ko else f"At most {most} months."
        case AmountRule(most=most):
            return (
                f"최대 {money_in_words(most, language)}."
                if is_ko
                else f"Up to {money_in_words(most, language)}."
            )
        case ConditionRule(text=text):
            return say(text, language)
        case WindowRule(opens=opens, closes=closes):
            return _sentence(dates_in_words(opens, closes, language))
    raise TypeError(f"no words for {type(rule).__name__}")


def _share(of: Share, part: str, is_ko: bool) -> str:
    if of is Share.PARTNER:
        return (
            f"한 기관의 예산 비중은 {part}%를 넘을 수 없습니다."
            if is_ko
            else f"No single partner carries more than {part}% of the budget."
        )
    return (
        f"한 나라의 예산 비중은 {part}%를 넘을 수 없습니다."
        if is_ko
        else f"Neither country carries more than {part}% of the budget."
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def fact_in_words(fact: Fact, language: Language) -> str:
    """One sentence of a proof."""
    kinds = ", ".join(say(SIZES[member.kind], language) for member in fact.members if member.kind in SIZES)
    return say(FACTS[fact.code], language) % {
        "names": names_in_words(fact.members, language),
        "roles": roles_in_words(fact.roles, language),
        "quote": fact.quote,
        "sector": say(fact.sector, language),
        "kind": kinds,
    }


def facts_in_words(finding: Finding, language: Language) -> tuple[str, ...]:
    """What a verdict rests on, a sentence each."""
    return tuple(fact_in_words(fact, language) for fact in finding.outcome.facts)


def basis_in_words(basis: Basis, language: Language) -> str:
    """Where a rule is from; empty where there is nothing to say."""
    if basis.source is not None:
        return basis.source.title
    if not basis.assumption:
        return ""
    sentence = say(basis.assumption, language)
    return f"가정: {sentence}" if language == "ko" else f"Assumption: {sentence}"


def _zone_of_day(at: datetime) -> timezone:
    """In which of the zones a moment is midnight, so that a whole day keeps its name."""
    return next(
        (zone for zone in (SEOUL, SINGAPORE) if at.astimezone(zone).time() == datetime.min.time()),
        UTC,
    )
