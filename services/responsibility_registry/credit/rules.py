"""A firm's credit file: who it is, what it may see of itself, and how it stands.

Only what has a unified social credit code has a file: no natural person is graded or listed here. Of a sole trader
(个体工商户, whose code begins with 92) nothing is told to the public: its name is mostly a person's ([DEF]).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.responsibility_registry.credit.rules_grades import Standing
from services.responsibility_registry.credit.rules_packs import GRADES, CreditGrade, Pack

PARTIES_MOST = 200
_SOLE_TRADER = "92"


@dataclass(frozen=True, kw_only=True, slots=True)
class Firm:
    """A firm's file. `party_ids` are what it takes part as besides its own id: its objects, or what a sign-in
    holds.

    Grade, score, `listed` and `grounds` are of `graded_at`, by the pack of that number; `period_until` is the first
    day that is no longer in the running period.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    credit_code: str
    name: str
    party_ids: tuple[UUID, ...]
    grade: CreditGrade
    score: int
    listed: bool
    grounds: tuple[str, ...]
    graded_at: datetime
    pack_number: int
    period_until: date


class FirmWrong(Exception):
    """What was entered about a firm does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "credit_firm_wrong"
    title = ("企业信用档案有误", "The credit file is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class FirmAlreadyOnFile(Exception):
    """A firm has one file, by its code."""

    status = 409
    code = "firm_already_on_file"
    title = ("该企业已有信用档案", "The firm is on file already")
    state = "open"
    open_moves = ("change",)

    def __init__(self, credit_code: str) -> None:
        super().__init__(
            f"{credit_code} 已建档；请查询后变更，不要另建。",
            f"{credit_code} has a file: look it up and change it",
        )


def graded(firm: Firm, standing: Standing) -> Firm:
    """The file with how the firm stands now."""
    return replace(
        firm, grade=standing.grade, score=standing.score, listed=standing.listed, grounds=standing.grounds,
        graded_at=standing.at, pack_number=standing.pack_number,
    )  # fmt: skip


def stands_as(firm: Firm, standing: Standing) -> bool:
    """Whether nothing of how the firm stands has changed but the instant."""
    return graded(firm, standing) == replace(firm, graded_at=standing.at)


def fell(before: CreditGrade, after: CreditGrade) -> bool:
    """Whether a grade became worse."""
    return GRADES.index(after) > GRADES.index(before)


def shown_to_the_public(firm: Firm, standing: Standing, pack: Pack) -> bool:
    """Whether the public is told this grade: where the pack says so, and never of a sole trader."""
    return standing.grade in pack.public_grades and not bears_a_persons_name(firm.credit_code)


def bears_a_persons_name(credit_code: str) -> bool:
    """Whether a code is that of a sole trader: registration 9, kind 2 (GB 32100-2015, table 1)."""
    return credit_code.startswith(_SOLE_TRADER)
