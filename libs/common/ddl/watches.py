"""The tables of time: runs of watches, rows they set aside, findings of the watchdog, and the city's own calendar."""

from __future__ import annotations

from libs.common.ddl.policies import reference_policy, system_policy


def watches_ddl(schema: str) -> list[str]:
    """Watch runs, findings of the watchdog, calendar days and announced years of one service."""
    return [*_runs(schema), *_findings(schema), *_calendar(schema)]


def _runs(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.watch_runs (
          name text PRIMARY KEY, every_seconds double precision NOT NULL,
          last_started_at timestamptz NOT NULL, last_finished_at timestamptz,
          moved bigint NOT NULL DEFAULT 0, failures integer NOT NULL DEFAULT 0, error text)""",
        *system_policy(schema, "watch_runs", grants="SELECT, INSERT, UPDATE"),
        f"""CREATE TABLE {schema}.watch_setbacks (
          name text NOT NULL, subject text NOT NULL, failures integer NOT NULL, error text NOT NULL,
          first_failed_at timestamptz NOT NULL, last_failed_at timestamptz NOT NULL, retry_at timestamptz NOT NULL,
          PRIMARY KEY (name, subject))""",
        *system_policy(schema, "watch_setbacks"),
    ]


def _findings(schema: str) -> list[str]:
    return [
        f"""CREATE TABLE {schema}.watchdog_findings (
          id uuid PRIMARY KEY, check_name text NOT NULL, subject text NOT NULL, detail text NOT NULL,
          found_at timestamptz NOT NULL, last_seen_at timestamptz NOT NULL, cleared_at timestamptz)""",
        f"CREATE UNIQUE INDEX ON {schema}.watchdog_findings (check_name, subject) WHERE cleared_at IS NULL",
        f"CREATE INDEX ON {schema}.watchdog_findings (found_at)",
        *system_policy(schema, "watchdog_findings", grants="SELECT, INSERT, UPDATE"),
    ]


def _calendar(schema: str) -> list[str]:
    return [
        f"CREATE TABLE {schema}.calendar_days (day date PRIMARY KEY, workday boolean NOT NULL, source text NOT NULL)",
        f"CREATE TABLE {schema}.calendar_years (year integer PRIMARY KEY, source text NOT NULL)",
        *reference_policy(schema, "calendar_days"),
        *reference_policy(schema, "calendar_years"),
    ]
