"""The table of posts."""

from sqlalchemy import Boolean, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns

posts = Table(
    "posts",
    MetaData(),
    *aggregate_columns(),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("vacant", Boolean, nullable=False),
    Column("substitute_post_id", UUID(as_uuid=True)),
    Column("shared", Boolean, nullable=False),
)
