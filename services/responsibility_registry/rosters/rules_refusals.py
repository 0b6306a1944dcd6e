"""What rosters, shifts and swaps refuse, and what to do next."""

from datetime import datetime

Fault = tuple[str, str, tuple[str, str]]
"""Pointer, code, and what is wrong in Chinese and English."""


class RosterWrong(Exception):
    """What was entered of a roster, a shift or a swap does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "roster_wrong"
    title = ("值班信息有误", "The roster is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class RosterHasEnded(Exception):
    """Nobody is put on a roster that has ended."""

    status = 409
    code = "roster_ended"
    title = ("值班表已终止", "The roster has ended")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, at: datetime) -> None:
        super().__init__(f"该值班表已于 {at} 终止；请另建。", f"it ended at {at}: draw another one")


class PersonOnDuty(Exception):
    """Nobody stands two exclusive shifts at a time."""

    status = 409
    code = "person_on_duty"
    title = ("该人同时段已有班次", "Somebody is on duty elsewhere then")
    state = "on_duty"
    open_moves = ("reassign", "swap")

    def __init__(self) -> None:
        super().__init__(
            "此人在该时段已有其他班次；请改派他人，或先调整其原班次。",
            "they stand another shift at that time: name somebody else, or change that shift first",
        )


class ShiftCannotMove(Exception):
    """A shift that was cancelled, handed over or is over is not changed any more."""

    status = 409
    code = "shift_cannot_move"
    title = ("班次当前状态不允许此操作", "Not possible with the shift as it stands")

    def __init__(self, state: str, open_moves: tuple[str, ...]) -> None:
        super().__init__(
            f"班次状态为「ShiftState.{state}」，不能进行此操作；请查看可用操作。",
            f"the shift is {state}: use one of the open moves",
        )
        self.state, self.open_moves = state, open_moves


class NotOnThisShift(Exception):
    """Whoever stands a shift hands it over, and asks for a swap; whoever comes next takes it over."""

    status = 403
    code = "not_on_this_shift"
    title = ("须由该班次人员办理", "Only who stands the shift does it")

    def __init__(self) -> None:
        super().__init__(
            "请以该班次岗位的身份操作（Acting-Post）；指定到人的班次须由本人办理。",
            "act for the post of that shift (Acting-Post); a shift of a named person is theirs alone",
        )


class SwapCannotMove(Exception):
    """A swap that was decided stays so."""

    status = 409
    code = "swap_cannot_move"
    title = ("换班申请已办结", "The swap is decided already")

    def __init__(self, state: str, open_moves: tuple[str, ...]) -> None:
        super().__init__(
            f"换班申请状态为「SwapState.{state}」，不能进行此操作；请另行申请。",
            f"the swap is {state}: ask for another one",
        )
        self.state, self.open_moves = state, open_moves
