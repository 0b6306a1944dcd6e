"""Why something is not given to a subject, or not taken from it."""

from __future__ import annotations

from datetime import datetime

MOST_LIVE = 200
MOST_EVER = 2_000
"""[DEF] Of grants, and of parties: so many at a time, and so many in all, ended ones included."""


class GrantMalformed(Exception):
    """What is to be given contradicts itself; `errors` are (pointer, code, detail)."""

    status = 422
    code = "grant_malformed"
    title = ("授权内容有误", "The grant contradicts itself")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class NotToOneself(Exception):
    """Nobody gives themselves anything, nor takes from themselves what others gave."""

    status = 403
    code = "not_to_oneself"
    title = ("不得为本人授权", "Nobody gives themselves a right")

    def __init__(self) -> None:
        super().__init__(
            "本人的权限须由其他安全管理员授予和终止；请找其中一位。",
            "what you hold yourself is given and ended by another security administrator: ask one",
        )


class SubjectAlreadyEnded(Exception):
    """An ended subject stays ended: open a new one."""

    status = 409
    code = "subject_already_ended"
    title = ("主体已停用", "The subject has ended")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, subject: str, ended_at: datetime) -> None:
        super().__init__(
            f"{subject} 已于 {ended_at} 停用；请另行开立。", f"{subject} ended at {ended_at}: open a new one"
        )


class NothingToEnd(Exception):
    """It was never given, or has ended."""

    status = 409
    code = "already_ended"
    title = ("已经终止", "It has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__("该项已终止，记录保留不变。", "it has ended already, and stays on record as it was")


class NeverGiven(Exception):
    """No such grant or party of this subject."""

    status = 404
    code = "never_given"
    title = ("该主体没有此项授权", "The subject was never given that")

    def __init__(self) -> None:
        super().__init__(
            "请查看该主体已有的授权，并使用其中的编号。",
            "look at the subject for what it was given, and use the id that stands there",
        )


class TooManyGiven(Exception):
    """So much in one hand is no longer overseen by anybody."""

    status = 409
    code = "too_many_given"
    title = ("授权条目过多", "Too many grants in one hand")

    def __init__(self) -> None:
        super().__init__(
            f"同时有效的至多 {MOST_LIVE} 项，累计至多 {MOST_EVER} 项；请终止不需要的，或合并相邻区划。",
            f"at most {MOST_LIVE} hold at a time and {MOST_EVER} ever: end what is not needed, or join areas",
        )
