"""Samples of what the gateway tells: who may do what, a client, a demonstration's clock, a correction, erasures."""

from __future__ import annotations

from libs.contracts import gateway as told
from libs.contracts import sign_in as signed
from libs.contracts.sample_values.cast import CALL_TAKER, CITY, HOUSE, NOTICE, TOWNSHIP, file
from libs.contracts.sampling import Story, at, sample_id

_SUBJECT = Story(word="township call-taker", born="2026-01-02 09:00", area_code=CITY)
_LEFT = Story(word="an agency's subject that left", born="2026-01-02 09:00", area_code=CITY)
_TABLE = Story(word="what posts give", born="2026-01-02 09:00", area_code=CITY)
_CLIENT = Story(word="township app", born="2026-01-02 09:00", area_code=CITY)
_ENDED = Story(word="an agency that left", born="2026-01-02 09:00", area_code=CITY)
_HOOK = Story(word="a county's webhook", born="2026-03-02 09:00", area_code=CITY)
_AGENCY = Story(word="weather bureau", born="2026-01-02 09:00", area_code=CITY)
_LINK = Story(word="a landlord's link", born="2026-10-12 21:30", area_code=TOWNSHIP, sectors=("fire",))
_WRONG_LINK = Story(word="a link to the wrong number", born="2026-10-12 21:25", area_code=TOWNSHIP, sectors=("fire",))
_PERSON = Story(word="a leader of the township", born="2026-01-05 09:00", area_code=TOWNSHIP)
_PERSON_SUBJECT = "person-019b8a3c-5c00-7000-8000-000000000001"
_FILE = Story(word="a photo of the separated stairwell", born="2026-10-25 15:49", area_code=TOWNSHIP)
_ORPHAN = Story(word="a photo that nobody referred to", born="2026-10-25 15:49", area_code=TOWNSHIP)
_AWAITED = Story(word="a photo still on a phone", born="2026-10-26 15:52", area_code=TOWNSHIP)
_FACTS = told.FileFacts(
    kind="photo",
    media_type="image/jpeg",
    bytes=1_834_112,
    sha256="6f1d6f1c2f0f0b0e9d1f5a4f8a1d0c3b7e2a9c4d5e6f708192a3b4c5d6e7f809",
    received_sha256="0b9c2625dc21ef05f6ad4ddf47c5f203837aa32c5d6e7f8091a2b3c4d5e6f708",
)
_TOKEN = Story(word="a token that was left lying about", born="2026-10-12 09:00", area_code=CITY)
_PROVIDER = Story(word="the district's sign-in", born="2026-03-02 09:00", area_code=CITY)
_ACCOUNT = Story(word="an account of the district's sign-in", born="2026-03-03 09:00", area_code=CITY)
_ISSUER = "https://sign-in.district.example/realms/staff"
_CLOCK = Story(word="the city's clock", born="2026-10-12 19:00", area_code=CITY)
_CORRECTED = Story(word="a correction", born="2026-10-13 09:00", area_code=TOWNSHIP, sectors=("fire",))
_ERASED = Story(word="an erasure", born="2026-10-20 09:00", area_code=TOWNSHIP, sectors=("fire",))
_KEPT = Story(word="an erasure that was refused", born="2026-10-21 09:00", area_code=TOWNSHIP, sectors=("fire",))
_ROW = sample_id("a row of the timeline", at("2026-10-12 19:52"))
_OTHER_ROW = sample_id("another row of the timeline", at("2026-10-12 19:55"))
_ARTICLE = "个人信息保护法 第四十七条"


def _subject(*roles: str, subject: str = "township-331002004000", ended: bool = False) -> told.SubjectState:
    grants = tuple(
        told.SubjectGrant(
            area_from=TOWNSHIP, area_to="331002004999", sectors=None, role=role, post_id=CALL_TAKER,
            valid_from=at("2026-01-01 00:00"),
        )
        for role in roles
    )  # fmt: skip
    posts = (told.SubjectPost(post_id=CALL_TAKER, valid_from=at("2026-01-01 00:00")),) if roles else ()
    return told.SubjectState(subject=subject, kind="client", posts=posts, parties=(), grants=grants, ended=ended)


def _webhook(state: str, because: str | None = None) -> told.WebhookState:
    return told.WebhookState(
        owner="agency-331002000000",
        client_id="county-command-platform",
        host="hooks.example.gov.cn",
        types=("risk_grading.hazard.*", "responsibility_registry.order.issued.v1"),
        areas=("331002000000",),
        sectors=("fire",),
        state=state,
        disabled_because=because,
    )


def _client(subject: str = "township-331002004000", ended: bool = False) -> told.ClientState:
    return told.ClientState(subject=subject, client_id=f"{subject}-app", ended=ended)


def _agency(*, ended: bool = False) -> told.AgencyState:
    return told.AgencyState(name_zh="丙气象局", name_en="Weather bureau", credit_code=None, ended=ended)


_ORDER = NOTICE.id
_ISSUED = told.EntryLinkIssued(order_id=_ORDER, party_id=HOUSE.id, expires_at=at("2026-10-15 21:30"))
_BOTH = _subject("call_taker", "duty_officer")
SAMPLES = (
    _SUBJECT.tell("2026-01-02 09:00", told.SubjectOpened(state=_subject())),
    _SUBJECT.tell("2026-03-01 09:00", told.SubjectChanged(state=_BOTH, by="posts")),
    _SUBJECT.tell("2026-11-01 03:00", told.SubjectStated(state=_BOTH)),
    _LEFT.tell("2026-01-02 09:00", told.SubjectOpened(state=_subject(subject="agency-weather"))),
    _LEFT.tell(
        "2026-06-30 18:00",
        told.SubjectEnded(state=_subject(subject="agency-weather", ended=True), reason="协议到期"),
    ),
    _HOOK.tell("2026-03-02 09:00", told.WebhookRegistered(webhook=_webhook("active"))),
    _HOOK.tell("2026-03-09 09:00", told.WebhookChanged(webhook=_webhook("active"))),
    _HOOK.tell("2026-05-04 03:10", told.WebhookDisabled(webhook=_webhook("disabled", "exhausted"))),
    _HOOK.tell("2026-05-04 09:00", told.WebhookEnabled(webhook=_webhook("active"))),
    _HOOK.tell("2026-12-31 18:00", told.WebhookEnded(webhook=_webhook("ended"))),
    _TABLE.tell(
        "2026-01-02 09:00",
        told.PostRolesAdopted(
            label="2026-1",
            source="[DEF] 岗位职责对应平台角色",
            rows=(told.ToldPostRole(kind="township_call_taker", role="call_taker", every_sector=True),),
        ),
    ),
    _CLIENT.tell("2026-01-02 09:00", told.ClientRegistered(state=_client())),
    _CLIENT.tell("2026-03-01 09:00", told.ClientChanged(state=_client())),
    _ENDED.tell("2026-01-02 09:00", told.ClientRegistered(state=_client("agency-weather"))),
    _ENDED.tell("2026-06-30 18:00", told.ClientEnded(state=_client("agency-weather", ended=True), reason="协议到期")),
    _AGENCY.tell("2026-01-02 09:00", told.AgencyRegistered(state=_agency())),
    _AGENCY.tell("2026-03-01 09:00", told.AgencyChanged(state=_agency())),
    _AGENCY.tell("2026-06-30 18:00", told.AgencyEnded(state=_agency(ended=True), reason="机构撤并")),
    _WRONG_LINK.tell("2026-10-12 21:25", _ISSUED),
    _WRONG_LINK.tell("2026-10-12 21:28", told.EntryLinkRevoked(order_id=_ORDER, reason="发错了人")),
    _LINK.tell("2026-10-12 21:30", _ISSUED),
    _LINK.tell("2026-10-12 22:05", told.EntryLinkUsed(order_id=_ORDER)),
    _LINK.tell("2026-10-12 23:10", told.EntryLinkClosed(order_id=_ORDER)),
    _PERSON.tell("2026-01-05 09:00", signed.PersonInvited(subject=_PERSON_SUBJECT)),
    _PERSON.tell("2026-01-05 10:12", signed.PersonEnrolled(subject=_PERSON_SUBJECT)),
    _PERSON.tell("2026-01-05 10:14", signed.PersonChanged(subject=_PERSON_SUBJECT, change="second_factor_added")),
    _PERSON.tell("2026-12-31 18:00", signed.PersonEnded(subject=_PERSON_SUBJECT)),
    _FILE.tell("2026-10-25 15:50", told.FileKept(file=_FACTS)),
    _ORPHAN.tell("2026-10-25 15:50", told.FileKept(file=_FACTS)),
    _ORPHAN.tell("2026-10-27 15:50", told.FileEnded(file=_FACTS, reason="nothing refers to it")),
    _AWAITED.tell(
        "2026-10-26 15:52",
        told.FileAwaited(
            file_id=file("detector", "2026-10-25 15:52"),
            noun="responsibility_registry.order",
            aggregate_id=_FILE.id,
            field="evidence",
            referred_at=at("2026-10-25 15:52"),
        ),
    ),
    _TOKEN.tell(
        "2026-10-12 09:00",
        signed.TokenRevoked(
            jti="019a0d2c-5b00-7000-8000-000000000001",
            client_id="township-331002004000-app",
            expires_at=at("2026-10-12 09:10"),
        ),
    ),
    _PROVIDER.tell("2026-03-02 09:00", signed.ProviderRegistered(issuer=_ISSUER)),
    _PROVIDER.tell("2026-05-06 10:00", signed.ProviderChanged(issuer=_ISSUER)),
    _ACCOUNT.tell(
        "2026-03-03 09:00", signed.ExternalIdentityLinked(provider_id=_PROVIDER.id, subject="township-331002004000")
    ),
    _ACCOUNT.tell(
        "2026-09-01 09:00",
        signed.ExternalIdentityEnded(provider_id=_PROVIDER.id, subject="township-331002004000", reason="调离"),
    ),
    _PROVIDER.tell("2026-11-30 18:00", signed.ProviderEnded(issuer=_ISSUER, reason="统一到市级平台")),
    _CLOCK.tell("2026-10-12 19:00", told.ClockSet(offset_seconds=86_400.0)),
    _CORRECTED.tell(
        "2026-10-13 09:00",
        told.CorrectionRecorded(timeline_id=_ROW, service="emergency_command", digest="5e" * 32),
    ),
    _ERASED.tell(
        "2026-10-20 09:00", told.ErasureRequested(timeline_id=_ROW, service="emergency_command", article=_ARTICLE)
    ),
    _ERASED.tell(
        "2026-10-20 15:00",
        told.ErasureOrdered(
            timeline_id=_ROW, service="emergency_command", article=_ARTICLE, ground="当事人撤回同意，保存已无必要"
        ),
    ),
    _KEPT.tell(
        "2026-10-21 09:00", told.ErasureRequested(timeline_id=_OTHER_ROW, service="risk_grading", article=_ARTICLE)
    ),
    _KEPT.tell("2026-10-21 15:00", told.ErasureRefused(timeline_id=_OTHER_ROW, service="risk_grading")),
)
