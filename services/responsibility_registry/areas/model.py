"""The table of areas."""

from sqlalchemy import Column, Date, MetaData, Table, Text

from libs.common.aggregates import aggregate_columns

areas = Table(
    "areas",
    MetaData(),
    *aggregate_columns(),
    Column("code", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("parent_code", Text(collation="C")),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("shape", Text),
)
