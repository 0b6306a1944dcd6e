"""The tables of this service's copies."""

from sqlalchemy import Column, Date, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

area_copies = Table(
    "area_copies",
    MetaData(),
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
