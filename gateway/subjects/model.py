"""The table of subjects."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import platform_policy
from libs.common.keeping import kept_by

KEEPERS = ("security_administrator", "audit_administrator")
"""Who sees what somebody may do: who gives it, and who reads the trail."""

subjects = Table(
    "subjects",
    MetaData(),
    *aggregate_columns(),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("skeleton", Text, nullable=False),
    Column("grants", JSONB, nullable=False),
    Column("past_grants", JSONB, nullable=False),
    Column("parties", JSONB, nullable=False),
    Column("past_parties", JSONB, nullable=False),
    Column("held", JSONB, nullable=False),
    Column("follows", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    info=kept_by(*KEEPERS),
)


def subjects_ddl(schema: str) -> list[str]:
    """The table; a name, and a name that reads like it, is there once for ever."""
    return [
        f"""CREATE TABLE {schema}.subjects ({AGGREGATE_DDL}, subject text NOT NULL UNIQUE, kind text NOT NULL,
          skeleton text NOT NULL UNIQUE, grants jsonb NOT NULL, past_grants jsonb NOT NULL, parties jsonb NOT NULL,
          past_parties jsonb NOT NULL, held jsonb NOT NULL, follows uuid[] NOT NULL, ended_at timestamptz,
          ended_reason text, CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
          CHECK (subject NOT LIKE 'system:%'))""",
        *aggregate_indexes(schema, "subjects"),
        f"CREATE INDEX ON {schema}.subjects USING gin (follows)",
        *platform_policy(schema, "subjects", keepers=KEEPERS),
    ]
