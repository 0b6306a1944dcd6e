"""The shape of a GeoJSON geometry in a body."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, Field, WithJsonSchema

from libs.common.forms import Form
from services.responsibility_registry import examples

_DEEPEST, _MOST = 4, 10_000


def _only_numbers(given: list[Any]) -> list[Any]:
    """Numbers in lists in lists, as deep as a MultiPolygon; raises ValueError for anything else."""
    rows, depth = given, 1
    while lists := [one for one in rows if isinstance(one, list)]:
        if len(lists) != len(rows) or depth == _DEEPEST:
            raise ValueError("同一层只能都是数字或都是数组，最多四层。", "only numbers or only arrays, four deep")
        if any(len(one) > _MOST for one in lists):
            raise ValueError(f"每个数组最多 {_MOST} 项。", f"at most {_MOST} in one array")
        rows, depth = [inner for one in lists for inner in one], depth + 1
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in rows):
        raise ValueError("coordinates 的最里层只能是数字。", "the innermost of coordinates are numbers")
    return given


_INNER: dict[str, Any] = {"type": "array", "maxItems": _MOST, "items": {}}
_SHAPE = {"type": "array", "minItems": 1, "maxItems": _MOST, "items": {"anyOf": [{"type": "number"}, _INNER]}}
"""Two levels of four: a schema that says all four at once costs those who draw requests from it minutes."""
Coordinates = Annotated[
    list[Any], Field(min_length=1, max_length=_MOST), AfterValidator(_only_numbers), WithJsonSchema(_SHAPE)
]


class GeometryIn(Form):
    """A GeoJSON geometry."""

    model_config = examples.example(examples.POINT)

    type: Literal["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: Coordinates

    def text(self) -> str:
        """As it is kept."""
        return orjson.dumps({"type": self.type, "coordinates": self.coordinates}).decode()
