"""Who told is written nowhere: a report that gives its reporter away is played to its end; then all is searched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import httpx

from infra.settings import APPS
from tests.gateway.uploads import OWNER, SERIAL, jpeg
from tests.journeys.caller import body_of
from tests.journeys.running import RunningCity
from tests.journeys.small_city import COUNTY, VILLAGE
from tests.journeys.stories import Case, Posts

NAME, PHONE, MAIL = "赵晓菡", "13712345678", "zhao.xiaohan@example.cn"
DEVICE, ADDRESS = "phone-of-nobody-else/7.1", "203.0.113.77"
SECRETS = (NAME, PHONE, MAIL, DEVICE, ADDRESS, SERIAL, OWNER)
_OWN_ROWS = "public_reporting.reports"
"""What was written stays with the report; those who triage read it there."""


def forms_of(secret: str) -> Iterator[str]:
    """How a secret may be written: as it is, escaped as JSON, as the hexadecimal digits of bytes."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield secret.encode().hex()


async def tables_with(city: RunningCity, secret: str) -> set[str]:
    """Every table of the whole database, whosever it is, in which a row holds the secret."""
    found, forms = set[str](), [f"%{form}%" for form in dict.fromkeys(forms_of(secret))]
    async with city.looking("public") as connection:
        tables = await connection.fetch(
            "SELECT schemaname AS home, tablename AS name FROM pg_tables WHERE schemaname NOT IN"
            " ('pg_catalog', 'information_schema')"
        )
        for table in tables:
            one = f"{table['home']}.{table['name']}"
            if await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {one} t WHERE t::text LIKE ANY ($1))", forms):
                found.add(one)
    return found


def files_with(home: Path, secret: str) -> set[str]:
    """Every file outside the database: the bus's store, logs, kept photos, results of exports, anchors."""
    forms = [form.encode() for form in forms_of(secret)]
    files = (one for one in home.rglob("*") if one.is_file() and "postgres" not in one.relative_to(home).parts)
    return {str(one.relative_to(home)) for one in files if holds(one.read_bytes(), forms)}


def holds(content: bytes, forms: Iterable[bytes]) -> bool:
    """Whether one of the forms is in it."""
    return any(form in content for form in forms)


async def metrics_of(city: RunningCity) -> str:
    """What every process counts."""
    told, settings = [], city.platform.settings
    async with httpx.AsyncClient(trust_env=False) as http:
        for app in APPS:
            told.append((await http.get(f"http://127.0.0.1:{settings.port_of(app)}/metrics")).text)
    return "\n".join(told)


async def exported(city: RunningCity, posts: Posts) -> str:
    """Reports and hazards as files that the call-taker takes out."""
    told = []
    for wanted in ("/v1/reports", "/v1/hazards"):
        asked = {"list": wanted, "query": {"area_code": COUNTY}, "format": "ndjson"}
        job = await posts.call_taker.create("/v1/exports", asked, status=202)
        await posts.call_taker.until(f"/v1/jobs/{job['id']}", state="done")
        told.append((await posts.call_taker.ask("GET", f"/v1/jobs/{job['id']}/result")).text)
    return "\n".join(told)


async def tell_with_everything(city: RunningCity, posts: Posts, mark: str) -> tuple[Mapping[str, str], str]:
    """A photo and a report that give the reporter away in every way that there is; the receipt and the words."""
    device = {
        "Authorization": f"Bearer {posts.citizens.token}", "User-Agent": DEVICE, "X-Forwarded-For": ADDRESS,
        "Forwarded": f"for={ADDRESS}", "X-Real-IP": ADDRESS, "Referer": f"https://example.cn/{DEVICE}",
    }  # fmt: skip
    sent = await city.http.post("/v1/files", content=jpeg(), headers=device | {"Content-Type": "image/jpeg"})
    words = f"{mark}，楼道飞线充电。我叫{NAME}，电话{PHONE}，邮箱 {MAIL}"
    told = {
        "category": "ebike_charging", "words": words, "area_code": VILLAGE,
        "photos": [body_of(sent, 201)["id"]], "place_words": f"3幢2单元，{NAME}家楼下，联系人：{NAME}，{PHONE}",
    }  # fmt: skip
    answer = await city.http.post("/v1/reports", json=told, headers=device | {"Idempotency-Key": str(uuid4())})
    return body_of(answer, 201), words


async def played_to_its_end(posts: Posts, receipt: Mapping[str, str], words: str, mark: str) -> Case:
    """The report through triage, verification, order and inspection; its reporter disputes once, and signs again."""
    reports = await posts.call_taker.until_listed("/v1/reports", state="received", area_code=COUNTY)
    [listed] = [one for one in reports if mark in one["words"]]
    assert PHONE not in json.dumps(listed, ensure_ascii=False)
    alone = await posts.call_taker.get(f"/v1/reports/{listed['id']}")
    assert alone["words"] == words, "who triages may call back"
    case = await posts.verified(listed)
    case.code = receipt["tracking_code"]
    await posts.close(case)
    await posts.dispute(case, f"{mark}又在充电，我叫{NAME}，{PHONE}")
    return case


async def test_nothing_that_anybody_keeps_names_who_told(city: RunningCity) -> None:
    posts, mark = await Posts.of(city), f"标记{uuid4().hex}"
    receipt, words = await tell_with_everything(city, posts, mark)
    case = await played_to_its_end(posts, receipt, words, mark)
    auditor = await city.caller("auditor")
    timeline = json.dumps(await auditor.list("/v1/timeline", area_code=COUNTY), ensure_ascii=False)
    trace = json.dumps(await city.trace(case.report["correlation_id"]), ensure_ascii=False)
    spoken = {
        "metrics": await metrics_of(city), "exports": await exported(city, posts), "timeline": timeline,
        "trace": trace,
    }  # fmt: skip
    home = city.platform.settings.home
    assert mark in spoken["exports"], "the search finds what is there"
    assert {_OWN_ROWS, "risk_grading.hazards", "public_reporting.outbox"} <= await tables_with(city, mark)
    assert any("nats" in one for one in await asyncio.to_thread(files_with, home, mark))
    for secret in SECRETS:
        assert await tables_with(city, secret) <= {_OWN_ROWS}, secret
        assert await asyncio.to_thread(files_with, home, secret) == set(), secret
        assert [name for name, told in spoken.items() if secret in told] == [], secret
