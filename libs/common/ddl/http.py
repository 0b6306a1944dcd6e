"""The table behind Idempotency-Key: what a first try did, kept for its own caller only."""

from __future__ import annotations

PURGER = "watch:forget_idempotency_keys"
"""The system scope that may forget keys whose day is over, and nothing else."""

_OWN = (
    "client_id = (SELECT coalesce(current_setting('shoutu.client', true), ''))"
    " AND subject = (SELECT coalesce(current_setting('shoutu.subject', true), ''))"
    " AND subject <> ''"
)
_FORGETTABLE = (
    f"(SELECT coalesce(current_setting('shoutu.system', true), '')) = '{PURGER}' AND expires_at < clock_timestamp()"
)


def idempotency_ddl(schema: str) -> list[str]:
    """The table, its policies (a row is seen only by the client and subject that wrote it) and its grants."""
    table = f"{schema}.idempotency_keys"
    return [
        f"""CREATE TABLE {table} (
          client_id text NOT NULL, subject text NOT NULL, route text NOT NULL, key text NOT NULL,
          fingerprint bytea NOT NULL, status smallint NOT NULL, resource_id uuid, location text, body json,
          created_at timestamptz NOT NULL DEFAULT clock_timestamp(), expires_at timestamptz NOT NULL,
          PRIMARY KEY (client_id, subject, route, key))""",
        f"CREATE INDEX ON {table} (expires_at)",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own ON {table} FOR ALL USING ({_OWN}) WITH CHECK ({_OWN})",
        f"CREATE POLICY forgettable ON {table} FOR SELECT USING ({_FORGETTABLE})",
        f"CREATE POLICY forgotten ON {table} FOR DELETE USING ({_FORGETTABLE})",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {schema}_app",
    ]
