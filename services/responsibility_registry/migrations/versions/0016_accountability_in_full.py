"""Traces of who answered, made on demand; what posts did on site says of which category and sectors it was."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import scope_policy

revision = "0016"
down_revision = "0015"

_SCHEMA = "responsibility_registry"
_TRACES = f"""CREATE TABLE {_SCHEMA}.liability_traces ({AGGREGATE_DDL},
  about_kind text NOT NULL, about_id uuid NOT NULL, purpose text NOT NULL, as_of timestamptz NOT NULL,
  known_at timestamptz NOT NULL CHECK (known_at >= as_of), made_at timestamptz NOT NULL,
  policy_version text NOT NULL, later_rows integer NOT NULL, document text NOT NULL,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{{64}}$'))"""
_ACTS = f"{_SCHEMA}.accountability_acts"


def upgrade() -> None:
    """Create it empty; acts that were told before are of no category."""
    for statement in (
        _TRACES,
        *aggregate_indexes(_SCHEMA, "liability_traces"),
        f"CREATE INDEX ON {_SCHEMA}.liability_traces (made_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.liability_traces (about_id)",
        *scope_policy(_SCHEMA, "liability_traces"),
        f"ALTER TABLE {_ACTS} ADD COLUMN category text NOT NULL DEFAULT '', ADD COLUMN sectors text[] NOT NULL"
        " DEFAULT '{}'",
        f"ALTER TABLE {_ACTS} ALTER COLUMN category DROP DEFAULT, ALTER COLUMN sectors DROP DEFAULT",
        f"CREATE INDEX ON {_ACTS} (hazard_id, at)",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    op.execute(f"DROP TABLE {_SCHEMA}.liability_traces")
    op.execute(f"DROP INDEX {_SCHEMA}.accountability_acts_hazard_id_at_idx")
    op.execute(f"ALTER TABLE {_ACTS} DROP COLUMN category, DROP COLUMN sectors")
