"""Every sentence that a letter may hold, in both languages: fixed but for what is filled in.

``{name}`` is a filled text; ``{name!}`` the text in quotation marks, with its language where that is not the
letter's; ``{~name:topic}`` the Korean particle that follows it (see `with_particle`).
"""

from __future__ import annotations

from collections.abc import Mapping

from matchmaker.domain.member import Country, Kind, Language, Purpose

Wordings = Mapping[Language, str]

PATTERNS: Mapping[str, Wordings] = {
    "other-language": {
        "en": "The same letter in English follows below.",
        "ko": "같은 내용의 한국어 안내가 아래에 이어집니다.",
    },
    "greeting": {"en": "Dear {own} team,", "ko": "{own} 담당자님께"},
    "signature": {
        "en": "The coordinators of the Korea–Singapore AI Alliance",
        "ko": "한국-싱가포르 AI 얼라이언스 코디네이터 드림",
    },
    "ask-subject": {
        "en": "Would you like to meet {partner_short}?",
        "ko": "{partner_short}{~partner_short:object} 소개해 드려도 되겠습니까?",
    },
    "ask": {
        "en": "We coordinate the Korea–Singapore AI Alliance, and we suggest that you meet {partner}, {kind} in {country}.",
        "ko": "한국-싱가포르 AI 얼라이언스 코디네이터입니다. {country}의 {kind}인 {partner}{~partner:object} 만나 보실 것을 제안드립니다.",
    },
    "purpose": {"en": "What it is for: {purpose}.", "ko": "만남의 목적: {purpose}"},
    "ask-nothing-yet": {
        "en": "Neither side has been given the other's contact. That happens only if both of you say yes.",
        "ko": "아직 어느 쪽에도 상대의 연락처를 알려 드리지 않았습니다. 양쪽이 모두 수락하신 경우에만 알려 드립니다.",
    },
    "note": {"en": "A word from the coordinator: {note!}", "ko": "코디네이터가 덧붙이는 말: {note!}"},
    "reasons": {
        "en": "WHY THE TWO OF YOU (each in the words of the profiles)",
        "ko": "■ 두 기관을 잇는 이유 (프로필에 쓰인 그대로 옮깁니다)",
    },
    "own-need": {"en": "You are looking for: {text!}", "ko": "{you}에서 찾으시는 것: {text!}"},
    "own-offer": {"en": "You offer: {text!}", "ko": "{you}에서 제공하시는 것: {text!}"},
    "own-summary": {"en": "Your profile says: {text!}", "ko": "{you} 소개에서: {text!}"},
    "own-domain": {"en": "Your fields: {text!}", "ko": "{you}의 분야: {text!}"},
    "partner-need": {
        "en": "{partner_short} is looking for: {text!}",
        "ko": "{partner_short}에서 찾는 것: {text!}",
    },
    "partner-offer": {
        "en": "{partner_short} offers: {text!}",
        "ko": "{partner_short}에서 제공하는 것: {text!}",
    },
    "partner-summary": {
        "en": "The profile of {partner_short} says: {text!}",
        "ko": "{partner_short} 소개에서: {text!}",
    },
    "partner-domain": {
        "en": "The fields of {partner_short}: {text!}",
        "ko": "{partner_short}의 분야: {text!}",
    },
    "original": {"en": "In the original: {text!}", "ko": "원문: {text!}"},
    "thin": {
        "en": "The profiles share few words; we suggest the meeting on a coordinator's judgment.",
        "ko": "두 프로필에 겹치는 말이 많지는 않으나, 코디네이터가 검토한 끝에 제안드립니다.",
    },
    "partner-profile": {
        "en": "ABOUT {partner_short}, FROM ITS PROFILE",
        "ko": "■ {partner_short} 프로필에서",
    },
    "profile-offer": {"en": "Offers: {text!}", "ko": "제공하는 것: {text!}"},
    "profile-need": {"en": "Looks for: {text!}", "ko": "찾는 것: {text!}"},
    "own-profile": {
        "en": "WHAT {partner_short} READS ABOUT YOU",
        "ko": "■ 상대 기관이 읽게 되는 {you}의 내용",
    },
    "agenda": {
        "en": "A POSSIBLE FIRST MEETING (45 minutes, online)",
        "ko": "■ 첫 만남 제안 (온라인, 45분)",
    },
    "agenda-start": {
        "en": "Who we are and what we do today: five minutes each",
        "ko": "상호 소개와 현재 하는 일 (각 5분)",
    },
    "agenda-match": {
        "en": "{giver}: {source!} – {taker}: {target!} – what would a first step together look like?",
        "ko": "{giver}의 {source!}{~source:and} {taker}의 {target!} – 함께 시작해 볼 수 있는 첫 단계",
    },
    "agenda-limits": {
        "en": "What would stand in the way: time, data, permits, budget",
        "ko": "걸림돌이 될 만한 것: 일정, 데이터, 인허가, 예산",
    },
    "agenda-end": {
        "en": "One next step, with a name and a date on each side",
        "ko": "다음 단계 한 가지와 양쪽의 담당자, 날짜 정하기",
    },
    "answer": {"en": "YOUR ANSWER", "ko": "■ 회신 방법"},
    "answer-link": {
        "en": "Accept or decline on this page, without an account: {link}",
        "ko": "아래 주소에서 로그인 없이 수락하거나 거절하실 수 있습니다: {link}",
    },
    "answer-until": {
        "en": "Please answer by {until}. If we hear nothing we write once more; after that the suggestion lapses.",
        "ko": "{until}까지 답해 주시기 바랍니다. 답이 없으시면 한 번 더 여쭙고, 그 뒤에는 제안이 자동으로 종료됩니다.",
    },
    "sharing": {"en": "WHO SEES WHAT", "ko": "■ 누구에게 무엇이 공유됩니까"},
    "sharing-now": {
        "en": "{partner_short} gets the same letter about you, with what stands above and no contact details.",
        "ko": "{partner_short}에도 {you}에 관한 같은 내용의 편지가 가며, 연락처는 들어 있지 않습니다.",
    },
    "sharing-yes": {
        "en": "If both accept, each side receives the other's contact from us.",
        "ko": "양쪽이 모두 수락하시면 서로의 연락처를 양쪽에 알려 드립니다.",
    },
    "sharing-no": {
        "en": "If you decline, {partner_short} hears only that it does not work out this time. "
        "Your reason stays with the coordinators.",
        "ko": "거절하시면 상대 기관에는 이번에는 만남이 어렵다는 사실만 전해 드리며, 거절 사유는 코디네이터만 봅니다.",
    },
    "opt-out": {
        "en": "You receive this because {own_short} joined the alliance and agreed to be introduced for this purpose. "
        "You can change that on your profile page at any time ({site}); we then no longer write.",
        "ko": "이 편지는 {own_short}에서 얼라이언스에 가입하시고 이 목적의 소개에 동의해 주셨기에 보내 드립니다. "
        "동의는 언제든지 프로필 화면({site})에서 철회하실 수 있으며, 그 뒤로는 편지를 보내지 않습니다.",
    },
    "reminder-subject": {
        "en": "Still open: would you like to meet {partner_short}?",
        "ko": "다시 여쭙습니다: {partner_short} 소개 제안",
    },
    "reminder": {
        "en": "A few days ago we suggested that you meet {partner}, {kind} in {country}. We have not heard from you yet.",
        "ko": "며칠 전 {country}의 {kind}인 {partner}{~partner:object} 만나 보실 것을 제안드렸으나 아직 답을 받지 못했습니다.",
    },
    "reminder-last": {
        "en": "This is the only reminder. Without an answer by {until} the suggestion lapses, with no harm done: "
        "{partner_short} only hears that it did not come about.",
        "ko": "다시 여쭙는 것은 이번 한 번뿐입니다. {until}까지 답이 없으시면 제안은 종료되며, "
        "상대 기관에는 만남이 이루어지지 않았다는 사실만 전해 드립니다.",
    },
    "accepted-subject": {
        "en": "Both said yes: you and {partner_short}",
        "ko": "양쪽이 모두 수락하셨습니다: {partner_short}",
    },
    "accepted": {
        "en": "You and {partner} have both accepted the introduction. We are glad.",
        "ko": "{you}{~you:and} {partner}{~partner:subject} 모두 소개를 수락하셨습니다. 진심으로 반갑습니다.",
    },
    "accepted-contact": {
        "en": "This is whom to write to at {partner_short}:",
        "ko": "{partner_short}의 연락처는 다음과 같습니다.",
    },
    "contact": {"en": "{contact}", "ko": "{contact}"},
    "accepted-shared": {
        "en": "{partner_short} has received your contact in the same way. Please use both for this introduction only.",
        "ko": "{partner_short}에도 {you}의 연락처를 같은 방식으로 알려 드렸습니다. 서로의 연락처는 이번 만남에만 써 주시기 바랍니다.",
    },
    "accepted-next": {
        "en": "Either side may write first. A coordinator will ask in a few weeks how it went.",
        "ko": "어느 쪽에서 먼저 연락하셔도 좋습니다. 몇 주 뒤 코디네이터가 만남이 어떠셨는지 여쭙겠습니다.",
    },
    "declined-subject": {
        "en": "About {partner_short}: not this time",
        "ko": "{partner_short} 소개 결과 안내",
    },
    "declined": {
        "en": "We had suggested that you meet {partner}. It does not work out for them this time, "
        "which says nothing about your work.",
        "ko": "{partner}{~partner:object} 만나 보실 것을 제안드린 바 있습니다. 아쉽게도 상대 기관의 사정으로 이번에는 "
        "만남이 어렵게 되었습니다. {you}에 대한 평가와는 무관합니다.",
    },
    "expired-subject": {
        "en": "About {partner_short}: it did not come about",
        "ko": "{partner_short} 소개 결과 안내",
    },
    "expired": {
        "en": "We had suggested that you meet {partner}. We did not hear from both sides in time, "
        "so the suggestion has lapsed.",
        "ko": "{partner}{~partner:object} 만나 보실 것을 제안드렸으나, 기한 안에 양쪽의 답을 모두 받지 못하여 제안을 종료합니다.",
    },
    "withdrawn-subject": {"en": "We take back a suggestion", "ko": "소개 제안을 거두어들입니다"},
    "withdrawn": {
        "en": "We take back our suggestion that you meet {partner}. You need not do anything.",
        "ko": "{partner}{~partner:object} 만나 보시라는 제안을 거두어들입니다. 따로 하실 일은 없습니다.",
    },
    "withdrawn-unnamed": {
        "en": "We take back a suggestion for an introduction that we sent you. You need not do anything.",
        "ko": "앞서 보내 드린 소개 제안을 거두어들입니다. 따로 하실 일은 없습니다.",
    },
    "no-contact-given": {
        "en": "Nobody was given your contact.",
        "ko": "{you}의 연락처는 누구에게도 전달되지 않았습니다.",
    },
    "other-suggestions": {
        "en": "Other suggestions are on your page: {site}",
        "ko": "다른 제안은 {you}의 화면에서 보실 수 있습니다: {site}",
    },
    "sign-in-subject": {"en": "Your link to sign in", "ko": "로그인 링크 안내"},
    "sign-in-greeting": {"en": "Hello,", "ko": "안녕하십니까."},
    "sign-in": {
        "en": "Open this link to sign in to the Alliance Matchmaker: {link}",
        "ko": "아래 주소를 여시면 얼라이언스 매치메이커에 로그인됩니다: {link}",
    },
    "sign-in-once": {
        "en": "It works once and only for a short time. If you did not ask for it, ignore this letter; nothing happens.",
        "ko": "이 주소는 짧은 시간 동안 한 번만 쓸 수 있습니다. 요청하신 적이 없다면 이 편지를 무시하셔도 아무 일도 일어나지 않습니다.",
    },
}

KINDS: Mapping[Kind, Wordings] = {
    Kind.AGENCY: {"en": "a public agency", "ko": "공공기관"},
    Kind.MINISTRY: {"en": "a ministry", "ko": "정부 부처"},
    Kind.ASSOCIATION: {"en": "an association", "ko": "협회"},
    Kind.FUND: {"en": "a public fund", "ko": "공공 기금"},
    Kind.INVESTOR: {"en": "an investor", "ko": "투자사"},
    Kind.ACCELERATOR: {"en": "an accelerator", "ko": "액셀러레이터"},
    Kind.STARTUP: {"en": "a startup", "ko": "스타트업"},
    Kind.SME: {"en": "a small or medium company", "ko": "중소기업"},
    Kind.CORPORATE: {"en": "a company", "ko": "기업"},
    Kind.OPERATOR: {"en": "an operator", "ko": "운영기관"},
    Kind.HOSPITAL: {"en": "a hospital", "ko": "병원"},
    Kind.UNIVERSITY: {"en": "a university", "ko": "대학교"},
    Kind.SCHOOL: {"en": "a school", "ko": "교육기관"},
    Kind.INSTITUTE: {"en": "a research institute", "ko": "연구기관"},
    Kind.LAB: {"en": "a research lab", "ko": "연구실"},
}
COMPANIES = frozenset({Kind.STARTUP, Kind.SME, Kind.CORPORATE, Kind.INVESTOR, Kind.ACCELERATOR})
"""Who is addressed as a company in Korean."""
COUNTRIES: Mapping[Country, Wordings] = {
    Country.KR: {"en": "Korea", "ko": "한국"},
    Country.SG: {"en": "Singapore", "ko": "싱가포르"},
}
PURPOSES: Mapping[Purpose, Wordings] = {
    Purpose.STARTUP: {
        "en": "business together (customers, pilots, market entry, investment)",
        "ko": "사업 협력(고객 확보, 실증, 시장 진출, 투자)",
    },
    Purpose.RESEARCH: {"en": "joint research", "ko": "공동연구"},
    Purpose.TALENT: {"en": "exchange and hiring of talent", "ko": "인재 교류와 채용"},
}
LANGUAGE_NAMES: Mapping[Language, Wordings] = {
    "en": {"en": "in English", "ko": "영어"},
    "ko": {"en": "in Korean", "ko": "한국어"},
}


def you_in_korean(kind: Kind) -> str:
    """How a Korean letter addresses an organisation."""
    return "귀사" if kind in COMPANIES else "귀 기관"
