"""Evaluations: packs, publications, appeals and the facts that are counted; inspection tours and their visits."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import OF_NO_SECTOR, reference_policy, scope_policy, system_policy

revision = "0012"
down_revision = "0011"

_SCHEMA = "responsibility_registry"

_PACKS = f"""CREATE TABLE {_SCHEMA}.evaluation_packs ({AGGREGATE_DDL},
  code text NOT NULL, number integer NOT NULL, zh text NOT NULL, en text NOT NULL, valid_from date NOT NULL,
  indicators jsonb NOT NULL, vetoes jsonb NOT NULL, ties text NOT NULL, missing text NOT NULL,
  minimum_sample integer NOT NULL, appeal_days integer NOT NULL, source text NOT NULL,
  UNIQUE (area_code, code, number))"""

_EVALUATIONS = f"""CREATE TABLE {_SCHEMA}.evaluations ({AGGREGATE_DDL},
  name text NOT NULL, pack_code text NOT NULL, body_kind text NOT NULL, among text NOT NULL, bodies jsonb NOT NULL,
  first_day date NOT NULL, last_day date NOT NULL, state text NOT NULL, opened_at timestamptz NOT NULL,
  hands uuid[] NOT NULL, hand_subjects text[] NOT NULL, pack jsonb, as_of timestamptz, submission integer NOT NULL,
  submitted_at timestamptz, returned_reason text NOT NULL, published_at timestamptz, published_by uuid,
  publication integer NOT NULL, excluded uuid[] NOT NULL, withdrawn_reason text NOT NULL)"""

# What was published is only ever added: a correction is the next number.
_PUBLICATIONS = f"""CREATE TABLE {_SCHEMA}.evaluation_publications (
  id uuid PRIMARY KEY, evaluation_id uuid NOT NULL REFERENCES {_SCHEMA}.evaluations (id), number integer NOT NULL,
  area_code text COLLATE "C" NOT NULL, area_to text COLLATE "C" NOT NULL, correlation_id uuid NOT NULL,
  name text NOT NULL, first_day date NOT NULL, last_day date NOT NULL, as_of timestamptz NOT NULL,
  pack jsonb NOT NULL, results jsonb NOT NULL, published_at timestamptz NOT NULL, published_by uuid NOT NULL,
  appeal_until timestamptz NOT NULL, excluded uuid[] NOT NULL, appeal_id uuid, why text NOT NULL,
  UNIQUE (evaluation_id, number))"""

_APPEALS = f"""CREATE TABLE {_SCHEMA}.evaluation_appeals ({AGGREGATE_DDL},
  evaluation_id uuid NOT NULL REFERENCES {_SCHEMA}.evaluations (id),
  publication_id uuid NOT NULL REFERENCES {_SCHEMA}.evaluation_publications (id), number integer NOT NULL,
  body_key text NOT NULL, words text NOT NULL, evidence uuid[] NOT NULL, state text NOT NULL,
  lodged_at timestamptz NOT NULL, lodged_by uuid NOT NULL, lodged_subject text NOT NULL, excluded uuid[] NOT NULL,
  decision text NOT NULL, decided_at timestamptz, decided_by uuid, UNIQUE (publication_id, body_key))"""

_FACT = """kind text NOT NULL, id uuid NOT NULL, version integer NOT NULL, area_code text COLLATE "C" NOT NULL,
  sectors text[] NOT NULL, post_id uuid, tag text NOT NULL, ordinal integer, at timestamptz NOT NULL,
  due_at timestamptz, done_at timestamptz, first_done_at timestamptz, reopened_at timestamptz, void boolean NOT NULL,
  event_id uuid NOT NULL"""
_FACTS = f"CREATE TABLE {_SCHEMA}.evaluation_facts ({_FACT}, PRIMARY KEY (kind, id))"
_FROZEN = f"""CREATE TABLE {_SCHEMA}.evaluation_frozen_facts (
  evaluation_id uuid NOT NULL REFERENCES {_SCHEMA}.evaluations (id), submission integer NOT NULL, {_FACT},
  PRIMARY KEY (evaluation_id, submission, kind, id))"""

# How far the registry's own timeline was read: from its first row on, so what was told before counts too.
_CURSORS = f"""CREATE TABLE {_SCHEMA}.evaluation_cursors (
  name text PRIMARY KEY, cluster_epoch integer NOT NULL, changed_in text NOT NULL, id uuid NOT NULL)"""
_BEGINNING = f"""INSERT INTO {_SCHEMA}.evaluation_cursors
  VALUES ('own_facts', 0, '0', '00000000-0000-0000-0000-000000000000')"""

# One evaluation of the same bodies, rules and period, whoever opens it at the same moment.
_ONCE = f"""CREATE UNIQUE INDEX evaluations_once ON {_SCHEMA}.evaluations
  (area_code, pack_code, body_kind, among, first_day, last_day) WHERE state <> 'withdrawn'"""

_TOURS = f"""CREATE TABLE {_SCHEMA}.inspection_tours ({AGGREGATE_DDL},
  name text NOT NULL, body_kind text NOT NULL, among text NOT NULL, bodies jsonb NOT NULL, first_day date NOT NULL,
  last_day date NOT NULL, state text NOT NULL, planned_at timestamptz NOT NULL, planned_by uuid NOT NULL,
  conclusion text NOT NULL, concluded_at timestamptz)"""
_VISITS = f"""CREATE TABLE {_SCHEMA}.tour_visits ({AGGREGATE_DDL},
  tour_id uuid NOT NULL REFERENCES {_SCHEMA}.inspection_tours (id), body_key text NOT NULL,
  visited_at timestamptz NOT NULL, by_post uuid NOT NULL, words text NOT NULL, evidence uuid[] NOT NULL,
  findings jsonb NOT NULL)"""

_TABLES = (
    "tour_visits", "inspection_tours", "evaluation_cursors", "evaluation_frozen_facts", "evaluation_facts",
    "evaluation_appeals", "evaluation_publications", "evaluations", "evaluation_packs",
)  # fmt: skip


def upgrade() -> None:
    """Create them empty: others' facts are counted from what is heard from now on, the own from the first."""
    for statement in (
        _PACKS,
        *aggregate_indexes(_SCHEMA, "evaluation_packs"),
        *reference_policy(_SCHEMA, "evaluation_packs"),
        _EVALUATIONS,
        *aggregate_indexes(_SCHEMA, "evaluations"),
        f"CREATE INDEX ON {_SCHEMA}.evaluations (opened_at DESC, id DESC)",
        _ONCE,
        *scope_policy(_SCHEMA, "evaluations", sectorless=OF_NO_SECTOR),
        _PUBLICATIONS,
        f"CREATE INDEX ON {_SCHEMA}.evaluation_publications (published_at DESC, id DESC)",
        *reference_policy(_SCHEMA, "evaluation_publications", grants="SELECT, INSERT"),
        _APPEALS,
        *aggregate_indexes(_SCHEMA, "evaluation_appeals"),
        f"CREATE INDEX ON {_SCHEMA}.evaluation_appeals (lodged_at DESC, id DESC)",
        *scope_policy(_SCHEMA, "evaluation_appeals", sectorless=OF_NO_SECTOR),
        _FACTS,
        f"CREATE INDEX ON {_SCHEMA}.evaluation_facts (area_code, kind, at)",
        f"CREATE INDEX ON {_SCHEMA}.evaluation_facts (post_id) WHERE kind = 'vacancy' AND done_at IS NULL",
        *system_policy(_SCHEMA, "evaluation_facts", grants="SELECT, INSERT, UPDATE"),
        _FROZEN,
        *system_policy(_SCHEMA, "evaluation_frozen_facts", grants="SELECT, INSERT"),
        _CURSORS,
        _BEGINNING,
        *system_policy(_SCHEMA, "evaluation_cursors", grants="SELECT, UPDATE"),
        _TOURS,
        *aggregate_indexes(_SCHEMA, "inspection_tours"),
        f"CREATE INDEX ON {_SCHEMA}.inspection_tours (planned_at DESC, id DESC)",
        *scope_policy(_SCHEMA, "inspection_tours", sectorless=OF_NO_SECTOR),
        _VISITS,
        *aggregate_indexes(_SCHEMA, "tour_visits"),
        f"CREATE INDEX ON {_SCHEMA}.tour_visits (tour_id, body_key)",
        f"CREATE INDEX ON {_SCHEMA}.tour_visits (visited_at DESC, id DESC)",
        *scope_policy(_SCHEMA, "tour_visits", sectorless=OF_NO_SECTOR),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for table in _TABLES:
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
