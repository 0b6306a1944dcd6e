"""The plumbing's tables: outbox, inbox, parked and dead events, leases, cursors of announcements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from libs.common.ddl.http import idempotency_ddl
from libs.common.ddl.policies import (
    open_policy,
    participants_ddl,
    reference_policy,
    system_policy,
)
from libs.common.ddl.timeline import timeline_ddl
from libs.common.ddl.watches import watches_ddl
from libs.common.ids import floor_id

PARTITIONED = {"outbox": "id", "inbox": "event_id"}
"""Each with the UUIDv7 by which it is partitioned."""
_QUARTER = timedelta(days=92)
_ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def plumbing_ddl(schema: str, *, triages: bool = True) -> list[str]:
    """Everything that a service's first migration creates before its own tables.

    `triages` is false where nothing waits for triage: a timeline's row without any sector is of none there.
    """
    return [
        *participants_ddl(schema),
        *_leases(schema),
        *_outbox(schema),
        *_inbox(schema),
        *_copies(schema),
        *_access(schema),
        *_clock(schema),
        *timeline_ddl(schema, triages=triages),
        *watches_ddl(schema),
        *idempotency_ddl(schema),
    ]


def partition_ddl(schema: str, now: datetime, quarters: int = 8) -> list[str]:
    """Partitions by UUIDv7 from the quarter (92 days, from a fixed origin) of an instant on; existing ones are left.

    Rows outside all of them land in the default partition: a forgotten migration loses nothing, and the next one
    takes its rows out of there.
    """
    begun = (now - _ORIGIN) // _QUARTER
    made = []
    for number in range(begun, begun + quarters):
        begin, end = _ORIGIN + number * _QUARTER, _ORIGIN + (number + 1) * _QUARTER
        made += [_partition(schema, table, begin, end) for table in PARTITIONED]
    return made


def _partition(schema: str, table: str, begin: datetime, end: datetime) -> str:
    name, rest = f"{schema}.{table}_{begin:%Y%m%d}", f"{schema}.{table}_rest"
    key, low, high = PARTITIONED[table], floor_id(begin), floor_id(end)
    # The policies are the parent's; a partition that is asked by its own name shows nothing to anybody, as it should.
    return f"""DO $$ BEGIN IF to_regclass('{name}') IS NULL THEN
      CREATE TABLE {name} (LIKE {schema}.{table} INCLUDING ALL);
      ALTER TABLE {rest} NO FORCE ROW LEVEL SECURITY;
      WITH moved AS (DELETE FROM {rest} WHERE {key} >= '{low}' AND {key} < '{high}' RETURNING *)
        INSERT INTO {name} SELECT * FROM moved;
      ALTER TABLE {rest} FORCE ROW LEVEL SECURITY;
      ALTER TABLE {schema}.{table} ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}');
      ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
    END IF; END $$"""


def schema_emptied(schema: str) -> list[str]:
    """Drop everything in a schema but the migrations' own table: the way back from a first migration."""
    return [
        f"""DO $$ DECLARE made record; BEGIN
          FOR made IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = '{schema}'::regnamespace
            AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'alembic_version' LOOP
            EXECUTE format('DROP TABLE IF EXISTS {schema}.%I CASCADE', made.relname);
          END LOOP;
          FOR made IN SELECT p.oid::regprocedure AS relname FROM pg_proc p
            WHERE p.pronamespace = '{schema}'::regnamespace LOOP
            EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', made.relname);
          END LOOP;
        END $$""",
        f"DROP SEQUENCE IF EXISTS {schema}.outbox_position",
    ]


def _leases(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.leases (
          name text PRIMARY KEY, holder uuid NOT NULL, fence bigint NOT NULL DEFAULT 1,
          expires_at timestamptz NOT NULL, asleep boolean NOT NULL DEFAULT false)""",
        *reference_policy(schema, "leases"),
        f"GRANT SELECT, INSERT, UPDATE ON {schema}.leases TO {schema}_sealer",
    ]


def _outbox(schema: str) -> list[str]:
    return [
        f"CREATE SEQUENCE {schema}.outbox_position",
        f"GRANT USAGE ON SEQUENCE {schema}.outbox_position TO {schema}_app",
        f"""CREATE TABLE {schema}.outbox (
          id uuid PRIMARY KEY, position bigint NOT NULL DEFAULT nextval('{schema}.outbox_position'),
          event_type text NOT NULL, aggregate_id uuid NOT NULL, aggregate_version integer NOT NULL,
          area_code text COLLATE "C" NOT NULL, subject text NOT NULL, headers jsonb NOT NULL, data text NOT NULL,
          recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(), published_at timestamptz,
          stream_sequence bigint, epoch text, resent integer NOT NULL DEFAULT 0) PARTITION BY RANGE (id)""",
        f"CREATE INDEX ON {schema}.outbox (position) WHERE published_at IS NULL",
        f"CREATE INDEX ON {schema}.outbox (position)",
        f"CREATE INDEX ON {schema}.outbox (aggregate_id, aggregate_version)",
        f"CREATE TABLE {schema}.outbox_rest PARTITION OF {schema}.outbox DEFAULT",
        f"ALTER TABLE {schema}.outbox_rest ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {schema}.outbox_rest FORCE ROW LEVEL SECURITY",
        *system_policy(schema, "outbox", insert_by_all=True, grants="SELECT, INSERT, UPDATE"),
        f"CREATE TABLE {schema}.stream_epochs (epoch text PRIMARY KEY, number bigint NOT NULL,"
        f" first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp())",
        *reference_policy(schema, "stream_epochs"),
    ]


def _inbox(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.inbox (
          consumer text NOT NULL, event_id uuid NOT NULL, received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (event_id, consumer)) PARTITION BY RANGE (event_id)""",
        f"CREATE TABLE {schema}.inbox_rest PARTITION OF {schema}.inbox DEFAULT",
        f"ALTER TABLE {schema}.inbox_rest ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {schema}.inbox_rest FORCE ROW LEVEL SECURITY",
        *system_policy(schema, "inbox"),
        f"""CREATE TABLE {schema}.heard_versions (
          consumer text NOT NULL, aggregate_id uuid NOT NULL, version integer NOT NULL,
          PRIMARY KEY (consumer, aggregate_id))""",
        *system_policy(schema, "heard_versions"),
        f"""CREATE TABLE {schema}.heard_since (
          consumer text NOT NULL, noun text NOT NULL, since timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (consumer, noun))""",
        *system_policy(schema, "heard_since", grants="SELECT, INSERT"),
        f"""CREATE TABLE {schema}.parked_events (
          consumer text NOT NULL, aggregate_id uuid NOT NULL, aggregate_version integer NOT NULL,
          event_id uuid NOT NULL, headers jsonb NOT NULL, data text NOT NULL,
          parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (consumer, aggregate_id, aggregate_version, event_id))""",
        f"CREATE INDEX ON {schema}.parked_events (parked_at)",
        *system_policy(schema, "parked_events"),
        f"""CREATE TABLE {schema}.failed_deliveries (
          consumer text NOT NULL, event_id uuid NOT NULL, attempts integer NOT NULL, last_error text NOT NULL,
          last_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (consumer, event_id))""",
        *system_policy(schema, "failed_deliveries"),
        f"""CREATE TABLE {schema}.dead_letters (
          consumer text NOT NULL, event_id uuid NOT NULL, event_type text NOT NULL, aggregate_id uuid NOT NULL,
          aggregate_version integer NOT NULL, headers jsonb NOT NULL, data text NOT NULL, error text NOT NULL,
          died_at timestamptz NOT NULL DEFAULT clock_timestamp(), replayed_at timestamptz,
          PRIMARY KEY (consumer, event_id))""",
        f"CREATE INDEX ON {schema}.dead_letters (died_at) WHERE replayed_at IS NULL",
        *system_policy(schema, "dead_letters"),
    ]


def _copies(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.copy_states (
          noun text PRIMARY KEY, announcement_id uuid, begun_at timestamptz, rebuilt_at timestamptz,
          doubted_at timestamptz, doubts integer NOT NULL DEFAULT 0, asked_in_vain integer NOT NULL DEFAULT 0,
          ended_rows bigint, ended_digest text, distrusted boolean NOT NULL DEFAULT false,
          expected_digest text, digest text, rows bigint)""",
        *system_policy(schema, "copy_states"),
        f"""CREATE TABLE {schema}.digests_told (
          noun text PRIMARY KEY, told_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
        *system_policy(schema, "digests_told", grants="SELECT, INSERT, UPDATE"),
    ]


def _access(schema: str) -> list[str]:
    """The copy of who may do what, by subject, and the tokens that were revoked; read before a scope is known."""
    return [
        f"""CREATE TABLE {schema}.access_grants (
          id uuid PRIMARY KEY, subject text NOT NULL, kind text NOT NULL, version integer NOT NULL,
          posts jsonb NOT NULL, parties jsonb NOT NULL DEFAULT '[]', grants jsonb NOT NULL,
          ended boolean NOT NULL DEFAULT false, stated_in uuid)""",
        # Not unique: a copy that somebody corrupted must still be able to take the true row that mends it.
        f"CREATE INDEX ON {schema}.access_grants (subject)",
        *open_policy(schema, "access_grants"),
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.access_grants TO {schema}_app",
        f"CREATE TABLE {schema}.revoked_tokens (jti text PRIMARY KEY, expires_at timestamptz NOT NULL)",
        f"CREATE INDEX ON {schema}.revoked_tokens (expires_at)",
        *open_policy(schema, "revoked_tokens"),
        f"GRANT SELECT, INSERT, DELETE ON {schema}.revoked_tokens TO {schema}_app",
    ]


def _clock(schema: str) -> list[str]:
    """A demonstration's simulated clock, for every process of the service."""
    return [
        f"""CREATE TABLE {schema}.city_clock (
          only_row boolean PRIMARY KEY CHECK (only_row), offset_seconds double precision NOT NULL,
          set_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
        *system_policy(schema, "city_clock", grants="SELECT, INSERT, UPDATE"),
    ]
