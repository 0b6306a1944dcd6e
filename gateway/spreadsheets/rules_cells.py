"""What a cell says: Chinese dates, full-width digits, serial numbers and words, each as the API wants it.

Offices write one thing in many ways. What has one meaning is understood; what could mean two things, or is broken,
is refused with words that say how to write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Final
from unicodedata import category, normalize

from gateway.spreadsheets.rules import Column, Kind, Word

CITY_ZONE: Final = timezone(timedelta(hours=8))
"""Civil time all over the country: what a sheet says without a zone is meant in it."""
LONGEST_CELL: Final = 32_767
"""So many characters are in a cell of a sheet at most (ISO/IEC 29500, and every office program)."""
_NO_SUCH_SERIAL: Final = 60
"""29 February 1900 in Excel, a day that never was: serials below it count from one day later."""
_LAST_SERIAL: Final = 2_958_465
_YES: Final = frozenset({"是", "true", "yes", "y", "1", "√", "有"})
_NO: Final = frozenset({"否", "false", "no", "n", "0", "×", "无"})
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_PLAIN_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_LISTED: Final = re.compile(r"[、,，;；\n\r]+")
_HIDDEN: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_KEPT: Final = frozenset("\t\n\r")


FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a program may take for the beginning of a formula (OWASP, CSV injection); Chinese ones take wide signs too."""


class CellWrong(Exception):
    """A cell that cannot be understood; `code` is stable, `zh` and `en` say how to write it."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


def is_empty(cell: object) -> bool:
    """Whether nothing was written."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read(cell: object, column: Column) -> object:
    """The value of a cell that is not empty. Raises CellWrong."""
    if isinstance(cell, str):
        _refuse_unreadable(cell)
    return _READ[column.kind](cell, column)


def guarded(text: str) -> str:
    """A text that no program takes for a formula when it opens the file."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _refuse_unreadable(text: str) -> None:
    if len(text) > LONGEST_CELL:
        raise CellWrong("too_long", f"最多 {LONGEST_CELL} 个字符。", f"At most {LONGEST_CELL} characters.")
    if not text.isprintable() and any(category(one) in _HIDDEN and one not in _KEPT for one in text):
        raise CellWrong(
            "control_character", "不得含控制字符或损坏的字符。", "Leave out control and broken characters."
        )
    if text.startswith("#") and text.rstrip("!?") in _FORMULA_FAULTS:
        raise CellWrong("formula_error", "公式出错，请改为数值。", "The formula failed; write the value.")


_FORMULA_FAULTS: Final = frozenset({"#REF", "#N/A", "#NAME", "#VALUE", "#DIV/0", "#NUM", "#NULL", "#SPILL"})


def _narrow(cell: object) -> str:
    """A code or number in ordinary characters: full-width digits and letters are the same ones."""
    return normalize("NFKC", str(_whole(cell))).strip()


def _whole(cell: object) -> object:
    """A whole number that a sheet keeps as a fraction, without the fraction."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else cell


def _text(cell: object, column: Column) -> object:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, date | time):
        raise CellWrong("wrong_type", "须为文字，不是日期；请把单元格格式设为文本。", "A text and no date is wanted.")
    text = str(_whole(cell)).strip()
    if column.words:
        return _known_word(text, column)
    if column.pattern is not None:
        text = _matching(_narrow(text), column)
    if column.longest is not None and len(text) > column.longest:
        raise CellWrong("too_long", f"最多 {column.longest} 个字符。", f"At most {column.longest} characters.")
    return text


def _matches(text: str, column: Column) -> bool:
    return re.fullmatch(str(column.pattern).removeprefix("^").removesuffix("$"), text, re.ASCII) is not None


def _matching(text: str, column: Column) -> str:
    if not _matches(text, column):
        raise CellWrong(
            "wrong_form", f"格式须为 {column.pattern}{_such_as(column)}。", f"It has to match {column.pattern}."
        )
    return text


def _such_as(column: Column) -> str:
    return f"，例如 {column.example}" if column.example else ""


def _known_word(text: str, column: Column) -> str:
    """The machine word behind what people write: the word itself, or its name in either language."""
    asked = _narrow(text).casefold()
    for word in column.words:
        if asked in _names(word):
            return word.code
    code = _narrow(text)
    if column.closed or (column.pattern is not None and not _matches(code, column)):
        shown = "、".join(word.zh for word in column.words[:30])
        codes = ", ".join(word.code for word in column.words[:30])
        raise CellWrong("unknown_value", f"须为以下之一：{shown}。", f"It has to be one of {codes}.")
    return code


def _names(word: Word) -> tuple[str, ...]:
    return tuple(normalize("NFKC", one).casefold() for one in (word.code, word.zh, word.en))


def _texts(cell: object, column: Column) -> object:
    parts = [part.strip() for part in _LISTED.split(str(_whole(cell))) if part.strip()]
    return list(dict.fromkeys(_text(part, column) for part in parts))


def _number(cell: object, column: Column) -> object:
    if isinstance(cell, bool | date | time):
        raise CellWrong("wrong_type", "须为数字。", "It has to be a number.")
    text = _narrow(cell).replace(",", "")
    try:
        found = float(text)
    except ValueError:
        raise CellWrong("wrong_type", "须为数字。", "It has to be a number.") from None
    if found != found or abs(found) == float("inf"):
        raise CellWrong("not_finite", "须为有限数。", "It has to be a finite number.")
    if column.least is not None and found < column.least:
        raise CellWrong("too_small", f"不得小于 {column.least:g}。", f"It has to be at least {column.least:g}.")
    if column.most is not None and found > column.most:
        raise CellWrong("too_large", f"不得大于 {column.most:g}。", f"It has to be at most {column.most:g}.")
    return found


def _integer(cell: object, column: Column) -> object:
    found = _number(cell, column)
    text = _narrow(cell).replace(",", "")
    if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII) is None:
        raise CellWrong("wrong_type", "须为整数。", "It has to be a whole number.")
    del found
    return int(text)


def _boolean(cell: object, _: Column) -> object:
    if isinstance(cell, bool):
        return cell
    asked = _narrow(cell).casefold()
    if asked in _YES or asked in _NO:
        return asked in _YES
    raise CellWrong("wrong_type", "须为“是”或“否”。", "It has to be yes or no.")


def _day(cell: object, _: Column) -> object:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_serial(float(cell)).date().isoformat() if cell < 10_000_000 else _written_day(_narrow(cell))
    return _written_day(_narrow(cell))


def _of_serial(serial: float) -> datetime:
    """The day behind a number of days since 1900, as office programs count them: with a day that never was."""
    if not 1 <= serial <= _LAST_SERIAL + 1 or int(serial) == _NO_SUCH_SERIAL:
        raise _no_date()
    first = date(1899, 12, 31) if serial < _NO_SUCH_SERIAL else date(1899, 12, 30)
    return datetime.combine(first, time(), CITY_ZONE) + timedelta(days=serial)


def _written_day(text: str) -> str:
    found = _DATE.fullmatch(text) or _PLAIN_DATE.fullmatch(text)
    if found is None:
        raise _no_date()
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        raise _no_date() from None


def _no_date() -> CellWrong:
    return CellWrong("not_a_date", "日期须写作 2026-01-31 或 2026年1月31日。", "Write the date as 2026-01-31.")


def _instant(cell: object, column: Column) -> object:
    if isinstance(cell, datetime):
        return _with_zone(cell)
    if isinstance(cell, date):
        return _with_zone(datetime.combine(cell, time()))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _with_zone(_of_serial(float(cell)))
    text = _narrow(cell)
    try:
        return _with_zone(datetime.fromisoformat(text))
    except ValueError:
        day, _, clock = text.replace("日", "日 ").partition(" ")
        told = _CLOCK.fullmatch(clock.strip())
        if told is None:
            return _with_zone(datetime.combine(date.fromisoformat(_written_day(text)), time()))
        hours, minutes, seconds = (int(part or 0) for part in told.groups())
        if hours > 23 or minutes > 59 or seconds > 59:
            raise _no_date() from None
        return _with_zone(datetime.combine(date.fromisoformat(_written_day(day)), time(hours, minutes, seconds)))


def _with_zone(found: datetime) -> str:
    return (found if found.tzinfo is not None else found.replace(tzinfo=CITY_ZONE)).isoformat()


def _json(cell: object, _: Column) -> object:
    try:
        found: object = json.loads(str(cell))
    except (ValueError, RecursionError):
        raise CellWrong(
            "invalid_json", '须为 JSON，例如 {"floors": 6}。', 'It has to be JSON, such as {"floors": 6}.'
        ) from None
    return found


_READ: Final[dict[Kind, Callable[[object, Column], object]]] = {
    Kind.TEXT: _text, Kind.INTEGER: _integer, Kind.NUMBER: _number, Kind.BOOLEAN: _boolean, Kind.DATE: _day,
    Kind.TIME: _instant, Kind.TEXTS: _texts, Kind.JSON: _json, Kind.LON: _number, Kind.LAT: _number,
}  # fmt: skip
