"""How a worker works on a job: as its caller, a committed batch at a time, until the lease or the caller is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, Final

from gateway.jobs import rules, store
from gateway.jobs.actions import folder_of, tell
from gateway.jobs.rules import Job, JobState
from gateway.services import Sent, ServiceClient
from gateway.signing.actions import sign
from gateway.tokens.rules import Granted, TokenLife, claims
from libs.common.access import ScopesOfCallers
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.languages import Language
from libs.common.problems import Problem
from libs.common.scope import Scope
from libs.common.tokens import Principal

_SYSTEM: Final = "jobs: work"
_TRIES: Final = 8
_LONGEST_PAUSE_SECONDS: Final = 5.0
_BUSY: Final = frozenset({0, 409, 429, 500, 502, 503, 504})
"""Answers after which the same may be asked again; 409 only where it is `still_running`."""

Document = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """What every worker needs."""

    database: Database
    services: ServiceClient
    seals: Seals
    life: TokenLife
    home: Path
    document: Document


class JobLost(Exception):
    """The job was cancelled or given to another worker: nothing more of it may be written."""


class StoodBack(Exception):
    """Others wait, and this job had its turn: it goes on later from where it is."""


class JobStopped(Exception):
    """The job cannot be done; `problem` says why, in the caller's language."""

    def __init__(self, code: str, title: str, detail: str, **extra: Any) -> None:
        super().__init__(code)
        self.problem = {"code": code, "title": title, "detail": detail, **extra}


class Run:
    """One worker's hold on one job."""

    def __init__(self, shop: Workshop, job: Job) -> None:
        self.shop, self.job = shop, job
        self._scopes = ScopesOfCallers()
        self._began, self._token, self._token_until = monotonic(), "", 0.0

    @property
    def folder(self) -> Path:
        """Where the job's files are; made where it is missing, for nobody else to look into."""
        found = folder_of(self.shop.home, self.job.id)
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
        return found

    @property
    def language(self) -> Language:
        """In which the caller reads."""
        return Language(self.job.language)

    async def keep(
        self, *, cursor: Mapping[str, Any], done: int, total: int | None, faults: Sequence[Mapping[str, Any]] = (),
        more_faults: int = 0,
    ) -> None:  # fmt: skip
        """Commit how far it is; after a kill the next worker goes on from here.

        `more_faults` were counted and not told. Raises JobLost, and StoodBack where others wait for their turn.
        """
        counted = self.job.faults + len(faults) + more_faults
        turn_over = monotonic() - self._began > rules.TURN.total_seconds()
        async with self.shop.database.unit_of_work(self._as_worker()) as tx:
            await store.add_faults(tx, self.job, self.job.faults, faults)
            stands_back = turn_over and await store.others_wait(tx, self.job.client_id)
            kept = {"cursor": dict(cursor), "done": done, "total": total, "faults": counted}
            if stands_back:
                kept |= {"state": JobState.QUEUED, "queued_at": system_now(), "lease_until": None}
            else:
                kept |= {"lease_until": system_now() + rules.LEASE}
            if not await store.write(tx, self.job, kept):
                raise JobLost
        self.job = replace(self.job, cursor=dict(cursor), done=done, total=total, faults=counted)
        if stands_back:
            raise StoodBack

    async def hold_on(self) -> None:
        """Say that the worker still lives, while something takes long. Raises JobLost."""
        async with self.shop.database.unit_of_work(self._as_worker()) as tx:
            if not await store.write(tx, self.job, {"lease_until": system_now() + rules.LEASE}):
                raise JobLost

    async def finish(self, result: Mapping[str, Any]) -> None:
        """It is done. Raises JobLost."""
        await self._end(JobState.DONE, "finished", {"result": dict(result)}, result)

    async def fail(self, problem: Mapping[str, Any]) -> None:
        """It cannot be done. Raises JobLost."""
        await self._end(JobState.FAILED, "failed", {"problem": dict(problem)}, {"code": problem.get("code")})

    async def ask(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, key: str = ""
    ) -> Sent:
        """What the door of a service answers the caller, who may be refused; waits where it is busy.

        Raises JobStopped where the caller was ended, or nobody answers after eight tries.
        """
        answer = Sent(status=0)
        for attempt in range(_TRIES):
            headers = {"Authorization": f"Bearer {await self.token()}", "Accept-Language": self.job.language}
            if self.job.acting_post is not None:
                headers["Acting-Post"] = str(self.job.acting_post)
            if key:
                headers["Idempotency-Key"] = key
            answer = await self.shop.services.send(method, path, params=params, body=body, headers=headers)
            if not _passes(answer):
                return answer
            await asyncio.sleep(min(0.25 * 2**attempt, _LONGEST_PAUSE_SECONDS))
            await self.hold_on()
        raise JobStopped(
            "unavailable",
            *self.in_words(("服务暂时不可用", "Not available"), ("请稍后重新发起。", "Start it again later.")),
        )

    async def token(self) -> str:
        """A short-lived token for the caller itself. Raises JobStopped where the caller was ended."""
        if monotonic() < self._token_until:
            return self._token
        job = self.job
        try:
            async with self.shop.database.unit_of_work(self._as_caller) as tx:
                at = system_now()
                granted = Granted(subject=job.owner, client_id=job.client_id, scope=" ".join(job.oauth_scopes))
                told = claims(self.shop.life, granted, token_id=new_id(), at=at)
                self._token = await sign(tx, self.shop.seals, told, at)
        except Problem as problem:
            if problem.status >= 500:
                raise
            told_of = problem.document(self.language)
            raise JobStopped(problem.code, told_of["title"], told_of["detail"]) from None
        self._token_until = monotonic() + self.shop.life.seconds / 2
        return self._token

    def without(self, document: Mapping[str, Any], kind: type[Problem]) -> Exception:
        """The end of a job whose door is gone; where a service is away, what passes by itself."""
        if document.get("x-missing"):
            return ConnectionError("a service does not tell of its doors")
        return JobStopped(kind.code, kind.title.to(self.language), kind.advice.to(self.language))

    def in_words(self, title: tuple[str, str], detail: tuple[str, str]) -> tuple[str, str]:
        """A title and a detail, given as (Chinese, English), in the caller's language."""
        english = self.language is Language.EN
        return title[english], detail[english]

    def _as_worker(self) -> Scope:
        """Under a system scope, and with the caller's name on what is written."""
        return Scope(
            subject=self.job.owner, client_id=self.job.client_id, post_id=self.job.acting_post, system=_SYSTEM
        )

    async def _as_caller(self, tx: Any) -> Scope:
        owner = Principal.standing(self.job.owner, self.job.client_id)
        return await self._scopes.find(tx, owner, self.job.acting_post)

    async def _end(self, state: JobState, fact: str, values: Mapping[str, Any], details: Mapping[str, Any]) -> None:
        ended = {"state": state, "ended_at": system_now(), "lease_until": None, "version": self.job.version + 1}
        async with self.shop.database.unit_of_work(self._as_worker()) as tx:
            if not await store.write(tx, self.job, {**values, **ended}):
                raise JobLost
            await tell(tx, self.job, fact, {"asked": dict(self.job.asked), **details})


async def take(shop: Workshop) -> Run | None:
    """The next job in turn, held; None where nobody waits."""
    async with shop.database.unit_of_work(Scope.of_system(_SYSTEM)) as tx:
        job = await store.take_job(tx, rules.LEASE)
    return None if job is None else Run(shop, job)


def problem_of(answer: Sent) -> dict[str, Any]:
    """A refusal of a service as the job tells it."""
    body = answer.body if isinstance(answer.body, dict) else {}
    return {name: body[name] for name in ("code", "title", "detail", "errors", "status") if name in body}


def stopped_by(answer: Sent) -> JobStopped:
    """The end of a job that a service refuses as a whole."""
    told = problem_of(answer)
    rest = {name: value for name, value in told.items() if name in ("errors", "status")}
    return JobStopped(
        told.get("code", "unavailable"), told.get("title", ""), told.get("detail", f"status {answer.status}"), **rest
    )


def _passes(answer: Sent) -> bool:
    """Whether it is worth asking again."""
    if answer.status == 409:
        return isinstance(answer.body, dict) and answer.body.get("code") == "still_running"
    return answer.status in _BUSY
