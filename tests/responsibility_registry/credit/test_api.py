"""The doors of credit and the blacklist: put on file, graded, asked by the public, listed and seen by the firm."""

from __future__ import annotations

from libs.common.ids import new_id
from services.responsibility_registry import examples_credit as examples
from tests.cluster import FreshDatabase
from tests.responsibility_registry.credit.scene import CODE, COUNTY, VILLAGE, as_firm, at, doors
from tests.responsibility_registry.evaluations.scene import BEGAN

FIRM = {
    "credit_code": CODE,
    "name": "丁塑料制品有限公司(演示)",
    "area_code": VILLAGE,
    "sectors": ["fire", "industry"],
}
FACT = {name: value for name, value in examples.FACT.items() if name != "firm_id"}
PUBLIC = "/v1/public-credit"


async def test_a_firm_from_its_file_to_the_blacklist_through_the_doors(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        party = new_id()
        call.callers["firm"] = as_firm(party)
        opened = await call("inspector", "/v1/credit-firms", FIRM, Idempotency_Key="on-file")
        again = await call("inspector", "/v1/credit-firms", FIRM, Idempotency_Key="on-file")
        assert (opened.status_code, again.json()["id"], opened.json()["grade"]) == (201, opened.json()["id"], "B")
        path, firm_id = opened.headers["location"], opened.json()["id"]
        twice = await call("inspector", "/v1/credit-firms", FIRM)
        assert (twice.status_code, twice.json()["code"]) == (409, "firm_already_on_file")
        assert (await call("firm", path)).status_code == 404
        change = {name: value for name, value in FIRM.items() if name != "credit_code"} | {"party_ids": [str(party)]}
        assert (await call("inspector", f"{path}/change", change)).status_code == 428
        stale = await call("inspector", f"{path}/change", change, If_Match='"9"')
        assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
        assert (await call("inspector", f"{path}/change", change, If_Match='"1"')).json()["version"] == 2
        assert (await call("firm", path)).json()["actions"] == []
        facts = [await call("inspector", "/v1/credit-facts", FACT | {"firm_id": firm_id}) for _ in range(2)]
        assert {one.status_code for one in facts} == {201}
        wrong = await call("inspector", "/v1/credit-facts", FACT | {"firm_id": firm_id, "kind": "accident"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "credit_fact_wrong")
        standing = (await call("firm", f"{path}/standing")).json()
        assert (standing["score"], standing["grade"]) == (60, "C")
        assert {*standing["lines"][0]["facts"]} == {one.json()["id"] for one in facts}
        await call.scene.sweep()
        history = (await call("firm", f"{path}/history")).json()["items"]
        assert [(one["standing"]["score"], len(one["facts"])) for one in history] == [(60, 2)]
        ranking = await call("leader", f"/v1/credit-firms?area_code={COUNTY}&sector=fire&ground=commitments_broken")
        assert [one["credit_code"] for one in ranking.json()["items"]] == [CODE]
        proposal = {"firm_id": firm_id, "ground": "commitments_broken", "words": "两次违背承诺"}
        entry = await call("inspector", "/v1/blacklist-entries", proposal)
        where = entry.headers["location"]
        assert (await call("firm", where)).status_code == 404
        assert (await call("grid_member", where)).status_code == 404
        served = await call("inspector", f"{where}/serve", examples.SERVE, If_Match='"1"')
        assert served.json()["actions"] == ["object", "withdraw"]
        assert (await call("firm", where)).json()["actions"] == ["object"]
        early = await call("leader", f"{where}/decide", examples.DECIDE, If_Match="*")
        assert (early.status_code, early.json()["code"], early.json()["open_moves"]) == (
            409, "blacklist_defence_running", ["object", "decide", "withdraw"],
        )  # fmt: skip
        objected = await call("firm", f"{where}/object", {"words": "已改正"}, If_Match='"2"')
        assert objected.json()["state"] == "objected"
        await call("leader", f"{where}/review-objection", examples.REVIEW, If_Match='"3"')
        at(BEGAN.replace(month=2))
        decided = await call("leader", f"{where}/decide", examples.DECIDE, If_Match='"4"')
        assert (decided.json()["state"], decided.json()["actions"]) == ("listed", ["ask-repair", "revoke"])
        (shown,) = (await call("", f"{PUBLIC}/blacklist")).json()["items"]
        assert (shown["credit_code"], shown["document"]) == (CODE, examples.DECIDE["document"])
        told = (await call("", f"{PUBLIC}/firms/{CODE}")).json()
        assert (told["grade"], told["listed"]) == ("D", True)
        undone = await call("leader", f"{where}/revoke", examples.REVOKE, If_Match="*")
        assert undone.json()["state"] == "revoked"
        assert (await call("", f"{PUBLIC}/blacklist")).json()["items"] == []
        assert (await call("", f"{PUBLIC}/firms/{CODE}")).status_code == 404, "a middling grade is not public"


async def test_packs_are_read_by_everybody_and_adopted_by_who_administers_the_area(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        shipped = (await call("citizen", "/v1/credit-packs/shipped")).json()
        assert (await call("citizen", f"/v1/credit-packs/{shipped['id']}")).json() == shipped
        assert (await call("leader", "/v1/credit-packs", examples.CREDIT_PACK)).status_code == 403
        adopted = await call("administrator", "/v1/credit-packs", examples.CREDIT_PACK)
        assert (adopted.status_code, adopted.json()["number"]) == (201, 1)
        early = await call("administrator", "/v1/credit-packs", examples.CREDIT_PACK | {"valid_from": "0001-01-01"})
        assert (early.status_code, early.json()["code"]) == (422, "credit_pack_wrong")
        (listed,) = (await call("citizen", f"/v1/credit-packs?area_code={COUNTY}")).json()["items"]
        assert listed == adopted.json()
        in_force = await call("citizen", f"/v1/credit-packs/in-force?area_code={VILLAGE}")
        assert in_force.json()["number"] == 0, "not before its day"


async def test_facts_are_listed_and_voided_through_the_doors(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        firm_id = (await call("inspector", "/v1/credit-firms", FIRM)).json()["id"]
        entered = await call("inspector", "/v1/credit-facts", FACT | {"firm_id": firm_id})
        where = entered.headers["location"]
        assert (await call("leader", where)).json()["actions"] == ["void"]
        assert (await call("inspector", f"{where}/void", examples.VOID_FACT, If_Match='"1"')).status_code == 403
        voided = await call("leader", f"{where}/void", examples.VOID_FACT, If_Match='"1"')
        assert (voided.json()["void_reason"], voided.json()["actions"]) == (examples.VOID_FACT["reason"], [])
        gone = await call("leader", f"{where}/void", examples.VOID_FACT, If_Match="*")
        assert (gone.status_code, gone.json()["code"]) == (409, "credit_fact_already_voided")
        listed = f"/v1/credit-firms/{firm_id}/facts"
        assert (await call("leader", f"{listed}?voided=false")).json()["items"] == []
        (one,) = (await call("leader", f"{listed}?kind=commitment_broken&voided=true")).json()["items"]
        assert one["id"] == entered.json()["id"]
        assert (await call("citizen", listed)).status_code == 404
        assert (await call("leader", f"{listed}?cursor=rubbish")).status_code == 400
