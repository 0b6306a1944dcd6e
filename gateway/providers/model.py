"""The tables of providers, of their client secrets, of links to subjects, and of sign-ins under way."""

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import platform_policy, system_policy
from libs.common.keeping import kept_by

_metadata = MetaData()

KEEPERS = ("system_administrator", "security_administrator", "audit_administrator")
"""Who sees providers and linked accounts: whoever looks after the platform."""

identity_providers = Table(
    "identity_providers",
    _metadata,
    *aggregate_columns(),
    *(Column(name, Text, nullable=False) for name in ("issuer", "name_zh", "name_en", "subject_claim")),
    *(Column(name, Text) for name in ("jwks_uri", "client_id", "ended_reason")),
    *(
        Column(name, ARRAY(Text), nullable=False)
        for name in (
            "algorithms",
            "audiences",
            "authorized_parties",
            "token_types",
            "roles_path",
            "required_roles",
        )
    ),
    Column("ended_at", DateTime(timezone=True)),
    info=kept_by(*KEEPERS),
)

provider_secrets = Table(
    "provider_secrets",
    _metadata,
    Column("provider", PGUUID(as_uuid=True), ForeignKey("identity_providers.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

external_identities = Table(
    "external_identities",
    _metadata,
    *aggregate_columns(),
    Column("provider", PGUUID(as_uuid=True), ForeignKey("identity_providers.id"), nullable=False),
    Column("external_subject", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    info=kept_by(*KEEPERS),
)

provider_sign_ins = Table(
    "provider_sign_ins",
    _metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    Column("browser_hash", LargeBinary, nullable=False),
    Column("provider", PGUUID(as_uuid=True), ForeignKey("identity_providers.id"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)


def providers_ddl(schema: str) -> list[str]:
    """All four; secrets and sign-ins under way are seen under a system scope only."""
    return [
        f"""CREATE TABLE {schema}.identity_providers ({AGGREGATE_DDL}, issuer text NOT NULL, name_zh text NOT NULL,
          name_en text NOT NULL, jwks_uri text, client_id text, algorithms text[] NOT NULL, audiences text[] NOT NULL,
          authorized_parties text[] NOT NULL, token_types text[] NOT NULL, subject_claim text NOT NULL,
          roles_path text[] NOT NULL, required_roles text[] NOT NULL, ended_at timestamptz, ended_reason text,
          CHECK (algorithms <@ ARRAY['ES256', 'EdDSA', 'RS256'] AND cardinality(algorithms) > 0),
          CHECK (cardinality(audiences) > 0),
          CHECK ((ended_at IS NULL) = (ended_reason IS NULL)))""",
        f"CREATE UNIQUE INDEX identity_providers_live ON {schema}.identity_providers (issuer) WHERE ended_at IS NULL",
        *aggregate_indexes(schema, "identity_providers"),
        *platform_policy(schema, "identity_providers", keepers=KEEPERS),
        f"""CREATE TABLE {schema}.provider_secrets (
          provider uuid PRIMARY KEY REFERENCES {schema}.identity_providers (id), sealed bytea NOT NULL)""",
        *system_policy(schema, "provider_secrets", grants="SELECT, INSERT, UPDATE, DELETE"),
        f"""CREATE TABLE {schema}.external_identities ({AGGREGATE_DDL},
          provider uuid NOT NULL REFERENCES {schema}.identity_providers (id), external_subject text NOT NULL,
          subject text NOT NULL, ended_at timestamptz, ended_reason text,
          CHECK ((ended_at IS NULL) = (ended_reason IS NULL)), CHECK (subject NOT LIKE 'system:%'))""",
        f"""CREATE UNIQUE INDEX external_identities_live ON {schema}.external_identities (provider, external_subject)
          WHERE ended_at IS NULL""",
        f"CREATE INDEX ON {schema}.external_identities (subject)",
        *aggregate_indexes(schema, "external_identities"),
        *platform_policy(schema, "external_identities", keepers=KEEPERS),
        f"""CREATE TABLE {schema}.provider_sign_ins (state_hash bytea PRIMARY KEY, browser_hash bytea NOT NULL,
          provider uuid NOT NULL REFERENCES {schema}.identity_providers (id), redirect_uri text NOT NULL,
          sealed bytea NOT NULL, expires_at timestamptz NOT NULL)""",
        f"CREATE INDEX ON {schema}.provider_sign_ins (expires_at)",
        *system_policy(schema, "provider_sign_ins"),
    ]
