"""One attribute of a type of risk object: what fits it, and what to say where a value does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

TEXT_MAX = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeRule:
    """One attribute of a type: its JSON kinds (integer, number, flag, text, choice, list, record)."""

    code: str
    label: Mapping[str, str]
    kinds: tuple[str, ...]
    required: bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]


def fits(value: Any, rule: AttributeRule) -> bool:
    """Whether a value is of one of the attribute's kinds, within its span, and can be read."""
    finite = isfinite(value) if isinstance(value, float) else isinstance(value, int)
    number = finite and not isinstance(value, bool)
    inside = number and (rule.minimum is None or value >= rule.minimum)
    inside = inside and (rule.maximum is None or value <= rule.maximum)
    fitting = {
        "integer": inside and isinstance(value, int),
        "number": inside,
        "flag": isinstance(value, bool),
        "text": isinstance(value, str) and 0 < len(value) <= TEXT_MAX and _reads(value),
        "choice": value in rule.choices if isinstance(value, str) else False,
        "list": isinstance(value, list),
        "record": isinstance(value, dict),
    }
    return any(fitting[kind] for kind in rule.kinds)


def _reads(text: str) -> bool:
    """One line with something to read in it, and no character that is not seen."""
    return text.replace("\u3000", " ").isprintable() and bool(text.strip())


def expected(rule: AttributeRule) -> tuple[str, str]:
    """What would have fitted, in Chinese and English."""
    bounded = rule.minimum is not None
    zh = f"，{rule.minimum:g} 至 {rule.maximum:g}" if bounded else ""
    en = f" from {rule.minimum:g} to {rule.maximum:g}" if bounded else ""
    chosen = f": {', '.join(rule.choices)}" if rule.choices else ""
    kinds = "」或「".join(f"ValueKind.{kind}" for kind in rule.kinds)
    return f"须为「{kinds}」{zh}{chosen}。", f"{' or '.join(rule.kinds)}{en}{chosen}"
