"""The table of tenures."""

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns
from libs.common.keeping import kept_by

KEEPERS = ("security_administrator", "audit_administrator")
"""Who sees who holds which post: who gives posts, and who reads the trail. Everybody sees the posts themselves."""

tenures = Table(
    "tenures",
    MetaData(),
    *aggregate_columns(),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("subject", Text, nullable=False),
    Column("sole", Boolean, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("document", Text, nullable=False),
    Column("ended_reason", Text),
    info=kept_by(*KEEPERS),
)
