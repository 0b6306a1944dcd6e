"""The tables of the gateway's copies. `followed` is the version that subjects have followed, and nobody tells it."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.ddl.policies import system_policy

_metadata = MetaData()

post_copies = Table(
    "post_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("code", Text),
    Column("name_zh", Text),
    Column("name_en", Text),
    Column("kind", Text),
    Column("tier", Text),
    Column("area_code", Text(collation="C")),
    Column("sectors", ARRAY(Text)),
    Column("organization", Text),
    Column("vacant", Boolean),
    Column("substitute_post_id", UUID(as_uuid=True)),
    Column("followed", Integer),
)

tenure_copies = Table(
    "tenure_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("post_id", UUID(as_uuid=True)),
    Column("subject", Text),
    Column("valid_from", DateTime(timezone=True)),
    Column("valid_to", DateTime(timezone=True)),
    Column("followed", Integer),
)


def copies_ddl(schema: str) -> list[str]:
    """Both tables, seen under a system scope only; what was not followed yet is found by an index of its own."""
    return [
        f"""CREATE TABLE {schema}.post_copies (id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid,
          code text NOT NULL, name_zh text NOT NULL, name_en text NOT NULL, kind text NOT NULL, tier text NOT NULL,
          area_code text COLLATE "C" NOT NULL, sectors text[] NOT NULL, organization text NOT NULL,
          vacant boolean NOT NULL, substitute_post_id uuid,
          followed integer NOT NULL DEFAULT 0)""",
        f"CREATE INDEX ON {schema}.post_copies (id) WHERE followed <> version",
        f"CREATE INDEX ON {schema}.post_copies (substitute_post_id) WHERE vacant",
        *system_policy(schema, "post_copies"),
        f"""CREATE TABLE {schema}.tenure_copies (id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid,
          post_id uuid NOT NULL, subject text NOT NULL, valid_from timestamptz NOT NULL, valid_to timestamptz,
          followed integer NOT NULL DEFAULT 0)""",
        f"CREATE INDEX ON {schema}.tenure_copies (id) WHERE followed <> version",
        f"CREATE INDEX ON {schema}.tenure_copies (subject)",
        f"CREATE INDEX ON {schema}.tenure_copies (post_id)",
        *system_policy(schema, "tenure_copies"),
    ]
