"""What chains are checked with and what is found: holdings, posts, spans and counts; findings, seats and tallies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.responsibility_registry.chain_templates.rules import ChainLink
from services.responsibility_registry.chain_templates.rules_grounds import Ground, Unit


class ChainFindingKind(StrEnum):
    """What is wrong with a chain; where several are, the first stands for all."""

    MISSING = "missing"
    BREAK = "break"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    OVER_SPAN = "over_span"


class ChainFault(StrEnum):
    """Why."""

    NOBODY = "nobody"
    VACANT = "vacant"
    NO_PARENT = "no_parent"
    POST_ELSEWHERE = "post_elsewhere"
    ANSWERS_TO_ANOTHER = "answers_to_another"
    FEWER_THAN_ASKED = "fewer_than_asked"
    MORE_THAN_ASKED = "more_than_asked"
    HOUSEHOLDS_UNSAID = "households_unsaid"
    POST_CARRIES = "post_carries"
    PERSON_CARRIES = "person_carries"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A post in a link over a ground since an instant; `id` is that of the assignment, duty or pairing."""

    id: UUID
    post_id: UUID
    since: datetime
    document: str
    superior_post_id: UUID | None = None
    households: int | None = None


class Standing(Protocol):
    """What is asked of a post."""

    @property
    def vacant(self) -> bool: ...
    @property
    def substitute_post_id(self) -> UUID | None: ...
    @property
    def area_code(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """How many grounds a post carries in one link, and by how many of them the person who holds it does in all their
    posts (0: nobody is known to hold it); `first` is the post's first ground, where it is said."""

    carried: int
    of_person: int
    first: Ground


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """So many different posts are in a link within an area, and so many households their grounds have by their
    documents (0: nothing was said)."""

    posts: int
    households: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainRegister:
    """What is on record of one template around some areas: the units of each and the areas that have units in them;
    who is in which link where; how posts stand; what they carry; and how many there are, by place in `counts`."""

    units: Mapping[str, Sequence[Unit]]
    with_units: Collection[str]
    holdings: Mapping[tuple[str, Ground], Sequence[Holding]]
    posts: Mapping[UUID, Standing]
    spans: Mapping[tuple[str, UUID], Span] = field(default_factory=dict)
    counted: Mapping[tuple[int, str], Counted] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainFinding:
    """One thing that is wrong at an area; `unit_code` names the grid or object, empty where it is the area itself.

    `found` of at least `least` and at most `most` (None: no limit); `place` orders it among those of its area.
    """

    kind: ChainFindingKind
    why: ChainFault
    area_code: str
    link: str
    on: str
    unit_id: UUID | None
    unit_code: str
    found: int
    least: int
    most: int | None
    post_ids: tuple[UUID, ...]
    place: str

    @property
    def key(self) -> str:
        """What tells it from the others of its area, and orders them."""
        post = self.post_ids[0] if self.kind is ChainFindingKind.OVER_SPAN else ""
        return f"{self.place}/{self.unit_code}/{self.kind}/{self.why}/{post}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """Who is in a link: `post_id` acts; `vacant_post_id` is the post for which it stands in."""

    post_id: UUID
    vacant_post_id: UUID | None
    holding: Holding


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkState:
    """One link of one unit's chain: over which ground, who is in it, and what is wrong there."""

    link: ChainLink
    ground: Ground | None
    seats: tuple[Seat, ...]
    findings: tuple[ChainFinding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitChain:
    """The whole chain over one unit, the widest link first."""

    unit: Unit
    links: tuple[LinkState, ...]

    @property
    def full(self) -> bool:
        """Whether every link has whom it asks for, of its own ground."""
        return not self.has(ChainFindingKind.MISSING, ChainFindingKind.BREAK, ChainFindingKind.TOO_FEW)

    def has(self, *kinds: ChainFindingKind) -> bool:
        """Whether anything of these kinds is wrong in it."""
        return any(one.kind in kinds for link in self.links for one in link.findings)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How the chains of an area stand: units in all, with a full chain, with a link that nobody fills, with a link
    that answers for another ground; and findings by kind."""

    area_code: str
    units: int = 0
    full: int = 0
    orphans: int = 0
    broken: int = 0
    findings: Mapping[ChainFindingKind, int] = field(default_factory=dict)
