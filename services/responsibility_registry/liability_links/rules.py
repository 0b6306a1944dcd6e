"""What a link of liability is: two firms, sites or objects that share what happens, between two days.

A link says who belongs together and by which paper; what follows from a fact on one of them for the other is for
accountability to say. It is ended and never deleted: a fact counts by the links of its own day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

Fault = tuple[str, str, tuple[str, str]]


class EndKind(StrEnum):
    """What stands at an end: a firm by its unified credit code, or a risk object (a site, a house, a vehicle)."""

    FIRM = "firm"
    OBJECT = "object"


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """One relation, as data: what may stand at its ends."""

    code: str
    from_kinds: tuple[EndKind, ...]
    to_kinds: tuple[EndKind, ...]
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """One end of a link: `id` is a credit code, or the id of a risk object."""

    kind: EndKind
    id: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiabilityLink:
    """One link, there from the beginning of `valid_from` to the beginning of `valid_to`, days of the city."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    relation: str
    from_kind: EndKind
    from_id: str
    from_name: str
    to_kind: EndKind
    to_id: str
    to_name: str
    valid_from: date
    valid_to: date | None
    document: str
    ended_reason: str = ""
    followed: bool = False

    def parties(self) -> tuple[Party, Party]:
        """Both of its ends, from and to."""
        return (
            Party(kind=self.from_kind, id=self.from_id, name=self.from_name),
            Party(kind=self.to_kind, id=self.to_id, name=self.to_name),
        )


class LinkWrong(Exception):
    """What was entered about a link does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "liability_link_wrong"
    title = ("关联关系信息有误", "The link is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class LinkExists(Exception):
    """Two ends are linked once at a time as one relation."""

    status = 409
    code = "liability_link_exists"
    title = ("该关联关系已登记", "They are linked already")

    def __init__(self, link: LiabilityLink) -> None:
        super().__init__(
            f"两者自 {link.valid_from} 起已登记为同一关联；请先终止原关联。",
            f"they have been linked so since {link.valid_from}: end that link first",
        )


class LinkAlreadyEnded(Exception):
    """What has ended stays as it was."""

    status = 409
    code = "liability_link_ended"
    title = ("关联关系已终止", "The link has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, link: LiabilityLink) -> None:
        super().__init__(
            f"该关联已于 {link.valid_to} 终止；请另行登记。", f"it ended on {link.valid_to}: register another one"
        )


def faults_of(link: LiabilityLink, relation: Relation | None) -> Iterable[Fault]:
    """What is wrong with a link as it was entered."""
    if relation is None:
        yield "/relation", "unknown_relation", ("没有这种关联。", "there is no such relation")
    else:
        for end, kind, kinds in (
            ("from", link.from_kind, relation.from_kinds), ("to", link.to_kind, relation.to_kinds)
        ):  # fmt: skip
            if kind not in kinds:
                known = "、".join(kinds)
                yield f"/{end}_kind", "not_at_this_end", (f"此端须为 {known}。", f"at this end stands one of {known}")
    if (link.from_kind, link.from_id) == (link.to_kind, link.to_id):
        yield "/to_id", "itself", ("两端不能相同。", "nothing is linked with itself")
    if link.valid_to is not None and link.valid_to <= link.valid_from:
        yield "/valid_to", "before_its_beginning", ("止期须晚于起期。", "it ends after the day on which it begins")


def end(link: LiabilityLink, *, on: date, today: date, reason: str) -> LiabilityLink:
    """It is there no more from a day on, which is not in the past; one that has not begun ends where it would begin.

    Raises LinkAlreadyEnded (409), LinkWrong (422).
    """
    if link.valid_to is not None and link.valid_to <= today:
        raise LinkAlreadyEnded(link)
    if on < today:
        said = ("终止日期不得早于今天。", "what was linked until today stays so: name today or later")
        raise LinkWrong(("/on", "in_the_past", said))
    return replace(link, valid_to=max(on, link.valid_from), ended_reason=reason)


def open_moves(link: LiabilityLink, today: date) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("end",) if link.valid_to is None or link.valid_to > today else ()


def holds_on(link: LiabilityLink, day: date) -> bool:
    """Whether the link is there on a day."""
    return link.valid_from <= day and (link.valid_to is None or day < link.valid_to)
