"""Samples of listed supervision: a workshop is listed by the county, supervised, taken off and looked at again."""

from __future__ import annotations

from libs.contracts import listings as told
from libs.contracts.sample_values.cast import (
    INDUSTRY,
    TOWNSHIP_DEPUTY,
    TOWNSHIP_HEAD,
    WORKSHOP_TASK,
    WORKSHOP_VILLAGE,
    file,
    post,
)
from libs.contracts.sampling import Story, at, sample_id

_LEADER, _SUPERVISOR = post("county deputy in charge"), post("county fire rescue brigade")
_NUMBER = "椒安督〔2026〕3号"
_LIMIT, _LATER = at("2026-11-15 00:00"), at("2026-11-20 00:00")


def _story(word: str, born: str) -> Story:
    return Story(
        word=word, born=born, area_code=WORKSHOP_VILLAGE, sectors=INDUSTRY, correlation=WORKSHOP_TASK.correlation_id
    )


_ANOTHER = sample_id("order that the county lists", at("2026-11-12 09:00"))
_WITHDRAWN = sample_id("order that was withdrawn", at("2026-11-12 10:00"))
_LISTED = _story("listed workshop", "2026-11-10 10:00")
_REFUSED = _story("listing that the city refused", "2026-11-15 09:00")
_LAPSED = _story("listing whose order was withdrawn", "2026-11-16 09:00")


def _facts(state: str, **changed: object) -> told.ListingFacts:
    facts = told.ListingFacts(
        order_id=WORKSHOP_TASK.id, state=state, level="county", trigger="issued", limit_at=_LIMIT,
        supervisor_post=None if state == "proposed" else _SUPERVISOR, assigned_post=TOWNSHIP_DEPUTY,
        public_number=None,
    )  # fmt: skip
    return facts.model_copy(update=changed)


_PUBLIC = {"public_number": _NUMBER}
_OVER = {"public_number": _NUMBER, "limit_at": _LATER}

SAMPLES = (
    _LISTED.tell(
        "2026-11-10 10:00",
        told.ListingProposed(listing=_facts("proposed"), words="重大事故隐患的指令单下达后自动提请"),
        policy="listing-1",
    ),
    _LISTED.tell(
        "2026-11-10 16:00",
        told.ListingIssued(listing=_facts("listed"), document=_NUMBER, listed_by=_LEADER),
        post=_LEADER,
        policy="listing-1",
    ),
    _LISTED.tell(
        "2026-11-11 10:00",
        told.ListingPublished(
            listing=_facts("listed", **_PUBLIC),
            delisting=False,
            published_at=at("2026-11-11 09:00"),
            where="区政府网站、区广播电视台",
            number=_NUMBER,
            words="某塑料制品加工场(演示)存在住宿与生产合用的重大火灾隐患,现挂牌督办,限期整改。",
        ),
        post=_LEADER,
    ),
    _LISTED.tell(
        "2026-11-11 15:00",
        told.ListingPlanFiled(
            listing=_facts("listed", **_PUBLIC),
            measures="外迁宿舍,封闭楼梯间",
            funds_fen=30_000_000,
            until=at("2026-11-14 18:00"),
        ),
        post=TOWNSHIP_DEPUTY,
    ),
    _LISTED.tell(
        "2026-11-13 09:10",
        told.ListingFollowed(
            listing=_facts("listed", **_OVER),
            from_limit_at=_LIMIT,
            from_assigned_post=TOWNSHIP_DEPUTY,
            from_order_id=WORKSHOP_TASK.id,
        ),
    ),
    _LISTED.tell(
        "2026-11-14 10:00",
        told.ListingSupervised(
            listing=_facts("listed", **_OVER),
            by=_SUPERVISOR,
            words="宿舍尚未外迁",
            evidence=(file("beds on the first floor", "2026-11-14 09:50"),),
        ),
        post=_SUPERVISOR,
    ),
    _LISTED.tell(
        "2026-11-20 00:00",
        told.ListingOverdue(listing=_facts("listed", **_OVER), consequences=("interview", "hold_licence")),
        policy="listing-1",
    ),
    _LISTED.tell(
        "2026-11-20 09:00",
        told.ListingConsequenceProposed(
            listing=_facts("listed", **_OVER), number=3, consequence="stop", words="两次督导均无进展"
        ),
        post=_SUPERVISOR,
    ),
    _LISTED.tell(
        "2026-11-20 15:00",
        told.ListingConsequenceDecided(
            listing=_facts("listed", **_OVER),
            number=1,
            consequence="interview",
            accepted=True,
            by=_LEADER,
            words="同意约谈",
        ),
        post=_LEADER,
    ),
    _LISTED.tell(
        "2026-11-26 10:00",
        told.ListingInspectionAsked(
            listing=_facts("inspection_asked", **_OVER),
            words="宿舍已全部外迁,申请验收",
            evidence=(file("empty rooms", "2026-11-26 09:40"),),
            inspect_by=at("2026-12-07 00:00"),
        ),
        post=TOWNSHIP_DEPUTY,
    ),
    _LISTED.tell(
        "2026-12-07 00:00",
        told.ListingStepsMissed(listing=_facts("inspection_asked", **_OVER), steps=("inspect",)),
        policy="listing-1",
    ),
    _LISTED.tell(
        "2026-12-07 10:00",
        told.ListingInspected(
            listing=_facts("passed", **_OVER), passed=True, by=_SUPERVISOR, words="现场验收,隐患已消除"
        ),
        post=_SUPERVISOR,
    ),
    _LISTED.tell(
        "2026-12-08 10:00",
        told.ListingDelisted(
            listing=_facts("delisted", **_OVER),
            words="经验收合格,现予摘牌",
            look_back_from=at("2027-03-08 10:00"),
        ),
        post=_LEADER,
        policy="listing-1",
    ),
    _LISTED.tell(
        "2027-03-08 10:00",
        told.ListingLookBackDue(listing=_facts("delisted", **_OVER), look_back_by=at("2027-03-24 00:00")),
        policy="listing-1",
    ),
    _LISTED.tell(
        "2027-03-10 10:00",
        told.ListingLookedBack(
            listing=_facts("put_right", **_OVER), gone=True, by=_SUPERVISOR, words="回头看未发现反弹"
        ),
        post=_SUPERVISOR,
    ),
    _REFUSED.tell(
        "2026-11-15 09:00",
        told.ListingProposed(
            listing=_facts("proposed", level="city", trigger="by_hand", order_id=_ANOTHER),
            words="建议市级挂牌",
        ),
        post=TOWNSHIP_HEAD,
    ),
    _REFUSED.tell(
        "2026-11-16 09:00",
        told.ListingRefused(
            listing=_facts("refused", level="city", trigger="by_hand", order_id=_ANOTHER),
            reason="区级挂牌督办即可",
        ),
        post=_LEADER,
    ),
    _LAPSED.tell(
        "2026-11-16 09:00",
        told.ListingProposed(listing=_facts("proposed", order_id=_WITHDRAWN), words="自动提请"),
    ),
    _LAPSED.tell(
        "2026-11-17 09:00",
        told.ListingLapsed(listing=_facts("lapsed", order_id=_WITHDRAWN), reason="withdrawn"),
    ),
)
