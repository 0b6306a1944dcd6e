"""Accountability with what others decided: enforcement facts, links, leads, honours, and what rests on them."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import child_policy, scope_policy

revision = "0020"
down_revision = "0019"

_SCHEMA = "responsibility_registry"
# The database itself holds that one number of one authority is one decision, and that of a person no name is kept.
_FACTS = f"""CREATE TABLE {_SCHEMA}.enforcement_facts ({AGGREGATE_DDL},
  authority_id uuid NOT NULL REFERENCES {_SCHEMA}.organizations (id), authority_code text NOT NULL,
  decision_number text NOT NULL, number_key text NOT NULL, kind text NOT NULL, subject_kind text NOT NULL,
  firm_id text, firm_name text NOT NULL, post_id uuid, person_key text NOT NULL, decided_on date NOT NULL,
  law text NOT NULL, article text NOT NULL, major_hazard boolean NOT NULL, amount_fen bigint, category text NOT NULL,
  object_id uuid, effective_from date, effective_to date, words text NOT NULL, void boolean NOT NULL,
  UNIQUE (authority_id, number_key), CHECK (effective_to > effective_from),
  CHECK ((subject_kind = 'firm') = (firm_id IS NOT NULL)), CHECK ((subject_kind = 'post') = (post_id IS NOT NULL)),
  CHECK ((subject_kind = 'person') = (person_key <> '')), CHECK (firm_id IS NOT NULL OR firm_name = ''),
  CHECK (person_key ~ '^([0-9a-f]{{32,64}})?$'))"""
_ENTRIES = f"""CREATE TABLE {_SCHEMA}.enforcement_entries (
  fact_id uuid NOT NULL REFERENCES {_SCHEMA}.enforcement_facts (id), number integer NOT NULL, act text NOT NULL,
  content jsonb NOT NULL, digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{{64}}$'), document text NOT NULL,
  reason text NOT NULL, by_post uuid, entered_at timestamptz NOT NULL, PRIMARY KEY (fact_id, number))"""
_LINKS = f"""CREATE TABLE {_SCHEMA}.liability_links ({AGGREGATE_DDL},
  relation text NOT NULL, from_kind text NOT NULL, from_id text NOT NULL, from_name text NOT NULL,
  to_kind text NOT NULL, to_id text NOT NULL, to_name text NOT NULL, valid_from date NOT NULL, valid_to date,
  document text NOT NULL, ended_reason text NOT NULL, followed boolean NOT NULL, CHECK (valid_to >= valid_from))"""
_LEADS = f"""CREATE TABLE {_SCHEMA}.leads ({AGGREGATE_DDL},
  kind text NOT NULL, title text NOT NULL, grounds text NOT NULL, attachments uuid[] NOT NULL,
  case_id uuid REFERENCES {_SCHEMA}.accountability_cases (id),
  from_organization_id uuid NOT NULL REFERENCES {_SCHEMA}.organizations (id),
  to_organization_id uuid NOT NULL REFERENCES {_SCHEMA}.organizations (id), hops jsonb NOT NULL,
  sent_at timestamptz NOT NULL, receipt_due_at timestamptz NOT NULL, state text NOT NULL, received_at timestamptz,
  received_by uuid, document text NOT NULL, reason text NOT NULL, outcome text, outcome_words text NOT NULL,
  outcome_attachments uuid[] NOT NULL, concluded_at timestamptz, missed_told_at timestamptz,
  policy_version text NOT NULL, CHECK ((state = 'concluded') = (concluded_at IS NOT NULL AND outcome IS NOT NULL)))"""
# One decision gives somebody one honour once, also where two enter it at once.
_COMMENDATIONS = f"""CREATE TABLE {_SCHEMA}.commendations ({AGGREGATE_DDL},
  honour text NOT NULL, level_ordinal integer NOT NULL,
  authority_id uuid NOT NULL REFERENCES {_SCHEMA}.organizations (id), decision_number text NOT NULL,
  honoured_kind text NOT NULL, honoured_id text NOT NULL, honoured_name text NOT NULL, words text NOT NULL,
  evidence uuid[] NOT NULL, awarded_on date NOT NULL, valid_from date NOT NULL, valid_to date,
  policy_version text NOT NULL, revoked_at timestamptz, revoked_by_document text NOT NULL,
  revoked_reason text NOT NULL, CHECK (valid_to > valid_from),
  UNIQUE (authority_id, decision_number, honoured_id, honour))"""
_MEASURES, _NOTED, _CASES = (
    f"{_SCHEMA}.{table}" for table in ("measures", "accountability_facts", "accountability_cases")
)

_TABLES = ("commendations", "leads", "liability_links", "enforcement_entries", "enforcement_facts")


def upgrade() -> None:
    """Create what is new empty; measures that stand rest on nothing void, and follow no other."""
    for statement in (
        _FACTS,
        *aggregate_indexes(_SCHEMA, "enforcement_facts"),
        f"CREATE INDEX ON {_SCHEMA}.enforcement_facts (decided_on DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.enforcement_facts (firm_id, decided_on DESC) WHERE firm_id IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.enforcement_facts (post_id) WHERE post_id IS NOT NULL",
        *scope_policy(_SCHEMA, "enforcement_facts"),
        _ENTRIES,
        *child_policy(
            _SCHEMA, "enforcement_entries", parent="enforcement_facts", key="fact_id", grants="SELECT, INSERT"
        ),
        _LINKS,
        *aggregate_indexes(_SCHEMA, "liability_links"),
        f"CREATE INDEX ON {_SCHEMA}.liability_links (from_id, relation)",
        f"CREATE INDEX ON {_SCHEMA}.liability_links (to_id, relation)",
        f"CREATE INDEX ON {_SCHEMA}.liability_links (created_at, id) WHERE NOT followed",
        *scope_policy(_SCHEMA, "liability_links"),
        _LEADS,
        *aggregate_indexes(_SCHEMA, "leads"),
        f"CREATE INDEX ON {_SCHEMA}.leads (sent_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.leads (receipt_due_at, id) WHERE state = 'sent' AND missed_told_at IS NULL",
        *scope_policy(_SCHEMA, "leads"),
        _COMMENDATIONS,
        *aggregate_indexes(_SCHEMA, "commendations"),
        f"CREATE INDEX ON {_SCHEMA}.commendations (awarded_on DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.commendations (honoured_id)",
        *scope_policy(_SCHEMA, "commendations"),
        f"ALTER TABLE {_MEASURES} ADD COLUMN void_facts uuid[] NOT NULL DEFAULT '{{}}', ADD COLUMN link_ids uuid[]"
        " NOT NULL DEFAULT '{}', ADD COLUMN renews uuid, ADD COLUMN ended_told_at timestamptz",
        f"ALTER TABLE {_MEASURES} ALTER COLUMN void_facts DROP DEFAULT, ALTER COLUMN link_ids DROP DEFAULT",
        f"CREATE INDEX measures_by_fact ON {_MEASURES} USING gin (facts)",
        f"CREATE INDEX measures_of_subject ON {_MEASURES} (subject_id, trigger_id)",
        f"CREATE INDEX measures_to_end ON {_MEASURES} (ends_at, id)"
        " WHERE state = 'accepted' AND ended_told_at IS NULL",
        f"ALTER TABLE {_NOTED} ADD COLUMN void boolean NOT NULL DEFAULT false, ADD COLUMN category text NOT NULL"
        " DEFAULT ''",
        f"ALTER TABLE {_NOTED} ALTER COLUMN void DROP DEFAULT, ALTER COLUMN category DROP DEFAULT",
        f"ALTER TABLE {_CASES} ADD COLUMN cause_noun text NOT NULL DEFAULT 'incident'",
        f"ALTER TABLE {_CASES} ALTER COLUMN cause_noun DROP DEFAULT",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made; what was noted of enforcement facts, and the proposals that are withdrawn, go too."""
    for statement in (
        "SELECT set_config('shoutu.system', 'migration', true)",
        f"DELETE FROM {_NOTED} WHERE kind LIKE 'EF.%'",
        f"ALTER TABLE {_NOTED} DROP COLUMN void, DROP COLUMN category",
        f"ALTER TABLE {_CASES} DROP COLUMN cause_noun",
        f"UPDATE {_MEASURES} SET state = 'refused' WHERE state = 'withdrawn'",
        f"DROP INDEX {_SCHEMA}.measures_by_fact",
        f"DROP INDEX {_SCHEMA}.measures_of_subject",
        f"ALTER TABLE {_MEASURES} DROP COLUMN void_facts, DROP COLUMN link_ids, DROP COLUMN renews,"
        " DROP COLUMN ended_told_at",
        *(f"DROP TABLE {_SCHEMA}.{table}" for table in _TABLES),
    ):
        op.execute(statement)
