"""Duties as lists: the catalogue, yearly work lists, pairings, what was done, and periods in which nothing was."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import OF_NO_SECTOR, reference_policy, scope_policy

revision = "0015"
down_revision = "0014"

_SCHEMA = "responsibility_registry"
_ITEMS = f"""CREATE TABLE {_SCHEMA}.duty_items ({AGGREGATE_DDL},
  code text NOT NULL, edition integer NOT NULL CHECK (edition > 0), list_code text NOT NULL, bearer text NOT NULL,
  zh text NOT NULL, en text NOT NULL, tiers text[] NOT NULL, links text[] NOT NULL, kinds text[] NOT NULL,
  first_responsible boolean NOT NULL, bearer_ids uuid[] NOT NULL, valid_from date NOT NULL, repealed boolean NOT NULL,
  source text NOT NULL, UNIQUE (area_code, code, edition), UNIQUE (area_code, code, valid_from))"""

_PAIRINGS = f"""CREATE TABLE {_SCHEMA}.pairings ({AGGREGATE_DDL},
  kind text NOT NULL, post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id), object_id uuid,
  home_key text NOT NULL, document text NOT NULL, record_kinds text[] NOT NULL, rhythm jsonb,
  policy_version text NOT NULL, valid_from timestamptz NOT NULL, counted_from timestamptz NOT NULL,
  valid_to timestamptz CHECK (valid_to > valid_from), ended_reason text NOT NULL, look_at timestamptz,
  CHECK ((object_id IS NULL) = (home_key <> '')))"""
_RECORDS = f"""CREATE TABLE {_SCHEMA}.duty_records ({AGGREGATE_DDL},
  kind text NOT NULL, post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id),
  by_post uuid NOT NULL REFERENCES {_SCHEMA}.posts (id), pairing_id uuid REFERENCES {_SCHEMA}.pairings (id),
  object_id uuid, grid_id uuid, duty_code text NOT NULL, done_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL, entered_at timestamptz NOT NULL CHECK (entered_at <= recorded_at),
  late boolean NOT NULL, lon double precision, lat double precision, words text NOT NULL, values jsonb NOT NULL,
  evidence uuid[] NOT NULL, serves integer[] NOT NULL, policy_version text NOT NULL,
  corrects uuid UNIQUE REFERENCES {_SCHEMA}.duty_records (id), corrected_by uuid, withdrawn_at timestamptz,
  withdrawn_reason text NOT NULL, CHECK (corrected_by IS NULL OR withdrawn_at IS NULL))"""
_MISSED = f"""CREATE TABLE {_SCHEMA}.missed_periods ({AGGREGATE_DDL},
  pairing_id uuid NOT NULL REFERENCES {_SCHEMA}.pairings (id), post_id uuid NOT NULL, kind text NOT NULL,
  begins_at timestamptz NOT NULL, due_at timestamptz NOT NULL, asked integer NOT NULL, done integer NOT NULL,
  post_vacant boolean NOT NULL, told_at timestamptz NOT NULL, UNIQUE (pairing_id, begins_at))"""
_LISTS = f"""CREATE TABLE {_SCHEMA}.work_lists ({AGGREGATE_DDL},
  post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id),
  superior_post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id) CHECK (superior_post_id <> post_id),
  year integer NOT NULL, items jsonb NOT NULL, lights_version text NOT NULL, state text NOT NULL,
  confirmed_at timestamptz, reason text NOT NULL, UNIQUE (post_id, year))"""
_SEEN = ("pairings", "duty_records", "missed_periods", "work_lists")


def upgrade() -> None:
    """Create them empty: what ships with the platform is no row."""
    for statement in (
        _ITEMS,
        _PAIRINGS,
        _RECORDS,
        _MISSED,
        _LISTS,
        f"CREATE INDEX ON {_SCHEMA}.pairings (post_id)",
        f"CREATE INDEX ON {_SCHEMA}.pairings (object_id) WHERE object_id IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.pairings (kind, home_key) WHERE home_key <> ''",
        f"CREATE INDEX ON {_SCHEMA}.pairings (look_at, id) WHERE look_at IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.duty_records (post_id, done_at)",
        f"CREATE INDEX ON {_SCHEMA}.duty_records (pairing_id, done_at) WHERE pairing_id IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.missed_periods (post_id, due_at)",
        f"CREATE INDEX ON {_SCHEMA}.work_lists (superior_post_id)",
        f"CREATE INDEX ON {_SCHEMA}.work_lists (year, area_code, id)",
        f"CREATE INDEX meetings_held ON {_SCHEMA}.meetings (held_at) WHERE state = 'held'",
        *aggregate_indexes(_SCHEMA, "duty_items"),
        *(index for table in _SEEN for index in aggregate_indexes(_SCHEMA, table)),
        *reference_policy(_SCHEMA, "duty_items", grants="SELECT, INSERT"),
        *scope_policy(_SCHEMA, "pairings", sectorless=OF_NO_SECTOR),
        *scope_policy(_SCHEMA, "duty_records", sectorless=OF_NO_SECTOR),
        *scope_policy(_SCHEMA, "work_lists", sectorless=OF_NO_SECTOR),
        *scope_policy(_SCHEMA, "missed_periods", sectorless=OF_NO_SECTOR, grants="SELECT, INSERT"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop them, what refers to others first."""
    op.execute(f"DROP INDEX {_SCHEMA}.meetings_held")
    for table in ("work_lists", "missed_periods", "duty_records", "pairings", "duty_items"):
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
