"""A township with a task force: its chair, its office and two members, ready to meet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.scope import Scope
from services.responsibility_registry.bodies import actions as bodies
from services.responsibility_registry.bodies.actions import NewBody, NewSeat
from services.responsibility_registry.bodies.rules import Body, BodyKind, PartyKind, SeatPart
from services.responsibility_registry.meetings import actions
from services.responsibility_registry.meetings.actions import NewMeeting, NewTask
from services.responsibility_registry.meetings.rules import Meeting, MeetingKind
from services.responsibility_registry.orders.rules_chosen import Chosen
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.store import find_post
from tests.cluster import FreshDatabase
from tests.responsibility_registry.organizations.units import draw_areas, register, unit
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, VILLAGE, Stage, administrator, stage

FIRE = ("fire",)


@dataclass(slots=True)
class Hall:
    """The town, and the posts and the unit that sit in its bodies."""

    town: Stage
    bureau: UUID

    @property
    def chair(self) -> Scope:
        """The deputy in charge: chairs, and holds no grant here at all."""
        return replace(self.town.acting("township_deputy"), grants=())

    @property
    def leader(self) -> Scope:
        """Who leads the township."""
        return self.town.acting("township_government_first", "leader")

    @property
    def of_the_bureau(self) -> Scope:
        """The first responsible post of the county's bureau: sits here by its unit, and has no grant here."""
        return replace(self.town.acting("sector_supervisor"), grants=())

    @property
    def stranger(self) -> Scope:
        """Somebody of the county's government who sits in nothing."""
        return replace(self.town.acting("county_executive_deputy"), grants=())

    def new_body(self, **changes: object) -> NewBody:
        """A safety committee with a chair, an office and a member."""
        seats = (
            NewSeat(party_id=self.town.posts["township_deputy"], party_kind=PartyKind.POST, part=SeatPart.CHAIR),
            NewSeat(party_id=self.town.posts["police_station"], party_kind=PartyKind.POST, part=SeatPart.OFFICE),
            NewSeat(party_id=self.bureau, party_kind=PartyKind.ORGANIZATION, part=SeatPart.MEMBER),
        )
        usual = NewBody(
            id=new_id(), kind=BodyKind.SAFETY_COMMITTEE, name_zh="安委会", name_en="committee", area_code=TOWNSHIP,
            sectors=FIRE, area_codes=(), parent_id=None, document="1号", valid_from=None, valid_to=None,
            exercise=False, seats=seats,
        )  # fmt: skip
        return replace(usual, **changes)  # type: ignore[arg-type]

    async def found(self, by: Scope | None = None, **changes: object) -> Body:
        """A body on the books."""
        async with self.town.database.unit_of_work(by or self.leader) as tx:
            return await bodies.found_body(tx, self.new_body(**changes))

    async def plan(self, body: Body, by: Scope | None = None, **changes: object) -> Meeting:
        """A meeting of it, for tomorrow."""
        usual = NewMeeting(
            id=new_id(), body_id=body.id, kind=MeetingKind.REGULAR, title="例会", agenda="议程", place="会议室",
            planned_at=system_now() + timedelta(days=1), exercise=False,
        )  # fmt: skip
        async with self.town.database.unit_of_work(by or self.chair) as tx:
            return await actions.plan_meeting(tx, replace(usual, **changes))  # type: ignore[arg-type]

    async def hold(self, meeting: Meeting, at: datetime | None = None, by: Scope | None = None) -> Meeting:
        """It met, under the deputy."""
        chair = self.town.posts["township_deputy"]
        async with self.town.database.unit_of_work(by or self.chair) as tx:
            return await actions.hold_meeting(tx, meeting.id, None, at, chair, (self.town.posts["police_station"],))


def task(**changes: object) -> NewTask:
    """To clear the stairwells of the village within a week."""
    five = Chosen(
        responsible="派出所", measures="逐栋清查", funds_fen=0, contingency="夜间巡逻", limit_days=7,
    )  # fmt: skip
    usual = NewTask(
        words="一周内清零楼梯间充电点", category="ebike_charging", area_code=VILLAGE, sectors=FIRE, entity="",
        object_id=None, chosen=five,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


@asynccontextmanager
async def hall(fresh: FreshDatabase) -> AsyncIterator[Hall]:
    """The township's areas, its posts, and the county's bureau with its first responsible post."""
    async with stage(fresh) as town:
        await draw_areas(town)
        bureau = await register(town, unit("bureau", area_code=COUNTY))
        async with town.database.unit_of_work(administrator()) as tx:
            post = await find_post(tx, town.posts["sector_supervisor"])
            await import_posts(tx, [replace(post, organization_id=bureau, first_responsible=True)])
        yield Hall(town, bureau)
