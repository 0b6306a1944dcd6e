"""What pydantic found wrong, as field errors that a person can act on, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from libs.common.languages import Said
from libs.common.problems import FieldError, Problem, Unprocessable
from libs.common.strict_json import escape

_MOST_ERRORS: Final = 50

# pydantic's type → our code, Chinese, English; placeholders come from pydantic's context.
_SAYINGS: Final[dict[str, tuple[str, str, str]]] = {
    "missing": ("missing", "缺少此项。", "This is required."),
    "extra_forbidden": ("unknown_field", "没有这个字段。", "There is no such field."),
    "too_many_fields": ("too_many_fields", "字段远多于此处所有。", "There are far more fields than this has."),
    "string_too_long": ("too_long", "最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_too_short": ("too_short", "至少 {min_length} 个字符。", "At least {min_length} characters."),
    "string_pattern_mismatch": ("wrong_form", "格式须为 {pattern}。", "It has to match {pattern}."),
    "too_long": ("too_many", "最多 {max_length} 项。", "At most {max_length} entries."),
    "too_short": ("too_few", "至少 {min_length} 项。", "At least {min_length} entries."),
    "greater_than": ("too_small", "须大于 {gt}。", "It has to be greater than {gt}."),
    "greater_than_equal": ("too_small", "不得小于 {ge}。", "It has to be at least {ge}."),
    "less_than": ("too_large", "须小于 {lt}。", "It has to be less than {lt}."),
    "less_than_equal": ("too_large", "不得大于 {le}。", "It has to be at most {le}."),
    "finite_number": ("not_finite", "须为有限数。", "It has to be a finite number."),
    "enum": ("unknown_value", "须为以下之一：{expected}。", "It has to be one of {expected}."),
    "literal_error": ("unknown_value", "须为以下之一：{expected}。", "It has to be one of {expected}."),
    "union_tag_invalid": (
        "unknown_value",
        "须为以下之一：{expected_tags}。",
        "It has to be one of {expected_tags}.",
    ),
    "union_tag_not_found": ("missing", "缺少 {discriminator}。", "{discriminator} is required."),
    "too_early": ("too_early", "不得早于 {ge}。", "Not before {ge}."),
    "too_late": ("too_late", "不得晚于 {le}。", "Not after {le}."),
    "timezone_aware": ("no_timezone", "时间须带时区，例如 Z 或 +08:00。", "Give a time zone: Z or +08:00."),
    "not_a_time": (
        "not_rfc3339",
        "时间须按 RFC 3339 书写，例如 2026-10-12T11:40:00Z；不接受数字时间戳。",
        "Write the time as in RFC 3339, such as 2026-10-12T11:40:00Z; a number of seconds is not one.",
    ),
    "not_a_day": ("not_a_date", "日期须写作 YYYY-MM-DD。", "Write the date as YYYY-MM-DD."),
    "blank": (
        "blank",
        "内容须至少有一个可见字符。",
        "Write something that can be read: this holds nothing but spaces and invisible characters.",
    ),
    "control_character": ("control_character", "不得含控制字符。", "Leave control characters out."),
    "not_one_line": (
        "not_one_line",
        "须为一行文字，不含换行、控制字符和改变文字方向的字符。",
        "Write it in one line, without control characters and without characters that turn its direction.",
    ),
    "none_required": ("wrong_type", "须为 null。", "It has to be null."),
}
_OF_TIMES: Final = {"greater_than_equal": ("too_early", "ge"), "less_than_equal": ("too_late", "le")}
"""A bound of a time, which pydantic tells as text: no schema can say it, so it has a code of its own."""
_NOT_VALID: Final = Said(
    "此值无效；请对照接口文档中的格式。", "This value is not valid: compare it with the document."
)
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "string": ("字符串", "a string"),
    "int": ("整数", "an integer"),
    "float": ("数字", "a number"),
    "decimal": ("数字", "a number"),
    "bool": ("true 或 false", "true or false"),
    "uuid": ("UUID", "a UUID"),
    "datetime": ("RFC 3339 时间", "a time as in RFC 3339"),
    "date": ("日期 YYYY-MM-DD", "a date, YYYY-MM-DD"),
    "time": ("时刻", "a time of day"),
    "url": ("网址", "a URL"),
    "list": ("数组", "an array"),
    "tuple": ("数组", "an array"),
    "set": ("数组", "an array"),
    "frozen": ("数组", "an array"),
    "dict": ("对象", "an object"),
    "mapping": ("对象", "an object"),
    "model": ("对象", "an object"),
    "dataclass": ("对象", "an object"),
}


class InvalidParameter(Problem):
    """A value in the path, the query or a header is not what it has to be."""

    status = 400
    code = "invalid_parameter"
    title = Said("参数有误", "A parameter is not valid")
    advice = Said("请按 errors 逐项改正参数。", "Correct each parameter that errors names.")


def from_pydantic(found: Sequence[Mapping[str, Any]], body: Any) -> Problem:
    """InvalidParameter (400) where a parameter is wrong, otherwise Unprocessable (422) with pointers."""
    errors = [_field_error(error, body) for error in _true(found[:_MOST_ERRORS])]
    if any(error.parameter is not None for error in errors):
        return InvalidParameter(errors=errors)
    return Unprocessable(errors=errors)


def _true(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """pydantic counts only the good items of a list: where one is wrong, "too few" is no fault of its own."""
    places = [tuple(error["loc"]) for error in found]

    def holds_another(loc: tuple[str | int, ...]) -> bool:
        return any(len(place) > len(loc) and place[: len(loc)] == loc for place in places)

    return [error for error in found if error["type"] != "too_short" or not holds_another(tuple(error["loc"]))]


def _field_error(error: Mapping[str, Any], body: Any) -> FieldError:
    code, detail = _saying(error)
    place, *tokens = error["loc"] or ("body",)
    if place == "body":
        return FieldError(code, detail, pointer=pointer_to(tokens, body))
    return FieldError(code, detail, parameter=str(tokens[0]) if tokens else str(place), place=str(place))


def _saying(error: Mapping[str, Any]) -> tuple[str, Said]:
    kind, context = str(error["type"]), error.get("ctx") or {}
    if kind in _OF_TIMES and isinstance(context[_OF_TIMES[kind][1]], str):
        kind = _OF_TIMES[kind][0]
    if kind in _SAYINGS:
        code, zh, en = _SAYINGS[kind]
        return code, Said(zh.format_map(_Shown(context)), en.format_map(_Shown(context)))
    if kind in ("value_error", "assertion_error"):
        cause = context.get("error")
        named_code = getattr(cause, "code", None)
        return (named_code if isinstance(named_code, str) else "invalid_value"), _of_cause(cause)
    named = _KINDS.get(kind.partition("_")[0])
    if named is None:
        return "invalid_value", _NOT_VALID
    return "wrong_type", Said(f"须为{named[0]}。", f"It has to be {named[1]}.")


def _of_cause(cause: object) -> Said:
    """A check of ours raises ValueError(Chinese, English)."""
    said = getattr(cause, "args", ())
    return Said(*said) if len(said) == 2 and all(isinstance(one, str) for one in said) else _NOT_VALID


def fault_in_query(name: str, kind: str) -> FieldError:
    """The fault of a query parameter, in the words of the kind of fault in a body."""
    code, detail = _saying({"type": kind})
    return FieldError(code, detail, parameter=name[:100], place="query")


class _Shown(dict[str, Any]):
    """Placeholders that pydantic did not fill are left as they stand."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def pointer_to(tokens: Sequence[str | int], body: Any) -> str:
    """A JSON pointer to what was sent: pydantic's names of union branches and validators are passed over."""
    pointer, here = "#", body
    for number, token in enumerate(tokens):
        last = number == len(tokens) - 1
        if _has(here, token):
            here = here[token]
        elif not (last and isinstance(here, Mapping) and isinstance(token, str)):
            continue
        pointer += "/" + escape(token)
    return pointer


def _has(here: Any, token: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(token, int) and 0 <= token < len(here)
    return isinstance(here, Mapping) and token in here
