"""The table of links of liability."""

from sqlalchemy import Boolean, Column, Date, MetaData, Table, Text

from libs.common.aggregates import aggregate_columns

links = Table(
    "liability_links",
    MetaData(),
    *aggregate_columns(),
    Column("relation", Text, nullable=False),
    Column("from_kind", Text, nullable=False),
    Column("from_id", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("to_kind", Text, nullable=False),
    Column("to_id", Text, nullable=False),
    Column("to_name", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("document", Text, nullable=False),
    Column("ended_reason", Text, nullable=False),
    Column("followed", Boolean, nullable=False),
)
