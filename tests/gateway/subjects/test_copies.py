"""Every service copies subjects by their events; copy and original have one digest, so a difference is noticed."""

from uuid import uuid4

from gateway.subjects.actions import SUBJECTS
from gateway.subjects.rules import Subject
from libs.common.access import ACCESS_COPY, ScopesOfCallers, access_grants
from libs.common.aggregates import load, selected
from libs.common.announcing import announce
from libs.common.clocks import system_now
from libs.common.copies import as_digest, digest_of, row_hash
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.contracts.event import Heard
from libs.contracts.gateway import SubjectState, SubjectStated
from tests.gateway.running import Running, county_grant

SYSTEM = Scope.of_system("test")


async def test_a_copy_made_from_events_has_the_digest_of_the_original(gateway: Running) -> None:
    dated = {"valid_from": "2026-10-12T19:40:00.123456+08:00", "valid_to": "2027-01-01T00:00:00Z"}
    await gateway.register(grants=[county_grant(**dated), county_grant()])
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(selected(SUBJECTS.table, tx.scope))
        subjects = [load(Subject, row) for row in rows]
        mirrored = await digest_of(tx, access_grants, SubjectState)
        for subject in subjects:
            await ACCESS_COPY.take(heard(subject), tx)
        copied = await digest_of(tx, access_grants, SubjectState)
    hashes = [row_hash(one.id, one.version, SUBJECTS.state_of(one)) for one in subjects]
    assert mirrored == copied == (len(subjects), as_digest(hashes))


def heard(subject: Subject) -> Heard[SubjectStated]:
    """The event as it arrives: through JSON and back."""
    told = SubjectStated(state=SUBJECTS.state_of(subject)).model_dump_json()
    return Heard(
        id=uuid4(),
        type=SubjectStated.type,
        aggregate_id=subject.id,
        aggregate_version=subject.version,
        correlation_id=subject.correlation_id,
        causation_id=None,
        area_code=subject.area_code,
        sectors=(),
        actor_post=None,
        occurred_at=system_now(),
        recorded_at=system_now(),
        policy_version="",
        exercise=False,
        sensitivity="internal",
        traceparent=None,
        data=SubjectStated.model_validate_json(told),
    )


async def test_the_scope_is_what_the_grants_say_at_the_citys_instant(gateway: Running) -> None:
    future = county_grant(role="commander", valid_from="2999-01-01T00:00:00Z")
    past = county_grant(role="leader", valid_to="2020-01-01T00:00:00Z")
    made = await gateway.register(grants=[county_grant(), future, past])
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        scope = await ScopesOfCallers().find(tx, Principal.standing(made["subject"], made["client_id"]), None)
    assert [grant.role for grant in scope.grants] == ["inspector"]
    assert (scope.posts, scope.post_id) == (frozenset(), None)


async def test_subjects_are_stated_again_for_whoever_lost_them(gateway: Running) -> None:
    await gateway.register()
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        assert await announce(tx, SUBJECTS) == len(await tx.all(selected(SUBJECTS.table, tx.scope)))
