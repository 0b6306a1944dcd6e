"""The door for time: what nobody finished, needs or sent."""

from __future__ import annotations

from datetime import datetime

from gateway.files import actions_end
from gateway.filestore import FileStore
from libs.common.db import Tx
from libs.common.watches import Watch, watch

_BATCH = 50


def watches(files: FileStore) -> tuple[Watch, ...]:
    """The sweeps, with the store that they clear."""

    async def end_unused_files(_: datetime, tx: Tx) -> int:
        return await actions_end.end_unused(tx, _BATCH)

    async def remove_ended_bytes(_: datetime, tx: Tx) -> int:
        return await actions_end.remove_bytes(tx, files, _BATCH)

    async def forget_unfinished_uploads(_: datetime, tx: Tx) -> int:
        return await actions_end.forget_uploads(tx, files, _BATCH)

    async def tell_awaited_files(_: datetime, tx: Tx) -> int:
        told = await actions_end.tell_awaited(tx, _BATCH)
        await actions_end.measure_awaited(tx)
        return told

    async def tidy_workroom(_: datetime, tx: Tx) -> int:
        del tx
        await files.tidy()
        return 0

    return (
        watch("end_unused_files", end_unused_files, every_seconds=300),
        watch("remove_ended_bytes", remove_ended_bytes, every_seconds=300),
        watch("forget_unfinished_uploads", forget_unfinished_uploads, every_seconds=300),
        watch("tell_awaited_files", tell_awaited_files, every_seconds=60),
        watch("tidy_workroom", tidy_workroom, every_seconds=3600),
    )
