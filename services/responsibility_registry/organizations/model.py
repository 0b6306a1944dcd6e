"""The tables of organisations and of their posts."""

from sqlalchemy import Boolean, Column, Date, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

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
    Column("organization_id", UUID(as_uuid=True)),
    Column("first_responsible", Boolean, nullable=False),
)

organizations = Table(
    "organizations",
    MetaData(),
    *aggregate_columns(),
    Column("code", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("credit_code", Text),
    Column("area_codes", ARRAY(Text), nullable=False),
    Column("parent_id", UUID(as_uuid=True)),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("ended_reason", Text),
)
