"""The table of agencies."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import platform_policy
from libs.common.keeping import kept_by

KEEPERS = ("system_administrator", "security_administrator", "audit_administrator")
"""Who sees the agencies: whoever looks after the platform."""

agencies = Table(
    "agencies",
    MetaData(),
    *aggregate_columns(),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("credit_code", Text),
    Column("contact", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    info=kept_by(*KEEPERS),
)


def agencies_ddl(schema: str) -> list[str]:
    """The table; one live agency a credit code, and clients that belong to one."""
    return [
        f"""CREATE TABLE {schema}.agencies ({AGGREGATE_DDL}, name_zh text NOT NULL, name_en text NOT NULL,
          credit_code text, contact text NOT NULL, ended_at timestamptz, ended_reason text,
          CHECK ((ended_at IS NULL) = (ended_reason IS NULL)))""",
        *aggregate_indexes(schema, "agencies"),
        f"CREATE UNIQUE INDEX ON {schema}.agencies (credit_code) WHERE ended_at IS NULL",
        *platform_policy(schema, "agencies", keepers=KEEPERS),
        f"ALTER TABLE {schema}.clients ADD COLUMN agency_id uuid REFERENCES {schema}.agencies (id)",
        f"CREATE INDEX ON {schema}.clients (agency_id) WHERE agency_id IS NOT NULL",
    ]
