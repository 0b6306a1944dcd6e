"""What an issuing post chooses: items that were not yet said, another limit, a certain post."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.responsibility_registry.orders.rules import FiveItems


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What is left empty stays as the draft has it."""

    responsible: str | None = None
    measures: str | None = None
    funds_fen: int | None = None
    contingency: str | None = None
    limit_days: int | None = None
    assignee_post_id: UUID | None = None

    def onto(self, drafted: FiveItems | None) -> FiveItems:
        """The five items as they are issued."""
        five = drafted or FiveItems()
        return replace(
            five, responsible=self.responsible or five.responsible, measures=self.measures or five.measures,
            funds_fen=five.funds_fen if self.funds_fen is None else self.funds_fen,
            contingency=self.contingency or five.contingency,
        )  # fmt: skip
