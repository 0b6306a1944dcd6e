"""The tables of teams: what people answer for, and where a free team can be looked for."""

from typing import Any

from sqlalchemy import Column, Float, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import UserDefinedType

from libs.common.aggregates import aggregate_columns


class Spot(UserDefinedType[Any]):
    """PostgreSQL's built-in point. Its two numbers are those of the Mercator projection, in degrees."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The name of the type in SQL."""
        return "point"


_metadata = MetaData()

teams = Table(
    "teams",
    _metadata,
    *aggregate_columns(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("capabilities", ARRAY(Text), nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("lat", Float(53), nullable=False),
    Column("turnout", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("claimed_by", UUID(as_uuid=True)),
    Column("reason", Text, nullable=False),
)

team_skills = Table(
    "team_skills",
    _metadata,
    Column("team_id", UUID(as_uuid=True), primary_key=True),
    Column("capability", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("spot", Spot, nullable=False),
)
"""One row for each thing that a free team can do: the index of the search for the nearest one."""
