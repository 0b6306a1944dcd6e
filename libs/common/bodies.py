"""Request bodies: bounded while they are read, of the right type, and strict JSON."""

from __future__ import annotations

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.types import Message, Receive

from libs.common import strict_json
from libs.common.languages import Said
from libs.common.problems import FieldError, Problem

_FORM_TYPES: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


class BodyTooLarge(Problem):
    """More bytes than this door reads."""

    status = 413
    code = "body_too_large"
    title = Said("请求内容过大", "The request body is too large")
    advice = Said("请缩小内容或分批提交。", "Send less at once, or in several requests.")

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(limit_bytes=limit_bytes, headers={"Connection": "close"})


class UnsupportedMediaType(Problem):
    """The Content-Type (or -Encoding) is not one that this door reads."""

    status = 415
    code = "unsupported_media_type"
    title = Said("不支持的内容类型", "The content type is not read here")
    advice = Said(
        "请以 UTF-8 发送 accepted 所列的类型之一，不要压缩。",
        "Send one of the types in `accepted`, in UTF-8 and not compressed.",
    )

    def __init__(self, method: str, accepted: tuple[str, ...]) -> None:
        listed = ", ".join(accepted)
        super().__init__(
            accepted=list(accepted), headers={"Accept-Patch" if method == "PATCH" else "Accept-Post": listed}
        )


class EmptyBody(Problem):
    """A body is needed here."""

    status = 400
    code = "empty_body"
    title = Said("缺少请求内容", "The body is missing")
    advice = Said("请发送 JSON 内容。", "Send a JSON body.")


class UnexpectedBody(Problem):
    """A body where nothing would read it: better said than ignored."""

    status = 400
    code = "unexpected_body"
    title = Said("此处不接受请求内容", "No body is read here")
    advice = Said("请去掉请求内容。", "Send the request without a body.")


def bounded(receive: Receive, limit_bytes: int) -> Receive:
    """The same stream, ending in BodyTooLarge (413) when more than `limit_bytes` arrive."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit_bytes:
                raise BodyTooLarge(limit_bytes)
        return message

    return limited


def refuse_declared(request: Request, limit_bytes: int) -> None:
    """Refuse by Content-Length before a byte is read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 15 or int(declared) > limit_bytes):
        raise BodyTooLarge(limit_bytes)


async def read_json(request: Request, *, required: bool) -> None:
    """Read, check and decode the body; FastAPI finds the decoded value where it would have put it itself."""
    body = await request.body()
    if not body.strip():
        if required:
            raise EmptyBody
        vars(request)["_body"] = b""
        return
    if not _is_json(request):
        merge = ("application/merge-patch+json",) if request.method == "PATCH" else ()
        raise UnsupportedMediaType(request.method, (*merge, "application/json"))
    vars(request)["_json"] = strict_json.decode(body)


def _is_json(request: Request) -> bool:
    if request.headers.get("content-encoding", "identity") != "identity":
        return False
    given = request.headers.get("content-type", "")
    if given == "application/json":
        return True
    kind, _, parameters = given.lower().partition(";")
    subtype = kind.strip().removeprefix("application/")
    if subtype == kind.strip() or not (subtype == "json" or subtype.endswith("+json")):
        return False
    found = dict(part.strip().partition("=")[::2] for part in parameters.split(";") if part.strip())
    return found.get("charset", "utf-8").strip('"') in ("utf-8", "utf8")


async def read_form(request: Request, limits: dict[str, Any]) -> FormData:
    """Read a form, urlencoded or multipart, within the limits; its texts hold no NUL."""
    kind = request.headers.get("content-type", "").lower().partition(";")[0].strip()
    encoded = request.headers.get("content-encoding", "identity") != "identity"
    if kind not in _FORM_TYPES or encoded:
        raise UnsupportedMediaType(request.method, _FORM_TYPES)
    form = await request.form(**limits)
    for name, value in form.multi_items():
        if "\x00" in name or (isinstance(value, str) and "\x00" in value):
            advice = strict_json.ForbiddenCharacter.advice
            fault = FieldError("nul", advice, parameter=name.replace("\x00", ""), place="form")
            raise strict_json.ForbiddenCharacter(errors=[fault])
    return form


async def refuse_body(request: Request) -> None:
    """Nothing reads a body here: an empty one, or an empty object, is let through."""
    if (await request.body()).strip() not in (b"", b"{}"):
        raise UnexpectedBody
