"""The timeline's tables: who did what, the details that can be erased, and the seals over both.

Who may do what is in the grants: the app role adds and reads, and cannot say in which transaction or when
a row was recorded; the sealer role adds seals and erases ordered details; nobody updates or deletes a row.
"""

from __future__ import annotations

from libs.common.ddl.policies import (
    NOT_YET_TRIAGED,
    OF_NO_SECTOR,
    WITH_AUDITORS,
    child_policy,
    reference_policy,
    scope_policy,
)

WRITTEN_BY_APP = (
    "id", "occurred_at", "service", "event_type", "aggregate_id", "aggregate_version", "actor_subject",
    "actor_post", "client_id", "area_code", "sectors", "exercise", "correlation_id", "causation_id",
    "commitment",
)  # fmt: skip
"""The columns that the app role may fill; the database itself fills the rest."""

ERASURE_ORDERED = "timeline.erasure_ordered.v1"
"""Ends the event type of the rows that order an erasure; the aggregate is then the row to be erased."""


def timeline_ddl(schema: str, *, triages: bool) -> list[str]:
    """Timeline, details, links between traces, seals and cluster epochs of one service."""
    return [*_epochs(schema), *_timeline(schema, triages), *_details(schema), *_links(schema), *_seals(schema)]


def _epochs(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.cluster_epochs (
          epoch integer PRIMARY KEY, system_identifier bigint NOT NULL, resumes_after bigint NOT NULL,
          lost_until bigint NOT NULL, reason text NOT NULL, opened_by text NOT NULL,
          opened_at timestamptz NOT NULL DEFAULT clock_timestamp(), closed_at timestamptz,
          CHECK (lost_until >= resumes_after))""",
        f"""INSERT INTO {schema}.cluster_epochs
          (epoch, system_identifier, resumes_after, lost_until, reason, opened_by, closed_at)
          SELECT 1, system_identifier, 0, 0, 'installed', 'migration', clock_timestamp()
          FROM pg_control_system()""",
        *reference_policy(schema, "cluster_epochs", grants="SELECT"),
        f"GRANT SELECT, INSERT, UPDATE (closed_at) ON {schema}.cluster_epochs TO {schema}_sealer",
        f"""CREATE FUNCTION {schema}.current_epoch() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
          RETURN (SELECT max(epoch) FROM {schema}.cluster_epochs)""",
        f"GRANT EXECUTE ON FUNCTION {schema}.current_epoch() TO {schema}_app, {schema}_sealer",
    ]


def _timeline(schema: str, triages: bool) -> list[str]:
    # What was written before triage stays as it was written, and is opened with its aggregate: the row that triage
    # wrote says so. Only grants over every sector ask, and only about rows without any.
    opened = f"({NOT_YET_TRIAGED} OR {OF_NO_SECTOR} AND {schema}.was_triaged(timeline.aggregate_id))"
    return [
        f"""CREATE TABLE {schema}.timeline (
          id uuid PRIMARY KEY, recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          occurred_at timestamptz NOT NULL, service text NOT NULL, event_type text COLLATE "C" NOT NULL,
          aggregate_id uuid NOT NULL, aggregate_version integer NOT NULL, actor_subject text NOT NULL,
          actor_post uuid, client_id text NOT NULL, area_code text COLLATE "C" NOT NULL,
          sectors text[] NOT NULL, exercise boolean NOT NULL, correlation_id uuid NOT NULL, causation_id uuid,
          commitment bytea NOT NULL CHECK (length(commitment) IN (32, 33)),
          changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
          cluster_epoch integer NOT NULL DEFAULT {schema}.current_epoch())""",
        f"CREATE INDEX ON {schema}.timeline (correlation_id, occurred_at)",
        f"CREATE INDEX ON {schema}.timeline (aggregate_id, occurred_at)",
        f"CREATE INDEX ON {schema}.timeline (cluster_epoch, changed_in, id)",
        # What the audit asks by, each in the order in which it is shown (libs/common/timeline_search.py).
        f"CREATE INDEX ON {schema}.timeline (recorded_at, id)",
        f"CREATE INDEX ON {schema}.timeline (actor_subject, recorded_at, id)",
        f"CREATE INDEX ON {schema}.timeline (actor_post, recorded_at, id) WHERE actor_post IS NOT NULL",
        f"CREATE INDEX ON {schema}.timeline (client_id, recorded_at, id)",
        f"CREATE INDEX ON {schema}.timeline (event_type, recorded_at, id)",
        f"CREATE INDEX ON {schema}.timeline (area_code, recorded_at, id)",
        *_was_triaged(schema),
        *scope_policy(
            schema,
            "timeline",
            id="aggregate_id",
            grants="SELECT",
            sectorless=opened if triages else OF_NO_SECTOR,
            whose=WITH_AUDITORS,
        ),
        f"GRANT INSERT ({', '.join(WRITTEN_BY_APP)}) ON {schema}.timeline TO {schema}_app",
        # MAINTAIN lets the sealer hold writers off for a moment while an epoch is opened.
        f"GRANT SELECT, MAINTAIN ON {schema}.timeline TO {schema}_sealer",
        f"GRANT SELECT ON {schema}.participants TO {schema}_sealer",
    ]


def _was_triaged(schema: str) -> list[str]:
    """Whether a later row of the aggregate has sectors. It asks the table whose policy asks it, so it looks wider for
    that one question: a policy that asked its own table by itself would go round for ever."""
    return [
        f"""CREATE FUNCTION {schema}.was_triaged(about uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
          DECLARE narrower text := coalesce(current_setting('shoutu.system', true), ''); found boolean;
          BEGIN
            PERFORM set_config('shoutu.system', 'was_triaged', true);
            found := EXISTS (
              SELECT 1 FROM {schema}.timeline t WHERE t.aggregate_id = about AND cardinality(t.sectors) > 0);
            PERFORM set_config('shoutu.system', narrower, true);
            RETURN found;
          END $$""",
        f"GRANT EXECUTE ON FUNCTION {schema}.was_triaged(uuid) TO {schema}_app, {schema}_sealer",
    ]


def _details(schema: str) -> list[str]:
    # json and not jsonb: the committed bytes are the stored bytes, whatever the database makes of numbers.
    return [
        f"""CREATE TABLE {schema}.timeline_details (
          id uuid PRIMARY KEY, salt bytea, details json, why text, erased_at timestamptz,
          CHECK (num_nonnulls(salt, details, why) = CASE WHEN erased_at IS NULL THEN 3 ELSE 0 END))""",
        *child_policy(schema, "timeline_details", parent="timeline", key="id", grants="SELECT"),
        f"GRANT INSERT (id, salt, details, why) ON {schema}.timeline_details TO {schema}_app",
        f"GRANT SELECT, UPDATE (salt, details, why, erased_at) ON {schema}.timeline_details TO {schema}_sealer",
    ]


def _links(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.trace_links (
          from_correlation uuid NOT NULL, to_correlation uuid NOT NULL, reason text NOT NULL,
          linked_at timestamptz NOT NULL, linked_by text NOT NULL,
          PRIMARY KEY (from_correlation, to_correlation), CHECK (from_correlation <> to_correlation))""",
        f"CREATE INDEX ON {schema}.trace_links (to_correlation)",
        *reference_policy(schema, "trace_links", grants="SELECT, INSERT"),
    ]


def _seals(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.seals (
          batch bigint PRIMARY KEY, first_id uuid NOT NULL, last_id uuid NOT NULL,
          last_changed_in xid8 NOT NULL, count integer NOT NULL CHECK (count > 0), root bytea NOT NULL,
          previous bytea NOT NULL, chained bytea NOT NULL, sealed_at timestamptz NOT NULL,
          cluster_epoch integer NOT NULL, algorithm text NOT NULL)""",
        f"""CREATE TABLE {schema}.seal_leaves (
          batch bigint NOT NULL, position integer NOT NULL, timeline_id uuid NOT NULL UNIQUE,
          leaf bytea NOT NULL, PRIMARY KEY (batch, position))""",
        # Days go by their date: after a restore a day may be closed anew, and the anchors know both.
        f"""CREATE TABLE {schema}.daily_heads (
          day date PRIMARY KEY, first_batch bigint NOT NULL, last_batch bigint NOT NULL,
          batches integer NOT NULL CHECK (batches > 0), root bytea NOT NULL, previous bytea NOT NULL,
          chained bytea NOT NULL, algorithm text NOT NULL, CHECK (last_batch >= first_batch))""",
        *reference_policy(schema, "seals", grants="SELECT"),
        *reference_policy(schema, "daily_heads", grants="SELECT"),
        *reference_policy(schema, "seal_leaves", grants="SELECT"),
        f"GRANT SELECT, INSERT ON {schema}.seals, {schema}.seal_leaves, {schema}.daily_heads TO {schema}_sealer",
    ]
