"""What the verbs on jobs refuse."""

from __future__ import annotations

from gateway.jobs.rules import MOST_OPEN, Job, open_moves
from libs.common.languages import Said
from libs.common.problems import Problem


class JobAlreadyEnded(Problem):
    """What has ended cannot be cancelled; its outcome stands."""

    status = 409
    code = "job_already_ended"
    title = Said("任务已结束", "The job has ended already")
    advice = Said("结果不变；如有需要请重新发起。", "Its outcome stands; start another one where you need it.")

    def __init__(self, job: Job) -> None:
        super().__init__(state=job.state.value, open_moves=list(open_moves(job)))


class TooManyJobs(Problem):
    """One client's jobs would keep everybody else's waiting."""

    status = 429
    code = "too_many_jobs"
    title = Said("未完成的任务过多", "Too many jobs are open")
    advice = Said(
        f"每个客户端最多 {MOST_OPEN} 个未完成的任务；请等待或取消其中一个。",
        f"At most {MOST_OPEN} jobs of a client may wait or run: wait for one, or cancel one.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "10"})


class NoResultYet(Problem):
    """There is no file, or none any more."""

    status = 409
    code = "no_result_file"
    title = Said("没有可下载的结果文件", "There is no file to download")
    advice = Said(
        "任务完成后才有文件，保留七天；请查看任务状态，或重新发起。",
        "A job has its file when it is done, and keeps it for seven days: look at its state, or start it again.",
    )

    def __init__(self, job: Job) -> None:
        super().__init__(state=job.state.value, open_moves=list(open_moves(job)))
