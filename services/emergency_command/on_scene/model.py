"""The table of leaders who are called to a scene."""

from sqlalchemy import Column, DateTime, Float, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns

leader_calls = Table(
    "leader_calls",
    MetaData(),
    *aggregate_columns(),
    Column("incident_id", UUID(as_uuid=True), nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("lat", Float(53), nullable=False),
    Column("place_words", Text, nullable=False),
    Column("post_id", UUID(as_uuid=True)),
    Column("stands_in_for", UUID(as_uuid=True)),
    Column("post_kind", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("row_at_least", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("called_at", DateTime(timezone=True), nullable=False),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("arrived_at", DateTime(timezone=True)),
    Column("arrived_by", Text),
    Column("distance_m", Integer),
    Column("witness_post", UUID(as_uuid=True)),
    Column("excused_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
)
