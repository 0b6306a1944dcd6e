"""Strict JSON: what two parsers could read differently, or a database cannot keep, is refused at the door.

orjson refuses most of it (NaN, lone surrogates, bad UTF-8, control characters). Duplicate keys, depth,
64-bit integers and NUL are checked on the text at C speed; only a suspicious text is walked, for a pointer.
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from libs.common.languages import Said
from libs.common.problems import Problem

MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**63 - 1
MIN_INTEGER: Final = -(2**63)

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_NINETEEN_DIGITS = b"0" * 19


class InvalidJson(Problem):
    """The body is not JSON (RFC 8259) in UTF-8."""

    status = 400
    code = "invalid_json"
    title = Said("不是有效的 JSON", "Not valid JSON")
    advice = Said(
        "请发送 UTF-8 编码的标准 JSON；不允许 NaN、Infinity、注释和多余的逗号。",
        "Send standard JSON in UTF-8, without NaN, Infinity, comments or trailing commas.",
    )


class DuplicateKey(Problem):
    """The same key twice in one object: readers would disagree about which one counts."""

    status = 400
    code = "duplicate_key"
    title = Said("同一对象中键重复", "A key is there twice")
    advice = Said("每个键在同一对象中只能出现一次。", "Send each key once in an object.")


class NumberOutOfRange(Problem):
    """An integer beyond 64 bits or a number beyond double precision."""

    status = 400
    code = "number_out_of_range"
    title = Said("数字超出范围", "A number is out of range")
    advice = Said("整数须在 64 位有符号范围内。", "Integers have to fit into 64 bits, signed.")


class ForbiddenCharacter(Problem):
    """NUL or half a surrogate pair in a text: no database or other reader could keep it."""

    status = 400
    code = "forbidden_character"
    title = Said("含有不允许的字符", "A character is not allowed")
    advice = Said("请去掉 NUL 字符和不成对的代理项。", "Remove NUL characters and lone surrogates.")


class TooDeep(Problem):
    """Nested deeper than any of our shapes."""

    status = 400
    code = "too_deep"
    title = Said("JSON 嵌套过深", "JSON is nested too deeply")
    advice = Said(f"嵌套不得超过 {MAX_DEPTH} 层。", f"Nest at most {MAX_DEPTH} levels.")


def decode(body: bytes) -> Any:
    """The value of a JSON text; raises one of the problems above, with a pointer where there is one."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _why(body, error) from None
    bare: bytes | None = None
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        bare = _without_strings(body)
        _refuse_depth(bare)
    if b"\\u0000" in body or _NINETEEN_DIGITS in body.translate(_DIGITS):
        _walk(body)
    if b":" in body and _lost_members(body, value, bare):
        _walk(body)
        raise DuplicateKey
    return value


def _lost_members(body: bytes, value: Any, bare: bytes | None) -> bool:
    """Whether the parsed value has fewer members than the text: then a key was there twice.

    Without escapes, strings are the same bytes in the text and written again, so colons can be counted
    where they stand; with escapes, strings are taken out of both first.
    """
    again = orjson.dumps(value)
    if b"\\" not in body:
        return body.count(b":") != again.count(b":")
    text = bare if bare is not None else _without_strings(body)
    return text.count(b":") != _without_strings(again).count(b":")


def _without_strings(text: bytes) -> bytes:
    """A valid JSON text without its strings. No pattern: one takes a tenth of a second for a megabyte of escapes."""
    plain = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(plain.split(b'"')[::2])


def _refuse_depth(bare: bytes) -> None:
    brackets = bare.translate(None, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    if brackets:
        raise TooDeep


def _why(body: bytes, error: orjson.JSONDecodeError) -> Problem:
    """The problem that names what orjson stumbled over."""
    message = error.msg
    line, column = error.lineno, error.colno
    place = Said(f"第 {line} 行第 {column} 列。", f"At line {line}, column {column}.")
    if "depth limit" in message:
        return TooDeep()
    if "infinity" in message:
        return NumberOutOfRange(place)
    if "surrogate" in message and _is_utf8(body):
        return ForbiddenCharacter(place)
    known = InvalidJson.advice
    return InvalidJson(Said(place.zh + known.zh, f"{place.en} {known.en}"))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Pairs(list[tuple[str, Any]]):
    """An object as its pairs, duplicates kept."""


def _integer(digits: str) -> int | None:
    # Longer texts are out of range anyway, and int() would spend quadratic time on them.
    if len(digits) > 20:
        return None
    number = int(digits)
    return number if MIN_INTEGER <= number <= MAX_INTEGER else None


class _TooLarge:
    """Stands for an integer that does not fit."""


def _walk(body: bytes) -> None:
    """Raise the problem of the first forbidden thing with its pointer; return where all of it is allowed."""

    def integer(digits: str) -> Any:
        number = _integer(digits)
        return _TooLarge if number is None else number

    tree = json.loads(body, object_pairs_hook=_Pairs, parse_int=integer)
    waiting: list[tuple[str, Any]] = [("#", tree)]
    while waiting:
        pointer, value = waiting.pop()
        _refuse(pointer, value)
        if isinstance(value, _Pairs):
            waiting.extend(reversed(_members(pointer, value)))
        elif isinstance(value, list):
            waiting.extend((f"{pointer}/{number}", item) for number, item in reversed(list(enumerate(value))))


def _refuse(pointer: str, value: Any) -> None:
    if value is _TooLarge:
        advice = NumberOutOfRange.advice
        raise NumberOutOfRange(errors=[(pointer, NumberOutOfRange.code, advice)])
    if isinstance(value, str) and "\x00" in value:
        raise ForbiddenCharacter(errors=[(pointer, "nul", ForbiddenCharacter.advice)])


def _members(pointer: str, pairs: _Pairs) -> list[tuple[str, Any]]:
    seen: set[str] = set()
    members = []
    for key, value in pairs:
        at = f"{pointer}/{escape(key)}"
        if key in seen:
            raise DuplicateKey(errors=[(at, DuplicateKey.code, DuplicateKey.advice)])
        if "\x00" in key:
            raise ForbiddenCharacter(errors=[(pointer, "nul", ForbiddenCharacter.advice)])
        seen.add(key)
        members.append((at, value))
    return members


def escape(key: str | int) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")
