"""The tables of jobs and of what was wrong with the rows that they read."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import OF_AN_OWNER
from libs.common.ddl.policies import child_policy, owned_policy

_metadata = MetaData()

jobs = Table(
    "jobs",
    _metadata,
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("acting_post", PGUUID(as_uuid=True)),
    Column("oauth_scopes", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False),
    Column("correlation_id", PGUUID(as_uuid=True), nullable=False),
    Column("asked", JSONB, nullable=False),
    Column("cursor", JSONB, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("faults", BigInteger, nullable=False),
    Column("result", JSONB),
    Column("problem", JSONB),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("fence", BigInteger, nullable=False),
    Column("lease_until", DateTime(timezone=True)),
    Column("file_gone_at", DateTime(timezone=True)),
    Column("link_hash", LargeBinary),
    Column("link_until", DateTime(timezone=True)),
    info=OF_AN_OWNER,
)

job_faults = Table(
    "job_faults",
    _metadata,
    Column("job_id", PGUUID(as_uuid=True), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("row", BigInteger, nullable=False),
    Column("cell", Text),
    Column("field", Text),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
)


def jobs_ddl(schema: str) -> list[str]:
    """Both tables; a job is seen by who started it, and under a system scope."""
    return [
        f"""CREATE TABLE {schema}.jobs (
          id uuid PRIMARY KEY, version integer NOT NULL CHECK (version > 0), kind text NOT NULL,
          state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
          owner text COLLATE "C" NOT NULL, client_id text NOT NULL, acting_post uuid, oauth_scopes text[] NOT NULL,
          language text NOT NULL CHECK (language IN ('zh', 'en')), correlation_id uuid NOT NULL, asked jsonb NOT NULL,
          cursor jsonb NOT NULL, done bigint NOT NULL, total bigint, faults bigint NOT NULL, result jsonb,
          problem jsonb, created_at timestamptz NOT NULL, queued_at timestamptz NOT NULL, started_at timestamptz,
          ended_at timestamptz, fence bigint NOT NULL, lease_until timestamptz, file_gone_at timestamptz,
          link_hash bytea CHECK (length(link_hash) = 32), link_until timestamptz,
          CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled'))),
          CHECK ((lease_until IS NOT NULL) = (state = 'running')))""",
        f"CREATE INDEX ON {schema}.jobs (owner, id)",
        f"CREATE INDEX ON {schema}.jobs (queued_at) WHERE ended_at IS NULL",
        f"CREATE INDEX ON {schema}.jobs (ended_at) WHERE ended_at IS NOT NULL",
        f"CREATE UNIQUE INDEX ON {schema}.jobs (link_hash) WHERE link_hash IS NOT NULL",
        *owned_policy(schema, "jobs", grants="SELECT, INSERT, UPDATE, DELETE"),
        f"""CREATE TABLE {schema}.job_faults (
          job_id uuid NOT NULL REFERENCES {schema}.jobs (id) ON DELETE CASCADE, number integer NOT NULL,
          row bigint NOT NULL, cell text, field text, code text NOT NULL, detail text NOT NULL,
          PRIMARY KEY (job_id, number))""",
        *child_policy(schema, "job_faults", parent="jobs", key="job_id", grants="SELECT, INSERT"),
    ]
