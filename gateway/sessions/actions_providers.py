"""The verbs of a browser that comes back from another body's sign-in page: let its person in, or link the account."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from gateway.people import actions as people
from gateway.providers.actions import providers_for_sign_in
from gateway.providers.actions_links import link_proven, subject_of
from gateway.providers.actions_sign_in import SignIn as SignIn
from gateway.providers.actions_sign_in import SignInUnknown as SignInUnknown
from gateway.providers.actions_sign_in import begin_sign_in as begin_sign_in
from gateway.providers.actions_sign_in import find_for_sign_in as find_for_sign_in
from gateway.providers.actions_sign_in import prepare as prepare
from gateway.providers.actions_sign_in import redeem as redeem
from gateway.providers.actions_sign_in import take_sign_in as take_sign_in
from gateway.providers.rules import Proven as Proven
from gateway.providers.rules import ProviderAlreadyEnded as ProviderAlreadyEnded
from gateway.providers.rules import ProviderTokenRefused as ProviderTokenRefused
from gateway.sessions.actions import Entered, Visitor, enter_by_provider
from gateway.sessions.rules import LINKED_WITHIN, Stage, is_fresh
from gateway.sessions.rules_pages import Offer
from gateway.sessions.rules_words import Both
from libs.common.db import Tx


class Linking(StrEnum):
    """What became of linking an account."""

    DONE = "done"
    OWN_ALREADY = "own_already"
    OF_ANOTHER = "of_another"
    NOT_SIGNED_IN = "not_signed_in"


async def offers(tx: Tx) -> tuple[Offer, ...]:
    """The sign-in pages of other bodies that a page offers."""
    found = await providers_for_sign_in(tx)
    return tuple(Offer(id=str(one.id), name=Both(one.name_zh, one.name_en)) for one in found)


async def enter(tx: Tx, proven: Proven, before: str | None, at: datetime) -> Entered | None:
    """A session for whom the account is linked to; None where that is nobody, no person, or one who was ended."""
    subject = await subject_of(tx, proven)
    person = None if subject is None else await people.find_subject(tx, subject)
    return None if person is None else await enter_by_provider(tx, person, before, at)


async def link(tx: Tx, proven: Proven, visitor: Visitor, at: datetime) -> Linking:
    """Link the account to who has just signed in here, in the browser that has just signed in there."""
    session, person = visitor.session, visitor.person
    if visitor.stage is not Stage.READY or session is None or person is None:
        return Linking.NOT_SIGNED_IN
    if not is_fresh(session, int(LINKED_WITHIN.total_seconds()), at):
        return Linking.NOT_SIGNED_IN
    subject = await subject_of(tx, proven)
    if subject is not None:
        return Linking.OWN_ALREADY if subject == person.subject else Linking.OF_ANOTHER
    await link_proven(tx, proven, person.subject)
    return Linking.DONE
