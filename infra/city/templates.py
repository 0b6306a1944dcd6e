"""The shapes of a city's data files. An unknown field is refused, so that a misspelt one is noticed."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from gateway.subjects.rules_roles import Role
from infra.city.shapes import Link, Tier, Turnout

AreaCode = str
Segment = tuple[int, int]


class Strict(BaseModel):
    """The base of every shape of a data file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(Strict):
    """The same words in Chinese and English."""

    zh: str
    en: str


class Gap(Labels):
    """A place and category that on purpose no handling post answers for; the labels say why."""

    area_code: AreaCode
    category: str


class PostRef(Strict):
    """A post by its natural key."""

    kind: str
    area_code: AreaCode


class Vacancy(PostRef, Labels):
    """A post nobody holds, and the post that stands in for it."""

    substitute: PostRef


class Sizes(Strict):
    """How many rows the drawn parts must have."""

    teams: int
    risk_objects: int


class Profile(Strict):
    """`city.json`: the city and its deliberate faults. Dates are local midnights.

    Which sectors and categories there are is no city's own: `libs.contracts.classification` says it for everybody.
    """

    code: AreaCode
    name_zh: str
    name_en: str
    timezone: str
    seed: int
    fiction: Labels
    areas_valid_from: date
    duties_valid_from: date
    sizes: Sizes
    required_posts: Mapping[Tier, tuple[str, ...]]
    handling_links: frozenset[Link]
    gaps: tuple[Gap, ...]
    vacancies: tuple[Vacancy, ...]


class Anchor(Strict):
    """A rough position for a place, in WGS 84 degrees."""

    area_code: AreaCode
    lon: float
    lat: float


class Places(Strict):
    """`places.json`: known positions, and named lists of areas."""

    anchors: tuple[Anchor, ...]
    sets: Mapping[str, tuple[AreaCode, ...]]


class Words(Strict):
    """Words that depend on the kind of area: by the ending of its name or its township segment."""

    tier: Tier
    suffix: str = ""
    segment: Segment | None = None
    values: Mapping[str, str]


class PostTemplate(Labels):
    """A kind of post at every area of a tier (`at`, else `tier`), of a segment or of a named list only."""

    kind: str
    tier: Tier
    at: Tier | None = None
    township_segment: Segment | None = None
    only_in: str | None = None
    organization: str
    sectors: tuple[str, ...] = ()
    shared: bool = False

    @property
    def area_tier(self) -> Tier:
        """The tier of the areas at which the post exists."""
        return self.at or self.tier


class PostFile(Strict):
    """`posts.json`: how areas are called in titles, and the kinds of posts."""

    short_names: tuple[tuple[str, str], ...]
    stems: tuple[tuple[str, str], ...]
    words: tuple[Words, ...]
    posts: tuple[PostTemplate, ...]


class DutyTemplate(Strict):
    """A duty of every post of a kind, over its own area or over the townships nearest to it."""

    post: str
    link: Link
    covers: str = Field("own_area", pattern="^(own_area|nearest_townships)$")
    categories: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    clause: str = Field(min_length=1)


class ChainTemplate(Strict):
    """Posts of a kind in a link of a chain template, over the areas of a tier around every object of a type."""

    template: str
    link: str
    post: str
    post_at: Tier
    covers: Tier
    around: str
    document: str = Field(min_length=1)


class TeamTemplate(Strict):
    """A kind of team at each area of a list (or of a named list), with known points for some."""

    kind: str
    at: str | tuple[AreaCode, ...]
    turnout: Turnout
    name: str
    capabilities: tuple[str, ...] = Field(min_length=1)
    points: Mapping[AreaCode, tuple[float, float]] = {}


class AttributeTemplate(Strict):
    """An attribute to draw: a whole number between two, or one of a list."""

    key: str
    between: tuple[int, int] | None = None
    one_of: tuple[JsonValue, ...] = ()


class ObjectTemplate(Strict):
    """A type of risk object and how many to draw, where."""

    type: str
    count: int = Field(ge=0)
    category: str
    sectors: tuple[str, ...] = Field(min_length=1)
    name: str
    role: str
    entity: str
    counties: tuple[AreaCode, ...] = ()
    township_segment: Segment | None = None
    words: Mapping[str, tuple[str, ...]] = {}
    attributes: tuple[AttributeTemplate, ...] = ()


class NamedObject(Strict):
    """A risk object that a script names, with everything about it given."""

    key: str
    type: str
    category: str
    sectors: tuple[str, ...] = Field(min_length=1)
    area_code: AreaCode
    lon: float
    lat: float
    name: str
    address: str
    role: str
    entity: str
    attributes: Mapping[str, JsonValue]


class ObjectFile(Strict):
    """`objects.json`: words to draw from, the types and the named objects."""

    firm_words: Mapping[str, tuple[str, ...]]
    types: tuple[ObjectTemplate, ...]
    named: tuple[NamedObject, ...]


class GrantTemplate(Strict):
    """A role over an area; no `sectors` is every sector."""

    role: Role
    area_code: AreaCode
    sectors: tuple[str, ...] | None = None


class SubjectTemplate(Strict):
    """One who acts through a client; posts and teams are named by kind and area, objects by key.

    What follows from the post is in `post_roles.json`; `grants` are given by name beside it.
    """

    subject: str
    post: tuple[str, AreaCode] | None = None
    grants: tuple[GrantTemplate, ...] = ()
    teams: tuple[tuple[str, AreaCode], ...] = ()
    objects: tuple[str, ...] = ()


class PostRoleTemplate(Strict):
    """A role that a kind of post gives over its area, over its own sectors or over every one."""

    kind: str
    role: Role
    every_sector: bool = False


class PostRoleFile(Strict):
    """`post_roles.json`: the table's version, its source and its rows."""

    label: str
    source: str
    rows: tuple[PostRoleTemplate, ...]


class ClientTemplate(Labels):
    """A client application (`app`), another agency's system (`system`) or one-time links (`link`)."""

    client_id: str
    kind: str = Field(pattern="^(app|system|link)$")
    subjects: tuple[SubjectTemplate, ...] = Field(min_length=1)


class PersonTemplate(Labels):
    """Somebody invented who signs in to the demonstration; the labels say which office they hold."""

    login_name: str
    area: AreaCode
    role: Role
