"""Where a shape may lie: within what the area lies in, and not on ground of a neighbour of the same tier.

Whoever draws their county over the next one would get its alarms. The shares are measured elsewhere and arrive as
arguments; how much of a difference is only digitising is data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.responsibility_registry.areas.rules import Area, AreaWrong


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapePolicy:
    """The tolerated shares of an area's ground, 0 to 1, shaped like `policies/shapes-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    most_outside: float
    most_shared: float
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lie:
    """How a shape lies: the share of it `outside` the nearest area above that has a shape; the share of the smaller
    of two that it has in common with each neighbour of its tier; and the share of each area below that it leaves
    out."""

    outside: Mapping[str, float] = field(default_factory=dict)
    shared: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, float] = field(default_factory=dict)


def require_own_ground(area: Area, lie: Lie, policy: ShapePolicy) -> None:
    """Raises AreaWrong (422) where the shape lies beyond the policy's tolerance on ground that is another's."""
    beyond = (
        (
            "outside_parent",
            lie.outside,
            policy.most_outside,
            ("的面积在上级区划 {code} 之外", "of the shape lie outside its parent {code}"),
        ),
        (
            "on_neighbour",
            lie.shared,
            policy.most_shared,
            ("（按两者中较小者计）属于相邻区划 {code}", "of the smaller of both are ground of its neighbour {code}"),
        ),
        (
            "leaves_out_child",
            lie.left_out,
            policy.most_outside,
            ("的 {code}（属 {own}）被漏在外面", "of {code}, which lies in {own}, are left out"),
        ),
    )
    faults = [
        (
            "/shape",
            fault,
            (
                f"{share:.1%} {zh.format(code=code, own=area.code)}；最多允许 {most:.1%}。",
                f"{share:.1%} {en.format(code=code, own=area.code)}; {most:.1%} are tolerated",
            ),
        )
        for fault, shares, most, (zh, en) in beyond
        for code, share in sorted(shares.items())
        if share > most
    ]
    if faults:
        raise AreaWrong(*faults)
