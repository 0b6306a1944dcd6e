"""The table of signing keys."""

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from libs.common.ddl.policies import system_policy

signing_keys = Table(
    "signing_keys",
    MetaData(),
    Column("kid", Text, primary_key=True),
    Column("public", JSONB, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("signs_from", DateTime(timezone=True), nullable=False),
    Column("retired_at", DateTime(timezone=True)),
    Column("gone_at", DateTime(timezone=True)),
)


def signing_ddl(schema: str) -> list[str]:
    """The table; it is seen under a system scope only."""
    return [
        f"""CREATE TABLE {schema}.signing_keys (kid text PRIMARY KEY, public jsonb NOT NULL,
          sealed bytea NOT NULL, published_at timestamptz NOT NULL, signs_from timestamptz NOT NULL,
          retired_at timestamptz, gone_at timestamptz,
          CHECK (signs_from >= published_at), CHECK (retired_at >= signs_from), CHECK (gone_at >= retired_at))""",
        *system_policy(schema, "signing_keys", grants="SELECT, INSERT, UPDATE"),
    ]
