"""The words that several slices share: what teams can do, and who sees them. Versioned reference data, read once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AfterValidator, Field

from libs.common.forms import Code

TEAM_SECTORS: Final[Mapping[str, Any]] = orjson.loads((Path(__file__).parent / "team-sectors-1.json").read_bytes())
"""The table as it stands in the file: which sectors see a team, by what it can do."""
CAPABILITIES = frozenset(TEAM_SECTORS["capabilities"])


class UnknownCapability(ValueError):
    """Something that no team of the city is kept for."""

    code = "unknown_capability"


def _capability(code: str) -> str:
    if code not in CAPABILITIES:
        raise UnknownCapability(f"没有此项能力：{code}。", f"there is no such capability: {code}")
    return code


Capability = Annotated[Code, AfterValidator(_capability), Field(json_schema_extra={"enum": sorted(CAPABILITIES)})]
"""What a team can do, as `team-sectors-*.json` knows it: any other code would be seen by no sector."""
AreaDoubt = Literal["", "other_area", "no_known_area"]
"""What the place and the area that was told say of each other: empty, they agree."""
