"""The table of orders."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

orders = Table(
    "orders",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
    Column("hazard_id", UUID(as_uuid=True)),
    Column("hazard_round", Integer, nullable=False),
    Column("object_id", UUID(as_uuid=True)),
    Column("major", Boolean, nullable=False),
    Column("about_order_id", UUID(as_uuid=True)),
    Column("follows_order_id", UUID(as_uuid=True)),
    Column("five", JSONB),
    Column("deadline", JSONB),
    Column("due_at", DateTime(timezone=True)),
    Column("issuer_post_id", UUID(as_uuid=True)),
    Column("assignee_post_id", UUID(as_uuid=True)),
    Column("issued_at", DateTime(timezone=True)),
    Column("delivery", JSONB),
    Column("returns", JSONB, nullable=False),
    Column("unassigned_since", DateTime(timezone=True)),
    Column("unassigned_seconds", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("rectification", JSONB),
    Column("inspect_due_at", DateTime(timezone=True)),
    Column("hands", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("hand_subjects", ARRAY(Text), nullable=False),
    Column("inspections", JSONB, nullable=False),
    Column("disputes", JSONB, nullable=False),
    Column("extensions", JSONB, nullable=False),
    Column("escalations", JSONB, nullable=False),
    Column("pauses", JSONB, nullable=False),
    Column("assistants", JSONB, nullable=False),
    Column("reminded_for", DateTime(timezone=True)),
    Column("merged_into", UUID(as_uuid=True)),
    Column("merged_from", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("withdrawal", JSONB),
    Column("closed_at", DateTime(timezone=True)),
    # For the sweeps alone: when the next rung and the reminder are due, when a pause is over, when nobody was found
    # to give it to, and when it was weighed whether to list it.
    Column("next_step_at", DateTime(timezone=True)),
    Column("remind_at", DateTime(timezone=True)),
    Column("resume_at", DateTime(timezone=True)),
    Column("tried_at", DateTime(timezone=True)),
    Column("weighed_at", DateTime(timezone=True)),
)

order_reminders = Table(
    "order_reminders",
    MetaData(),
    *aggregate_columns(),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)
