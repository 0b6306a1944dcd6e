"""What the blacklist refuses, with what to do next."""

from services.responsibility_registry.blacklist.rules_kept import Entry, open_moves


class EntryNotOpenToThis(Exception):
    """The entry is in another state."""

    status = 409
    code = "blacklist_entry_not_open_to_this"
    title = ("名单事项当前状态不允许此操作", "Not possible in the entry's present state")

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            f"状态为「EntryState.{entry.state}」；请按 open_moves 办理。",
            f"it is {entry.state}: do one of open_moves",
        )
        self.state: str = entry.state
        self.open_moves = open_moves(entry)


class GroundNotMet(Exception):
    """The firm's facts do not make this ground."""

    status = 409
    code = "blacklist_ground_not_met"
    title = ("信用事实不构成列入情形", "The facts do not make this ground")
    open_moves: tuple[str, ...] = ()

    def __init__(self, ground: str) -> None:
        super().__init__(
            f"有效的信用事实不足以构成 {ground}；请核对 /v1/credit-firms 的 grounds。",
            f"the facts that count do not make {ground}: see `grounds` of the firm's file",
        )
        self.state = "not_met"


class AlreadyProposed(Exception):
    """A firm has one entry that is not over."""

    status = 409
    code = "blacklist_already_proposed"
    title = ("该企业已有未了结的名单事项", "The firm has an entry already")
    open_moves: tuple[str, ...] = ()

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            f"已有状态为「EntryState.{entry.state}」的事项；请在该事项中办理。",
            f"there is one that is {entry.state}: go on with that",
        )
        self.state: str = entry.state


class DefenceRunning(Exception):
    """The firm may still state and defend."""

    status = 409
    code = "blacklist_defence_running"
    title = ("陈述申辩期限未满", "The time for a defence runs")

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            f"陈述申辩期限至 {entry.defence_until}；期满后方可决定列入。",
            f"the firm may state and defend until {entry.defence_until}: list it after that",
        )
        self.state: str = entry.state
        self.open_moves = open_moves(entry)


class ObjectionTooLate(Exception):
    """The time for a defence is over, or the firm has objected already."""

    status = 409
    code = "blacklist_objection_too_late"
    title = ("陈述申辩期限已满或已申辩", "Too late to object, or objected already")

    def __init__(self, entry: Entry) -> None:
        super().__init__(f"期限至 {entry.defence_until}，且只能提出一次。", f"until {entry.defence_until}, and once")
        self.state: str = entry.state
        self.open_moves = open_moves(entry)


class AnotherMustDecide(Exception):
    """Who proposed, served, or entered it for the firm does not decide."""

    status = 409
    code = "another_must_decide_listing"
    title = ("须由其他岗位和人员决定", "Another post and person decides")

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            "提出、送达或代为登记的岗位及人员不得决定；请由其他负责岗位办理。",
            "who proposed, served or entered it decides nothing about it: another leader's post does",
        )
        self.state: str = entry.state
        self.open_moves = open_moves(entry)


class NotTheFirm(Exception):
    """Only the firm, or a post that enters its paper, says something for it."""

    status = 403
    code = "not_the_listed_firm"
    title = ("须由该企业提出", "Only the firm itself may do this")

    def __init__(self) -> None:
        super().__init__(
            "请以该企业的身份办理；书面提出的，由有权岗位附原件登记。",
            "act as the firm; what it handed in on paper is entered by a post, with the page as evidence",
        )


class RepairTooEarly(Exception):
    """Early removal is asked for after a minimum time, and not while another application waits."""

    status = 409
    code = "blacklist_repair_too_early"
    title = ("尚不能申请信用修复", "Too early to ask for repair")

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            f"{entry.repair_from} 起可以申请；已有待决申请的须等其办结。",
            f"from {entry.repair_from} on, and not while another application waits",
        )
        self.state: str = entry.state
        self.open_moves = open_moves(entry)
