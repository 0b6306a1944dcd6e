"""Who answers in full: one first-responsible, by category and sector too; and since when a post stands as it does."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import reference_policy, system_policy

revision = "0010"
down_revision = "0009"

_SCHEMA = "responsibility_registry"
_COLUMNS = """d.id, d.post_id, d.area_code, d.sectors, d.role, d.categories, d.clause, d.valid_from, d.valid_to,
    p.vacant, p.substitute_post_id, p.name_zh, p.name_en, p.kind"""
_FROM = f"FROM {_SCHEMA}.duties d JOIN {_SCHEMA}.posts p ON p.id = d.post_id"

# A question about the past asks the timeline for those posts only that were changed since.
_HELD = f"""CREATE OR REPLACE VIEW {_SCHEMA}.duties_held WITH (security_invoker = true) AS
  SELECT {_COLUMNS}, CASE WHEN p.version > 1 THEN p.updated_at END AS post_changed_at {_FROM}"""
_HELD_BEFORE = f"CREATE VIEW {_SCHEMA}.duties_held WITH (security_invoker = true) AS SELECT {_COLUMNS} {_FROM}"

# One row for each category and sector of a first-responsible's duty, '*' where it names none: two of one area, role,
# category and sector at one time are refused by the database itself, whatever races there are. A duty that names a
# category goes before one that names none, so those two are no contradiction.
_FIRSTS = f"""CREATE TABLE {_SCHEMA}.first_responsibles (
  duty_id uuid NOT NULL REFERENCES {_SCHEMA}.duties (id), area_code text COLLATE "C" NOT NULL, role text NOT NULL,
  category text NOT NULL, sector text NOT NULL, held tstzrange NOT NULL, PRIMARY KEY (duty_id, category, sector),
  CONSTRAINT one_first_responsible EXCLUDE USING gist
    (area_code WITH =, role WITH =, category WITH =, sector WITH =, held WITH &&))"""
_SPREAD = f"""SELECT d.id, d.area_code, d.role, c.category, s.sector, tstzrange(d.valid_from, d.valid_to)
  FROM {_SCHEMA}.duties d
  CROSS JOIN LATERAL unnest(CASE d.categories WHEN '{{}}' THEN '{{*}}'::text[] ELSE d.categories END) AS c (category)
  CROSS JOIN LATERAL unnest(CASE d.sectors WHEN '{{}}' THEN '{{*}}'::text[] ELSE d.sectors END) AS s (sector)
  WHERE d.role LIKE '%\\_first'"""
_KEEP = f"""CREATE FUNCTION {_SCHEMA}.keep_first_responsibles() RETURNS trigger LANGUAGE plpgsql AS $keep$
  BEGIN
    DELETE FROM {_SCHEMA}.first_responsibles WHERE duty_id = NEW.id;
    INSERT INTO {_SCHEMA}.first_responsibles {_SPREAD} AND d.id = NEW.id ON CONFLICT (duty_id, category, sector)
      DO NOTHING;
    RETURN NULL;
  END $keep$"""
_TRIGGERS = (
    f"""CREATE TRIGGER first_responsible_added AFTER INSERT ON {_SCHEMA}.duties FOR EACH ROW
      WHEN (NEW.role LIKE '%\\_first') EXECUTE FUNCTION {_SCHEMA}.keep_first_responsibles()""",
    f"""CREATE TRIGGER first_responsible_changed AFTER UPDATE ON {_SCHEMA}.duties FOR EACH ROW
      WHEN (NEW.role LIKE '%\\_first' OR OLD.role LIKE '%\\_first')
      EXECUTE FUNCTION {_SCHEMA}.keep_first_responsibles()""",
)
_BEFORE = f"""ALTER TABLE {_SCHEMA}.duties ADD CONSTRAINT one_first_responsible EXCLUDE USING gist
  (area_code WITH =, role WITH =, tstzrange(valid_from, valid_to) WITH &&)
  WHERE (role LIKE '%\\_first' AND categories = '{{}}' AND sectors = '{{}}')"""

# One open gap of a link at an area, whatever races there are.
_GAPS = f"""CREATE TABLE {_SCHEMA}.responsibility_gaps ({AGGREGATE_DDL},
  link text NOT NULL, tier text NOT NULL, sector text, categories text[] NOT NULL, why text NOT NULL,
  opened_at timestamptz NOT NULL, closed_at timestamptz, CHECK (closed_at >= opened_at))"""
_ONE_OPEN = f"""CREATE UNIQUE INDEX one_open_gap ON {_SCHEMA}.responsibility_gaps
  (area_code, link, tier, (coalesce(sector, ''))) WHERE closed_at IS NULL"""
_LOOKS = f"""CREATE TABLE {_SCHEMA}.gap_looks (
  area_code text COLLATE "C" PRIMARY KEY, looked_at timestamptz NOT NULL)"""


def upgrade() -> None:
    """Create it, and fill it from the duties that there are."""
    for statement in (
        _HELD,
        f"ALTER TABLE {_SCHEMA}.duties DROP CONSTRAINT one_first_responsible",
        f"CREATE INDEX duties_by_role ON {_SCHEMA}.duties (role, area_code)",
        _FIRSTS,
        *reference_policy(_SCHEMA, "first_responsibles", grants="SELECT, INSERT, DELETE"),
        "SELECT set_config('shoutu.system', 'migration', true)",
        f"INSERT INTO {_SCHEMA}.first_responsibles {_SPREAD} ON CONFLICT (duty_id, category, sector) DO NOTHING",
        _KEEP,
        *_TRIGGERS,
        _GAPS,
        _ONE_OPEN,
        *aggregate_indexes(_SCHEMA, "responsibility_gaps"),
        *reference_policy(_SCHEMA, "responsibility_gaps"),
        _LOOKS,
        f"CREATE INDEX ON {_SCHEMA}.gap_looks (looked_at)",
        *system_policy(_SCHEMA, "gap_looks", grants="SELECT, INSERT, UPDATE"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for statement in (
        f"DROP TABLE {_SCHEMA}.gap_looks",
        f"DROP TABLE {_SCHEMA}.responsibility_gaps",
        f"DROP TRIGGER first_responsible_added ON {_SCHEMA}.duties",
        f"DROP TRIGGER first_responsible_changed ON {_SCHEMA}.duties",
        f"DROP FUNCTION {_SCHEMA}.keep_first_responsibles()",
        f"DROP TABLE {_SCHEMA}.first_responsibles",
        f"DROP INDEX {_SCHEMA}.duties_by_role",
        _BEFORE,
        f"DROP VIEW {_SCHEMA}.duties_held",
        _HELD_BEFORE,
        f"GRANT SELECT ON {_SCHEMA}.duties_held TO {_SCHEMA}_app",
    ):
        op.execute(statement)
