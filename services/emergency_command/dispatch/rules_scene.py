"""What teams and leaders are sent to: the place and the kind of event, as it was when they were sent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Where to go and to what: WGS 84 degrees, the event's code and level, and the place in words."""

    kind: str
    level_ordinal: int
    lon: float
    lat: float
    place_words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Emergency:
    """What a dispatch or a call must know of the incident that it is for."""

    incident_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    clock_zero_at: datetime
    scene: Scene


class NobodyIsFree(Exception):
    """No team that can do it is free, in the whole city and beyond: ask a neighbour, or release one."""

    status = 409
    code = "nobody_is_free"
    title = ("没有可调派的力量", "No team is free for this")

    def __init__(self, capability: str) -> None:
        super().__init__(
            f"具备该能力（{capability}）的力量均不空闲；请向邻近地区请求，或先解除一支的任务。",
            f"no team with the capability {capability} is free: ask a neighbour, or release one",
        )
