"""What follows where a listed hazard is not put right: proposals, until a post of the tier has decided."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from services.responsibility_registry.listings.rules import (
    Consequence,
    ConsequenceState,
    Listing,
    ListingState,
    ListingWrong,
    require_open,
)
from services.responsibility_registry.listings.rules_policy import ListingPolicy
from services.responsibility_registry.listings.rules_who import Actor, NotOfThisLevel

MOST_CONSEQUENCES = 50


class AnotherMustDecideConsequence(Exception):
    """Who proposed a consequence does not decide on it, nor as a person through another post."""

    status = 409
    code = "another_must_decide_consequence"
    title = ("须由其他岗位、其他人员决定", "Somebody else has to decide")

    def __init__(self) -> None:
        super().__init__("提出人不得自行决定，请由其他岗位、其他人员决定。", "another post and person has to decide")


def propose(
    listing: Listing, code: str, *, words: str, by: Actor | None, at: datetime, policy: ListingPolicy
) -> Listing:
    """A consequence is proposed, with its reason. Raises ListingWrong (422), ListingCannotMove (409)."""
    require_open(listing, "propose")
    rule = policy.consequence(code)
    if rule is None:
        raise ListingWrong(("/consequence", "unknown_consequence", ("没有此后果。", "there is no such consequence")))
    if any(one.code == code and one.state is ConsequenceState.PROPOSED for one in listing.consequences):
        said = ("该后果已提出，待决定。", "it is proposed already and waits for a decision")
        raise ListingWrong(("/consequence", "proposed_already", said))
    if len(listing.consequences) >= MOST_CONSEQUENCES:
        raise ListingWrong(("", "too_many", (f"最多 {MOST_CONSEQUENCES} 项。", f"{MOST_CONSEQUENCES} at most")))
    made = Consequence(
        number=len(listing.consequences) + 1, code=code, state=ConsequenceState.PROPOSED, words=words,
        source=rule.source, proposed_at=at, proposed_by=None if by is None else by.post,
        proposed_subject="" if by is None else by.subject,
    )  # fmt: skip
    return replace(listing, consequences=(*listing.consequences, made))


def decide(
    listing: Listing, number: int, *, accepted: bool, words: str, by: Actor, at: datetime, policy: ListingPolicy
) -> Listing:
    """A post of the tier decides on one that is proposed. Raises NotOfThisLevel (403), ListingWrong (422),
    AnotherMustDecideConsequence, ListingCannotMove (409)."""
    require_open(listing, "decide")
    found = next((one for one in listing.consequences if one.number == number), None)
    if found is None or found.state is not ConsequenceState.PROPOSED:
        said = ("没有该编号的待决定后果。", "no consequence of this number waits for a decision")
        raise ListingWrong(("/number", "not_proposed", said))
    rule = policy.consequence(found.code)
    if rule is None or by.tier not in rule.decided_by:
        said = ("该后果", "a consequence") if rule is None else (rule.zh, rule.en)
        raise NotOfThisLevel(said, () if rule is None else rule.decided_by)
    if found.proposed_by == by.post or found.proposed_subject == by.subject:
        raise AnotherMustDecideConsequence
    state = ConsequenceState.ACCEPTED if accepted else ConsequenceState.REFUSED
    decided = replace(found, state=state, decided_at=at, decided_by=by.post, decision=words)
    every = tuple(decided if one.number == number else one for one in listing.consequences)
    return replace(listing, consequences=every)


def overdue(listing: Listing, limit_at: datetime, policy: ListingPolicy, at: datetime) -> Listing:
    """The limit has passed: told once for each limit, with what the policy proposes then."""
    after = replace(listing, overdue_for=limit_at)
    for code in _new(listing, policy):
        after = propose(after, code, words=policy.when_overdue_source, by=None, at=at, policy=policy)
    return after


def _new(listing: Listing, policy: ListingPolicy) -> Iterator[str]:
    standing = {one.code for one in listing.consequences if one.state is not ConsequenceState.REFUSED}
    if listing.state is ListingState.LISTED:
        yield from (code for code in policy.when_overdue if code not in standing)
