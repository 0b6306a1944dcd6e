"""What holders of the three separated offices are asked before an app acts for them.

Whoever registers an app says where its codes go; given in silence, the system administrator would so get what the
security administrator may (三员分立). The person sees which app it is and where they are led, once a session.
"""

from __future__ import annotations

from gateway.identity.rules import Client
from gateway.people import actions as people
from gateway.people.rules import Person
from gateway.sessions import store
from gateway.sessions.actions import SYSTEM
from gateway.sessions.rules import Authorization, Session, confirmation, has_confirmed
from gateway.sessions.rules_asked import Target
from gateway.subjects import actions as subjects
from gateway.subjects.rules_roles import SEPARATED
from libs.common.db import Tx


async def must_confirm(tx: Tx, session: Session, person: Person, target: Target, client: Client) -> bool:
    """Whether the person is shown the app first."""
    if confirmation(client.id, target.host) in session.confirmed:
        return False
    return await _holds_office(tx, person)


async def confirm(tx: Tx, session: Session, person: Person, target: Target, client: Client) -> None:
    """The person means this app: it is asked about no more for as long as the session lasts."""
    async with tx.system(SYSTEM):
        await store.confirm_app(tx, session.id, confirmation(client.id, target.host))
    await people.note(tx, person, "app_confirmed", client_id=client.client_id, host=target.host)


async def lacks_confirming(tx: Tx, authorization: Authorization, person: Person) -> bool:
    """Whether an app got in before the person held an office, and was not confirmed since."""
    if not await _holds_office(tx, person):
        return False
    async with tx.system(SYSTEM):
        confirmed = await store.confirmed_in(tx, authorization.session)
    return not has_confirmed(confirmed, authorization.client)


async def _holds_office(tx: Tx, person: Person) -> bool:
    roles, _ = await subjects.reach_of(tx, person.subject)
    return not SEPARATED.isdisjoint(roles)
