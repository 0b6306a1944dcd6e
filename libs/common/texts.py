"""What a text has to be before anybody keeps it: something to read, in one line where it names something.

Control characters break logs, lists and printed notices; embedded directions (bidi) show one name as another; a text
of nothing but spaces and zero-width characters looks empty and counts as said. Joiners inside a word stay: several
scripts need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from types import NoneType
from typing import Annotated, Any, Final, get_args
from unicodedata import category

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError, PydanticKnownError

_KEPT_CONTROLS: Final = frozenset("\t\n\r")
_ENDS_A_LINE: Final = frozenset("\t\n\r\u2028\u2029")
_TURNS_DIRECTION: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOTHING_TO_SEE: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that leave an empty place: fillers of Hangul, the blank of Braille."""
_READABLE: Final = frozenset("LNPS")
"""First letters of the categories that can be read by themselves: letters, numbers, punctuation, symbols."""
READABLE_PATTERN: Final = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
"""What `has_controls` refuses, for the API document; that something can be read, a pattern cannot say."""
LINE_PATTERN: Final = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"
"""What `is_one_line` refuses, for the API document."""
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WRITTEN: Final[Mapping[type, tuple[re.Pattern[str], str]]] = {
    datetime: (_INSTANT, "not_a_time"),
    date: (_DAY, "not_a_day"),
    bool: (re.compile("true|false"), "bool_type"),
    int: (re.compile(r"-?(0|[1-9][0-9]*)"), "int_type"),
    float: (re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"), "float_type"),
}
"""How each kind of value is written in a query, as in JSON: `5.0`, `+5`, `1_0` and `yes` are read differently."""


def says_something(text: str) -> bool:
    """Whether there is at least one character to read."""
    return any(category(one)[0] in _READABLE and one not in _NOTHING_TO_SEE for one in text)


def has_controls(text: str) -> bool:
    """Whether there are control characters besides tabs and line ends."""
    return any(category(one) == "Cc" and one not in _KEPT_CONTROLS for one in text)


def is_one_line(text: str) -> bool:
    """Whether it is one line that reads in one direction."""
    return not has_controls(text) and _ENDS_A_LINE.isdisjoint(text) and _TURNS_DIRECTION.isdisjoint(text)


def _readable(text: str) -> str:
    if text.isascii() and text.isprintable() and not text.isspace():
        return text
    if has_controls(text):
        raise PydanticCustomError("control_character", "control characters")
    if text and not says_something(text):
        raise PydanticCustomError("blank", "nothing to read")
    return text


def _one_line(text: str) -> str:
    if not is_one_line(text):
        raise PydanticCustomError("not_one_line", "more than one line")
    return _readable(text)


Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_readable)]
"""Something said, in as many lines as it takes."""
Text = Annotated[str, AfterValidator(_readable), Field(json_schema_extra={"pattern": READABLE_PATTERN})]
"""A document in as many lines as it takes; where it is used its length is said."""
Line = Annotated[str, AfterValidator(_one_line), Field(json_schema_extra={"pattern": LINE_PATTERN})]
"""One line that can be read; where it is used its length is said."""
Name = Annotated[Line, Field(min_length=1, max_length=200)]
"""What somebody or something is called, and what another system calls it."""


def check(value: Any, annotation: Any) -> Any:
    """What every field of a body is held to, whatever its own type says; raises PydanticCustomError."""
    if isinstance(value, str):
        _readable(value)
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, str):
                _readable(one)
    if value is not None and (wanted := time_of(annotation)) is not None:
        _check_time(value, wanted)
    _check_number(value, annotation)
    return value


def _check_number(value: Any, annotation: Any) -> None:
    """true is no 1, "5" is no 5 and 1 is no true: two programs would read them differently [RFC 8259]."""
    if not isinstance(value, bool | int | float | str):
        return
    kinds = set(_plain(annotation)) - {NoneType}
    if not kinds or not kinds <= {bool, int, float}:
        return
    fits = bool in kinds if isinstance(value, bool) else not isinstance(value, str) and kinds != {bool}
    if not fits:
        raise PydanticKnownError(
            "bool_type" if kinds == {bool} else "int_type" if float not in kinds else "float_type"
        )


def time_of(annotation: Any) -> type[date] | None:
    """datetime or date, where an annotation asks for one, alone or as an alternative to None."""
    kinds = set(_plain(annotation))
    if kinds & {datetime, AwareDatetime}:
        return datetime
    return date if date in kinds else None


def kind_in_query(annotation: Any) -> type | None:
    """The kind of value that a parameter takes, where there is one way to write it: a time, number or boolean."""
    if (wanted := time_of(annotation)) is not None:
        return wanted
    kinds = set(_plain(annotation)) - {NoneType}
    return next((kind for kind in (float, int, bool) if kind in kinds), None) if kinds <= _WRITTEN.keys() else None


def fault_of_writing(value: str, kind: type) -> str | None:
    """What is wrong with how a value of a query is written, or None."""
    form, fault = _WRITTEN[kind]
    return None if form.fullmatch(value) else fault


def _plain(annotation: Any) -> Iterator[Any]:
    inner: Iterable[Any] = get_args(annotation)
    if not inner:
        yield annotation
    for one in inner:
        if isinstance(one, type) or get_args(one):
            yield from _plain(one)


def is_time(value: object, wanted: type[date]) -> bool:
    """Whether it is written as RFC 3339 wants it; a number of seconds since 1970 is not. A zone may lack here."""
    return isinstance(value, str) and (_INSTANT if wanted is datetime else _DAY).fullmatch(value) is not None


def _check_time(value: object, wanted: type[date]) -> None:
    if isinstance(value, date) or is_time(value, wanted):
        return
    raise PydanticCustomError("not_a_time" if wanted is datetime else "not_a_day", "not as in RFC 3339")
