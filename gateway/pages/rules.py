"""How the API document looks to a reader: plain HTML, everything escaped, nothing fetched from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

Document = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.55 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem; }
nav a { margin-right: 1rem; } h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
summary { cursor: pointer; padding: .45rem .7rem; } details > div { padding: 0 .9rem .6rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { background: var(--soft); border-radius: .4rem; overflow-x: auto; padding: .6rem; }
.method { display: inline-block; font-weight: 700; min-width: 4.2rem; }
.open { border: 1px solid var(--line); border-radius: 1rem; font-size: .8em; padding: 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
:target { background: var(--soft); } .warning { border-left: .3rem solid #c60; padding-left: .7rem; }
"""
_MENU = (
    ("/docs", "API"), ("/docs/guides", "指南 Guides"), ("/docs/problems", "问题代码 Problems"),
    ("/openapi.json", "OpenAPI"), ("/asyncapi.json", "AsyncAPI"),
)  # fmt: skip
_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 6
_NOTHING = "<p>没有找到 Nothing speaks of that.</p>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One problem code as its entry in the list of codes."""

    code: str
    status: int
    title: str
    advice: str


def operations_page(document: Document, wanted: str = "") -> str:
    """Every operation of the API, by noun, with what it takes and answers; with `wanted`, those that speak of it."""
    info = document["info"]
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item and _speaks_of(wanted, path, item[method]):
                tag = (item[method].get("tags") or ["other"])[0]
                by_tag.setdefault(tag, []).append(_operation(method, path, item[method], document))
    told = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    sections = "".join(
        f'<h2 id="{escape(tag)}">{escape(tag)}</h2><p>{escape(told.get(tag, ""))}</p>{"".join(found)}'
        for tag, found in sorted(by_tag.items())
    )
    contents = " ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in sorted(by_tag))
    body = f"<h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>{_missing(document)}"
    return _page(info["title"], f"{body}{_search(wanted)}<nav>{contents}</nav>{sections or _NOTHING}")


def _speaks_of(wanted: str, path: str, operation: Mapping[str, Any]) -> bool:
    said = f"{path} {operation.get('summary', '')} {operation.get('description', '')} {operation.get('tags', '')}"
    return all(word in said.lower() for word in wanted.lower().split())


def _search(wanted: str) -> str:
    # A form and no script: it works everywhere, and the page's policy stays as strict as it is.
    return (
        f'<form role="search" action="/docs"><input name="q" maxlength="100" value="{escape(wanted)}"'
        ' placeholder="查找 Search" aria-label="查找 Search"> <button>查找 Search</button></form>'
    )


def problems_page(codes: Iterable[Code]) -> str:
    """Every problem code: what it means and what to do."""
    rows = "".join(
        f'<tr id="{escape(one.code)}"><td><code>{escape(one.code)}</code></td><td>{one.status}</td>'
        f"<td>{escape(one.title)}<br>{escape(one.advice)}</td></tr>"
        for one in sorted(codes, key=lambda one: (one.status, one.code))
    )
    words = (
        "<p>Every refusal is <code>application/problem+json</code> (RFC 9457). Programs go by <code>code</code>,"
        " which never changes; <code>detail</code> says what to do next.</p>"
    )
    head = "<tr><th>code</th><th>status</th><th>meaning, and what to do</th></tr>"
    return _page("Problems", f"<h1>问题代码 Problem codes</h1>{words}<table>{head}{rows}</table>")


def guides_page(guides: Mapping[str, str]) -> str:
    """The guides by name, each with its title."""
    rows = "".join(f'<li><a href="/docs/guides/{name}">{_title(body)}</a></li>' for name, body in guides.items())
    return _page("Guides", f"<h1>指南 Guides</h1><ul>{rows}</ul>")


def guide_page(body: str) -> str:
    """One guide; its body is HTML that was made of our own text (`infra/guides.py`)."""
    return _page(unescape(_title(body)), f'<article lang="en">{body}</article>')


def _title(body: str) -> str:
    return body.partition("<h1>")[2].partition("</h1>")[0]


def codes_in(document: Document) -> dict[str, Code]:
    """The problem codes that the operations of a document name, with the words of their examples."""
    found: dict[str, Code] = {}
    for item in document["paths"].values():
        for method in _METHODS:
            for answer in item.get(method, {}).get("responses", {}).values():
                problem = answer.get("content", {}).get("application/problem+json", {})
                for example in problem.get("examples", {}).values():
                    said = example["value"]
                    found[said["code"]] = Code(
                        code=said["code"], status=said["status"], title=said["title"], advice=said["detail"]
                    )
    return found


def _page(title: str, body: str) -> str:
    menu = "".join(f'<a href="{href}">{escape(text)}</a>' for href, text in _MENU)
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/docs/style.css"></head>'
        f"<body><nav>{menu}</nav>{body}</body></html>"
    )


def _missing(document: Document) -> str:
    away = ", ".join(escape(part["service"]) for part in document.get("x-missing", ()))
    return f'<p class="warning">Not answering at the moment, so not listed: {away}</p>' if away else ""


def _operation(method: str, path: str, operation: Mapping[str, Any], document: Document) -> str:
    mark = "" if operation.get("security") else ' <span class="open">no token</span>'
    head = (
        f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code>{mark}<br>'
        f"{escape(operation.get('summary', ''))}"
    )
    parts = [f"<p>{escape(operation.get('description', ''))}</p>", _parameters(operation, document)]
    body = operation.get("requestBody", {}).get("content", {})
    parts += [_shape(f"Body <code>{escape(kind)}</code>", content, document) for kind, content in body.items()]
    parts += [
        f"<p>curl</p><pre>{escape(_curl(method, path, operation, document))}</pre>",
        _answers(operation, document),
    ]
    name = escape(operation.get("operationId", ""))
    return f'<details id="{name}"><summary>{head}</summary><div>{"".join(parts)}</div></details>'


def _curl(method: str, path: str, operation: Mapping[str, Any], document: Document) -> str:
    """The operation as a command: fill in `$TOKEN`, and what stands in braces."""
    server = (document.get("servers") or [{"url": ""}])[0]["url"]
    named = {_resolved(one, document)["name"] for one in operation.get("parameters", ())}
    parts = [f"curl -X {method.upper()} '{server}{path}'"]
    parts += ["-H 'Authorization: Bearer '$TOKEN"] if operation.get("security") else []
    parts += ["-H 'Idempotency-Key: '$(uuidgen)"] if "Idempotency-Key" in named else []
    parts += ["-H 'If-Match: \"7\"'"] if "If-Match" in named else []
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json":
            body = content.get("example", sample(content.get("schema", {}), document))
            text = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
            parts += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
    return " \\\n  ".join(parts)


def _parameters(operation: Mapping[str, Any], document: Document) -> str:
    rows = ""
    for entry in operation.get("parameters", ()):
        one = _resolved(entry, document)
        must = "required" if one.get("required") else ""
        rows += (
            f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])} {must}</td>"
            f"<td>{escape(one.get('description', ''))}</td></tr>"
        )
    return f"<table>{rows}</table>" if rows else ""


def _answers(operation: Mapping[str, Any], document: Document) -> str:
    shown = ""
    for status, answer in sorted(operation.get("responses", {}).items()):
        content = answer.get("content", {}).get("application/json")
        if status.startswith("2") and content is not None:
            shown += _shape(f"Answer {escape(status)}", content, document)
        elif "x-problem-codes" in answer:
            codes = ", ".join(
                f'<a href="/docs/problems#{escape(code)}"><code>{escape(code)}</code></a>'
                for code in answer["x-problem-codes"]
            )
            shown += f"<p>{escape(status)}: {codes}</p>"
    return shown


def _shape(title: str, content: Mapping[str, Any], document: Document) -> str:
    example = content.get("example")
    shown = example if example is not None else sample(content.get("schema", {}), document)
    text = json.dumps(shown, ensure_ascii=False, indent=2)
    return f"<p>{title}</p><pre>{escape(text)}</pre>"


def sample(schema: Mapping[str, Any], document: Document, depth: int = 0) -> Any:
    """A value of a schema's shape: its own example where it has one, otherwise its types."""
    one = _resolved(schema, document)
    if one.get("examples"):
        return one["examples"][0]
    if depth >= _DEEPEST:
        return "…"
    for union in ("anyOf", "oneOf", "allOf"):
        if one.get(union):
            return sample(one[union][0], document, depth + 1)
    if "properties" in one:
        return {name: sample(inner, document, depth + 1) for name, inner in one["properties"].items()}
    if one.get("type") == "array":
        return [sample(one.get("items", {}), document, depth + 1)]
    if "enum" in one:
        return " | ".join(str(value) for value in one["enum"])
    return one.get("format") or one.get("type") or "…"


def _resolved(entry: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    reference = entry.get("$ref")
    if not isinstance(reference, str):
        return entry
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name, {})
    return found if isinstance(found, Mapping) else {}
