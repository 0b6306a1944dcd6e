"""The shapes of the doors of incidents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from libs.common.forms import AreaCode, Code, Form, Line, Shown, Words
from libs.common.ids import new_id
from libs.common.places import Place
from services.emergency_command import examples
from services.emergency_command.incidents.actions_open import Opening
from services.emergency_command.incidents.rules import Casualties, IncidentState, ProductionRelated
from services.emergency_command.vocabulary import Capability

Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC))]
KindCode = Annotated[
    str, Field(pattern=r"^1[1-4][A-HJ-NP-Z]([0-9]{2})?$", examples=["12G01"], description="event code, family 1")
]
At = Annotated[Moment | None, Field(description="when it happened, if not just now")]
People = Annotated[int, Field(ge=0, le=1_000_000)]
MOST_FEN = 10**15


class CasualtiesIn(Form):
    """People harmed, as known now; the missing stand in the casualty line ([S] SO 493 Art 12)."""

    model_config = examples.example(examples.CASUALTIES)

    dead: People = 0
    missing: People = 0
    serious: People = 0
    minor: People = 0
    trapped: People = 0

    def casualties(self) -> Casualties:
        """The figures in the words of the rules."""
        return Casualties(**self.model_dump(include=set(CasualtiesIn.model_fields)))


class IncidentIn(Form):
    """An incident that a commander or a duty officer opens by hand."""

    model_config = examples.example(examples.INCIDENT)

    id: Annotated[UUID | None, Field(description="the client's own UUID: makes retries safe")] = None
    kind: KindCode
    area_code: AreaCode
    place: Place
    place_words: Annotated[Line, Field(max_length=500)] = ""
    occurred_at: At = None
    risk_object_id: UUID | None = None
    casualties: CasualtiesIn = CasualtiesIn()
    exercise: bool = False

    def opening(self, now: datetime) -> Opening:
        """What is known when it opens; its clock zero is now."""
        return Opening(
            incident_id=self.id or new_id(), area_code=self.area_code, exercise=self.exercise,
            correlation_id=new_id(), kind=self.kind, lon=self.place.lon, lat=self.place.lat,
            place_words=self.place_words, occurred_at=self.occurred_at or now, clock_zero_at=now,
            risk_object_id=self.risk_object_id, casualties=self.casualties.casualties(),
        )  # fmt: skip


class HarmIn(CasualtiesIn):
    """What is known of the harm now: figures replace the ones before, they are not added."""

    model_config = examples.example(examples.HARM)

    loss_fen: Annotated[int, Field(ge=0, le=MOST_FEN, description="direct loss, in fen")] = 0


class ProductionIn(Form):
    """Is it production-related? With it, when the head of the unit learned of it, where that is known."""

    model_config = examples.example(examples.PRODUCTION)

    answer: Literal["yes", "no"]
    unit_learned_at: Moment | None = None


class MomentIn(Form):
    """Something happened."""

    model_config = examples.example(examples.MOMENT)

    at: At = None


class CloseIn(Form):
    """It has ended."""

    model_config = examples.example(examples.CLOSE)

    at: At = None
    words: Annotated[str, Field(max_length=2000)] = ""


class ReportMadeIn(Form):
    """A situation report was made."""

    model_config = examples.example(examples.REPORT_MADE)

    clock: Annotated[Code, Field(examples=["phone_report"], description="which of the incident's report clocks")]
    told: Annotated[Words, Field(examples=[examples.REPORT_MADE["told"]], description="who was told")]
    at: At = None


class SendIn(Form):
    """One more team: this very one, or the nearest so many with a capability."""

    model_config = examples.example(examples.SEND)

    team_id: UUID | None = None
    capability: Capability | None = None
    teams: Annotated[int, Field(ge=1, le=20)] = 1

    @model_validator(mode="after")
    def _says_which(self) -> SendIn:
        if self.team_id is None and self.capability is None:
            raise ValueError("请给出 team_id 或 capability。", "name a team_id or a capability")
        return self


class LevelOut(Shown):
    """A level: `ordinal` 1 is the worst; its words belong to this scale only."""

    ordinal: int
    colour: str
    scale: str
    label: dict[str, str]


class ReportClockOut(Shown):
    """A situation report: who owes it to whom by when, whether it was made, and how late."""

    key: str
    label: dict[str, str]
    state: Annotated[str, Field(pattern="^(owed|made|void)$")]
    by: str
    to: str
    also_to: tuple[str, ...]
    window: bool
    start_at: datetime
    due_at: datetime
    provisional: bool
    done_at: datetime | None
    told: str
    late_seconds: int
    void_reason: str
    source: str


class StageLineOut(Shown):
    """One stage of a team's way, and its light now."""

    stage: str
    due_at: datetime
    done_at: datetime | None
    light: Literal["running", "green", "red", "void"]
    late_seconds: int
    label: dict[str, str]
    source: str


class TeamLineOut(Shown):
    """One team on its way; its own page is /v1/dispatches/{dispatch_id}."""

    dispatch_id: UUID
    version: int
    team_id: UUID
    team_name: str
    team_kind: str
    capability: str
    mode: str
    state: str
    distance_m: int
    travel_seconds: int
    sent_at: datetime
    stages: tuple[StageLineOut, ...]


class LeaderLineOut(Shown):
    """One leader called; its own page is /v1/leader-calls/{call_id}. Without a post: a gap."""

    call_id: UUID
    version: int
    post_id: UUID | None
    post_name: dict[str, str] | None
    stands_in_for: UUID | None
    post_kind: str
    tier: str
    row_at_least: int
    state: str
    called_at: datetime
    arrived_at: datetime | None
    arrived_by: str | None
    source: str


class NextRowOut(Shown):
    """The leaders whom the next step of harm would call."""

    at_least: int
    label: dict[str, str]
    post_kinds: tuple[str, ...]
    source: str


class SignOut(Shown):
    """An alarm that is part of the incident; its own page is /v1/alarms/{alarm_id}."""

    alarm_id: UUID
    source: str
    source_system: str
    source_id: str
    kind: str
    words: str
    received_at: datetime
    left_at: datetime | None


class RegradeOut(Shown):
    """One update of harm: which metrics decided, and where the level went."""

    at: datetime
    casualties: Casualties
    loss_fen: int
    before_ordinal: int
    after_ordinal: int
    decided_by: tuple[str, ...]
    policy: str
    policy_version: str
    in_window: bool


class NeedOut(Shown):
    """What nobody is free for; it is looked for again by itself."""

    capability: str
    teams: int


class IncidentLineOut(Shown):
    """An incident in a list: `lights` counts its teams' stages by their light now."""

    id: UUID
    version: int
    number: str
    kind: str
    kind_label: dict[str, str]
    state: IncidentState
    level: LevelOut
    place: Place
    place_words: str
    area_code: str
    sectors: tuple[str, ...]
    risk_object_id: UUID | None
    occurred_at: datetime
    clock_zero_at: datetime
    unit_learned_at: datetime | None
    controlled_at: datetime | None
    ended_at: datetime | None
    reviewed_at: datetime | None
    casualties: Casualties
    loss_fen: int
    production_related: ProductionRelated
    must_ask_production: bool
    grade_policy: str
    linked: tuple[UUID, ...]
    lights: dict[str, int]
    late_reports: int
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]


class IncidentOut(IncidentLineOut):
    """An incident with its clocks, teams, leaders and alarms."""

    report_clocks: tuple[ReportClockOut, ...]
    teams: tuple[TeamLineOut, ...]
    short: tuple[NeedOut, ...]
    leaders: tuple[LeaderLineOut, ...]
    next_leaders: NextRowOut | None
    alarms: tuple[SignOut, ...]
    regrades: tuple[RegradeOut, ...]
    truncated: Annotated[tuple[str, ...], Field(description="the lists that reached their limit: there may be more")]


class SentOut(Shown):
    """The teams that were sent."""

    items: tuple[TeamLineOut, ...]
    next: None = None
