"""The table of the one clock."""

from sqlalchemy import Column, Float, MetaData, Table

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns
from libs.common.ddl.policies import scope_policy

clocks = Table("clocks", MetaData(), *aggregate_columns(), Column("offset_seconds", Float, nullable=False))


def clock_ddl(schema: str) -> list[str]:
    """The table."""
    return [
        f"CREATE TABLE {schema}.clocks ({AGGREGATE_DDL}, offset_seconds double precision NOT NULL)",
        *scope_policy(schema, "clocks"),
    ]
