"""The tables of files, of uploads on their way, of what refers to files, and of what was told of missing ones."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import AGGREGATE_DDL, OF_AN_OWNER, aggregate_columns, aggregate_indexes
from libs.common.ddl.policies import owned_policy, scope_policy, system_policy

_metadata = MetaData()

files = Table(
    "files",
    _metadata,
    *aggregate_columns(),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("received_sha256", Text, nullable=False),
    Column("received_bytes", BigInteger, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("arrived_at", DateTime(timezone=True), nullable=False),
    Column("upload_id", PGUUID(as_uuid=True), nullable=False),
    Column("variants", JSONB, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    Column("owner_posts", ARRAY(PGUUID(as_uuid=True)), nullable=False),
    Column("is_linked", Boolean, nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    info=OF_AN_OWNER,
)

file_captures = Table(
    "file_captures",
    _metadata,
    Column("file_id", PGUUID(as_uuid=True), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

uploads = Table(
    "uploads",
    _metadata,
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("file_id", PGUUID(as_uuid=True), nullable=False),
    Column("owner", Text, nullable=False),
    Column("area_code", Text(collation="C"), nullable=False),
    Column("media_type", Text),
    Column("length", BigInteger),
    Column("capture", Boolean, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

file_links = Table(
    "file_links",
    _metadata,
    Column("file_id", PGUUID(as_uuid=True), primary_key=True),
    Column("aggregate_id", PGUUID(as_uuid=True), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("noun", Text, nullable=False),
    Column("area_code", Text(collation="C"), nullable=False),
    Column("sectors", ARRAY(Text), nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("correlation_id", PGUUID(as_uuid=True), nullable=False),
    Column("by_post", PGUUID(as_uuid=True)),
    Column("referred_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
)

file_reminders = Table(
    "file_reminders",
    _metadata,
    *aggregate_columns(),
    Column("file_id", PGUUID(as_uuid=True), nullable=False),
    Column("noun", Text, nullable=False),
    Column("aggregate_id", PGUUID(as_uuid=True), nullable=False),
    Column("field", Text, nullable=False),
)


def files_ddl(schema: str) -> list[str]:
    """All five. A file is its owner's by both walls; who else may see it is decided by what refers to it."""
    return [
        f"""CREATE TABLE {schema}.files ({AGGREGATE_DDL}, owner text NOT NULL,
          state text NOT NULL CHECK (state IN ('kept', 'ended')), kind text NOT NULL, media_type text NOT NULL,
          bytes bigint NOT NULL CHECK (bytes > 0), sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{{64}}$'),
          received_sha256 text NOT NULL CHECK (received_sha256 ~ '^[0-9a-f]{{64}}$'),
          received_bytes bigint NOT NULL CHECK (received_bytes > 0), received_at timestamptz NOT NULL,
          arrived_at timestamptz NOT NULL, upload_id uuid NOT NULL, variants jsonb NOT NULL,
          owner_posts uuid[] NOT NULL, ended_at timestamptz, ended_reason text, is_linked boolean NOT NULL,
          removed_at timestamptz, CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
          CHECK ((ended_at IS NULL) = (ended_reason IS NULL)))""",
        *aggregate_indexes(schema, "files"),
        f"CREATE INDEX ON {schema}.files (owner, id)",
        f"CREATE INDEX ON {schema}.files (owner, arrived_at)",
        f"CREATE INDEX ON {schema}.files (arrived_at) WHERE state = 'kept' AND NOT is_linked",
        f"CREATE INDEX ON {schema}.files (ended_at) WHERE state = 'ended' AND removed_at IS NULL",
        *owned_policy(schema, "files"),
        f"CREATE TABLE {schema}.file_captures (file_id uuid PRIMARY KEY, sealed bytea NOT NULL)",
        *system_policy(schema, "file_captures"),
        f"""CREATE TABLE {schema}.uploads (id uuid PRIMARY KEY, file_id uuid NOT NULL, owner text NOT NULL,
          area_code text COLLATE "C" NOT NULL, media_type text, length bigint CHECK (length > 0),
          capture boolean NOT NULL, started_at timestamptz NOT NULL, expires_at timestamptz NOT NULL)""",
        f"CREATE INDEX ON {schema}.uploads (expires_at)",
        f"CREATE INDEX ON {schema}.uploads (owner, expires_at)",
        *owned_policy(schema, "uploads", grants="SELECT, INSERT, UPDATE, DELETE"),
        f"""CREATE TABLE {schema}.file_links (file_id uuid NOT NULL, aggregate_id uuid NOT NULL,
          field text NOT NULL, noun text NOT NULL, area_code text COLLATE "C" NOT NULL, sectors text[] NOT NULL,
          exercise boolean NOT NULL, correlation_id uuid NOT NULL, by_post uuid,
          referred_at timestamptz NOT NULL, told_at timestamptz, settled_at timestamptz,
          PRIMARY KEY (file_id, aggregate_id, field))""",
        f"CREATE INDEX ON {schema}.file_links (referred_at) WHERE settled_at IS NULL AND told_at IS NULL",
        f"CREATE INDEX ON {schema}.file_links (told_at) WHERE settled_at IS NULL AND told_at IS NOT NULL",
        *system_policy(schema, "file_links", grants="SELECT, INSERT, UPDATE"),
        f"""CREATE TABLE {schema}.file_reminders ({AGGREGATE_DDL}, file_id uuid NOT NULL, noun text NOT NULL,
          aggregate_id uuid NOT NULL, field text NOT NULL)""",
        *aggregate_indexes(schema, "file_reminders"),
        *scope_policy(schema, "file_reminders"),
    ]
