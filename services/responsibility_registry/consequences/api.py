"""The doors of consequences: what applies to a firm, one or many, and what departments report that they did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, Code, Moment, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.consequences import actions, rules, store
from services.responsibility_registry.consequences.actions import Applied
from services.responsibility_registry.consequences.forms import (
    AppliedConsequenceOut,
    AppliesOut,
    AppliesToEachOut,
    AskIn,
    CheckFrequencyOut,
    CountsOut,
    CreditCode,
    CreditCountedOut,
    FeedbackIn,
    FeedbackOut,
)
from services.responsibility_registry.consequences.rules import Counted, Feedback

routes = router("credit-consequences", prefix="/v1/credit-consequences")
feedback_routes = router("credit-feedback", prefix="/v1/credit-feedback")
At = Annotated[Moment | None, Query(description="as of that instant; now where it is left out")]
_AS_USUAL = CheckFrequencyOut(factor_percent=100, rule=None, source="")


def show(found: Applied) -> AppliesOut:
    """What applies to one firm."""
    reckoned, checks = found.reckoned, found.checks
    return AppliesOut(
        credit_code=found.credit_code, at=found.at, on_file=reckoned is not None,
        firm_id=reckoned.firm.id if reckoned else None, grade=reckoned.standing.grade if reckoned else None,
        listed=reckoned.standing.listed if reckoned else False,
        pack_number=reckoned.pack.number if reckoned else None,
        check_frequency=_AS_USUAL if checks is None or checks.factor_percent is None else CheckFrequencyOut(
            factor_percent=checks.factor_percent, rule=checks.id, source=checks.source
        ),
        consequences=tuple(AppliedConsequenceOut.model_validate(one) for one in found.consequences),
    )  # fmt: skip


def show_feedback(one: Feedback, _: Scope) -> FeedbackOut:
    """What a department did."""
    return FeedbackOut.model_validate(one)


@routes.get(
    "", response_model=AppliesOut, summary="查询联合奖惩 What applies to a firm now", responses=refuses(RoleMissing)
)
async def get_applying(door: Read, credit_code: CreditCode, at: At = None) -> Response:
    """Which rewards and penalties follow from a firm's grade or the blacklist, each for its department, and how often
    it is checked, as a number with its rule ([S] Work Safety Law 2021 Art 78; [SEED] 联合奖惩). A firm without a file
    has no grade, and is checked as usual. For agencies, inspectors, leaders, auditors and administrators of whatever
    area, as joint measures are; a firm asks about itself."""
    return await door.look(
        lambda tx: actions.applying(tx, [credit_code], at or tx.now), lambda found, _: show(found[0])
    )


@routes.post(
    "/ask", response_model=AppliesToEachOut, summary="批量查询联合奖惩 What applies to each of many firms",
    responses=refuses(RoleMissing),
)  # fmt: skip
async def ask(body: AskIn, door: Read) -> Response:
    """The same for up to 500 firms at once, in the order asked: for the systems of other departments. Nothing is
    changed by asking."""
    return await door.look(
        lambda tx: actions.applying(tx, body.credit_codes, body.at or tx.now),
        lambda found, _: AppliesToEachOut(items=tuple(show(one) for one in found)),
    )


@feedback_routes.post(
    "", status_code=201, response_model=FeedbackOut, summary="反馈联合奖惩 Report what was done with a firm",
    responses=refuses(
        RoleMissing, rules.FirmNotOnFile, rules.ConsequenceNotInForce, rules.DoneInTheFuture, IdTaken
    ),
)  # fmt: skip
async def report(body: FeedbackIn, door: Write) -> Response:
    """A department says what it did with a firm because of its grade or the blacklist, and gets a receipt: the id.
    What did not apply to the firm at that instant is refused. For agencies, inspectors and leaders of the area."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.report(tx, new), show_feedback, created=True, show_again=actions.find_feedback
    )


@feedback_routes.get("", response_model=PageOut[FeedbackOut], summary="联合奖惩反馈列表 List what was done")
async def list_feedback(
    door: Read, asked: Asked, area_code: AreaCode | None = None, firm_id: UUID | None = None,
    department: Code | None = None,
) -> Response:  # fmt: skip
    """What departments did with the firms within your scope, the latest first; a firm sees what was done with it."""

    async def find(tx: Tx) -> Page[Feedback]:
        within = await door.within(tx, area_code)
        chosen = store.list_feedback(tx.scope, areas=within, firm_id=firm_id, department=department)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Feedback, row),
            fingerprint=["credit-feedback", area_code, str(firm_id), department],
        )  # fmt: skip

    return await door.look(find, listed(show_feedback))


@feedback_routes.get("/counts", response_model=CountsOut, summary="联合奖惩统计 What departments did, counted")
async def get_counts(door: Read, since: Moment, before: Moment, area_code: AreaCode | None = None) -> Response:
    """How often each department did what, and to how many firms, from `since` to just before `before`, counted from
    the reports within your scope."""

    async def find(tx: Tx) -> Sequence[Counted]:
        return await store.count_feedback(tx, await door.within(tx, area_code), since, before)

    def shown(found: Sequence[Counted], _: Scope) -> CountsOut:
        return CountsOut(items=tuple(CreditCountedOut.model_validate(one) for one in found))

    return await door.look(find, shown)


@feedback_routes.get("/{feedback_id}", response_model=FeedbackOut, summary="联合奖惩反馈详情 One report")
async def get_feedback(feedback_id: UUID, door: Read) -> Response:
    """What one department did; whoever reported it sees it."""
    return await door.look(lambda tx: actions.find_feedback(tx, feedback_id), show_feedback)
