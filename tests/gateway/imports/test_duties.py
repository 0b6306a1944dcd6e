"""A spreadsheet of duties as an office keeps it: brought in, mended row by row, and taken out again."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from tests.cluster import Cluster
from tests.gateway.office import Office, running_office

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POSTS = (
    "岗位编码,中文名称,英文名称,岗位种类,层级,区划代码,行业领域,所在单位\n"
    "DX-YS-01,派出所所长,Head of the police station,police_station,乡镇级,331002004000,消防、公安,某派出所(演示)\n"
    "DX-YS-02,镇长,Mayor of the town,township_government_first,乡镇级,331002004000,,某镇政府(演示)\n"
)
HEADINGS = ("岗位编码", "区划代码", "风险类别", "行业领域", "责任环节*", "生效日期", "责任条款")
GOOD: tuple[tuple[Any, ...], ...] = (
    ("DX-YS-01", "331002004000", "电动自行车违规停放充电", "消防", "派出所", date(2026, 1, 1), "责任清单 第12项"),
    ("DX-YS-02", 331002004000, "", "", "乡镇政府主要负责人", "2026年1月1日", "党政同责"),
    ("DX-YS-01", "３３１００２００４２０８", "居住出租房消防", "fire", "police_station", 46023, "责任清单 第13项"),
)
BAD: tuple[tuple[Any, ...], ...] = (
    ("NOBODY", "331002004000", "", "消防", "派出所", "2026-01-01", "责任清单 第14项"),
    ("DX-YS-01", "33100200400", "", "消防", "派出所", "2026-02-30", "责任清单 第15项"),
    ("DX-YS-01", "331002004000", "", "消防处", "派出所", "2026-01-01", ""),
    ("DX-YS-01", "331002004000", "电动自行车违规停放充电", "消防", "派出所", "2026/1/1", "同一责任写了两遍"),
)


def workbook(rows: Sequence[Sequence[Any]], title: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if title:
        sheet.append([title])
        sheet.merge_cells("A1:G1")
    for row in (HEADINGS, *rows):
        sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.fixture(scope="module")
async def office(cluster: Cluster) -> AsyncIterator[Office]:
    async with cluster.fresh_database() as database, running_office(database) as found:
        posts = await found.brought(POSTS.encode(), list="/v1/posts")
        assert posts["result"]["created"] == 2, (posts, await found.faults(posts))
        yield found


async def bring(office: Office, content: bytes, **asked: Any) -> dict[str, Any]:
    return await office.brought(content, list="/v1/duties", content_type=SHEET, **asked)


async def duties(office: Office) -> list[dict[str, Any]]:
    return await office.listed("/v1/duties")


async def test_a_dry_run_finds_every_fault_with_its_cell_and_writes_nothing(office: Office) -> None:
    tried = await bring(office, workbook(GOOD + BAD, title="某镇安全生产责任清单(演示)"), dry_run=True)
    assert tried["state"] == "done", tried["problem"]
    assert tried["result"] | {"errors": ""} == {
        "created": 3, "updated": 0, "unchanged": 0, "refused": 4, "dry_run": True, "errors": "",
    }  # fmt: skip
    assert await office.faults(tried) == [
        (7, "B7", "wrong_form"), (7, "F7", "not_a_date"), (8, "D8", "unknown_value"),
        (8, "G8", "missing"), (9, "A9", "row_twice"),
        (6, "A6", "unknown_post"),
    ]  # fmt: skip
    assert await duties(office) == []


async def test_all_or_nothing_writes_nothing_and_says_so(office: Office) -> None:
    whole = await bring(office, workbook(GOOD + BAD), all_or_nothing=True)
    assert (whole["state"], whole["problem"]["code"]) == ("failed", "nothing_imported")
    assert await duties(office) == []


async def test_good_rows_are_kept_the_others_are_told_and_a_repeat_changes_nothing(office: Office) -> None:
    done = await bring(office, workbook(GOOD + BAD))
    assert (done["result"]["created"], done["result"]["refused"], done["percent"]) == (3, 4, 100)
    kept = await duties(office)
    assert {(one["area_code"], one["link"], one["categories"][0] if one["categories"] else "") for one in kept} == {
        ("331002004000", "police_station", "ebike_charging"), ("331002004000", "township_government_first", ""),
        ("331002004208", "police_station", "rental_house_fire"),
    }  # fmt: skip
    assert {one["valid_from"] for one in kept} == {"2025-12-31T16:00:00Z"}
    again = await bring(office, workbook(GOOD))
    assert (again["result"]["created"], again["result"]["unchanged"]) == (0, 3)


TOWN = "331002005000"
AS_KEPT: tuple[tuple[Any, ...], ...] = (
    ("某县安全生产责任清单（2026年版）",),
    ("填报单位：某镇应急管理办公室    填报日期：2026年1月5日",),
    (),
    ("岗位编码", "区划\n代码", " 风险类别", "行业领域", "责任环节＊", "生效日期", "责任条款"),
    ("DX-YS-02", 331002005000, None, None, "乡镇政府主要负责人", "2026.1.1", "党政同责"),
    (None, "  ", None, None, None, None, None),
    ("DX-YS-01", TOWN, "燃气、电动自行车违规停放充电", "消防", "派出所", date(2026, 1, 1), "责任清单 第21项"),
    ("DX-YS-01", "33100200500", None, "消防", "派出所", "2026-01-01", "责任清单 第22项"),
    ("DX-YS-01", TOWN, None, "公安", "派出所", "2026年2月30日", "责任清单 第23项"),
    ("DX-YS-01", TOWN, "电动自行车违规停放充电、燃气", "消防", "派出所", "2026年1月1日", "与第 7 行是同一项"),
    ("DX-YS-01", TOWN, None, None, "乡镇政府主要负责人", "2026-01-01", "第二个第一责任人"),
    ("DX-YS-01", TOWN, "", "消防", "派出所", "2026-01-01", "合并了单元格"),
    (None, TOWN, "", "公安", "派出所", "2026-01-01", "合并了单元格"),
    ("DX-YS-99", TOWN, None, "消防", "派出所", "2026-01-01", "没有这个岗位"),
)
FAULTS = {
    (8, "B8", "wrong_form"), (9, "F9", "not_a_date"), (10, "A10", "row_twice"), (11, "E11", "first_responsible_held"),
    (12, "A12", "merged_cells"), (13, "A13", "merged_cells"), (14, "A14", "unknown_post"),
}  # fmt: skip


def as_kept() -> bytes:
    """A list as a town keeps it: two merged titles, empty rows, decorated headings, and what goes wrong by hand."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(AS_KEPT, start=1):
        for place, cell in enumerate(row, start=1):
            sheet.cell(number, place, cell)
    for merged in ("A1:G1", "A2:G2", "A12:A13"):
        sheet.merge_cells(merged)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def test_a_list_as_a_town_keeps_it_is_taken_in_and_every_fault_is_told_with_its_cell(office: Office) -> None:
    tried = await bring(office, as_kept(), dry_run=True)
    assert {*await office.faults(tried)} == FAULTS, await office.faults(tried)
    done = await bring(office, as_kept())
    assert (done["result"]["created"], done["result"]["refused"]) == (2, len(FAULTS)), done
    assert {*await office.faults(done)} == FAULTS
    kept = [one for one in await duties(office) if one["area_code"] == TOWN]
    assert {(one["link"], *sorted(one["categories"])) for one in kept} == {
        ("township_government_first",), ("police_station", "ebike_charging", "gas"),
    }  # fmt: skip


async def test_the_list_is_taken_out_as_a_sheet_with_chinese_headings_and_brought_in_again(office: Office) -> None:
    asked = {"list": "/v1/duties", "query": {"area_code": "331002004000"}, "format": "xlsx"}
    job = await office.started(await office.ask("POST", "/v1/exports", json=asked))
    assert (job["state"], job["result"]["rows"]) == ("done", 3), job
    file = await office.ask("GET", f"/v1/jobs/{job['id']}/result")
    assert "attachment" in file.headers["content-disposition"]
    rows = [*openpyxl.load_workbook(io.BytesIO(file.content), read_only=True).worksheets[0].values]
    assert {"区划代码", "责任环节", "责任条款"} <= set(rows[0])
    assert "派出所" in {row[rows[0].index("责任环节")] for row in rows[1:]}


async def test_a_link_opens_the_file_without_a_token_and_is_no_secret_in_the_answer_to_a_repeat(
    office: Office,
) -> None:
    asked = {"list": "/v1/posts", "format": "csv", "language": "en"}
    job = await office.started(await office.ask("POST", "/v1/exports", json=asked))
    key = {"Idempotency-Key": str(uuid4())}
    link, again = [await office.ask("POST", f"/v1/jobs/{job['id']}/link", headers=key) for _ in range(2)]
    assert again.json()["url"] is None
    file = await office.gateway.http.get(link.json()["url"])
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert "Post code" in file.text.splitlines()[0] or "Code" in file.text.splitlines()[0]
    assert (await office.gateway.http.get("/v1/downloads/" + "A" * 43)).status_code == 404


async def test_nobody_else_sees_a_job_or_its_file(office: Office) -> None:
    job = await office.started(
        await office.ask("POST", "/v1/exports", json={"list": "/v1/posts", "format": "ndjson"})
    )
    made = await office.gateway.register(grants=[])
    other = await office.gateway.bearer(made["client_id"], made["client_secret"])
    for path in ("", "/errors", "/result"):
        assert (await office.ask("GET", f"/v1/jobs/{job['id']}{path}", by=other)).status_code == 404
    cancel = await office.ask("POST", f"/v1/jobs/{job['id']}/cancel", by=other, headers={"If-Match": "*"})
    assert cancel.status_code == 404
    assert (await office.ask("GET", "/v1/jobs", by=other)).json()["items"] == []


async def test_rows_out_of_the_callers_reach_are_refused_one_by_one(office: Office) -> None:
    made = await office.gateway.register(grants=[])
    await office.let_in(made["subject"], "[]")
    other = await office.gateway.bearer(made["client_id"], made["client_secret"])
    sent = await office.ask(
        "POST", "/v1/imports", by=other, content=workbook(GOOD), params={"list": "/v1/duties"},
        headers={"Content-Type": SHEET},
    )  # fmt: skip
    job = await office.ended(sent.headers["location"])
    assert {code for _, _, code in await office.faults(job)} == {"role_missing"}
    assert job["result"]["created"] == 0


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"list": "/v1/nothing"}, 422, "no_such_list"),
        ({"list": "/v1/duties", "query": {"colour": "red"}}, 422, "invalid_body"),
        ({"list": "/v1/duties", "query": {"limit": 3}}, 422, "invalid_body"),
        ({"list": "/v1/duties", "query": {"link": {"a": 1}}}, 422, "invalid_body"),
        ({"list": "/v1/duties", "format": "pdf"}, 422, "invalid_body"),
        ({"list": "http://elsewhere/v1"}, 422, "invalid_body"),
    ],
)
async def test_a_wrong_export_is_refused_before_it_begins(
    office: Office, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = await office.ask("POST", "/v1/exports", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_filter_that_the_list_refuses_fails_the_job_with_the_lists_own_words(office: Office) -> None:
    asked = {"list": "/v1/duties", "query": {"area_code": "12"}, "format": "csv"}
    job = await office.started(await office.ask("POST", "/v1/exports", json=asked))
    assert (job["state"], job["problem"]["code"]) == ("failed", "invalid_parameter")


async def test_templates_are_filled_in_by_their_example_and_taken_as_they_are(office: Office) -> None:
    sheet = await office.ask("GET", "/v1/imports/templates/duties.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    shown, help_ = book.worksheets[0], book.worksheets[1]
    assert shown["A2"].value.startswith("示例")
    assert help_.max_row > 6
    assert shown.data_validations.dataValidation
    untouched = await bring(office, sheet.content)
    assert (untouched["state"], untouched["result"]["created"], untouched["faults"]) == ("done", 0, 0)
    text = await office.ask("GET", "/v1/imports/templates/posts.csv", headers={"Accept-Language": "en"})
    assert text.content.startswith(b"\xef\xbb\xbf")
    assert (await office.ask("GET", "/v1/imports/templates/hazards.xlsx")).status_code == 404


async def test_a_table_is_handed_out_whole_and_as_a_type_that_the_document_names(office: Office) -> None:
    job = await office.started(await office.ask("POST", "/v1/exports", json={"list": "/v1/posts", "format": "xlsx"}))
    result, template = "/v1/jobs/{job_id}/result", "/v1/imports/templates/{noun}.{kind}"
    doors = {result: f"/v1/jobs/{job['id']}/result", template: "/v1/imports/templates/posts.csv"}
    document = (await office.gateway.http.get("/openapi.json")).json()
    for door, path in doors.items():
        whole = await office.ask("GET", path)
        assert (
            whole.headers["content-type"].partition(";")[0]
            in document["paths"][door]["get"]["responses"]["200"]["content"]
        )
        for asked in ("bytes=zz", "bytes=99999999-", "bytes=0-3,5-6"):
            again = await office.ask("GET", path, headers={"Range": asked})
            assert (again.status_code, again.content) == (200, whole.content)


async def test_an_import_says_which_lists_there_are_and_a_form_does_as_well(office: Office) -> None:
    refused = await office.ask(
        "POST", "/v1/imports", content=b"a,b\n", params={"list": "/v1/hazards"}, headers={"Content-Type": "text/csv"}
    )
    assert refused.json()["code"] == "no_such_import"
    assert refused.json()["known"] == [
        "/v1/areas", "/v1/chain-assignments", "/v1/duties", "/v1/enforcement-facts", "/v1/grids",
        "/v1/organizations", "/v1/posts",
    ]  # fmt: skip
    form = await office.ask(
        "POST", "/v1/imports", data={"list": "/v1/duties", "dry_run": "true"},
        files={"file": ("责任.xlsx", workbook(GOOD), SHEET)},
    )  # fmt: skip
    assert (await office.started(form))["result"]["unchanged"] == 3
    empty = await office.ask(
        "POST", "/v1/imports", data={"list": "/v1/duties"}, files={"file": ("责任.xlsx", b"", SHEET)}
    )
    (fault,) = empty.json()["errors"]
    assert (empty.status_code, fault["code"], fault["pointer"]) == (422, "empty_file", "#/file")


async def test_a_repeat_under_one_key_begins_one_job_and_another_file_is_refused(office: Office) -> None:
    key = {"Idempotency-Key": str(uuid4()), "Content-Type": "text/csv"}
    sent = {"params": {"list": "/v1/posts"}, "headers": key}
    first, again = [await office.ask("POST", "/v1/imports", content=POSTS.encode(), **sent) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    other = await office.ask("POST", "/v1/imports", content=b"another file", **sent)
    assert other.json()["code"] == "idempotency_key_reused"
    await office.ended(first.headers["location"])


async def test_an_ended_job_cannot_be_cancelled_and_a_stale_version_is_told(office: Office) -> None:
    job = await office.started(await office.ask("POST", "/v1/exports", json={"list": "/v1/posts", "format": "csv"}))
    path = f"/v1/jobs/{job['id']}/cancel"
    assert (await office.ask("POST", path)).status_code == 428
    assert (await office.ask("POST", path, headers={"If-Match": '"1"'})).status_code == 412
    refused = await office.ask("POST", path, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"], refused.json()["open_moves"]) == (
        409, "job_already_ended", ["link"],
    )  # fmt: skip


async def test_a_result_that_is_not_on_the_disk_any_more_is_a_refusal_and_no_fault(office: Office) -> None:
    asked = {"list": "/v1/posts", "format": "csv"}
    job = await office.started(await office.ask("POST", "/v1/exports", json=asked))
    (office.gateway.settings.home / "jobs" / job["id"] / "result.csv").unlink()
    answer = await office.ask("GET", f"/v1/jobs/{job['id']}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_result_file")


async def test_a_key_that_was_used_for_another_wish_about_the_same_file_is_refused(office: Office) -> None:
    key, file = {"Idempotency-Key": str(uuid4())}, {"file": ("posts.csv", POSTS.encode(), "text/csv")}
    wishes: list[dict[str, str]] = [{"list": "/v1/posts", "dry_run": one} for one in ("true", "true", "false")]
    first, again, other = [
        await office.ask("POST", "/v1/imports", data=wish, files=file, headers=key) for wish in wishes
    ]
    await office.started(first)
    assert again.json()["id"] == first.json()["id"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
