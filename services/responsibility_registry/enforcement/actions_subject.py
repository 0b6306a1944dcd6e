"""Whom a decision is against and who made it, looked up in the registry for a whole batch at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.enforcement.rules import Fault, SubjectKind
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.organizations import actions_organizations as organizations
from services.responsibility_registry.organizations.rules_organizations import Organization, is_credit_code


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Whom a decision names: one of a firm by its unified credit code, an organisation of the registry, a post, and a
    person by an opaque key."""

    credit_code: str | None = None
    firm_name: str = ""
    organization_id: UUID | None = None
    post_id: UUID | None = None
    person_key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom a decision is against, as it is kept."""

    kind: SubjectKind
    firm_id: str | None = None
    firm_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the registry knows of a batch: authorities by code, organisations, posts and areas."""

    authorities: Mapping[str, Organization]
    organizations: Mapping[UUID, Organization]
    posts: Collection[UUID]
    areas: Collection[str]

    def subject(self, named: Named) -> Subject:
        """The one that is named; an organisation counts under its credit code, where it has one."""
        if named.credit_code is not None:
            return Subject(kind=SubjectKind.FIRM, firm_id=named.credit_code, firm_name=named.firm_name)
        if named.organization_id is not None:
            unit = self.organizations[named.organization_id]
            return Subject(
                kind=SubjectKind.FIRM, firm_id=unit.credit_code or str(unit.id),
                firm_name=named.firm_name or unit.name_zh,
            )  # fmt: skip
        return Subject(kind=SubjectKind.POST if named.post_id else SubjectKind.PERSON)


async def known_of(tx: Tx, rows: Sequence[tuple[str, str, Named]]) -> Known:
    """What the registry knows of the (authority's code, area, subject) of these rows."""
    units = {named.organization_id for _, _, named in rows if named.organization_id is not None}
    held = {named.post_id for _, _, named in rows if named.post_id is not None}
    return Known(
        authorities=await organizations.organizations_by_code(tx, {code for code, _, _ in rows}),
        organizations=await organizations.organizations_by_id(tx, units),
        posts=await posts.posts_by_id(tx, sorted(held)) if held else (),
        areas=await areas.known_areas(tx, {area for _, area, _ in rows}),
    )


def subject_faults(authority_code: str, area_code: str, named: Named, known: Known) -> Iterable[Fault]:
    """What the registry does not know of a row, or what it names besides."""
    if authority_code not in known.authorities:
        said = ("登记册中没有此代码的单位。", "the registry has no organisation of this code")
        yield "/authority_code", "unknown_organization", said
    if area_code not in known.areas:
        yield "/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")
    given = (named.credit_code, named.organization_id, named.post_id, named.person_key or None)
    if sum(one is not None for one in given) != 1:
        said = (
            "被决定的对象须填且只填一项：信用代码、单位、岗位或人员密钥。",
            "name one, and one only: credit_code, organization_id, post_id or person_key",
        )
        yield "/credit_code", "one_subject", said
        return
    yield from _of_one(named, known)


def _of_one(named: Named, known: Known) -> Iterable[Fault]:
    if named.credit_code is not None:
        if not is_credit_code(named.credit_code):
            said = (
                "统一社会信用代码为 18 位，校验位须相符（GB 32100-2015）。",
                "18 signs with their check sign (GB 32100-2015)",
            )
            yield "/credit_code", "not_a_credit_code", said
        if not named.firm_name:
            yield "/firm_name", "required", ("请填写单位名称。", "say what the firm is called")
    elif named.organization_id is not None and named.organization_id not in known.organizations:
        said = ("登记册中没有此单位。", "the registry has no such organisation")
        yield "/organization_id", "unknown_organization", said
    elif named.post_id is not None and named.post_id not in known.posts:
        yield "/post_id", "unknown_post", ("台账中没有该岗位。", "the registry has no such post")
    if named.firm_name and named.credit_code is None and named.organization_id is None:
        said = ("岗位和个人不填名称。", "of a post or a person no name is kept")
        yield "/firm_name", "no_name_of_a_person", said
