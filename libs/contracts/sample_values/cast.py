"""Who and what the samples are about: places and bodies are real, the story is invented and names no person."""

from __future__ import annotations

from uuid import UUID

from libs.contracts.sampling import Story, at, sample_id
from libs.contracts.values import Entity, FiveItems, Point

CITY = "331000000000"
COUNTY = "331002000000"
TOWNSHIP = "331002004000"
VILLAGE = "331002004208"
WORKSHOP_VILLAGE = "331002004219"
HOUSING = ("fire", "housing")
INDUSTRY = ("fire", "industry")


def post(word: str) -> UUID:
    """The id of a post in the samples."""
    return sample_id(f"post {word}", at("2026-01-01 00:00"))


def file(word: str, civil: str) -> UUID:
    """The id of a photo or document that is kept elsewhere."""
    return sample_id(f"file {word}", at(civil))


CALL_TAKER = post("township call-taker")
GRID_MEMBER = post("grid member")
POLICE_STATION = post("police station")
POLICE_HEAD = post("police station head")
FIRE_OFFICE = post("township fire office")
TOWNSHIP_DEPUTY = post("township deputy in charge")
TOWNSHIP_HEAD = post("township head")
EMERGENCY_BUREAU = post("county emergency bureau")
FIRE_STATION_HEAD = post("fire station head")
DUTY_OFFICER = post("county duty officer")
VILLAGE_HEAD = post("village head")

STAIRWELL = Point(lon=121.405, lat=28.615)
WORKSHOP_DOOR = Point(lon=121.4212, lat=28.6075)
LANDLORD = Entity(name="房屋出租人", kind="landlord")
FIRM = Entity(name="戊村某塑料制品加工场(演示)", kind="firm")
FIVE = FiveItems(
    responsible="房屋出租人",
    measures="电动自行车停放处与楼梯间作硬隔离,加装独立感烟报警器,拆除飞线",
    funds_fen=1_200_000,
    limit_days=10,
    contingency="整改期间夜间断电,由网格员每晚巡查一次",
)
FIVE_FIRM = FiveItems(
    responsible="加工场负责人",
    measures="清除一层停放充电的电动自行车,疏散住宿人员",
    funds_fen=300_000,
    limit_days=15,
    contingency="村微型消防站夜间值守",
)

REPORT = Story(word="stairwell report", born="2026-10-12 19:40", area_code=VILLAGE, sectors=HOUSING)
HAZARD = Story(
    word="ebikes in the stairwell",
    born="2026-10-12 20:05",
    area_code=VILLAGE,
    sectors=HOUSING,
    correlation=REPORT.correlation_id,
)
SPOT_HAZARD = Story(
    word="flying wires",
    born="2026-10-12 20:50",
    area_code=VILLAGE,
    sectors=HOUSING,
    correlation=REPORT.correlation_id,
)
HOUSE = Story(word="rental house", born="2026-03-02 09:00", area_code=VILLAGE, sectors=HOUSING)
NOTICE = Story(
    word="rectification notice",
    born="2026-10-12 21:20",
    area_code=VILLAGE,
    sectors=HOUSING,
    correlation=REPORT.correlation_id,
)
WORKSHOP = Story(word="workshop", born="2026-03-02 09:05", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY)
WORKSHOP_HAZARD = Story(
    word="charging on the ground floor", born="2026-11-04 15:00", area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY
)
WORKSHOP_TASK = Story(
    word="task for the township",
    born="2026-11-04 15:30",
    area_code=WORKSHOP_VILLAGE,
    sectors=INDUSTRY,
    correlation=WORKSHOP_HAZARD.correlation_id,
)
DETECTOR_ALARM = Story(word="detector 1", born="2026-12-03 02:14", area_code=WORKSHOP_VILLAGE, sectors=("fire",))
INCIDENT = Story(
    word="workshop fire",
    born="2026-12-03 02:14",
    area_code=WORKSHOP_VILLAGE,
    sectors=("fire",),
    correlation=DETECTOR_ALARM.correlation_id,
)
MICRO_STATION = Story(
    word="village micro fire station", born="2026-01-05 09:00", area_code=WORKSHOP_VILLAGE, sectors=("fire",)
)
SEEN = Story(word="seen by the grid member", born="2026-10-12 20:50", area_code=VILLAGE, sectors=HOUSING)
"""A report by the grid member, who found two hazards on the spot."""
AWNING = Story(word="charging under an awning", born="2026-10-14 09:30", area_code=VILLAGE, sectors=HOUSING)
"""A report of what turned out to be no hazard."""
DOUBLE = Story(word="seen twice", born="2026-10-13 09:00", area_code=VILLAGE, sectors=HOUSING)
"""The same hazard, registered once more and merged."""
POSTLESS_HAZARD = sample_id("a hazard for which no post answers", at("2026-10-20 08:50"))
FUNDLESS_HAZARD = sample_id("a hazard without funds", at("2026-10-21 08:50"))
