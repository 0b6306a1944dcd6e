"""The table of stop measures."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

stop_measures = Table(
    "stop_measures",
    MetaData(),
    *aggregate_columns(),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("supply", Boolean, nullable=False),
    Column("notice_hours", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("risk", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("proposed_by", UUID(as_uuid=True), nullable=False),
    Column("proposed_subject", Text, nullable=False),
    Column("decide_by", DateTime(timezone=True), nullable=False),
    Column("about_measure_id", UUID(as_uuid=True)),
    Column("supplier_organization_id", UUID(as_uuid=True)),
    Column("document", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", UUID(as_uuid=True)),
    Column("decision", Text, nullable=False),
    Column("imminent", Text, nullable=False),
    Column("effect_at", DateTime(timezone=True)),
    Column("execute_by", DateTime(timezone=True)),
    Column("notices", JSONB, nullable=False),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("acknowledged_by", UUID(as_uuid=True)),
    Column("acknowledgement", Text, nullable=False),
    Column("executions", JSONB, nullable=False),
    Column("lift_asked_at", DateTime(timezone=True)),
    Column("lift_asked_by", UUID(as_uuid=True)),
    Column("lift_asked", Text, nullable=False),
    Column("lift_by", DateTime(timezone=True)),
    Column("lifted_at", DateTime(timezone=True)),
    Column("lifted_by", UUID(as_uuid=True)),
    Column("ended", Text, nullable=False),
    Column("late_told", ARRAY(Text), nullable=False),
    # For the sweep alone: when it looks at the measure next; None once nothing is to come.
    Column("look_at", DateTime(timezone=True)),
)
