"""Who may do what about a stop measure, beyond roles; and what the order has to be for one."""

from dataclasses import dataclass
from uuid import UUID

from services.responsibility_registry.stop_measures.rules import StopMeasure
from services.responsibility_registry.stop_measures.rules_policy import StopPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts: the post, its tier and organisation as the registry knows them, and the person."""

    post: UUID
    tier: str
    organization: UUID | None
    subject: str


class NotOfThisTier(Exception):
    """The department that supervises work safety decides, of the tiers that the policy names."""

    status = 403
    code = "not_of_this_tier"
    title = ("不是有权决定该措施的层级", "The acting post is not of a tier that decides")

    def __init__(self, tiers: tuple[str, ...]) -> None:
        zh = "、".join(f"「Tier.{tier}」" for tier in tiers)
        super().__init__(
            f"由{zh}负有安全生产监管职责的岗位决定。", f"a post of the tier {' or '.join(tiers)} decides"
        )


class AnotherMustDecideStop(Exception):
    """Who proposed a measure does not decide on it ([S] Art 70: with the approval of the main head)."""

    status = 409
    code = "another_must_decide_stop"
    title = ("须由其他岗位、其他人员决定", "Somebody else has to decide")

    def __init__(self) -> None:
        super().__init__("提出人不得自行决定，请由主要负责人批准。", "another post and person approves it")


class NoStopForThis(Exception):
    """Stopped is a firm with a major hazard, while its order is at work ([S] Art 70)."""

    status = 409
    code = "no_stop_for_this"
    title = ("该指令单不适用此类措施", "No such measure on this order")

    def __init__(self) -> None:
        super().__init__(
            "仅适用于存在重大事故隐患、指令单在办的生产经营单位。",
            "only for a firm with a major hazard, whose order is at work",
        )


class NotTheSupplier(Exception):
    """The supplier acts itself, or what it did is entered with its paper."""

    status = 422
    code = "not_the_supplier"
    title = ("须由供应单位办理，或附其书面回执", "The supplier acts, or its paper is entered")

    def __init__(self) -> None:
        super().__init__(
            "代为登记须附供应单位的书面回执。", "to enter it for the supplier, add its paper as evidence"
        )


def require_tier(by: Actor, policy: StopPolicy) -> None:
    """Raises NotOfThisTier (403)."""
    if by.tier not in policy.decided_by:
        raise NotOfThisTier(policy.decided_by)


def require_another(measure: StopMeasure, by: Actor) -> None:
    """Raises AnotherMustDecideStop (409)."""
    if by.post == measure.proposed_by or by.subject == measure.proposed_subject:
        raise AnotherMustDecideStop


def is_supplier(measure: StopMeasure, by: Actor) -> bool:
    """Whether the acting post is one of the supplier's."""
    return measure.supplier_organization_id is not None and by.organization == measure.supplier_organization_id
