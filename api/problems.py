"""What readers are told when something is refused: title and detail per code, in English and Korean.

The product's own sentences are for operators and the command line. These are for whoever sent a request, so what a
server should keep to itself (addresses, file names, a driver's words) is left out. ``%(name)s`` takes a parameter of
the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from matchmaker.domain.member import Language


class ProblemText(NamedTuple):
    """A short title that never varies, and a sentence for the case at hand."""

    title: str
    detail: str


ENGLISH: Mapping[str, ProblemText] = {
    "error": ProblemText("Something went wrong", "The request could not be completed."),
    "invalid-input": ProblemText("The input breaks a rule", "%(reason)s"),
    "unreadable-file": ProblemText("The file cannot be read", "%(reason)s"),
    "unknown-member": ProblemText(
        "No such member",
        "No member is registered as “%(external_id)s”. Look the id up in the directory: GET /v1/members?q=…",
    ),
    "conflict": ProblemText(
        "The request contradicts what is stored", "Read the record again, then repeat your change."
    ),
    "duplicate-member": ProblemText(
        "The external_id is taken",
        "A member “%(external_id)s” exists already. Revise it with PUT, or register under another external_id.",
    ),
    "stale-version": ProblemText(
        "Somebody changed the record first",
        "“%(external_id)s” is at version %(current)s, not %(expected)s. Read it again, then repeat your change.",
    ),
    "unknown-record": ProblemText(
        "No such record",
        "There is no %(kind)s “%(id)s”. It may have been removed; open the list and choose again.",
    ),
    "sign-in-required": ProblemText(
        "Sign in first",
        "This needs an account: sign in at /sign-in, or send an API key as `Authorization: Bearer …`.",
    ),
    "already-decided": ProblemText(
        "Somebody decided first",
        "Somebody decided about case %(id)s while you read it: it is “%(stage)s” now. Read it again.",
    ),
    "case-held": ProblemText(
        "Another coordinator works on this case",
        "Case %(id)s is held by %(holder)s until %(until)s. Take another one, or come back then.",
    ),
    "illegal-move": ProblemText(
        "The record cannot go there",
        "“%(move)s” does not lead on from “%(stage)s”. Possible now: %(possible)s.",
    ),
    "too-late": ProblemText("It can no longer be undone", "%(what)s can no longer be undone: %(reason)s."),
    "link-spent": ProblemText(
        "This link no longer works",
        "The link was used, has expired or is not ours. Ask for a new one at /sign-in.",
    ),
    "broken-key": ProblemText(
        "The API key is mistyped",
        "The API key was mistyped or cut off: its last six characters do not fit the rest. Copy it again.",
    ),
    "unknown-key": ProblemText(
        "The API key is not valid",
        "The API key is not known here, has expired or was revoked. Ask an administrator for one.",
    ),
    "too-many-requests": ProblemText(
        "Too many requests", "Too many requests came at once. Try again in %(seconds)s seconds."
    ),
    "meeting-clash": ProblemText(
        "The meeting does not fit there",
        "The meeting does not fit there: %(reason)s. Choose another slot or table.",
    ),
    "attempt-running": ProblemText(
        "The same request is still running",
        "A request under this Idempotency-Key is still running. Send it again in %(seconds)s seconds.",
    ),
    "key-reused": ProblemText(
        "The Idempotency-Key was used for another request",
        "Another request came under this Idempotency-Key. Use a new key for every new request.",
    ),
    "bad-idempotency-key": ProblemText(
        "The Idempotency-Key cannot be used",
        "Send one Idempotency-Key of 1 to %(longest)s visible ASCII characters, for example a random UUID.",
    ),
    "mail-unavailable": ProblemText(
        "Mail cannot be sent",
        "The mail server does not answer. Letters wait in the outbox and are tried again.",
    ),
    "model-unavailable": ProblemText(
        "The encoder cannot be loaded",
        "Texts cannot be compared until the operator has mended the encoder; the server's log says what is wrong.",
    ),
    "snapshot-corrupt": ProblemText(
        "The index files do not match their manifest", "The index is rebuilt from the database. Try again."
    ),
    "storage-unavailable": ProblemText(
        "The database cannot be used",
        "The database does not answer as it should. Nothing was lost; try again.",
    ),
    "schema-outdated": ProblemText(
        "The database was made by another version",
        "The database is at revision %(found)s, this version needs %(needed)s. The operator runs: matchmaker migrate",
    ),
    "invalid-setting": ProblemText(
        "A setting cannot be used", "%(setting)s cannot be used: %(reason)s. The operator has to correct it."
    ),
    "not-ready": ProblemText(
        "The index is not built yet",
        "The index is still being built: %(reason)s. Ask /readyz, then try again.",
    ),
    "bad-request": ProblemText(
        "The request cannot be understood", "The request, or its body, is not in a form that can be read."
    ),
    "broken-json": ProblemText(
        "The body is not JSON", "The body breaks off being JSON at character %(at)s: %(why)s."
    ),
    "bad-cursor": ProblemText(
        "The cursor is not one of ours",
        "The cursor was altered, or belongs to another filter. Leave it out to start from the first page.",
    ),
    "cross-site": ProblemText(
        "The request came from another site",
        "A browser sent this from a page of another site, so nothing was changed. Open this service itself.",
    ),
    "forbidden": ProblemText("You may not do this", "Your account does not allow “%(action)s”."),
    "not-found": ProblemText(
        "Nothing is here", "There is nothing at this address. The addresses are listed in /openapi.json."
    ),
    "method-not-allowed": ProblemText("This address does not take that method", "It takes: %(allowed)s."),
    "body-too-large": ProblemText(
        "The body is too large", "A body may have at most %(limit)s bytes. Send less at a time."
    ),
    "unsupported-media-type": ProblemText(
        "The body must be JSON", "Send the body as JSON with the header Content-Type: application/json."
    ),
    "unsupported-file": ProblemText(
        "The body must be JSON Lines, CSV or XLSX",
        "Send the file as it is with Content-Type application/jsonl, text/csv or %(xlsx)s.",
    ),
    "precondition-required": ProblemText(
        "If-Match is missing",
        "Say which version you change: send the ETag that you read in the header If-Match.",
    ),
    "internal-error": ProblemText(
        "Something went wrong on our side",
        "The request failed here, not at your end. Tell the operator the request id: %(request_id)s",
    ),
}

KOREAN: Mapping[str, ProblemText] = {
    "error": ProblemText("문제가 생겼습니다", "요청을 처리하지 못했습니다."),
    "invalid-input": ProblemText("입력이 규칙에 맞지 않습니다", "규칙에 맞지 않는 곳: %(reason)s"),
    "unreadable-file": ProblemText("파일을 읽을 수 없습니다", "읽지 못한 까닭: %(reason)s"),
    "unknown-member": ProblemText(
        "그런 회원이 없습니다",
        "“%(external_id)s”(으)로 등록된 회원이 없습니다. 회원 목록에서 ID를 찾아보세요: GET /v1/members?q=…",
    ),
    "conflict": ProblemText(
        "저장된 내용과 어긋나는 요청입니다", "기록을 다시 읽은 뒤 변경을 되풀이해 주세요."
    ),
    "duplicate-member": ProblemText(
        "이미 쓰이는 external_id입니다",
        "“%(external_id)s” 회원이 이미 있습니다. PUT으로 고치거나 다른 external_id로 등록해 주세요.",
    ),
    "stale-version": ProblemText(
        "다른 사람이 먼저 고쳤습니다",
        "“%(external_id)s”의 현재 버전은 %(current)s이며 %(expected)s이(가) 아닙니다. "
        "다시 읽은 뒤 변경을 되풀이해 주세요.",
    ),
    "unknown-record": ProblemText(
        "기록이 없습니다", "“%(id)s”(%(kind)s)이(가) 없습니다. 삭제되었을 수 있으니 목록에서 다시 고르십시오."
    ),
    "sign-in-required": ProblemText(
        "먼저 로그인하십시오",
        "계정이 필요합니다. /sign-in에서 로그인하거나 API 키를 `Authorization: Bearer …`로 보내십시오.",
    ),
    "already-decided": ProblemText(
        "다른 사람이 먼저 결정했습니다",
        "읽는 동안 다른 사람이 %(id)s번 건을 결정해 지금은 “%(stage)s” 상태입니다. 다시 읽으십시오.",
    ),
    "case-held": ProblemText(
        "다른 코디네이터가 검토 중입니다",
        "%(id)s번 건은 %(holder)s가 %(until)s까지 맡고 있습니다. 다른 건을 고르거나 그 뒤에 다시 오십시오.",
    ),
    "illegal-move": ProblemText(
        "그 상태로 옮길 수 없습니다",
        "“%(stage)s”에서 “%(move)s”(으)로 갈 수 없습니다. 지금 가능한 것: %(possible)s.",
    ),
    "too-late": ProblemText(
        "더 이상 되돌릴 수 없습니다", "%(what)s: 더 이상 되돌릴 수 없습니다. 이유: %(reason)s."
    ),
    "link-spent": ProblemText(
        "더 이상 쓸 수 없는 링크입니다",
        "이미 사용했거나 기한이 지났거나 여기서 만들지 않은 링크입니다. /sign-in에서 새 링크를 요청하십시오.",
    ),
    "broken-key": ProblemText(
        "API 키에 오타가 있습니다",
        "API 키가 잘못 입력되었거나 잘렸습니다. 마지막 여섯 글자가 나머지와 맞지 않습니다. 다시 복사하십시오.",
    ),
    "unknown-key": ProblemText(
        "유효하지 않은 API 키입니다",
        "알 수 없거나 만료되었거나 폐기된 API 키입니다. 관리자에게 새 키를 요청하십시오.",
    ),
    "too-many-requests": ProblemText(
        "요청이 너무 많습니다",
        "한꺼번에 너무 많은 요청이 왔습니다. %(seconds)s초 뒤에 다시 시도하십시오.",
    ),
    "meeting-clash": ProblemText(
        "그 자리에는 넣을 수 없는 면담입니다",
        "그 자리에는 넣을 수 없습니다: %(reason)s. 다른 시간이나 테이블을 고르십시오.",
    ),
    "attempt-running": ProblemText(
        "같은 요청을 아직 처리하고 있습니다",
        "이 Idempotency-Key의 요청을 아직 처리하고 있습니다. %(seconds)s초 뒤에 다시 보내십시오.",
    ),
    "key-reused": ProblemText(
        "다른 요청에 쓰인 Idempotency-Key입니다",
        "이 Idempotency-Key로 다른 요청이 이미 왔습니다. 새 요청마다 새 키를 쓰십시오.",
    ),
    "bad-idempotency-key": ProblemText(
        "쓸 수 없는 Idempotency-Key입니다",
        "Idempotency-Key는 하나만, 보이는 ASCII 글자 1~%(longest)s자로 보내십시오. 예: 무작위 UUID.",
    ),
    "mail-unavailable": ProblemText(
        "메일을 보낼 수 없습니다",
        "메일 서버가 응답하지 않습니다. 편지는 발신함에 남아 있으며 다시 시도합니다.",
    ),
    "model-unavailable": ProblemText(
        "인코더를 불러올 수 없습니다",
        "운영자가 인코더를 고칠 때까지 글을 비교할 수 없습니다. 까닭은 서버 로그에 있습니다.",
    ),
    "snapshot-corrupt": ProblemText(
        "색인 파일이 목록과 다릅니다", "데이터베이스에서 색인을 다시 만듭니다. 다시 시도해 주세요."
    ),
    "storage-unavailable": ProblemText(
        "데이터베이스를 쓸 수 없습니다",
        "데이터베이스가 제대로 응답하지 않습니다. 잃어버린 것은 없으니 다시 시도해 주세요.",
    ),
    "schema-outdated": ProblemText(
        "다른 버전이 만든 데이터베이스입니다",
        "데이터베이스 리비전은 %(found)s이고 이 버전에는 %(needed)s이(가) 필요합니다. 운영자 명령: matchmaker migrate",
    ),
    "invalid-setting": ProblemText(
        "쓸 수 없는 설정입니다", "%(setting)s 설정을 쓸 수 없습니다: %(reason)s. 운영자가 바로잡아야 합니다."
    ),
    "not-ready": ProblemText(
        "아직 색인을 만들고 있습니다",
        "색인을 만드는 중입니다(%(reason)s). /readyz에서 상태를 확인한 뒤 다시 시도해 주세요.",
    ),
    "bad-request": ProblemText("요청을 이해할 수 없습니다", "요청이나 본문이 읽을 수 있는 형태가 아닙니다."),
    "broken-json": ProblemText(
        "본문이 JSON이 아닙니다", "본문의 %(at)s번째 글자부터 JSON이 아닙니다: %(why)s."
    ),
    "bad-cursor": ProblemText(
        "여기서 만든 커서가 아닙니다",
        "커서가 바뀌었거나 다른 조건의 커서입니다. 커서 없이 첫 쪽부터 시작해 주세요.",
    ),
    "cross-site": ProblemText(
        "다른 사이트에서 온 요청입니다",
        "브라우저가 다른 사이트의 페이지에서 보낸 요청이라 아무것도 바꾸지 않았습니다. 이 서비스를 직접 열어 주세요.",
    ),
    "forbidden": ProblemText("허용되지 않은 일입니다", "이 계정으로는 “%(action)s”을(를) 할 수 없습니다."),
    "not-found": ProblemText(
        "여기에는 아무것도 없습니다", "이 주소에는 아무것도 없습니다. 주소 목록은 /openapi.json에 있습니다."
    ),
    "method-not-allowed": ProblemText(
        "이 주소에서 쓸 수 없는 메서드입니다", "쓸 수 있는 메서드: %(allowed)s."
    ),
    "body-too-large": ProblemText(
        "본문이 너무 큽니다", "본문은 %(limit)s바이트까지 보낼 수 있습니다. 나누어 보내 주세요."
    ),
    "unsupported-media-type": ProblemText(
        "본문은 JSON이어야 합니다", "Content-Type: application/json 헤더와 함께 JSON으로 보내 주세요."
    ),
    "unsupported-file": ProblemText(
        "본문은 JSON Lines, CSV 또는 XLSX여야 합니다",
        "파일을 그대로 보내고 Content-Type을 application/jsonl, text/csv 또는 %(xlsx)s로 지정해 주세요.",
    ),
    "precondition-required": ProblemText(
        "If-Match가 없습니다",
        "어느 버전을 고치는지 알려 주세요. 읽을 때 받은 ETag를 If-Match 헤더로 보내면 됩니다.",
    ),
    "internal-error": ProblemText(
        "서버에서 문제가 생겼습니다",
        "보낸 쪽이 아니라 서버에서 실패했습니다. 운영자에게 요청 번호를 알려 주세요: %(request_id)s",
    ),
}

_TEXTS: Mapping[Language, Mapping[str, ProblemText]] = {"en": ENGLISH, "ko": KOREAN}


def problem_text(code: str, language: Language) -> ProblemText:
    """The text of a code, its placeholders unfilled."""
    return _TEXTS[language][code]


def filled(code: str, language: Language, params: Mapping[str, object]) -> ProblemText:
    """The text of a code for one case."""
    text = problem_text(code, language)
    return ProblemText(text.title, text.detail % params)
