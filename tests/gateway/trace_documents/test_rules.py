"""What stands in the document of a trace."""

import orjson

from gateway.trace_documents.policies import WORDS
from gateway.trace_documents.rules import layout, most, on_paper, read, when
from tests.gateway.trace_documents.traces import ORDER_ID, document, order, trace


def section(name: str, **changed: object) -> tuple[tuple[str, ...], ...]:
    found = layout(trace(document(**changed)), WORDS)
    return next(one.rows for one in found.sections if one.name.endswith(name))


def test_times_are_shown_as_the_city_reads_them_with_the_offset() -> None:
    assert when("2026-12-02T18:14:40Z") == "2026-12-03 02:14:40 +08:00"
    assert when(None) == ""


def test_who_answered_stands_with_the_clause_and_how_much_was_known_and_done() -> None:
    ((role, tier, who, clause, knew, orders, did),) = section("Answered")
    assert (role, tier, who) == ("网格岗位 Grid post", "村级 Village", "网格三号岗 Grid post three")
    assert (clause, knew, orders, did) == ("[S] 第四条", "2", "1", "1")


def test_what_was_overdue_stands_with_what_pressed_it() -> None:
    (row,) = section("Orders")
    assert row[0] == "task-427017000008"
    assert row[3:6] == ("2026-11-20 09:00:00 +08:00", "", "12")
    assert row[6] == "2026-12-01 09:00:00 +08:00 催办 Reminded"


def test_what_each_knew_names_the_order_by_its_number() -> None:
    rows = section("Knew")
    assert [row[3] for row in rows] == ["送达 Delivered", "催办 Reminded"]
    assert {row[4] for row in rows} == {"task-427017000008"}


def test_what_has_no_word_or_no_number_stands_as_it_is() -> None:
    assert WORDS.of("what", "something_new") == "something_new"
    assert {row[4] for row in section("Did", orders=[])} == {ORDER_ID}


def test_whoever_stood_in_is_named_with_the_post_that_nobody_held() -> None:
    told = document()
    told["chain"]["stands_in"] = [{"role": "x", "post": told["links"][0]["answerer"]["who"], "for": "another"}]
    (row,) = section("Answered", chain=told["chain"])
    assert row[2] == "网格三号岗 Grid post three (代 for another)"


def test_facts_name_the_hash_what_was_left_out_and_what_came_later() -> None:
    facts = dict(layout(trace(), WORDS).facts)
    assert facts["JSON SHA-256"] == trace()["sha256"]
    assert facts["未全部列入 Not in full"] == "现场行为 acts on site"
    assert facts["之后才登记的记录 Rows that came later"] == "2"


def test_a_link_that_nobody_held_and_facts_that_may_exempt_are_told() -> None:
    assert section("Gaps")[0][3] == "no_duty"
    assert section("Diligence")[0][2] == "已发现并上报 Found and passed on"


def test_more_rows_than_go_on_paper_are_counted_and_not_lost_in_silence() -> None:
    rows = section("Orders", orders=[order(f"task-{i}") for i in range(7)])
    shown, left = most(rows, 5)
    assert (len(shown), left) == (5, 2)


def test_a_long_cell_says_on_paper_that_more_of_it_stands_in_the_sheet() -> None:
    assert on_paper("一\n二\t 三", 10) == "一 二 三"
    assert on_paper("长" * 11, 10).startswith("长" * 10 + "…")


def test_a_layout_is_the_same_when_it_is_read_again() -> None:
    made = layout(trace(), WORDS)
    assert read(orjson.loads(orjson.dumps(made))) == made
