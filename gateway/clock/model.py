"""The table of the one clock."""

from sqlalchemy import Column, Float, MetaData, Table

from libs.common.aggregates import AGGREGATE_DDL, OF_NO_SECTOR, aggregate_columns
from libs.common.ddl.policies import OF_NO_SECTOR as SEEN_BY_EVERY_SECTOR
from libs.common.ddl.policies import scope_policy

clocks = Table(
    "clocks", MetaData(), *aggregate_columns(), Column("offset_seconds", Float, nullable=False), info=OF_NO_SECTOR
)


def clock_ddl(schema: str) -> list[str]:
    """The table."""
    return [
        f"CREATE TABLE {schema}.clocks ({AGGREGATE_DDL}, offset_seconds double precision NOT NULL)",
        *scope_policy(schema, "clocks", sectorless=SEEN_BY_EVERY_SECTOR),
    ]
