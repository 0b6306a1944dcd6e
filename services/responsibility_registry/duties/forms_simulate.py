"""The shapes of a simulation: what is tried, and what would become of chains and gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from libs.common.forms import AreaCode, Category, Code, Form, Sector, Shown, Words
from services.responsibility_registry import examples
from services.responsibility_registry.duties.actions_simulate import Simulated
from services.responsibility_registry.duties.forms import HoldingOut, Names, show_holding
from services.responsibility_registry.duties.rules import Tier
from services.responsibility_registry.duties.rules_chain import Why
from services.responsibility_registry.duties.rules_diff import LinkTurn
from services.responsibility_registry.duties.rules_findings import Finding, FindingKind
from services.responsibility_registry.duties.rules_simulate import ChangeKind, Tried

_NEEDS = {
    ChangeKind.ASSIGN: ("post_id", "area_code", "link"), ChangeKind.END: ("duty_id",),
    ChangeKind.REASSIGN: ("duty_id", "post_id"), ChangeKind.VACATE: ("post_id",), ChangeKind.FILL: ("post_id",),
}  # fmt: skip


class ChangeIncomplete(ValueError):
    """A change lacks what its kind needs."""

    code = "change_incomplete"


class ChangeIn(Form):
    """One change: `assign` a duty to a post, `end` or `reassign` one, `vacate` or `fill` a post."""

    kind: ChangeKind
    duty_id: UUID | None = None
    post_id: UUID | None = None
    substitute_post_id: UUID | None = None
    area_code: AreaCode | None = None
    link: Code | None = None
    categories: Annotated[tuple[Category, ...], Field(max_length=50)] = ()
    sectors: Annotated[tuple[Sector, ...], Field(max_length=30)] = ()
    clause: Words | None = None

    @model_validator(mode="after")
    def _complete(self) -> ChangeIn:
        lacking = [name for name in _NEEDS[self.kind] if getattr(self, name) is None]
        if lacking:
            named = ", ".join(lacking)
            raise ChangeIncomplete(f"此类变更还需：{named}。", f"this kind of change needs {named}")
        return self

    def tried(self) -> Tried:
        """The change as the rules take it."""
        return Tried(
            kind=self.kind, duty_id=self.duty_id, post_id=self.post_id, substitute_post_id=self.substitute_post_id,
            area_code=self.area_code or "", role=self.link or "", categories=self.categories, sectors=self.sectors,
            clause=self.clause or "",
        )  # fmt: skip


class SimulateIn(Form):
    """Changes, and the area (with all below it) and categories over which their effect is asked."""

    model_config = examples.example(examples.SIMULATE)

    changes: Annotated[list[ChangeIn], Field(min_length=1, max_length=50)]
    area_code: AreaCode
    categories: Annotated[tuple[Category, ...], Field(max_length=50, description="every one where it is empty")] = ()
    at: Annotated[AwareDatetime | None, Field(description="now where it is left out")] = None


class AffectedOut(Shown):
    """One way in which a link changes, and for which areas and categories."""

    link: str
    tier: Tier
    sector: str | None
    change: LinkTurn
    before: HoldingOut | None
    after: HoldingOut | None
    area_codes: tuple[str, ...]
    categories: tuple[str, ...]


class TurnedOut(Shown):
    """A gap or an overlap that would open or close."""

    kind: FindingKind
    area_code: str
    link: str
    link_tier: Tier
    sector: str | None
    categories: tuple[str, ...]
    why: Why


class SimulatedOut(Shown):
    """What the changes would do. `whole`: every area was tried, and not the first 100 by code only."""

    at: datetime
    areas_tried: int
    whole: bool
    changes: list[AffectedOut]
    opened: list[TurnedOut]
    closed: list[TurnedOut]


def show_simulated(found: Simulated) -> dict[str, Any]:
    """A simulation as JSON."""
    names: Names = found.names
    return {
        "at": found.at, "areas_tried": len(found.area_codes), "whole": found.whole,
        "changes": [
            {
                "link": one.role, "tier": one.tier, "sector": one.sector, "change": one.change,
                "before": show_holding(one.before, names), "after": show_holding(one.after, names),
                "area_codes": one.area_codes, "categories": one.categories,
            }
            for one in found.affected
        ],
        "opened": [_turned(one) for one in found.opened],
        "closed": [_turned(one) for one in found.closed],
    }  # fmt: skip


def _turned(one: Finding) -> dict[str, Any]:
    return {
        "kind": one.kind, "area_code": one.area_code, "link": one.role, "link_tier": one.link_tier,
        "sector": one.sector, "categories": one.categories, "why": one.why,
    }  # fmt: skip
