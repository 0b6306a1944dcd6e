"""What the rules of a slice refuse, as the problem that the caller is told.

Rules reach nothing of ours: they raise plain exceptions that name `status`, `code` and `title`, and whose two
arguments say what to do next, in Chinese and in English; `errors` are (pointer, code, (zh, en)).
"""

from __future__ import annotations

from typing import Any

from libs.common.languages import Said
from libs.common.problems import Kind, Problem, field_errors, in_words, register


class RuleRefused(Problem):
    """A refusal of a slice's rules, carried over with the status, code, state and open moves it named."""

    status = 409
    code = "refused_by_rule"
    title = Said("规则不允许", "Refused by a rule")
    advice = Said("请按说明处理后重试。", "Do what the detail says, then try again.")

    def __init__(self, kind: Kind, detail: Said, **extra: Any) -> None:
        super().__init__(detail, **extra)
        # One class stands for every rule: the kind of this instance shadows the class's own.
        vars(self).update(code=kind.code, status=kind.status, title=kind.title)


_TITLES_BY_STATUS = {
    403: Said("无权进行此操作", "You may not do this"),
    404: Said("未找到", "Not found"),
    409: Said("当前状态不允许此操作", "Not possible in the present state"),
    422: Said("所填内容不符合规则", "The input breaks a rule"),
}


def told_by(rule_error: BaseException, kind: Kind) -> Said:
    """What a rules exception says: its `detail` or its two arguments (Chinese, English); else its faults, joined."""
    said = getattr(rule_error, "detail", None) or rule_error.args
    if isinstance(said, tuple) and len(said) == 2 and all(isinstance(one, str) for one in said):
        return in_words(*said)
    faults = [error.detail for error in field_errors(getattr(rule_error, "errors", ()))]
    if not faults:
        return kind.advice
    return Said("；".join(one.zh for one in faults), "; ".join(one.en for one in faults))


def kind_of(rule_error: type[BaseException] | BaseException) -> Kind | None:
    """The kind that a rules exception names by its `status` and `code`, or None for any other exception."""
    status, code = getattr(rule_error, "status", None), getattr(rule_error, "code", None)
    if not isinstance(status, int) or not isinstance(code, str) or not 400 <= status < 500:
        return None
    title = getattr(rule_error, "title", None)
    fallback = _TITLES_BY_STATUS.get(status, RuleRefused.title)
    return Kind(code, status, Said(*title) if isinstance(title, tuple) else fallback, RuleRefused.advice)


def refused_by(rule_error: BaseException) -> RuleRefused | None:
    """The problem for a rules exception, with the state and the open moves that it names; None for any other."""
    kind = kind_of(rule_error)
    if kind is None:
        return None
    register(kind)
    state, moves = getattr(rule_error, "state", None), getattr(rule_error, "open_moves", None)
    moves = None if moves is None else list(moves)
    refused = RuleRefused(kind, told_by(rule_error, kind), state=state, open_moves=moves)
    refused.errors = field_errors(getattr(rule_error, "errors", ()))
    return refused
