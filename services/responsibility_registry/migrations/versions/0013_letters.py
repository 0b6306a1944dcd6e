"""Letters of responsibility, and who signed them."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import scope_policy

revision = "0013"
down_revision = "0012"

_SCHEMA = "responsibility_registry"
_LETTERS = f"""CREATE TABLE {_SCHEMA}.letters ({AGGREGATE_DDL},
  title text NOT NULL, text text NOT NULL, text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{{64}}$'),
  from_post_id uuid NOT NULL, to_post_id uuid REFERENCES {_SCHEMA}.posts (id),
  to_tier text NOT NULL, entity text NOT NULL, entity_party_id uuid,
  under_letter_id uuid REFERENCES {_SCHEMA}.letters (id), valid_from timestamptz NOT NULL,
  valid_to timestamptz NOT NULL CHECK (valid_to > valid_from), sign_by timestamptz NOT NULL, state text NOT NULL,
  signatures jsonb NOT NULL, reason text NOT NULL, late_told_at timestamptz,
  CHECK ((to_post_id IS NULL) = (entity <> '')))"""


def upgrade() -> None:
    """Create it empty."""
    for statement in (
        _LETTERS,
        *aggregate_indexes(_SCHEMA, "letters"),
        f"CREATE INDEX ON {_SCHEMA}.letters (from_post_id)",
        f"CREATE INDEX ON {_SCHEMA}.letters (to_post_id)",
        f"CREATE INDEX ON {_SCHEMA}.letters (sign_by, id) WHERE state = 'offered' AND late_told_at IS NULL",
        *scope_policy(_SCHEMA, "letters"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop it."""
    op.execute(f"DROP TABLE {_SCHEMA}.letters")
