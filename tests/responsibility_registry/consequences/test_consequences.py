"""What applies to firms and what departments report, through the doors: who asks, in bulk, counted, refused."""

from __future__ import annotations

from datetime import timedelta

from libs.common.ids import new_id
from services.responsibility_registry.credit.rules_facts import CreditFactKind
from tests.cluster import FreshDatabase
from tests.responsibility_registry.credit.scene import BEGAN, CODE, OTHER_CODE, as_firm, at, doors

ASK, FEEDBACK = "/v1/credit-consequences", "/v1/credit-feedback"
DONE = {
    "credit_code": CODE, "consequence": "usual_checks", "done_at": "2027-01-04T02:00:00Z", "document": "检查计划 1号",
    "words": "编入一季度计划",
}  # fmt: skip


async def test_what_applies_follows_the_grade_for_one_and_for_many(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        firm = await call.scene.firm()
        now = (await call("agency", f"{ASK}?credit_code={CODE}")).json()
        assert (now["grade"], now["check_frequency"]["factor_percent"], now["check_frequency"]["rule"]) == (
            "B", 100, "usual_checks",
        )  # fmt: skip
        for _ in range(3):
            await call.scene.enter(firm)
        many = await call("agency", f"{ASK}/ask", {"credit_codes": [OTHER_CODE, CODE]})
        unknown, known = many.json()["items"]
        assert (unknown["on_file"], unknown["grade"], unknown["check_frequency"]["factor_percent"]) == (
            False,
            None,
            100,
        )
        assert (known["grade"], known["check_frequency"]["factor_percent"]) == ("C", 150)
        assert {one["effect"] for one in known["consequences"]} == {
            "check_frequency",
            "regulatory_talk",
            "no_honours",
        }
        before = (await call("leader", f"{ASK}?credit_code={CODE}&at=2027-01-03T00:00:00Z")).json()
        assert before["grade"] == "B", "asked as of an instant before the facts"


async def test_who_asks_and_a_firm_asks_about_itself_alone(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        party = new_id()
        await call.scene.firm(party_ids=(party,))
        await call.scene.firm(credit_code=OTHER_CODE)
        call.callers["firm"] = as_firm(party)
        assert (await call("firm", f"{ASK}?credit_code={CODE}")).status_code == 200
        for who, path in (
            ("firm", f"{ASK}?credit_code={OTHER_CODE}"), ("citizen", f"{ASK}?credit_code={CODE}"),
            ("grid_member", f"{ASK}?credit_code=91331002MA2DEM003U"),
        ):  # fmt: skip
            assert (await call(who, path)).status_code == 403, who
        assert (await call("", f"{ASK}?credit_code={CODE}")).status_code == 401
        assert (await call("agency", f"{ASK}?credit_code=91331002")).status_code == 400


async def test_what_was_done_has_a_receipt_and_is_counted_and_nothing_else_is_taken(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        await call.scene.firm()
        first = await call("leader", FEEDBACK, DONE, Idempotency_Key="done-once")
        again = await call("leader", FEEDBACK, DONE, Idempotency_Key="done-once")
        assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert first.json()["department"] == "emergency_bureau"
        await call("inspector", FEEDBACK, DONE)
        for changes, code in (
            ({"consequence": "twice_the_checks"}, "consequence_not_in_force"),
            ({"credit_code": OTHER_CODE}, "firm_not_on_file"),
            ({"done_at": "2027-06-01T00:00:00Z"}, "done_in_the_future"),
        ):  # fmt: skip
            refused = await call("leader", FEEDBACK, DONE | changes)
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        for who, status in (("agency", 403), ("grid_member", 403), ("citizen", 403)):
            assert (await call(who, FEEDBACK, DONE)).status_code == status, who
        counts = (
            await call("leader", f"{FEEDBACK}/counts?since=2027-01-01T00:00:00Z&before=2027-02-01T00:00:00Z")
        ).json()
        assert counts["items"] == [
            {
                "department": "emergency_bureau",
                "consequence": "usual_checks",
                "way": "reward",
                "reported": 2,
                "firms": 1,
            }
        ]
        assert (await call("leader", f"{FEEDBACK}/{first.json()['id']}")).json()["words"] == DONE["words"]
        assert (await call("citizen", f"{FEEDBACK}/{first.json()['id']}")).status_code == 404
        listed = await call("leader", f"{FEEDBACK}?department=emergency_bureau&area_code=331002000000")
        assert len(listed.json()["items"]) == 2


async def test_what_applied_then_is_reported_although_it_applies_no_more(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        firm = await call.scene.firm()
        await call.scene.enter(
            firm, kind=CreditFactKind.STANDARDISATION, tag="grade_1", ends_at=BEGAN + timedelta(days=30)
        )
        at(BEGAN + timedelta(days=60))
        halved = DONE | {"consequence": "fewer_checks"}
        assert (await call("leader", FEEDBACK, halved | {"done_at": "2027-01-20T00:00:00Z"})).status_code == 201
        assert (await call("leader", FEEDBACK, halved | {"done_at": "2027-02-20T00:00:00Z"})).status_code == 422
