"""What the shapes of the API document say beyond what pydantic knows: bounds, and the words for codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common import strict_json
from libs.contracts.words import WORDS


def tell_words(schemas: Mapping[str, Any]) -> None:
    """Say what each code of an enumeration means, where there is a word for it."""
    for name, shape in schemas.items():
        said = [f"`{code}` {WORDS[name][code]['zh']} {WORDS[name][code]['en']}" for code in shape.get("enum", ())
                if code in WORDS.get(name, {})]  # fmt: skip
        if said:
            shape["description"] = "; ".join(said)


def settle_shapes(shape: Any) -> None:
    """Say in every integer's schema what strict JSON and the database hold it to, 64 bits; and take back a default
    that stands for "not said" where nobody may say it: nobody can send it."""
    waiting = [shape]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if found.get("type") == "integer" and "enum" not in found and "const" not in found:
                found.setdefault("format", "int64")
                if "exclusiveMinimum" not in found:
                    found.setdefault("minimum", strict_json.MIN_INTEGER)
                if "exclusiveMaximum" not in found:
                    found.setdefault("maximum", strict_json.MAX_INTEGER)
            if found.get("default") in ("", []) and (found.get("minLength") or found.get("minItems")):
                del found["default"]
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
