"""The table of contacts."""

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

contacts = Table(
    "contacts",
    MetaData(),
    *aggregate_columns(),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("ways", JSONB, nullable=False),
    info=OF_NO_SECTOR,
)
