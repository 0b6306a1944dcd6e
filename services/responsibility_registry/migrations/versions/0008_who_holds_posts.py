"""Tenures: who holds which post from when to when; and posts that several may hold at a time."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import platform_policy

revision = "0008"
down_revision = "0007"

_SCHEMA = "responsibility_registry"

# Two holders of a post that is not shared, or one subject twice in one post: the database itself refuses it.
_TENURES = f"""CREATE TABLE {_SCHEMA}.tenures ({AGGREGATE_DDL},
  post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id), subject text NOT NULL, sole boolean NOT NULL,
  valid_from timestamptz NOT NULL, valid_to timestamptz, document text NOT NULL, ended_reason text,
  CHECK (valid_to >= valid_from),
  CONSTRAINT post_is_held EXCLUDE USING gist (post_id WITH =, tstzrange(valid_from, valid_to) WITH &&) WHERE (sole),
  CONSTRAINT post_is_held_twice EXCLUDE USING gist
    (post_id WITH =, subject WITH =, tstzrange(valid_from, valid_to) WITH &&))"""


def upgrade() -> None:
    """Create it empty; who held what before, nobody wrote down here."""
    for statement in (
        f"ALTER TABLE {_SCHEMA}.posts ADD COLUMN shared boolean NOT NULL DEFAULT false",
        _TENURES,
        *aggregate_indexes(_SCHEMA, "tenures"),
        f"CREATE INDEX ON {_SCHEMA}.tenures (post_id, valid_from)",
        f"CREATE INDEX ON {_SCHEMA}.tenures (subject)",
        *platform_policy(_SCHEMA, "tenures", keepers=("security_administrator", "audit_administrator")),
        f"DROP INDEX {_SCHEMA}.access_grants_by_post",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    op.execute(f"CREATE INDEX access_grants_by_post ON {_SCHEMA}.access_grants USING gin (posts)")
    op.execute(f"DROP TABLE {_SCHEMA}.tenures")
    op.execute(f"ALTER TABLE {_SCHEMA}.posts DROP COLUMN shared")
