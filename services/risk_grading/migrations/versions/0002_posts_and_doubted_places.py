"""The copy of posts, and what a warning said of its area where its place says otherwise."""

from alembic import op

from libs.common.ddl.policies import reference_policy

revision = "0002"
down_revision = "0001"

_SCHEMA = "risk_grading"

_POSTS = f"""CREATE TABLE {_SCHEMA}.post_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, code text NOT NULL, name_zh text NOT NULL,
  name_en text NOT NULL, kind text NOT NULL, tier text NOT NULL, area_code text COLLATE "C" NOT NULL,
  sectors text[] NOT NULL, organization text NOT NULL, vacant boolean NOT NULL, substitute_post_id uuid)"""


def upgrade() -> None:
    """Create the copy, and add the two columns."""
    for statement in (
        _POSTS,
        *reference_policy(_SCHEMA, "post_copies", grants="SELECT, INSERT, UPDATE, DELETE"),
        f"ALTER TABLE {_SCHEMA}.warnings ADD COLUMN area_told text, ADD COLUMN area_doubt text NOT NULL DEFAULT ''",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take both away."""
    op.execute(f"ALTER TABLE {_SCHEMA}.warnings DROP COLUMN area_told, DROP COLUMN area_doubt")
    op.execute(f"DROP TABLE {_SCHEMA}.post_copies")
