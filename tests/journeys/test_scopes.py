"""No one in where they don't belong: tokens, areas, sectors, roles and posts, for as long as they hold."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from infra.environment import ADMINISTRATORS, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR, client_password
from infra.settings import SERVICES
from tests.cluster import eventually
from tests.journeys.caller import Caller
from tests.journeys.forged import token_of_our_own
from tests.journeys.running import RunningCity
from tests.journeys.small_city import COUNTY, OTHER_COUNTY, TOWNSHIP, VILLAGE
from tests.journeys.stories import Case, Posts, photo, verification

POLICE = f"police-{TOWNSHIP}"


@pytest.fixture(scope="module")
async def case(city: RunningCity) -> Case:
    """A case that is under way in the township."""
    return await (await Posts.of(city)).find_on_the_spot()


def grant(role: str, area_from: str = TOWNSHIP, area_to: str = "331002004999", **more: Any) -> dict[str, Any]:
    """One role over a township."""
    return {"role": role, "area_from": area_from, "area_to": area_to, "sectors": None} | more


async def taking_part(city: RunningCity, subject: str) -> Caller:
    """Somebody without any area, who takes part in what the police station does."""
    named = await city.let_in(subject, None)
    await city.give(named.subject, "give-party", {"party_id": str(city.post("police_station", TOWNSHIP))})
    held = "SELECT 1 FROM access_grants WHERE subject = $1 AND parties <> '[]'"
    for service in SERVICES:
        await city.until_rows(service, held, named.subject)
    return named


async def refused_at_the_door(caller: Caller, code: str, path: str = "/v1/orders") -> None:
    """The caller does not get in, whatever it wants to see."""
    answer = await caller.ask("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_without_a_token_nothing_but_the_public_pages_is_seen(city: RunningCity, case: Case) -> None:
    for path in (
        case.order_path,
        case.hazard_path,
        "/v1/reports",
        "/v1/areas",
        "/v1/clock",
        "/v1/traces/" + str(uuid4()),
    ):
        await refused_at_the_door(city.nobody(), "token_missing", path)
    for path in ("/health/live", "/docs", "/openapi.json"):
        assert (await city.nobody().ask("GET", path)).status_code == 200


async def test_our_own_token_of_this_minute_is_good(city: RunningCity, case: Case) -> None:
    fresh = city.nobody(await token_of_our_own(city, POLICE))
    assert (await fresh.get(case.order_path))["id"] == case.order["id"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"age": timedelta(hours=1)}, "token_expired"),
        ({"aud": "another-system"}, "token_invalid"),
        ({"iss": "https://elsewhere.example"}, "token_invalid"),
    ],
    ids=["expired", "foreign-audience", "foreign-issuer"],
)
async def test_a_token_that_says_otherwise_is_refused(city: RunningCity, said: dict[str, Any], code: str) -> None:
    await refused_at_the_door(city.nobody(await token_of_our_own(city, POLICE, **said)), code)


async def test_a_token_behind_envoys_back_is_verified_again_by_the_service(city: RunningCity) -> None:
    late = await token_of_our_own(city, POLICE, age=timedelta(hours=1))
    registry = f"http://127.0.0.1:{city.platform.settings.port_of('responsibility_registry')}"
    for told, code in (({"Authorization": f"Bearer {late}"}, "token_expired"), ({}, "token_missing")):
        answer = await city.http.get(f"{registry}/v1/orders", headers=told)
        assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_a_reading_token_writes_nothing(city: RunningCity, case: Case) -> None:
    reader = city.nobody(await token_of_our_own(city, POLICE, scope="shoutu:read"))
    problem = await reader.refused(f"{case.order_path}/serve", {}, 403, "oauth_scope_missing")
    assert "shoutu:write" in str(problem)


async def test_another_county_sees_nothing_of_it(city: RunningCity, case: Case) -> None:
    there = grant("inspector", OTHER_COUNTY, "331003999999")
    stranger = await city.let_in("inspector-elsewhere", city.post("county_fire_brigade", OTHER_COUNTY), there)
    for path in (case.order_path, case.hazard_path, f"/v1/reports/{case.report['id']}"):
        answer = await stranger.ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for path in ("/v1/reports", "/v1/hazards", "/v1/orders", "/v1/risk-objects"):
        assert await stranger.list(path) == []
    trace = await stranger.ask("GET", f"/v1/traces/{case.report['correlation_id']}")
    assert trace.status_code == 404
    tried = await stranger.ask("POST", f"{case.order_path}/serve", {}, tag='"1"')
    assert (tried.status_code, tried.json()["code"]) == (404, "not_found")


async def test_another_sector_sees_nothing_of_it(city: RunningCity, case: Case) -> None:
    gas = await city.let_in("gas-inspector", None, grant("inspector", sectors=["gas"]))
    for path in (case.order_path, case.hazard_path):
        assert (await gas.ask("GET", path)).status_code == 404
    assert await gas.list("/v1/orders") == []


async def test_area_of_one_post_and_sector_of_another_give_nothing_together(city: RunningCity, case: Case) -> None:
    both = await city.let_in(
        "two-posts", None, grant("inspector", OTHER_COUNTY, "331003999999", sectors=["fire"]),
        grant("inspector", sectors=["gas"]),
    )  # fmt: skip
    assert (await both.ask("GET", case.order_path)).status_code == 404


async def test_the_role_is_missing_where_the_sight_is_not(city: RunningCity) -> None:
    posts = await Posts.of(city)
    words = f"楼道堆物 {uuid4()}"
    await posts.tell(words=words)
    report = await posts.accept(await posts.newest_report(words))
    hazard = await posts.hazard_of(report, state="registered")
    path = f"/v1/hazards/{hazard['id']}/verify"
    problem = await posts.call_taker.refused(path, verification(), 403, "role_missing")
    assert problem["roles_allowed"] == ["grid_member", "inspector"]


async def test_nobody_acts_for_a_post_that_it_does_not_hold(city: RunningCity, case: Case) -> None:
    police = await city.caller(POLICE)
    posing = Caller(police.http, police.subject, police.token, city.post("township_fire_office", TOWNSHIP))
    answer = await posing.ask("POST", f"{case.order_path}/serve", {}, tag='"1"')
    assert (answer.status_code, answer.json()["code"]) == (422, "post_not_held")
    own = Caller(police.http, police.subject, police.token, city.post("police_station", TOWNSHIP))
    assert (await own.get(case.order_path))["id"] == case.order["id"]


async def test_two_posts_in_one_hand_must_say_which_one_acts(city: RunningCity, case: Case) -> None:
    posts = [city.post("village_head", VILLAGE), city.post("night_patrol", TOWNSHIP)]
    double = await city.let_in("double", posts[0], grant("inspector"))
    await city.put_into(double.subject, posts[1])
    problem = await double.refused(f"{case.order_path}/serve", {}, 422, "post_unsaid")
    assert {str(post) for post in posts} <= set(str(problem).split("'"))


async def test_who_comes_into_a_post_sees_what_it_sees_and_who_leaves_it_sees_nothing_within_seconds(
    city: RunningCity, case: Case
) -> None:
    """The rights follow the post through the registry, the bus, the gateway and the bus again."""
    newcomer = await city.let_in("newcomer", None)
    assert (await newcomer.ask("GET", case.order_path)).status_code == 404
    tenure = await city.put_into(newcomer.subject, city.post("county_party_first", COUNTY))
    paths = (case.order_path, case.hazard_path, f"/v1/reports/{case.report['id']}")
    for path in paths:
        await newcomer.until(path, seconds=5)
    (own,) = (await newcomer.get("/v1/me"))["posts"]
    assert (own["kind"], own["area_from"], own["area_to"]) == ("county_party_first", COUNTY, "331002999999")
    security = await city.caller(SECURITY_ADMINISTRATOR)
    await security.act(f"/v1/tenures/{tenure['id']}/end", {"reason": "调离"})

    async def sees_nothing() -> bool:
        return {(await newcomer.ask("GET", path)).status_code for path in paths} == {404}

    await eventually(sees_nothing, seconds=5, what="the end of what the post saw")
    acting = Caller(newcomer.http, newcomer.subject, newcomer.token, city.post("county_party_first", COUNTY))
    assert (await acting.ask("GET", case.order_path)).json()["code"] == "post_not_held"


async def test_a_post_is_handed_over_in_one_step_and_held_by_one_at_a_time(city: RunningCity, case: Case) -> None:
    before, after = await city.let_in("before", None), await city.let_in("after", None)
    post = city.post("county_government_first", COUNTY)
    tenure = await city.put_into(before.subject, post)
    security = await city.caller(SECURITY_ADMINISTRATOR)
    second = {"post_id": str(post), "subject": after.subject, "document": "任命"}
    refused = await security.ask("POST", "/v1/tenures", second)
    assert (refused.status_code, refused.json()["code"]) == (409, "post_is_held")
    path = f"/v1/tenures/{tenure['id']}"
    seen = await security.ask("GET", path)
    handed = await security.ask(
        "POST", f"{path}/hand-over", {"to": after.subject, "document": "交接"}, tag=seen.headers["etag"]
    )
    assert handed.status_code == 201, handed.text
    await after.until(case.order_path, seconds=5)

    async def sees_nothing() -> bool:
        return (await before.ask("GET", case.order_path)).status_code == 404

    await eventually(sees_nothing, seconds=5, what="the end of what the post saw")


async def test_the_three_administrators_see_nothing_of_the_citys_cases(city: RunningCity, case: Case) -> None:
    for name in ADMINISTRATORS:
        caller = await city.caller(name)
        for path in (case.order_path, case.hazard_path, f"/v1/reports/{case.report['id']}"):
            assert (await caller.ask("GET", path)).status_code == 404, (name, path)
        for path in ("/v1/reports", "/v1/hazards", "/v1/orders", "/v1/risk-objects"):
            assert await caller.list(path) == [], (name, path)


async def test_an_ended_client_is_turned_away_within_seconds(city: RunningCity, case: Case) -> None:
    leaving = await city.let_in("leaving", None, grant("inspector"))
    assert (await leaving.get(case.order_path))["id"] == case.order["id"]
    administrator = await city.caller(SYSTEM_ADMINISTRATOR)
    await administrator.act(f"/v1/clients/{leaving.client}/end", {"reason": "岗位终止"})

    async def is_turned_away() -> bool:
        shown = [await leaving.ask("GET", path) for path in (case.order_path, case.hazard_path, "/v1/orders")]
        return {(answer.status_code, answer.json().get("code")) for answer in shown} == {(401, "client_ended")}

    await eventually(is_turned_away, seconds=5, what="the end of its sight")
    secret = city.platform.secrets.find(client_password(leaving.subject))
    form = {"grant_type": "client_credentials"}
    asked = await city.http.post("/oauth/token", data=form, auth=(leaving.subject, secret or ""))
    assert (asked.status_code, asked.json()["error"]) == (401, "invalid_client")


async def test_a_revoked_token_is_turned_away_everywhere_within_seconds(city: RunningCity, case: Case) -> None:
    lost = await city.let_in("careless", None, grant("inspector"))
    await lost.get(case.order_path)
    secret = city.platform.secrets.find(client_password(lost.subject)) or ""
    revoked = await city.http.post("/oauth/revoke", data={"token": lost.token}, auth=(lost.subject, secret))
    assert revoked.status_code == 200

    async def is_turned_away() -> bool:
        shown = [await lost.ask("GET", path) for path in (case.order_path, case.hazard_path, "/v1/incidents")]
        return {(answer.status_code, answer.json().get("code")) for answer in shown} == {(401, "token_revoked")}

    await eventually(is_turned_away, seconds=5, what="the end of the token")
    fresh = await city.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(lost.subject, secret)
    )
    headers = {"Authorization": f"Bearer {fresh.json()['access_token']}"}
    assert (await city.http.get(case.order_path, headers=headers)).status_code == 200, "only that token ended"


async def test_a_post_that_is_named_takes_part_beyond_its_own_area(city: RunningCity, case: Case) -> None:
    named = await taking_part(city, "named")
    assert (await named.get(case.order_path))["id"] == case.order["id"]
    assert (await named.ask("GET", case.hazard_path)).status_code == 404


async def test_a_landlord_sees_the_notice_on_its_own_house_and_no_other(city: RunningCity, case: Case) -> None:
    posts = await Posts.of(city)
    assert (await posts.landlord.get(case.order_path))["entity"] == "房屋出租人"
    assert (await posts.landlord.ask("GET", case.hazard_path)).status_code == 404
    firm = await city.caller("firm-tour-workshop")
    assert (await firm.ask("GET", case.order_path)).status_code == 404


async def test_the_citizens_app_tells_and_sees_no_report(city: RunningCity, case: Case) -> None:
    citizens = await city.caller("citizens-app")
    assert await citizens.list("/v1/reports") == []
    assert (await citizens.ask("GET", f"/v1/reports/{case.report['id']}")).status_code == 404
    pretending = {
        "source": "grid_member", "category": "ebike_charging", "words": "冒充网格员", "area_code": VILLAGE,
        "photos": [photo()],
    }  # fmt: skip
    answer = await citizens.ask("POST", "/v1/reports", pretending)
    assert (answer.status_code, answer.json()["code"]) == (403, "source_needs_post")


async def test_a_trace_shows_each_only_what_it_may_see(city: RunningCity, case: Case) -> None:
    everything = await city.trace(case.report["correlation_id"])
    assert everything["missing"] == [], "a service that did not answer in time is named, and is no measure"
    named = await taking_part(city, "named-for-a-trace")
    own = await named.get(f"/v1/traces/{case.report['correlation_id']}")
    assert {row["service"] for row in own["items"]} == {"responsibility_registry"}
    assert len(own["items"]) < len(everything["items"])
