"""The verbs of commendations: enter one, revoke it; and what somebody wears, for their record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_level
from libs.contracts import commendations as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.commendations import rules, store
from services.responsibility_registry.commendations.policies import LEVELS, VERSION
from services.responsibility_registry.commendations.rules import (
    Commendation,
    CommendationWrong,
    Fault,
    HonouredKind,
)
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.organizations import actions_organizations as organizations
from services.responsibility_registry.organizations.rules_organizations import is_credit_code

ENTERS = ("leader", "administrator")
"""Who enters honours and takes them back ([DEF])."""
MOST_WORN = 50
_UNKNOWN = ("登记册中没有此对象。", "the registry knows of nobody by this id")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCommendation:
    """Who is honoured how, for what, by whose decision. A firm is called by its name, others as the registry does."""

    id: UUID
    honour: str
    level_ordinal: int
    authority_code: str
    decision_number: str
    honoured_kind: HonouredKind
    honoured_id: str
    honoured_name: str
    words: str
    evidence: tuple[UUID, ...]
    area_code: str
    sectors: tuple[str, ...]
    awarded_on: date
    valid_from: date
    valid_to: date | None


async def award(tx: Tx, new: NewCommendation) -> Commendation:
    """Enter the decision of an authority to honour somebody.

    Raises RoleMissing (403), CommendationWrong (422), CommendationExists (409).
    """
    tx.caller.require_every(*ENTERS, area_code=new.area_code, sectors=new.sectors)
    authority = (await organizations.organizations_by_code(tx, {new.authority_code})).get(new.authority_code)
    honoured, name, faults = await _honoured(tx, new)
    if new.area_code not in await areas.known_areas(tx, {new.area_code}):
        faults.append(("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")))
    if authority is None:
        said = ("登记册中没有此代码的单位。", "the registry has no organisation of this code")
        raise CommendationWrong(*faults, ("/authority_code", "unknown_organization", said))
    one = Commendation(
        id=new.id, version=0, area_code=new.area_code, sectors=new.sectors, exercise=False, correlation_id=new_id(),
        honour=new.honour, level_ordinal=new.level_ordinal, authority_id=authority.id,
        decision_number=new.decision_number, honoured_kind=new.honoured_kind, honoured_id=honoured,
        honoured_name=name, words=new.words, evidence=new.evidence, awarded_on=new.awarded_on,
        valid_from=new.valid_from, valid_to=new.valid_to, policy_version=VERSION,
    )  # fmt: skip
    faults += rules.faults_of(one, area_level(authority.area_code).value, LEVELS, city_day(tx.now))
    if faults:
        raise CommendationWrong(*faults)
    await store.lock_awarding(tx)
    async with tx.system("commendations: is it known"):
        if await store.is_known(tx, one):
            raise rules.CommendationExists
    event = told.CommendationAwarded(state=state_of(one), evidence=one.evidence)
    return await store.record_commendation(tx, one, event, why=one.words)


async def revoke(tx: Tx, commendation_id: UUID, expected: int | None, document: str, reason: str) -> Commendation:
    """Taken back by a decision. Raises RoleMissing (403), CommendationAlreadyRevoked (409)."""
    one = await store.lock_commendation(tx, commendation_id)
    tx.caller.require_every(*ENTERS, area_code=one.area_code, sectors=one.sectors)
    require_version(one, expected)
    after = rules.revoke(one, document=document, reason=reason, now=tx.now)
    event = told.CommendationRevoked(state=state_of(after), document=document, reason=reason)
    return await store.record_commendation(tx, after, event, why=reason)


async def worn_by(tx: Tx, honoured_id: str) -> Sequence[Commendation]:
    """What a post, an organisation or a firm wears now, of what the caller sees; one more than are shown."""
    return await store.list_worn(tx, honoured_id, city_day(tx.now), MOST_WORN + 1)


def state_of(one: Commendation) -> told.CommendationState:
    """The honour as events carry it."""
    return told.CommendationState(
        honour=one.honour, level_ordinal=one.level_ordinal, authority_id=one.authority_id,
        decision_number=one.decision_number, honoured_kind=one.honoured_kind, honoured_id=one.honoured_id,
        awarded_on=one.awarded_on, valid_from=one.valid_from, valid_to=one.valid_to, revoked_at=one.revoked_at,
    )  # fmt: skip


async def _honoured(tx: Tx, new: NewCommendation) -> tuple[str, str, list[Fault]]:
    """The id and name of who is honoured, and what is wrong with how they are named."""
    if new.honoured_kind is HonouredKind.FIRM:
        return new.honoured_id, new.honoured_name, _firm_faults(new)
    if new.honoured_name:
        said = ("岗位和单位以登记册的名称为准，请勿填写。", "posts and organisations are called as the registry does")
        return new.honoured_id, "", [("/honoured_name", "named_by_the_registry", said)]
    id_ = _uuid(new.honoured_id)
    name = "" if id_ is None else await _name(tx, new.honoured_kind, id_)
    faults = [] if name else [("/honoured_id", "unknown_honoured", _UNKNOWN)]
    return str(id_), name, faults


def _firm_faults(new: NewCommendation) -> list[Fault]:
    faults: list[Fault] = []
    if not is_credit_code(new.honoured_id):
        said = (
            "统一社会信用代码为 18 位，校验位须相符（GB 32100-2015）。",
            "18 signs with their check sign (GB 32100-2015)",
        )
        faults.append(("/honoured_id", "not_a_credit_code", said))
    if not new.honoured_name:
        faults.append(("/honoured_name", "required", ("请填写单位名称。", "say what the firm is called")))
    return faults


async def _name(tx: Tx, kind: HonouredKind, id_: UUID) -> str:
    """What the registry calls a post or an organisation; nothing where it has none of this id."""
    if kind is HonouredKind.POST:
        post = (await posts.posts_by_id(tx, [id_])).get(id_)
        return "" if post is None else post.name_zh
    unit = (await organizations.organizations_by_id(tx, [id_])).get(id_)
    return "" if unit is None else unit.name_zh


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
