"""Joint rewards and penalties 联合奖惩: what a department did with a firm because of how it stands.

[S] Work Safety Law 2021 Art 78: departments and bodies take joint penal measures against firms in breach, and tell
them to society. [SEED] Qinhuangdao 联合奖惩, with its effect on how often a firm is checked.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MOST_ASKED = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """What a department did, by which rule of which pack, with where that is on record. Its id is the receipt."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    firm_id: UUID
    credit_code: str
    consequence: str
    zh: str
    en: str
    way: str
    department: str
    pack_number: int
    done_at: datetime
    document: str
    words: str
    evidence: tuple[UUID, ...]
    reported_at: datetime
    reported_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """How often a department did one thing, and to how many firms."""

    department: str
    consequence: str
    way: str
    reported: int
    firms: int


class FirmNotOnFile(Exception):
    """There is no credit file of this code."""

    status = 422
    code = "firm_not_on_file"
    title = ("该企业没有信用档案", "The firm is not on file")

    def __init__(self, credit_code: str) -> None:
        super().__init__(
            f"{credit_code} 没有信用档案；请核对代码。", f"{credit_code} has no credit file: check the code"
        )


class ConsequenceNotInForce(Exception):
    """What was done did not follow from how the firm stood then."""

    status = 422
    code = "consequence_not_in_force"
    title = ("该奖惩措施当时不适用", "The consequence did not apply then")

    def __init__(self, consequence: str, grade: str) -> None:
        super().__init__(
            f"该企业当时为 {grade} 级，规则包中没有适用的 {consequence}；不得据此奖惩。",
            f"the firm stood at {grade} then, and {consequence} did not apply: nothing is done to it by that",
        )


class DoneInTheFuture(Exception):
    """What is reported has been done."""

    status = 422
    code = "done_in_the_future"
    title = ("奖惩措施尚未实施", "It has not been done yet")

    def __init__(self) -> None:
        super().__init__("请在实施之后反馈。", "report it when it is done")
