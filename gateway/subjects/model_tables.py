"""The table of adopted tables."""

from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import reference_policy

post_role_tables = Table(
    "post_role_tables",
    MetaData(),
    *aggregate_columns(),
    Column("label", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("rows", JSONB, nullable=False),
)


def post_roles_ddl(schema: str) -> list[str]:
    """Reference data: everybody may read what follows from which post; rows are added and never changed."""
    return [
        f"""CREATE TABLE {schema}.post_role_tables ({AGGREGATE_DDL}, label text NOT NULL UNIQUE,
          source text NOT NULL, rows jsonb NOT NULL)""",
        *aggregate_indexes(schema, "post_role_tables"),
        *reference_policy(schema, "post_role_tables", grants="SELECT, INSERT"),
    ]
