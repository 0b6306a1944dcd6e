"""Credit of firms: files, facts, grades kept with their facts, packs; feedback of departments; the blacklist."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import child_policy, reference_policy, scope_policy, system_policy

revision = "0021"
down_revision = "0020"

_SCHEMA = "responsibility_registry"

_PACKS = f"""CREATE TABLE {_SCHEMA}.credit_packs ({AGGREGATE_DDL},
  number integer NOT NULL, zh text NOT NULL, en text NOT NULL, valid_from date NOT NULL, base integer NOT NULL,
  bands jsonb NOT NULL, rules jsonb NOT NULL, caps jsonb NOT NULL, period text NOT NULL,
  public_grades text[] NOT NULL, consequences jsonb NOT NULL, listing jsonb NOT NULL, source text NOT NULL,
  UNIQUE (area_code, number))"""

_FIRMS = f"""CREATE TABLE {_SCHEMA}.credit_firms ({AGGREGATE_DDL},
  credit_code text NOT NULL UNIQUE, name text NOT NULL, party_ids uuid[] NOT NULL, grade text NOT NULL,
  score integer NOT NULL CHECK (score BETWEEN 0 AND 100), listed boolean NOT NULL, grounds text[] NOT NULL,
  graded_at timestamptz NOT NULL, pack_number integer NOT NULL, period_until date NOT NULL, regrade_at timestamptz)"""

_FACTS = f"""CREATE TABLE {_SCHEMA}.credit_facts ({AGGREGATE_DDL},
  firm_id uuid NOT NULL REFERENCES {_SCHEMA}.credit_firms (id), kind text NOT NULL, tag text NOT NULL,
  ordinal integer, source_id uuid NOT NULL, at timestamptz NOT NULL, ends_at timestamptz, authority text NOT NULL,
  document text NOT NULL, words text NOT NULL, evidence uuid[] NOT NULL, entered_by uuid,
  counted_at timestamptz NOT NULL, voided_at timestamptz, void_reason text NOT NULL, UNIQUE (kind, source_id))"""

# What was told of each fact last, also of those that no firm is known for yet, and those that were taken back before.
_NOTES = f"""CREATE TABLE {_SCHEMA}.credit_notes (
  kind text NOT NULL, source_id uuid NOT NULL, version integer NOT NULL, void boolean NOT NULL, reason text NOT NULL,
  told jsonb, party_id uuid, pending boolean NOT NULL, try_at timestamptz NOT NULL, PRIMARY KEY (kind, source_id))"""

# How a firm stood is only ever added.
_STANDINGS = f"""CREATE TABLE {_SCHEMA}.credit_standings (
  id uuid PRIMARY KEY, firm_id uuid NOT NULL REFERENCES {_SCHEMA}.credit_firms (id), at timestamptz NOT NULL,
  period text NOT NULL, kept_at timestamptz NOT NULL, standing jsonb NOT NULL, facts jsonb NOT NULL)"""

_FEEDBACK = f"""CREATE TABLE {_SCHEMA}.credit_feedback ({AGGREGATE_DDL},
  firm_id uuid NOT NULL REFERENCES {_SCHEMA}.credit_firms (id), credit_code text NOT NULL, consequence text NOT NULL,
  zh text NOT NULL, en text NOT NULL, way text NOT NULL, department text NOT NULL, pack_number integer NOT NULL,
  done_at timestamptz NOT NULL, document text NOT NULL, words text NOT NULL, evidence uuid[] NOT NULL,
  reported_at timestamptz NOT NULL, reported_by text NOT NULL)"""

_ENTRIES = f"""CREATE TABLE {_SCHEMA}.blacklist_entries ({AGGREGATE_DDL},
  firm_id uuid NOT NULL REFERENCES {_SCHEMA}.credit_firms (id), credit_code text NOT NULL, firm_name text NOT NULL,
  pack_number integer NOT NULL, terms jsonb NOT NULL, facts jsonb NOT NULL, words text NOT NULL, state text NOT NULL,
  proposed_at timestamptz NOT NULL, proposed_by uuid NOT NULL, hands uuid[] NOT NULL, hand_subjects text[] NOT NULL,
  notice jsonb, defence_until timestamptz, objection jsonb, review jsonb, decision jsonb, listed_at timestamptz,
  ends_at timestamptz, repair_from timestamptz, repairs jsonb NOT NULL, ended_at timestamptz, ended jsonb,
  CHECK (listed_at IS NULL OR (notice IS NOT NULL AND listed_at >= defence_until)))"""

# A firm has one entry that is not over.
_LIVE = f"""CREATE UNIQUE INDEX blacklist_entries_live ON {_SCHEMA}.blacklist_entries (firm_id)
  WHERE state IN ('proposed', 'noticed', 'objected', 'listed')"""
_CURSOR = f"""INSERT INTO {_SCHEMA}.evaluation_cursors
  VALUES ('credit_facts', 0, '0', '00000000-0000-0000-0000-000000000000')"""
_SEEN = "SELECT set_config('shoutu.system', 'migration', true)"
_TABLES = (
    "blacklist_entries", "credit_feedback", "credit_standings", "credit_notes", "credit_facts", "credit_firms",
    "credit_packs",
)  # fmt: skip


def upgrade() -> None:
    """Create them empty: the registry's own facts are read from the first row of its timeline on."""
    for statement in (
        _PACKS,
        *aggregate_indexes(_SCHEMA, "credit_packs"),
        *reference_policy(_SCHEMA, "credit_packs"),
        _FIRMS,
        *aggregate_indexes(_SCHEMA, "credit_firms"),
        f"CREATE INDEX ON {_SCHEMA}.credit_firms (score DESC, id)",
        f"CREATE INDEX ON {_SCHEMA}.credit_firms (regrade_at) WHERE regrade_at IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.credit_firms USING gin (party_ids)",
        *scope_policy(_SCHEMA, "credit_firms"),
        _FACTS,
        *aggregate_indexes(_SCHEMA, "credit_facts"),
        f"CREATE INDEX ON {_SCHEMA}.credit_facts (firm_id, at DESC, id DESC)",
        *child_policy(_SCHEMA, "credit_facts", parent="credit_firms", key="firm_id"),
        _NOTES,
        f"CREATE INDEX ON {_SCHEMA}.credit_notes (try_at, source_id) WHERE pending",
        f"CREATE INDEX ON {_SCHEMA}.credit_notes (party_id) WHERE party_id IS NOT NULL",
        *system_policy(_SCHEMA, "credit_notes", grants="SELECT, INSERT, UPDATE"),
        _STANDINGS,
        f"CREATE INDEX ON {_SCHEMA}.credit_standings (firm_id, at DESC, id DESC)",
        *child_policy(_SCHEMA, "credit_standings", parent="credit_firms", key="firm_id", grants="SELECT, INSERT"),
        _FEEDBACK,
        *aggregate_indexes(_SCHEMA, "credit_feedback"),
        f"CREATE INDEX ON {_SCHEMA}.credit_feedback (done_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.credit_feedback (firm_id)",
        *scope_policy(_SCHEMA, "credit_feedback"),
        _ENTRIES,
        *aggregate_indexes(_SCHEMA, "blacklist_entries"),
        _LIVE,
        f"CREATE INDEX ON {_SCHEMA}.blacklist_entries (proposed_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.blacklist_entries (ends_at, id) WHERE state = 'listed'",
        f"CREATE INDEX ON {_SCHEMA}.blacklist_entries (listed_at DESC, id DESC) WHERE listed_at IS NOT NULL",
        *scope_policy(_SCHEMA, "blacklist_entries"),
        _SEEN,
        _CURSOR,
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for table in _TABLES:
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
    op.execute(_SEEN)
    op.execute(f"DELETE FROM {_SCHEMA}.evaluation_cursors WHERE name = 'credit_facts'")
