"""What areas were called and what became of them; grids of any kind, and how each was drawn from when to when."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import reference_policy

revision = "0009"
down_revision = "0008"

_SCHEMA = "responsibility_registry"

_NAMES = f"""CREATE TABLE {_SCHEMA}.area_names (
  id uuid PRIMARY KEY, code text COLLATE "C" NOT NULL REFERENCES {_SCHEMA}.areas (code), name text NOT NULL,
  until date NOT NULL, document text NOT NULL)"""

_SUCCESSIONS = f"""CREATE TABLE {_SCHEMA}.area_successions (
  from_code text COLLATE "C" NOT NULL REFERENCES {_SCHEMA}.areas (code),
  to_code text COLLATE "C" NOT NULL REFERENCES {_SCHEMA}.areas (code), at date NOT NULL, goes_on boolean NOT NULL,
  document text NOT NULL, PRIMARY KEY (from_code, to_code, at), CHECK (from_code <> to_code))"""

_GRIDS = f"""CREATE TABLE {_SCHEMA}.grids ({AGGREGATE_DDL},
  code text COLLATE "C" NOT NULL UNIQUE, kind text NOT NULL, name text NOT NULL,
  parent_code text COLLATE "C" REFERENCES {_SCHEMA}.grids (code), valid_from timestamptz NOT NULL,
  valid_to timestamptz, drawn_from timestamptz NOT NULL, shape text NOT NULL,
  buffer_m double precision NOT NULL CHECK (buffer_m >= 0), ended_reason text, CHECK (valid_to >= valid_from))"""

# Two shapes of one grid at one time: the database itself refuses the second.
_DRAWINGS = f"""CREATE TABLE {_SCHEMA}.grid_drawings (
  id uuid PRIMARY KEY, grid_id uuid NOT NULL REFERENCES {_SCHEMA}.grids (id), shape text NOT NULL,
  buffer_m double precision NOT NULL, valid_from timestamptz NOT NULL, valid_to timestamptz, reason text NOT NULL,
  CONSTRAINT drawn_once EXCLUDE USING gist (grid_id WITH =, tstzrange(valid_from, valid_to) WITH &&))"""


def upgrade() -> None:
    """Create them empty; what was before, nobody wrote down here."""
    for statement in (
        _NAMES,
        f"CREATE INDEX ON {_SCHEMA}.area_names (code, until)",
        *reference_policy(_SCHEMA, "area_names", grants="SELECT, INSERT"),
        _SUCCESSIONS,
        f"CREATE INDEX ON {_SCHEMA}.area_successions (to_code)",
        *reference_policy(_SCHEMA, "area_successions", grants="SELECT, INSERT"),
        _GRIDS,
        *aggregate_indexes(_SCHEMA, "grids"),
        f"CREATE INDEX ON {_SCHEMA}.grids (kind, code)",
        f"CREATE INDEX ON {_SCHEMA}.grids (parent_code) WHERE parent_code IS NOT NULL",
        *reference_policy(_SCHEMA, "grids"),
        _DRAWINGS,
        f"CREATE INDEX ON {_SCHEMA}.grid_drawings (grid_id, valid_from)",
        *reference_policy(_SCHEMA, "grid_drawings"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for table in ("grid_drawings", "grids", "area_successions", "area_names"):
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
