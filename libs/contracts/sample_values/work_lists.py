"""Samples of a yearly work list: drawn up by a deputy, returned, revised, submitted again and confirmed."""

from __future__ import annotations

from datetime import date

from libs.contracts import work_lists as told
from libs.contracts.sample_values.cast import TOWNSHIP, TOWNSHIP_DEPUTY, TOWNSHIP_HEAD
from libs.contracts.sampling import Story

_LIST = Story(word="work list of the deputy", born="2026-12-10 09:00", area_code=TOWNSHIP)


def _list(state: str, times: int = 12) -> told.WorkListFacts:
    return told.WorkListFacts(
        post_id=TOWNSHIP_DEPUTY, superior_post_id=TOWNSHIP_HEAD, year=2027, state=state,
        items=(
            told.WorkItemFacts(
                number=1, duty_item="deputy_portfolio", times=times, due_on=date(2027, 12, 20), counts=("check",)
            ),
            told.WorkItemFacts(number=2, duty_item=None, times=4, due_on=date(2027, 12, 31), counts=("meeting",)),
        ),
    )  # fmt: skip


SAMPLES = (
    _LIST.tell("2026-12-10 09:00", told.WorkListDrawn(list=_list("drafted", 4)), post=TOWNSHIP_DEPUTY),
    _LIST.tell("2026-12-10 09:10", told.WorkListSubmitted(list=_list("submitted", 4)), post=TOWNSHIP_DEPUTY),
    _LIST.tell(
        "2026-12-12 15:00",
        told.WorkListReturned(list=_list("returned", 4), reason="检查次数过少"),
        post=TOWNSHIP_HEAD,
    ),
    _LIST.tell("2026-12-13 09:00", told.WorkListRevised(list=_list("returned")), post=TOWNSHIP_DEPUTY),
    _LIST.tell("2026-12-13 09:05", told.WorkListSubmitted(list=_list("submitted")), post=TOWNSHIP_DEPUTY),
    _LIST.tell("2026-12-15 10:00", told.WorkListConfirmed(list=_list("confirmed")), post=TOWNSHIP_HEAD),
)
