"""What grids are refused for."""

from datetime import datetime

Fault = tuple[str, str, tuple[str, str]]
"""A pointer, a code, and what is wrong in Chinese and in English."""


class GridWrong(Exception):
    """What was entered about a grid does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "grid_wrong"
    title = ("网格信息有误", "The grid is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class GridCodeTaken(Exception):
    """A code names one grid for ever, also after its end."""

    status = 409
    code = "grid_code_taken"
    title = ("网格编码已使用", "The grid's code is taken")
    state = "registered"
    open_moves = ("redraw", "end")

    def __init__(self, code: str) -> None:
        super().__init__(
            f"编码 {code} 已有网格；请用下一个序号，或重划该网格。",
            f"there is a grid {code}: take the next serial, or redraw that one",
        )


class GridAlreadyEnded(Exception):
    """What has ended, or will, stays as it was drawn."""

    status = 409
    code = "grid_already_ended"
    title = ("网格已撤销", "The grid has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, ends: datetime) -> None:
        super().__init__(f"该网格于 {ends} 撤销；请另设网格。", f"it ends at {ends}: register another one")


class GridHasParts(Exception):
    """A grid in which others lie ends after them."""

    status = 409
    code = "grid_has_parts"
    title = ("网格内还有下级网格", "Other grids lie in it")
    state = "drawn"
    open_moves = ("redraw",)

    def __init__(self, parts: tuple[str, ...]) -> None:
        named = "、".join(parts[:5])
        super().__init__(
            f"请先撤销或改挂下级网格：{named}。", f"end or move the grids in it first: {', '.join(parts[:5])}"
        )
