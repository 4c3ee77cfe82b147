"""What the routes share: the configuration, the queue, the workers, and how a job is taken in."""

import errno
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from starlette.requests import HTTPConnection

from affekt_studio import pipelines
from affekt_studio.changes import Changes
from affekt_studio.config import StudioConfig
from affekt_studio.errors import DiskFull, Forbidden, NotFinished, NotFound, QueueFull, TooManyRequests
from affekt_studio.jobs import Job, new_id
from affekt_studio.metrics import Metrics
from affekt_studio.pool import Pool
from affekt_studio.security import Access
from affekt_studio.stores import Store

POLL_SECONDS = 0.05
"""Seconds between two looks at the table for what workers on other machines write; those here say so at once."""
MEDIA = "media"
"""The stem of the recording in a job's folder; its own name is never a path."""


@dataclass(kw_only=True)
class Studio:
    """One running studio."""

    config: StudioConfig
    access: Access
    store: Store
    pool: Pool
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def changes(self) -> Changes:
        """Whom the workers of this server wake."""
        return self.pool.changes

    def job(self, id: str, session: str, *kinds: str) -> Job:
        """A job of this session.

        Raises:
            NotFound: it has none of this name and kind.
        """
        try:
            job = self.store.get(id, session)
        except KeyError:
            job = None
        if job is None or job.kind not in kinds:
            raise NotFound(f'this session has no {kinds[0]} "{id}"', hint="the list of the session; results expire")
        return job

    def folder_of_result(self, job: Job) -> Path:
        """Where the files of a job lie that is done.

        Raises:
            NotFinished: it is not done.
        """
        if job.state != "done" or job.outcome is None:
            why = "has failed; its `error` says why" if job.state == "failed" else f"is {job.state}"
            raise NotFinished(f'"{job.id}" {why}', hint="waiting for the event `done`")
        return self.store.folder_of(job.id) / str(job.outcome["folder"])

    def media_of(self, job: Job) -> Path:
        """The recording of a job.

        Raises:
            NotFound: it has none.
        """
        for path in sorted(self.store.folder_of(job.id).glob(f"{MEDIA}*")):
            return path
        raise NotFound(f'"{job.id}" has no recording', hint="an analysis")

    def require_room(self, session: str) -> None:
        """Refuses a new job where the session or everybody together has too many.

        Raises:
            TooManyRequests, QueueFull: see `config.Limits`.
        """
        limits = self.config.limits
        if self.store.created_since(session, time.time() - 60) >= limits.requests_a_minute:
            often = f"more than {limits.requests_a_minute} jobs in a minute"
            raise TooManyRequests(often, hint="again in a minute", retry_after=60)
        own, all_jobs = self.store.counts(session), self.store.counts()
        if own["queued"] + own["running"] >= limits.session_jobs:
            raise TooManyRequests(
                f"{limits.session_jobs} jobs of this session wait or run",
                hint="again when one has ended",
                retry_after=10,
            )
        if all_jobs["queued"] + all_jobs["running"] >= limits.queued_jobs:
            raise QueueFull(f"{limits.queued_jobs} jobs wait or run", hint="again in a minute", retry_after=60)

    def submit(self, session: str, kind: str, request: Mapping[str, Any], media: "Media | None" = None) -> Job:
        """Takes a job in: its recording is on the disk, and it is in the table, when this returns.

        Raises:
            StudioError: a limit forbids it, the disk is full, or the pipeline is not offered.
        """
        self.require_room(session)
        pipelines.read(self.config, request.get("pipeline"), request.get("settings") or {})
        id = new_id()
        folder = self.store.folder_of(id)
        with self._taking_in(folder):
            if media is not None:
                media.put(folder, self.config.limits.free_disk_bytes)
            job = self.store.submit(session, kind, request, id=id)
        self.pool.wake()
        return job

    @contextmanager
    def _taking_in(self, folder: Path) -> Iterator[None]:
        try:
            folder.mkdir(parents=True, mode=0o700)
            yield
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full() from error
            raise

    def remove(self, job: Job) -> None:
        """Removes a job with its media and results; where a worker is at it, the worker stops at its next step."""
        self.store.remove(job.id)
        self.changes.happened()
        shutil.rmtree(self.store.folder_of(job.id), ignore_errors=True)

    async def change(self, version: int, seconds: float = 1.0) -> None:
        """Waits until something has been written to the table since `store.version()` was asked, or for some time."""
        deadline = time.monotonic() + seconds
        most = POLL_SECONDS if self.config.redis else seconds
        woken = False
        while not woken:
            next_change = self.changes.expect()
            left = deadline - time.monotonic()
            if left <= 0 or self.store.version() != version:
                self.changes.forget(next_change)
                return
            woken = await self.changes.wait(next_change, min(left, most))

    async def ended(self, id: str, session: str, seconds: float) -> Job:
        """The job once it has ended, or as it is after some time.

        Raises:
            NotFound: it was removed meanwhile.
        """
        deadline = time.monotonic() + seconds
        while True:
            version = self.store.version()
            try:
                job = self.store.get(id, session)
            except KeyError as error:
                raise NotFound(f'"{id}" was removed', hint="uploading it again") from error
            if job.has_ended or time.monotonic() >= deadline:
                return job
            await self.change(version, min(1.0, max(POLL_SECONDS, deadline - time.monotonic())))


class Media:
    """A recording on its way into a job's folder."""

    def __init__(self, source: BinaryIO | Path, name: str) -> None:
        self.source = source
        suffix = Path(name).suffix.lower()
        self.file = MEDIA + (suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 8 else "")

    def put(self, folder: Path, free_bytes: int) -> None:
        """Copies it, and returns when it is on the disk; a file of the machine is linked where that is possible.

        Raises:
            DiskFull: less than `free_bytes` would stay free.
        """
        if shutil.disk_usage(folder).free < free_bytes:
            raise disk_full()
        target = folder / self.file
        if isinstance(self.source, Path):
            try:
                os.link(self.source, target)
            except OSError:
                shutil.copyfile(self.source, target)
            return
        with target.open("xb") as file:
            shutil.copyfileobj(self.source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())


def disk_full() -> DiskFull:
    """The error for an upload that does not fit."""
    return DiskFull("there is no room for the upload", hint="removing analyses, or again later")


def readable_path(config: StudioConfig, name: str) -> Path:
    """The file of the machine that a request names.

    Raises:
        Forbidden: it lies in none of the folders that may be read; whether there is such a file is not said.
    """
    try:
        path = Path(name).resolve(strict=True)
        allowed = any(path.is_relative_to(folder.resolve()) for folder in config.readable) and path.is_file()
    except (OSError, ValueError):
        allowed = False
    if not allowed:
        raise Forbidden("no file of this path may be read here", hint="an upload, or --allow-path when it is started")
    return path


def studio_of(request: HTTPConnection) -> Studio:
    """The studio that answers a request."""
    studio: Studio = request.app.state.studio
    return studio


def session_of(request: HTTPConnection) -> str:
    """Whose request it is, as the guard found."""
    return str(request.scope["state"]["session"])
