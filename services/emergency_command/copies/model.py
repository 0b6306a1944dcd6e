"""The tables of this service's copies."""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

_metadata = MetaData()

area_copies = Table(
    "area_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("code", Text(collation="C")),
    Column("name", Text),
    Column("level", Text),
    Column("parent_code", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("shape", Text),
)

post_copies = Table(
    "post_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("code", Text),
    Column("name_zh", Text),
    Column("name_en", Text),
    Column("kind", Text),
    Column("tier", Text),
    Column("area_code", Text(collation="C")),
    Column("sectors", ARRAY(Text)),
    Column("organization", Text),
    Column("vacant", Boolean),
    Column("substitute_post_id", UUID(as_uuid=True)),
)

calendar_year_copies = Table(
    "calendar_year_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("year", Integer),
    Column("days", JSONB),
    Column("source", Text),
)

shift_copies = Table(
    "shift_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("roster_id", UUID(as_uuid=True)),
    Column("roster_kind", Text),
    Column("roster_name", Text),
    Column("place", Text),
    Column("role", Text),
    Column("area_code", Text(collation="C")),
    Column("post_id", UUID(as_uuid=True)),
    Column("subject", Text),
    Column("begins_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("cancelled", Boolean),
)

contact_copies = Table(
    "contact_copies",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("post_id", UUID(as_uuid=True)),
    Column("area_code", Text(collation="C")),
    Column("ways", JSONB),
)
