"""Samples of evaluations: the quarter of a county's townships, published, appealed against and corrected."""

from __future__ import annotations

from datetime import date

from libs.contracts import evaluations as told
from libs.contracts.sample_values.cast import COUNTY, NOTICE, TOWNSHIP, file, post
from libs.contracts.sampling import Story, at, sample_id

_COMMITTEE = post("county safety committee office")
_LEADER = post("county executive deputy")
_OTHER_LEADER = post("county head")
_PARTY = post("township party secretary")
_PACK = Story(word="rules of the county's evaluation", born="2026-09-20 09:00", area_code=COUNTY)
_QUARTER = Story(word="fourth quarter of 2026", born="2026-10-08 09:00", area_code=COUNTY)
_MISTAKEN = Story(word="third quarter opened by mistake", born="2026-10-08 09:05", area_code=COUNTY)
_APPEAL = Story(
    word="appeal of the township", born="2027-01-15 09:00", area_code=TOWNSHIP, correlation=_QUARTER.correlation_id
)
_FIRST, _SECOND = (sample_id(f"publication {number}", at("2027-01-12 10:00")) for number in (1, 2))
_UNTIL = at("2027-01-20 00:00")


def _facts(state: str, **changed: object) -> told.EvaluationFacts:
    facts = told.EvaluationFacts(
        name="2026年四季度乡镇(街道)考核",
        state=state,
        pack="area_safety",
        body_kind="areas",
        among="township",
        first_day=date(2026, 10, 1),
        last_day=date(2026, 12, 31),
    )
    return facts.model_copy(update=changed)


def _ranking(score: str) -> tuple[told.RankFacts, ...]:
    return (
        told.RankFacts(
            body=TOWNSHIP,
            area_code=TOWNSHIP,
            zh="丙街道(演示)",
            en="丙街道(演示)",
            standing="ranked",
            rank=1,
            score=score,
            vetoes=(),
        ),
        told.RankFacts(
            body="331002005000",
            area_code="331002005000",
            zh="丁街道(演示)",
            en="丁街道(演示)",
            standing="void",
            rank=2,
            score=None,
            vetoes=("larger_road_or_fire",),
        ),
    )


SAMPLES = (
    _PACK.tell(
        "2026-09-20 09:00",
        told.PackAdopted(
            code="area_safety",
            number=1,
            valid_from=date(2026, 10, 1),
            weights=(told.WeightFacts(indicator="on_time_rate", weight=30),),
            vetoes=("larger_road_or_fire",),
            source="[P] 区安委办 2026年度考核办法",
        ),
    ),
    _QUARTER.tell(
        "2026-10-08 09:00",
        told.EvaluationOpened(evaluation=_facts("open"), bodies=(TOWNSHIP, "331002005000")),
        post=_COMMITTEE,
    ),
    _QUARTER.tell(
        "2027-01-06 09:00",
        told.EvaluationSubmitted(evaluation=_facts("under_review"), pack_number=1, submission=1),
        post=_COMMITTEE,
        policy="area_safety-1",
    ),
    _QUARTER.tell(
        "2027-01-08 09:00",
        told.EvaluationReturned(evaluation=_facts("open"), reason="一起火灾的等级尚未核定"),
        post=_LEADER,
    ),
    _QUARTER.tell(
        "2027-01-11 09:00",
        told.EvaluationSubmitted(evaluation=_facts("under_review"), pack_number=1, submission=2),
        post=_COMMITTEE,
        policy="area_safety-1",
    ),
    _QUARTER.tell(
        "2027-01-12 10:00",
        told.EvaluationPublished(
            evaluation=_facts("published"),
            pack_number=1,
            publication_id=_FIRST,
            number=1,
            ranking=_ranking("86.40"),
            appeal_until=_UNTIL,
        ),
        post=_LEADER,
        policy="area_safety-1",
    ),
    _APPEAL.tell(
        "2027-01-15 09:00",
        told.AppealLodged(
            evaluation_id=_QUARTER.id,
            publication_id=_FIRST,
            number=1,
            body=TOWNSHIP,
            evidence=(file("receipt of the rectification", "2027-01-15 08:50"),),
        ),
        post=_PARTY,
    ),
    _APPEAL.tell(
        "2027-01-18 15:00",
        told.AppealDecided(
            evaluation_id=_QUARTER.id,
            publication_id=_FIRST,
            body=TOWNSHIP,
            upheld=True,
            excluded=(NOTICE.id,),
            decided_by=_OTHER_LEADER,
            words="该单所涉房屋不在本街道,剔除后重新计算",
        ),
        post=_OTHER_LEADER,
    ),
    _QUARTER.tell(
        "2027-01-18 15:00",
        told.EvaluationCorrected(
            evaluation=_facts("published"),
            pack_number=1,
            publication_id=_SECOND,
            number=2,
            ranking=_ranking("88.10"),
            appeal_until=at("2027-01-26 00:00"),
            appeal_id=_APPEAL.id,
            excluded=(NOTICE.id,),
            why="该单所涉房屋不在本街道,剔除后重新计算",
        ),
        post=_OTHER_LEADER,
        policy="area_safety-1",
    ),
    _MISTAKEN.tell(
        "2026-10-08 09:05",
        told.EvaluationOpened(evaluation=_facts("open", first_day=date(2026, 7, 1)), bodies=(TOWNSHIP,)),
        post=_COMMITTEE,
    ),
    _MISTAKEN.tell(
        "2026-10-08 09:10",
        told.EvaluationWithdrawn(evaluation=_facts("withdrawn", first_day=date(2026, 7, 1)), reason="周期填写有误"),
        post=_COMMITTEE,
    ),
)
