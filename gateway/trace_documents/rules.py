"""What stands in the document of a trace: its facts and tables, out of the canonical JSON, the same each time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

CITY = timezone(timedelta(hours=8))
"""Times are shown as the city reads them (UTC+8, no summer time), with the offset."""
Pair = tuple[str, str]
Row = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Headings and plain words (Chinese, English), and how many rows of a table and signs of a cell go on paper;
    shaped like `policies/words-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    title: Pair
    note: Pair
    most_rows: int
    most_signs: int
    words: Mapping[str, Mapping[str, Mapping[str, str]]]

    def of(self, kind: str, code: str) -> str:
        """The plain word for a code in both languages; a code that nobody gave a word stands as it is."""
        found = self.words[kind].get(code)
        return code if found is None else f"{found['zh']} {found['en']}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One table; `name` is short enough for a sheet's tab. `widths` are parts of the page."""

    name: str
    heading: str
    columns: Row
    widths: tuple[int, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The whole document."""

    title: str
    note: str
    made_at: datetime
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    most_rows: int
    most_signs: int


def layout(trace: Mapping[str, Any], words: Words) -> Layout:
    """The document of a trace, as the registry tells it with its id, instants and hash."""
    told, reader = trace["document"], _Reader(trace["document"], words)
    return Layout(
        title=" ".join(words.title),
        note=" ".join(words.note),
        made_at=datetime.fromisoformat(trace["made_at"]),
        facts=tuple(_facts(trace, told, words)),
        sections=(
            _answered(told, reader),
            _entries("知悉 Knew", "各自何时知悉 What each knew, and when", "knew", told, reader),
            _orders(told, reader),
            _entries("履职 Did", "各自做了什么 What each did, and when", "did", told, reader),
            _exempts(told, reader),
            _gaps(told, reader),
        ),
        most_rows=words.most_rows,
        most_signs=words.most_signs,
    )


def read(said: Mapping[str, Any]) -> Layout:
    """The layout out of its own JSON, as it goes to the process that makes the file."""
    sections = tuple(
        Section(
            name=one["name"], heading=one["heading"], columns=tuple(one["columns"]), widths=tuple(one["widths"]),
            rows=tuple(map(tuple, one["rows"])),
        )
        for one in said["sections"]
    )  # fmt: skip
    facts = tuple((name, value) for name, value in said["facts"])
    return Layout(
        **{
            **said,
            "made_at": datetime.fromisoformat(said["made_at"]),
            "facts": facts,
            "sections": sections,
        }
    )


class _Reader:
    """Puts names to the ids of a trace."""

    def __init__(self, told: Mapping[str, Any], words: Words) -> None:
        self._posts, self.words = told["posts"], words
        self._numbers = {one["order"]["order_id"]: one["order"]["number"] for one in told["orders"]}

    def who(self, key: str) -> str:
        """A post by its name, an entity by its own."""
        post = self._posts.get(key)
        return key if post is None else f"{post['zh']} {post['en']}".strip()

    def about(self, key: str) -> str:
        """An order by its number, anything else by its id."""
        return str(self._numbers.get(key, key))


def when(value: str | None) -> str:
    """An instant as people read it; nothing where there is none."""
    if value is None:
        return ""
    return datetime.fromisoformat(value).astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S +08:00")


_ABOUT = ("incident", "hazard", "order", "enforcement_fact")
"""What a trace may be about, by the name under which its document says so."""


def _facts(trace: Mapping[str, Any], told: Mapping[str, Any], words: Words) -> Iterable[tuple[str, str]]:
    about: Mapping[str, Any] = next((told[kind] for kind in _ABOUT if kind in told), {})
    said = about.get("number") or about.get("words") or ""
    yield "对象 About", f"{words.of('kind', trace['about_kind'])} {trace['about_id']} {said}".strip()
    yield "区划代码 Area", told["area_code"]
    if (known := told["risk_object"]) is not None:
        yield "风险对象 Risk object", f"{known['name']} ({known['id']})"
    if (doubt := told.get("risk_object_doubt")) is not None:
        yield "风险对象存疑 Doubt", f"{doubt['zh']} {doubt['en']}"
    yield "倒查时点 As of", when(told["as_of"])
    yield "数据时点 By the data known at", when(told["known_at"])
    yield "责任类别 Category", told["chain"]["category"]
    yield "责任登记依据 Basis", words.of("basis", told["chain"]["basis"])
    if told["truncated"]:
        cut = "、".join(words.of("truncated", one) for one in told["truncated"])
        yield "未全部列入 Not in full", cut
    yield "之后才登记的记录 Rows that came later", str(trace["later_rows"])
    yield "规则版本 Policy", f"trace {told['policy_version']}, chain {told['chain']['policy_version']}"
    yield "生成时间 Made at", when(trace["made_at"])
    yield "编号 Trace", trace["id"]
    yield "JSON SHA-256", trace["sha256"]


def _answered(told: Mapping[str, Any], reader: _Reader) -> Section:
    stands_in = {one["post"]: one["for"] for one in told["chain"]["stands_in"]}

    def row(link: Mapping[str, Any]) -> Row:
        answerer = link["answerer"]
        who = reader.who(answerer["who"])
        vacant = stands_in.get(answerer["who"])
        name = who if vacant is None else f"{who} (代 for {reader.who(vacant)})"
        return (
            reader.words.of("role", answerer["role"]), reader.words.of("tier", answerer["tier"]), name,
            answerer["clause"], str(len(link["knew"])), str(len(link["orders"])), str(len(link["did"])),
        )  # fmt: skip

    return Section(
        name="责任链 Answered", heading="当时的责任链 Who answered then",
        columns=("职责 Role", "层级 Tier", "责任人 Who", "依据 Clause", "知悉 Knew", "指令 Orders", "履职 Did"),
        widths=(16, 10, 26, 30, 6, 6, 6), rows=tuple(map(row, told["links"])),
    )  # fmt: skip


def _entries(name: str, heading: str, which: str, told: Mapping[str, Any], reader: _Reader) -> Section:
    found = [(entry["at"], link, entry) for link in told["links"] for entry in link[which]]
    found.sort(key=lambda one: (datetime.fromisoformat(one[0]), one[1]["answerer"]["who"], one[2]["what"]))
    return Section(
        name=name, heading=heading,
        columns=("时间 At", "责任人 Who", "职责 Role", "事项 What", "关于 About", "内容 Words"),
        widths=(18, 22, 14, 14, 16, 16),
        rows=tuple(
            (
                when(entry["at"]), reader.who(entry["who"]), reader.words.of("role", link["answerer"]["role"]),
                reader.words.of("what", entry["what"]), reader.about(entry["about"]), entry["words"],
            )
            for _, link, entry in found
        ),
    )  # fmt: skip


def _orders(told: Mapping[str, Any], reader: _Reader) -> Section:
    def row(standing: Mapping[str, Any]) -> Row:
        order = standing["order"]
        pressed = "; ".join(
            f"{when(one['at'])} {reader.words.of('what', one['what'])}" for one in standing["pressed"]
        )
        return (
            order["number"], reader.who(order["who"]), when(order["issued_at"]), when(order["due_at"]),
            when(order["done_at"]), str(standing["days_overdue"]), pressed, order["words"],
        )  # fmt: skip

    return Section(
        name="指令 Orders", heading="指令单与逾期 Orders, and what was overdue",
        columns=("编号 Number", "责任人 Who", "下达 Issued", "到期 Due", "完成 Done", "逾期天数 Days overdue",
                 "催督 Pressed", "内容 Words"),
        widths=(16, 16, 12, 12, 12, 6, 14, 12), rows=tuple(map(row, told["orders"])),
    )  # fmt: skip


def _exempts(told: Mapping[str, Any], reader: _Reader) -> Section:
    found = [(link["answerer"], rule) for link in told["links"] for rule in link["exempts"]]
    return Section(
        name="尽职 Diligence", heading="可作尽职免责考虑的事实 Facts that may exempt",
        columns=("责任人 Who", "职责 Role", "事实 Fact", "依据 Source"), widths=(25, 20, 30, 25),
        rows=tuple(
            (
                reader.who(answerer["who"]), reader.words.of("role", answerer["role"]),
                f"{rule['zh']} {rule['en']}", rule["source"],
            )
            for answerer, rule in found
        ),
    )  # fmt: skip


def _gaps(told: Mapping[str, Any], reader: _Reader) -> Section:
    cell: Callable[[Any], str] = lambda value: "" if value is None else str(value)  # noqa: E731
    return Section(
        name="缺口 Gaps", heading="责任缺口 Where nobody answered",
        columns=("职责 Role", "层级 Tier", "领域 Sector", "原因 Why", "依据 Clause"), widths=(20, 15, 15, 20, 30),
        rows=tuple(
            (
                reader.words.of("role", gap["role"]), reader.words.of("tier", gap["tier"]), cell(gap["sector"]),
                cell(gap["why"]), cell(gap["clause"]),
            )
            for gap in told["chain"]["gaps"]
        ),
    )  # fmt: skip


def file_name(trace: Mapping[str, Any], kind: str) -> str:
    """What the file is called."""
    return f"trace-{trace['id']}.{kind}"


def most(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], int]:
    """As many rows as go on paper, and how many are left."""
    return rows[:limit], max(0, len(rows) - limit)


def on_paper(said: str, limit: int) -> str:
    """What goes on paper of a cell: in one line, and so much of it that a row fits on a page; the mark says that more
    of it stands in the sheet."""
    line = " ".join(said.split())
    return line if len(line) <= limit else f"{line[:limit]}…（全文见表格 more in the sheet）"
