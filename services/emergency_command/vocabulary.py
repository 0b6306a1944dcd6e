"""The words that doors of several slices share: what teams can do. Reference data with a version, read once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import orjson
from pydantic import AfterValidator, Field

from libs.common.forms import Code

_TEAMS = orjson.loads((Path(__file__).parent / "resources/policies/team-sectors-1.json").read_bytes())
CAPABILITIES = frozenset(_TEAMS["capabilities"])


class UnknownCapability(ValueError):
    """Something that no team of the city is kept for."""

    code = "unknown_capability"


def _capability(code: str) -> str:
    if code not in CAPABILITIES:
        raise UnknownCapability(f"没有此项能力 There is no such capability: {code}")
    return code


Capability = Annotated[Code, AfterValidator(_capability), Field(json_schema_extra={"enum": sorted(CAPABILITIES)})]
"""What a team can do, as `team-sectors-*.json` knows it: any other code would be seen by no sector."""
AreaDoubt = Literal["", "other_area", "no_known_area"]
"""What the place and the area that was told say of each other: empty, they agree."""
