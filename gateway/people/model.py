"""The tables of people: accounts, what is secret about them, and the counts of wrong sign-ins."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from gateway.people.rules import ADMINISTERS
from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import platform_policy, system_policy
from libs.common.keeping import kept_by

_metadata = MetaData()

people = Table(
    "people",
    _metadata,
    *aggregate_columns(),
    Column("subject", Text, nullable=False),
    Column("login_name", Text, nullable=False),
    Column("login_skeleton", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    info=kept_by(*ADMINISTERS),
)

person_secrets = Table(
    "person_secrets",
    _metadata,
    Column("person", PGUUID(as_uuid=True), ForeignKey("people.id"), primary_key=True),
    Column("display_name", LargeBinary, nullable=False),
    Column("password", LargeBinary),
    Column("totp", LargeBinary),
    Column("totp_to_be", LargeBinary),
    Column("totp_step", BigInteger, nullable=False),
    Column("invitation_hash", LargeBinary),
    Column("invited_until", DateTime(timezone=True)),
    Column("invited_by", Text),
)

recovery_codes = Table(
    "recovery_codes",
    _metadata,
    Column("person", PGUUID(as_uuid=True), ForeignKey("people.id"), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    _metadata,
    Column("account", LargeBinary, primary_key=True),
    Column("place", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True)),
    Column("locked_until", DateTime(timezone=True)),
)

known_browsers = Table(
    "known_browsers",
    _metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("person", PGUUID(as_uuid=True), ForeignKey("people.id"), nullable=False),
    Column("known_until", DateTime(timezone=True), nullable=False),
)


def people_ddl(schema: str) -> list[str]:
    """All tables. Who keeps accounts in an area sees them; everything secret is for system scopes only."""
    return [
        f"""CREATE TABLE {schema}.people ({AGGREGATE_DDL}, subject text NOT NULL UNIQUE,
          login_name text NOT NULL UNIQUE, login_skeleton text NOT NULL CONSTRAINT people_look_alike UNIQUE,
          state text NOT NULL CHECK (state IN ('invited', 'active', 'ended')), epoch integer NOT NULL,
          second_factor boolean NOT NULL, ended_at timestamptz, ended_reason text,
          CHECK ((state = 'ended') = (ended_at IS NOT NULL)), CHECK (subject LIKE 'person-%'))""",
        *aggregate_indexes(schema, "people"),
        *platform_policy(schema, "people", keepers=ADMINISTERS),
        f"""CREATE TABLE {schema}.person_secrets (person uuid PRIMARY KEY REFERENCES {schema}.people (id),
          display_name bytea NOT NULL, password bytea, totp bytea, totp_to_be bytea, totp_step bigint NOT NULL,
          invitation_hash bytea UNIQUE, invited_until timestamptz,
          CHECK ((invitation_hash IS NULL) = (invited_until IS NULL)))""",
        *system_policy(schema, "person_secrets", grants="SELECT, INSERT, UPDATE"),
        f"""CREATE TABLE {schema}.recovery_codes (person uuid REFERENCES {schema}.people (id), hash bytea,
          PRIMARY KEY (person, hash))""",
        *system_policy(schema, "recovery_codes"),
        f"""CREATE TABLE {schema}.sign_in_attempts (account bytea, place bytea, failures integer NOT NULL,
          last_at timestamptz, locked_until timestamptz, PRIMARY KEY (account, place))""",
        f"CREATE INDEX ON {schema}.sign_in_attempts (last_at)",
        *system_policy(schema, "sign_in_attempts"),
        f"""CREATE TABLE {schema}.known_browsers (hash bytea PRIMARY KEY,
          person uuid NOT NULL REFERENCES {schema}.people (id), known_until timestamptz NOT NULL)""",
        f"CREATE INDEX ON {schema}.known_browsers (person, known_until)",
        f"CREATE INDEX ON {schema}.known_browsers (known_until)",
        *system_policy(schema, "known_browsers"),
    ]
