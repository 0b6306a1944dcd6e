"""What a city is made of: plain rows, exactly as the platform's import doors take them.

Dates begin at the city's midnight, places are WGS 84 degrees (lon, lat), areas 12-digit codes. In a duty, no
categories means every category and no sectors means every sector; when both are named, both must match.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import JsonValue

from gateway.subjects.rules_roles import Role


class Level(StrEnum):
    """The five tiers of an area code."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class Tier(StrEnum):
    """The tier of government or neighbourhood that a post belongs to."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class Link(StrEnum):
    """The place of a duty in the responsible chain."""

    GRID_POST = "grid_post"
    VILLAGE_HEAD = "village_head"
    LINKED_CONTACT = "linked_contact"
    TOWNSHIP_PARTY_FIRST = "township_party_first"
    TOWNSHIP_GOVERNMENT_FIRST = "township_government_first"
    TOWNSHIP_DEPUTY = "township_deputy"
    POLICE_STATION = "police_station"
    TOWNSHIP_FIRE_OFFICE = "township_fire_office"
    FIRE_STATION = "fire_station"
    SECTOR_SUPERVISOR = "sector_supervisor"
    COUNTY_DEPUTY = "county_deputy"
    COUNTY_EXECUTIVE_DEPUTY = "county_executive_deputy"
    COUNTY_PARTY_FIRST = "county_party_first"
    COUNTY_GOVERNMENT_FIRST = "county_government_first"
    CITY_LEADING_GROUP = "city_leading_group"
    CITY_PARTY_FIRST = "city_party_first"
    CITY_GOVERNMENT_FIRST = "city_government_first"
    OVERSIGHT = "oversight"


class Turnout(StrEnum):
    """Who sends a team out: the platform, or on request the service that keeps its turnout (119, 120)."""

    DISPATCH = "dispatch"
    REQUEST = "request"


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaRow:
    """One area of the administrative tree; `shape` is a GeoJSON geometry as text where one is known."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    valid_from: date
    shape: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRow:
    """A post, never a person. `tier` says whose post it is, `area_code` which place it looks after."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    kind: str
    tier: Tier
    area_code: str
    sectors: tuple[str, ...]
    vacant: bool
    substitute_post_id: UUID | None
    organization: str
    shared: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRow:
    """A post answers for an area and all below it; `clause` is the source with its evidence tag."""

    id: UUID
    post_id: UUID
    area_code: str
    categories: tuple[str, ...]
    sectors: tuple[str, ...]
    link: Link
    valid_from: date
    clause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRow:
    """A rescue team at its base."""

    id: UUID
    name: str
    kind: str
    capabilities: tuple[str, ...]
    lon: float
    lat: float
    area_code: str
    turnout: Turnout
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponsibleEntity:
    """Who must answer for an object: an invented firm by name, a natural person by a role word only."""

    role: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectRow:
    """A risk object: a house, a firm, a vessel, a road section."""

    id: UUID
    type: str
    name: str
    address: str
    lon: float
    lat: float
    area_code: str
    sectors: tuple[str, ...]
    responsible_entity: ResponsibleEntity
    attributes: Mapping[str, JsonValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainRow:
    """A post has charge of an area in a link of a chain template."""

    id: UUID
    template: str
    link: str
    area_code: str
    post_id: UUID
    document: str
    valid_from: date


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRow:
    """A role over a range of area codes. No sectors (None) is every sector."""

    role: Role
    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    post_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectRow:
    """One who acts through a client: for a post, for teams, or for the objects of a responsible entity.

    `grants` are given by name; `post_grants` follow from the post that it holds, as the platform will find by itself.
    """

    subject: str
    post_id: UUID | None
    grants: tuple[GrantRow, ...]
    post_grants: tuple[GrantRow, ...]
    team_ids: tuple[UUID, ...]
    object_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientRow:
    """A client application or system. It carries no secret: secrets are made where clients are registered."""

    id: UUID
    client_id: str
    name_zh: str
    name_en: str
    kind: str
    subjects: tuple[SubjectRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRoleRow:
    """A role that a kind of post gives over its area, over its own sectors or over every one."""

    kind: str
    role: Role
    every_sector: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRoles:
    """Which kinds of post give which roles: a version, its source and its rows."""

    label: str
    source: str
    rows: tuple[PostRoleRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a generated row comes from: data file, row in it (`posts.3`, from 1) and natural key."""

    file: str
    row: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class City:
    """A whole generated city; `origins` tells the data row behind each id."""

    code: str
    areas: tuple[AreaRow, ...]
    posts: tuple[PostRow, ...]
    duties: tuple[DutyRow, ...]
    teams: tuple[TeamRow, ...]
    objects: tuple[ObjectRow, ...]
    chains: tuple[ChainRow, ...]
    clients: tuple[ClientRow, ...]
    post_roles: PostRoles
    origins: Mapping[UUID, Origin]
