"""The tables of this service's copies."""

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

risk_object_copies = Table(
    "risk_object_copies",
    MetaData(),
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer),
    Column("stated_in", UUID(as_uuid=True)),
    Column("type", Text),
    Column("name", Text),
    Column("address", Text),
    Column("lon", Float),
    Column("lat", Float),
    Column("area_code", Text(collation="C")),
    Column("sectors", ARRAY(Text)),
    Column("entity", JSONB),
    Column("attributes", JSONB),
    Column("ordinal", Integer),
    Column("colour", Text),
    Column("ended", Boolean),
)
