"""Problems: what went wrong, where, and what to do, as RFC 9457 describes it.

Every code is stable English, every title and piece of advice exists in Chinese and English. Rules raise
plain exceptions of their own (`status`, `code`, message); `libs.common.faults` turns those, and what the
database or the bus throws, into one of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from libs.common.languages import Language, Said
from libs.contracts.words import spell_out

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/docs/problems#"

Fault = tuple[str, str, tuple[str, str]]
"""What rules say is wrong with a field: its pointer, a code, and what to do in Chinese and English."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in what was sent: in the body (a JSON pointer) or in a parameter (its place and name)."""

    code: str
    detail: Said
    pointer: str | None = None
    parameter: str | None = None
    place: str | None = None

    def document(self, language: Language) -> dict[str, str]:
        """The member of `errors` that the caller reads."""
        found = {"pointer": self.pointer, "parameter": self.parameter, "in": self.place, "code": self.code}
        return {name: value for name, value in found.items() if value is not None} | {
            "detail": self.detail.to(language)
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """What the docs say about one code."""

    code: str
    status: int
    title: Said
    advice: Said


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a code to the registry; a code has one status for ever, so a second one raises TypeError."""
    known = _KINDS.setdefault(kind.code, kind)
    if known.status != kind.status:
        raise TypeError(f"problem code {kind.code} answers {known.status} and {kind.status}")


def kinds() -> Mapping[str, Kind]:
    """Every code that the loaded code can answer, for the docs and the OpenAPI document."""
    return _KINDS


class Problem(Exception):
    """A refusal that the caller can act on. `errors` may be FieldErrors or (pointer, code, (zh, en)) tuples."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[Said] = Said("系统内部错误", "Internal error")
    advice: ClassVar[Said] = Said(
        "不是您的问题；请稍后重试，并把 request_id 告诉运维人员。",
        "This is not your fault; try again later and give the request_id to the operators.",
    )

    def __init_subclass__(cls) -> None:
        register(Kind(cls.code, cls.status, cls.title, cls.advice))

    def __init__(
        self,
        detail: Said | None = None,
        *,
        errors: Iterable[FieldError | Fault] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.detail = detail if detail is not None else type(self).advice
        self.errors = field_errors(errors)
        self.headers = dict(headers or {})
        self.extra = extra
        super().__init__(self.detail.en)

    def document(self, language: Language) -> dict[str, Any]:
        """The members of the problem document; members that are None are left out."""
        document: dict[str, Any] = {
            "type": TYPE_PREFIX + self.code,
            "title": self.title.to(language),
            "status": self.status,
            "code": self.code,
            "detail": self.detail.to(language),
        }
        if self.errors:
            document["errors"] = [error.document(language) for error in self.errors]
        return document | {name: value for name, value in self.extra.items() if value is not None}


register(Kind(Problem.code, Problem.status, Problem.title, Problem.advice))


def field_errors(errors: Iterable[FieldError | Fault]) -> tuple[FieldError, ...]:
    """What is wrong with which field, from whichever shape a door or a rule says it in."""
    return tuple(error if isinstance(error, FieldError) else _field_error(error) for error in errors)


def in_words(zh: str, en: str) -> Said:
    """A sentence of the rules, with the words for the codes that its Chinese marks."""
    return Said(spell_out(zh), en)


def _field_error(error: Fault) -> FieldError:
    pointer, code, detail = error
    return FieldError(code, in_words(*detail), pointer=pointer if pointer.startswith("#") else "#" + pointer)


class NotFound(Problem):
    """Absent and out of scope answer alike, so that a stranger learns nothing."""

    status = 404
    code = "not_found"
    title = Said("未找到", "Not found")
    advice = Said(
        "不存在，或不在您的职责范围内；请核对编号。",
        "It does not exist or lies outside your scope; check the identifier.",
    )

    def __init__(self, noun: str | None = None, id: object = None) -> None:  # noqa: A002
        super().__init__(noun=noun, id=None if id is None else str(id))


class StaleVersion(Problem):
    """Somebody else changed it in between; `current` is its present state for those who may see it."""

    status = 412
    code = "stale_version"
    title = Said("内容已被他人更新", "Somebody changed it in between")
    advice = Said(
        "请重新读取最新版本，确认后带上新的 If-Match 再提交。",
        "Read it again, check the change, and send the new version in If-Match.",
    )

    def __init__(self, *, expected: int | None = None, current: int | None = None) -> None:
        super().__init__(expected_version=expected, current_version=current)


class PreconditionRequired(Problem):
    """A change without If-Match could overwrite somebody's work unseen."""

    status = 428
    code = "if_match_required"
    title = Said("缺少 If-Match", "If-Match is missing")
    advice = Said(
        '修改前请先读取，并在 If-Match 中带上读到的版本，例如 If-Match: "7"。',
        'Read it first and send the version that you read, such as If-Match: "7".',
    )


class RoleMissing(Problem):
    """In scope, but without a role that may do this here (out of scope is 404)."""

    status = 403
    code = "role_missing"
    title = Said("缺少所需岗位角色", "You lack the role for this")
    advice = Said(
        "此操作须由列出的角色之一办理；请转交或申请授权。",
        "One of the named roles has to do this; pass it on or ask for the role.",
    )

    def __init__(self, roles: Sequence[str] = ()) -> None:
        super().__init__(roles_allowed=list(roles) or None)


class PostNotHeld(Problem):
    """Acting-Post names a post that the caller does not hold now."""

    status = 422
    code = "post_not_held"
    title = Said("您不担任该岗位", "You do not hold that post")
    advice = Said(
        "Acting-Post 须是您现任的岗位；只有一个岗位时可省略。",
        "Acting-Post has to be a post that you hold now; leave it out if you hold only one.",
    )

    def __init__(self, post_id: object = None) -> None:
        super().__init__(post_id=None if post_id is None else str(post_id))


class PostUnsaid(Problem):
    """A post has to decide this, and the caller holds none, or several and names none."""

    status = 422
    code = "post_unsaid"
    title = Said("未指明经办岗位", "No acting post was named")
    advice = Said(
        "此操作须由岗位作出；请用 Acting-Post 指明您现任的岗位之一。",
        "A post has to do this; name one of the posts that you hold in Acting-Post.",
    )

    def __init__(self, posts_held: Sequence[str] = ()) -> None:
        super().__init__(posts_held=list(posts_held) or None)


class Unprocessable(Problem):
    """Well-formed, but the values cannot be accepted; `errors` says which and why."""

    status = 422
    code = "invalid_body"
    title = Said("提交的内容有误", "The content cannot be accepted")
    advice = Said("请按 errors 逐项改正后重新提交。", "Correct each entry of errors and send it again.")


class TooManyItems(Problem):
    """More entries in one request than the door takes."""

    status = 422
    code = "too_many_items"
    title = Said("一次提交的条目过多", "Too many items at once")
    advice = Said("请分批提交。", "Send them in smaller batches.")

    def __init__(self, *, limit: int, pointer: str = "#") -> None:
        text = Said(f"一次最多 {limit} 条。", f"At most {limit} items at once.")
        super().__init__(text, errors=[(pointer, self.code, text)], limit=limit)


class IdTaken(Problem):
    """The id that the caller chose exists already, whoever owns it."""

    status = 409
    code = "id_taken"
    title = Said("编号已被使用", "The id is taken")
    advice = Said(
        "若是重试，请带上原来的 Idempotency-Key；否则请换一个新编号。",
        "For a retry send the Idempotency-Key of the first try, otherwise choose a new id.",
    )


class AlreadyExists(Problem):
    """Another one with the same distinguishing values is there."""

    status = 409
    code = "already_exists"
    title = Said("已存在相同的记录", "It exists already")
    advice = Said("请查找并使用已有的记录。", "Look for the one that exists and use it.")


class Unavailable(Problem):
    """A part that this answer needs is away for a moment; nothing was half done."""

    status = 503
    code = "unavailable"
    title = Said("服务暂时不可用", "Not available for a moment")
    advice = Said(
        "未做任何改动；请在 Retry-After 秒后重试（带上同一个 Idempotency-Key）。",
        "Nothing was changed; try again after Retry-After seconds with the same Idempotency-Key.",
    )

    def __init__(self, *, retry_after_seconds: int = 1, part: str | None = None) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_seconds)}, part=part)
