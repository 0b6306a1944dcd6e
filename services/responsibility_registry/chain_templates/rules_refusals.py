"""What an edition of a template, and a question about chains, are refused for."""


class ChainTemplateWrong(Exception):
    """What was entered about a template does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "chain_template_wrong"
    title = ("责任链模板有误", "The chain template is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class ChainEditionStale(Exception):
    """Somebody else entered an edition of this code meanwhile, or the caller has not seen the last one."""

    status = 409
    code = "chain_edition_stale"
    title = ("模板已有新版次", "There is a later edition")
    open_moves: tuple[str, ...] = ("enter",)

    def __init__(self, code: str, last: int) -> None:
        super().__init__(
            f"模板 {code} 在本区划现为第 {last} 版；请查看后填写 edition = {last + 1}。",
            f"{code} stands at edition {last} in this area: look at it, then enter edition {last + 1}",
        )
        self.state = f"edition {last}"


class ChainTemplateGone(Exception):
    """What an area does not keep, or has repealed, is not repealed there."""

    status = 409
    code = "chain_template_repealed"
    title = ("模板已废止或本区划未采用", "The chain template is repealed, or the area never kept it")
    state = "repealed"
    open_moves: tuple[str, ...] = ("enter",)

    def __init__(self, code: str) -> None:
        super().__init__(f"本区划没有模板 {code} 的现行版次。", f"no edition of {code} holds by this area's own word")


class UnitSaidOnce(Exception):
    """A question about one unit names it in several ways, or in none."""

    status = 400
    code = "unit_said_once"
    title = ("请指明一个单元", "Name one unit")
    state = "unsaid"
    open_moves: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(
            "用 area_code、grid_id、object_id 之一指明。", "name it by one of area_code, grid_id and object_id"
        )
