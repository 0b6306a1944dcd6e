"""Every error that Envoy itself makes, as problem+json with a stable code, in Chinese and English."""

from dataclasses import dataclass
from typing import Any

IANA_QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"
REALM = "shoutu"

Config = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One error of the front door. ``was`` is the status that Envoy gave it, ``status`` the one sent."""

    code: str
    status: int
    was: int
    title: tuple[str, str]
    """Chinese, English."""
    detail: tuple[str, str]
    """What to do next: Chinese, English."""
    headers: tuple[tuple[str, str], ...] = ()
    when: str = ""
    """A CEL expression over the response that must hold besides the status; empty = always."""
    type: str = ""


INVALID_TOKEN = ("WWW-Authenticate", f'Bearer realm="{REALM}", error="invalid_token"')

_ALLOW = ("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
_NO_SUCH_METHOD = ("不支持此方法", "The path does not take this method")

ANSWERS = (
    Answer(
        code="keys_unavailable",
        status=503,
        was=401,
        when="response.code_details.contains('Jwks_remote_fetch')",
        title=("签名公钥暂不可用", "The key set is not available"),
        detail=("请稍后重试。", "The issuer's keys could not be read yet. Try again in a few seconds."),
        headers=(("Retry-After", "5"),),
    ),
    Answer(
        code="token_missing",
        status=401,
        was=401,
        when="response.code_details.contains('Jwt_is_missing')",
        title=("需要访问令牌", "A token is needed"),
        detail=(
            "请从 /oauth/token 获取令牌，并放入 Authorization: Bearer 请求头。",
            "Get a token from /oauth/token and send it as Authorization: Bearer.",
        ),
        headers=(("WWW-Authenticate", f'Bearer realm="{REALM}"'),),
    ),
    Answer(
        code="token_expired",
        status=401,
        was=401,
        when="response.code_details.contains('Jwt_is_expired')",
        title=("访问令牌已过期", "The token has expired"),
        detail=("请从 /oauth/token 获取新令牌。", "Get a new token from /oauth/token."),
        headers=(INVALID_TOKEN,),
    ),
    Answer(
        code="token_invalid",
        status=401,
        was=401,
        title=("访问令牌无效", "The token is not valid here"),
        detail=(
            "令牌的签名、签发者或格式不被接受，请重新获取。",
            "Its signature, issuer or form is not accepted. Get a new one from /oauth/token.",
        ),
        headers=(INVALID_TOKEN,),
    ),
    Answer(
        code="method_not_allowed",
        status=405,
        was=403,
        when="response.code_details == 'upgrade_failed'",
        title=_NO_SUCH_METHOD,
        detail=("不提供隧道。", "No tunnels are opened here."),
        headers=(_ALLOW,),
    ),
    Answer(
        code="token_invalid",
        status=401,
        was=403,
        title=("访问令牌无效", "The token is not valid here"),
        detail=("令牌不是签发给本系统的。", "The token is meant for another audience."),
        headers=(INVALID_TOKEN,),
    ),
    Answer(
        code="request_malformed",
        status=400,
        was=400,
        title=("请求格式错误", "The request is malformed"),
        detail=(
            "请求行、请求头或路径不符合 HTTP 规范。",
            "Its request line, headers or path break the rules of HTTP.",
        ),
    ),
    Answer(
        code="request_malformed",
        status=400,
        was=501,
        title=("请求格式错误", "The request is malformed"),
        detail=(
            "不支持该传输编码；请用 chunked 或 Content-Length。",
            "Send the body chunked or with a Content-Length.",
        ),
    ),
    Answer(
        code="no_such_path",
        status=404,
        was=404,
        title=("没有这个路径", "There is no such path"),
        detail=("可用路径见 /docs。", "The paths that exist are listed at /docs."),
    ),
    Answer(
        code="method_not_allowed",
        status=405,
        was=405,
        title=_NO_SUCH_METHOD,
        detail=("请使用 Allow 中列出的方法。", "Use one of the methods that Allow lists."),
        headers=(_ALLOW,),
    ),
    Answer(
        code="request_timeout",
        status=408,
        was=408,
        title=("请求超时", "The request took too long to arrive"),
        detail=("请检查网络后重试。", "Check the connection and send it again."),
    ),
    Answer(
        code="body_too_large",
        status=413,
        was=413,
        title=("请求内容过大", "The request body is too large"),
        detail=("请缩小内容或分批提交。", "Send less at once, or in several requests."),
    ),
    Answer(
        code="upgrade_required",
        status=426,
        was=426,
        title=("请使用 HTTP/1.1 或 HTTP/2", "Use HTTP/1.1 or HTTP/2"),
        detail=("不支持 HTTP/1.0。", "HTTP/1.0 is not spoken here."),
    ),
    Answer(
        code="quota_exceeded",
        status=429,
        was=429,
        type=IANA_QUOTA,
        title=("请求过于频繁", "Too many requests"),
        detail=("请按 Retry-After 所示时间后重试。", "Wait as long as Retry-After says, then go on."),
    ),
    Answer(
        code="headers_too_large",
        status=431,
        was=431,
        title=("请求头过大", "The request headers are too large"),
        detail=("请减少请求头。", "Send fewer or shorter headers."),
    ),
    Answer(
        code="service_answer_broken",
        status=502,
        was=502,
        title=("服务应答异常", "The service gave a broken answer"),
        detail=("请稍后重试。", "Try again; the operators can find it by the request id."),
    ),
    Answer(
        code="service_unavailable",
        status=503,
        was=503,
        title=("服务暂不可用", "The service is not available now"),
        detail=(
            "请按 Retry-After 重试；写操作请带同一 Idempotency-Key。",
            "Try again after Retry-After; repeat a write with the same Idempotency-Key.",
        ),
        headers=(("Retry-After", "2"),),
    ),
    Answer(
        code="service_timeout",
        status=504,
        was=504,
        title=("服务应答超时", "The service took too long"),
        detail=(
            "结果未知；请带同一 Idempotency-Key 重试。",
            "Whether it was done is not known. Repeat it with the same Idempotency-Key.",
        ),
    ),
)


def local_reply() -> Config:
    """Envoy's ``local_reply_config``: a mapper for each answer and language, and one for whatever is left."""
    return {
        "mappers": [_mapper(answer, language) for answer in ANSWERS for language in (1, 0)],
        "body_format": _body(
            "about:blank", "front_door", "%RESPONSE_CODE%", ("请求未完成 / The request was not completed", "")
        ),
    }


def _mapper(answer: Answer, language: int) -> Config:
    """``language`` 0 is Chinese, the default; 1 is English where Accept-Language begins with it."""
    filters = [_status_is(answer.was)]
    if answer.when:
        filters.append(_cel(answer.when))
    if language == 1:
        filters.append({"header_filter": {"header": _wants_english()}})
    words = (answer.title[language], answer.detail[language])
    kind = answer.type or f"/docs/problems#{answer.code}"
    return {
        "filter": {"and_filter": {"filters": filters}} if len(filters) > 1 else filters[0],
        "status_code": answer.status,
        "headers_to_add": [_overwrite(name, value) for name, value in answer.headers],
        "body_format_override": _body(kind, answer.code, answer.status, words),
    }


def _body(kind: str, code: str, status: int | str, words: tuple[str, str]) -> Config:
    """RFC 9457; the request id goes through the JSON formatter, which escapes what a client sent."""
    title, detail = words
    problem: Config = {
        "type": kind,
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": "%REQ(X-REQUEST-ID):64%",
    }
    if kind == IANA_QUOTA:
        problem["violated-policies"] = ["%METADATA(ROUTE:shoutu:limit)%"]
    return {"json_format": problem, "omit_empty_values": True, "content_type": "application/problem+json"}


def _status_is(status: int) -> Config:
    key = {"default_value": status, "runtime_key": f"shoutu.answer.{status}"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": key}}}


def _cel(expression: str) -> Config:
    kind = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.cel",
            "typed_config": {"@type": kind, "expression": expression},
        }
    }


def _wants_english() -> Config:
    return {"name": "accept-language", "string_match": {"prefix": "en", "ignore_case": True}}


def _overwrite(name: str, value: str) -> Config:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
