"""What a letter of responsibility (责任书) is: an exact text that a post of the tier above and the one below sign.

Letters go down tier by tier ([SEED] 逐级签订责任书; [P] 地方党政领导干部安全生产责任制规定 2018): a post that
passes its duty on names the letter that binds itself. A letter to a citizen or a firm has an entity in place of the
lower post, which signs by itself or on paper. Each signature is a hash over the letter and its exact text; nothing of
a letter changes but its state ([DEF]).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

TEXT_MAX = 20_000


class LetterState(StrEnum):
    """Where a letter is: the issuer's signature is on it from the beginning."""

    OFFERED = "offered"
    SIGNED = "signed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class SignedHow(StrEnum):
    """How a signature was given."""

    HERE = "here"
    ON_PAPER = "on_paper"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature: by a post or by an entity's party, at an instant, over `text_sha256`; `digest` binds them."""

    post_id: UUID | None
    party_id: UUID | None
    at: datetime
    how: SignedHow
    text_sha256: str
    digest: str
    evidence: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One letter. Area and sectors are where the duty lies; `to_tier` is the lower post's tier, or `entity`."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    title: str
    text: str
    text_sha256: str
    from_post_id: UUID
    to_post_id: UUID | None
    to_tier: str
    entity: str
    entity_party_id: UUID | None
    under_letter_id: UUID | None
    valid_from: datetime
    valid_to: datetime
    sign_by: datetime
    state: LetterState
    signatures: tuple[Signature, ...]
    reason: str = ""
    late_told_at: datetime | None = None


class LetterWrong(Exception):
    """What was entered about a letter does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "letter_wrong"
    title = ("责任书信息有误", "The letter is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class LetterNotOffered(Exception):
    """What is signed, returned or withdrawn stays so."""

    status = 409
    code = "letter_not_offered"
    title = ("责任书已签订、退回或撤回", "The letter is signed, returned or withdrawn")

    def __init__(self, letter: Letter) -> None:
        super().__init__(
            f"责任书状态为「LetterState.{letter.state}」，不能再改；请另行签发。",
            f"it is {letter.state} and stays so: issue another one",
        )
        self.state: str = letter.state
        self.open_moves: tuple[str, ...] = ()


class NotYoursToSign(Exception):
    """A letter is signed, and returned, by whom it binds, and by nobody in their place."""

    status = 403
    code = "not_yours_to_sign"
    title = ("责任书须由责任人本人签署", "Only whom the letter binds signs it")

    def __init__(self) -> None:
        super().__init__(
            "请以受书岗位的身份操作（Acting-Post）；对责任主体的责任书，由其本人在线签署，或由签发岗位登记纸质签名。",
            "act for the post that it is addressed to (Acting-Post); an entity signs by itself, or its signature on"
            " paper is entered by the post that issued the letter",
        )


class NotYoursToWithdraw(Exception):
    """A letter is withdrawn by the post that issued it."""

    status = 403
    code = "not_yours_to_withdraw"
    title = ("责任书须由签发岗位撤回", "Only the post that issued the letter withdraws it")

    def __init__(self) -> None:
        super().__init__("请以签发岗位的身份操作（Acting-Post）。", "act for the post that issued it (Acting-Post)")


class TextDiffers(Exception):
    """What was signed is not the text that stands here."""

    status = 409
    code = "letter_text_differs"
    title = ("所签文本与现存文本不一致", "The text that was signed is another one")

    def __init__(self, letter: Letter) -> None:
        super().__init__(
            "请重新读取责任书，核对全文后以其 text_sha256 签署。", "read the letter again, and sign its text_sha256"
        )
        self.state: str = letter.state
        self.open_moves = open_moves(letter)


def text_sha256(title: str, text: str) -> str:
    """The hash over the exact text: UTF-8 of the title, an empty line, and the text, as they are shown."""
    return sha256(f"{title}\n\n{text}".encode()).hexdigest()


def digest(letter_id: UUID, text_hash: str, signer: UUID | None, at: datetime) -> str:
    """What a signature binds together: SHA-256 of the letter, its text's hash, who signed and when, a line each."""
    return sha256(f"{letter_id}\n{text_hash}\n{signer or 'on paper'}\n{at.isoformat()}".encode()).hexdigest()


def proves(letter: Letter, signature: Signature) -> bool:
    """Whether a signature is over this letter's exact text, as it stands here."""
    over = text_sha256(letter.title, letter.text)
    signer = signature.post_id or signature.party_id
    return signature.text_sha256 == over and signature.digest == digest(letter.id, over, signer, signature.at)


def issue(letter: Letter, *, upper: Letter | None, now: datetime) -> Letter:
    """Offered, with the issuer's own signature on it. Raises LetterWrong with every fault at once.

    `upper` is the letter that it hangs on, where it names one.
    """
    faults = [*_addressed(letter), *_in_time(letter, now), *_below(letter, upper)]
    if faults:
        raise LetterWrong(*faults)
    hashed = replace(letter, text_sha256=text_sha256(letter.title, letter.text))
    return replace(hashed, signatures=(_signature(hashed, post_id=letter.from_post_id, at=now),))


def _addressed(letter: Letter) -> Iterable[tuple[str, str, tuple[str, str]]]:
    named = letter.to_post_id is not None
    if named == bool(letter.entity):
        said = ("受书岗位与责任主体须填且只填一项。", "name either the post or the entity that it binds")
        yield ("/to_post_id", "one_of_two", said)
    if named and letter.entity_party_id is not None:
        yield ("/entity_party_id", "one_of_two", ("对岗位的责任书没有关联方。", "a letter to a post has no party"))
    if letter.to_post_id == letter.from_post_id:
        yield ("/to_post_id", "itself", ("岗位不能与自己签订责任书。", "a post does not bind itself"))


def _in_time(letter: Letter, now: datetime) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if letter.valid_to <= letter.valid_from:
        yield ("/valid_to", "before_its_beginning", ("止期须晚于起期。", "it ends before it begins"))
    if letter.sign_by <= now:
        yield ("/sign_by", "too_early", ("签署期限须在现在之后。", "nobody can sign in the past"))
    if letter.sign_by > letter.valid_to:
        yield ("/sign_by", "too_late", ("签署期限不得晚于止期。", "it would be signed after it ended"))


def _below(letter: Letter, upper: Letter | None) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if upper is None:
        return
    if upper.state is not LetterState.SIGNED:
        said = ("上级责任书尚未签订。", "the letter above is not signed")
        yield ("/under_letter_id", "not_signed", said)
    if upper.to_post_id != letter.from_post_id:
        said = (
            "上级责任书的受书岗位不是本签发岗位。",
            "the letter above does not bind the post that issues it",
        )
        yield ("/under_letter_id", "binds_another", said)


def sign(letter: Letter, *, text_hash: str, by_post: UUID | None, parties: frozenset[UUID], now: datetime) -> Letter:
    """Signed by whom it binds: the lower post, or a party of the entity.

    Raises NotYoursToSign (403), LetterNotOffered, TextDiffers (409).
    """
    party = _signs_for(letter, by_post, parties)
    _require_offered(letter)
    if text_hash != letter.text_sha256:
        raise TextDiffers(letter)
    return _signed(letter, _signature(letter, post_id=letter.to_post_id, party_id=party, at=now))


def sign_on_paper(letter: Letter, *, by_post: UUID | None, evidence: tuple[UUID, ...], now: datetime) -> Letter:
    """An entity's signature on paper, entered by the post that issued the letter, with the page as evidence.

    Raises NotYoursToSign (403), LetterNotOffered (409).
    """
    if letter.to_post_id is not None or by_post != letter.from_post_id:
        raise NotYoursToSign
    _require_offered(letter)
    entered = _signature(letter, at=now, how=SignedHow.ON_PAPER, evidence=evidence)
    return _signed(letter, entered)


def return_letter(
    letter: Letter, *, reason: str, by_post: UUID | None, parties: frozenset[UUID]
) -> Letter:  # fmt: skip
    """Not signed, and why. Raises NotYoursToSign (403), LetterNotOffered (409)."""
    _signs_for(letter, by_post, parties)
    _require_offered(letter)
    return replace(letter, state=LetterState.RETURNED, reason=reason)


def withdraw(letter: Letter, *, reason: str, by_post: UUID | None) -> Letter:
    """Taken back before it was signed. Raises NotYoursToWithdraw (403), LetterNotOffered (409)."""
    if by_post != letter.from_post_id:
        raise NotYoursToWithdraw
    _require_offered(letter)
    return replace(letter, state=LetterState.WITHDRAWN, reason=reason)


def is_late(letter: Letter, now: datetime) -> bool:
    """Whether it should have been signed by now, and nobody has been told."""
    return letter.state is LetterState.OFFERED and letter.sign_by <= now and letter.late_told_at is None


def open_moves(letter: Letter) -> tuple[str, ...]:
    """The verbs that may be used now."""
    if letter.state is not LetterState.OFFERED:
        return ()
    paper = () if letter.to_post_id is not None else ("sign-on-paper",)
    return ("sign", *paper, "return", "withdraw")


def _signs_for(letter: Letter, by_post: UUID | None, parties: frozenset[UUID]) -> UUID | None:
    """The party that signs for an entity; None for a post. Raises NotYoursToSign."""
    if letter.to_post_id is not None and letter.to_post_id == by_post:
        return None
    if letter.to_post_id is None and letter.entity_party_id in parties:
        return letter.entity_party_id
    raise NotYoursToSign


def _require_offered(letter: Letter) -> None:
    if letter.state is not LetterState.OFFERED:
        raise LetterNotOffered(letter)


def _signature(
    letter: Letter, *, at: datetime, post_id: UUID | None = None, party_id: UUID | None = None,
    how: SignedHow = SignedHow.HERE, evidence: tuple[UUID, ...] = (),
) -> Signature:  # fmt: skip
    bound = digest(letter.id, letter.text_sha256, post_id or party_id, at)
    return Signature(
        post_id=post_id, party_id=party_id, at=at, how=how, text_sha256=letter.text_sha256, digest=bound,
        evidence=evidence,
    )  # fmt: skip


def _signed(letter: Letter, signature: Signature) -> Letter:
    return replace(letter, state=LetterState.SIGNED, signatures=(*letter.signatures, signature))
