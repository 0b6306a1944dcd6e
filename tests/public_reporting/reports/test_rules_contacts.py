"""Who told is hidden from words that go on, in every usual shape; what is dangerous stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.public_reporting.reports.rules_contacts import HIDDEN, without_contacts


@pytest.mark.parametrize(
    ("told", "secret"),
    [
        ("电话13800138000，请回复", "13800138000"),
        ("电话138-0013-8000", "138-0013-8000"),
        ("打138 0013 8000", "138 0013 8000"),
        ("手机：+86 13800138000。", "13800138000"),
        ("手机:8613800138000", "13800138000"),
        ("电话１３８００１３８０００", "１３８００１３８０００"),
        ("座机0576-88886666", "88886666"),
        ("座机057688886666转3", "057688886666"),
        ("身份证33100219800101123X", "33100219800101123X"),
        ("邮箱 zhang.san@example.cn 联系", "zhang.san@example.cn"),
        ("微信号：zhangsan_88", "zhangsan_88"),
        ("加QQ 123456789", "123456789"),
        ("我叫赵小芳，楼下有人充电", "赵小芳"),
        ("举报人：欧阳建国。", "欧阳建国"),
        ("联系人是王芳 谢谢", "王芳"),
        ("三楼飞线充电。署名：李四", "李四"),
    ],
)
def test_who_told_is_hidden(told: str, secret: str) -> None:
    hidden = without_contacts(told)
    assert secret not in hidden
    assert HIDDEN in hidden


@pytest.mark.parametrize(
    "told",
    [
        "3幢2单元楼道里有12辆电动车飞线充电",
        "液化气钢瓶编号202611300012，气压2.5",
        "2026-11-30 02:10 闻到煤气味",
        "坐标121.4123456,28.6123456",
        "91331002MA2ABCDE7X 的车间堵了通道",
        "我是业主，业主群里有照片",
        "我是三楼的住户，楼下有人堵消防通道",
        "本人亲眼看见他们把易燃物堆在门口",
        "",
    ],
)
def test_what_is_dangerous_stays_readable(told: str) -> None:
    assert without_contacts(told) == told


def test_a_name_that_is_signed_once_is_hidden_everywhere() -> None:
    told, place = "赵小芳家楼下有人充电。我叫赵小芳，请保密", "赵小芳家楼下"
    assert "赵小芳" not in without_contacts(told)
    assert without_contacts(place) == place
    assert without_contacts(place, told) == f"{HIDDEN}家楼下"


@given(st.text(max_size=200))
def test_what_was_hidden_stays_hidden_and_nothing_breaks_it(told: str) -> None:
    once = without_contacts(told)
    assert without_contacts(once) == once


def test_a_long_text_is_read_once() -> None:
    """No shape goes back and forth over what it has read: this would take minutes."""
    assert HIDDEN not in without_contacts("a" * 100_000 + "." * 100_000 + "1" * 100_000 + "微信" * 100_000)
