"""The queue: a table of jobs in SQLite that outlives the server and its workers. For several machines: `redis_jobs`.

A worker holds a job by a lease that it renews. Whatever it reports carries the number of its attempt, and counts only
while that attempt holds the job: so a job ends once, whoever is killed when. Where a worker dies its job is queued
again.
"""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from affekt_studio.errors import error_body

State = Literal["queued", "running", "done", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, kind TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, worker TEXT, leased_until REAL,
    created REAL NOT NULL, started REAL, ended REAL, expires REAL, outcome TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created);
CREATE INDEX IF NOT EXISTS jobs_by_session ON jobs (session, created);
CREATE TABLE IF NOT EXISTS events (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, number INTEGER NOT NULL, at REAL NOT NULL,
    kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
"""
ENDED: tuple[State, ...] = ("done", "failed")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One row of the queue. Times are seconds since 1970."""

    id: str
    session: str
    """Whose it is, as a hash of the session's secret."""
    kind: str
    """"analysis", "reply" or "speech"."""
    request: Mapping[str, Any]
    state: State
    attempt: int
    worker: str | None
    created: float
    started: float | None
    ended: float | None
    expires: float | None
    """When media and result are removed; None while the job waits or runs."""
    outcome: Mapping[str, Any] | None
    """What a job that is done made, or the error of one that failed."""

    @property
    def has_ended(self) -> bool:
        """Whether it is done or failed."""
        return self.state in ENDED


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a job; its last event is "done" or "failed"."""

    number: int
    at: float
    kind: str
    data: Mapping[str, Any]


class JobStore:
    """The table of jobs of one studio. Safe to use from several threads and processes of one machine."""

    def __init__(
        self, folder: Path, *, kept_seconds: float = 3600.0, attempts: int = 5, through_power_cuts: bool = True
    ) -> None:
        """Opens the table, and makes it where there is none.

        Args:
            kept_seconds: time to live of a job that has ended.
            attempts: times that a job is begun.
            through_power_cuts: wait for the disk at each change. A worker need not: what it wrote outlives every kill,
                and where the machine loses power in that second, a job is begun once more.
        """
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder, self.kept_seconds, self.attempts = folder, kept_seconds, attempts
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            folder / "jobs.sqlite", timeout=30, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(
            f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {'FULL' if through_power_cuts else 'NORMAL'}; "
            f"PRAGMA foreign_keys = ON; {_SCHEMA}"
        )

    def close(self) -> None:
        """Closes the connection of this process."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _read(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def folder_of(self, job: str) -> Path:
        """Where the media and results of a job lie."""
        return self.folder / "jobs" / job

    def version(self) -> int:
        """Changes whenever another connection has written."""
        return int(self._read("PRAGMA data_version")[0][0])

    def submit(self, session: str, kind: str, request: Mapping[str, Any], *, id: str = "") -> Job:
        """Queues a job; when this returns it survives a kill.

        Args:
            id: of a job whose folder was filled beforehand; a fresh one when it is empty.
        """
        id, now = id or new_id(), time.time()
        with self._writing() as table:
            table.execute(
                "INSERT INTO jobs (id, session, kind, request, state, created) VALUES (?, ?, ?, ?, 'queued', ?)",
                (id, session, kind, json.dumps(request), now),
            )
            _add_event(table, id, "queued", {})
        return self.get(id)

    def get(self, id: str, session: str | None = None) -> Job:
        """The job of this name, of this session where one is given.

        Raises:
            KeyError: there is none.
        """
        rows = self._read("SELECT * FROM jobs WHERE id = ? AND (? IS NULL OR session = ?)", id, session, session)
        if not rows:
            raise KeyError(id)
        return _job(rows[0])

    def of_session(self, session: str, kinds: tuple[str, ...] = (), limit: int = 1000) -> list[Job]:
        """The jobs of a session, the newest first."""
        rows = self._read(
            "SELECT * FROM jobs WHERE session = ? ORDER BY created DESC, rowid DESC LIMIT ?", session, limit
        )
        return [job for job in map(_job, rows) if not kinds or job.kind in kinds]

    def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """The oldest job that waits, now held by this worker; None where none waits."""
        if not self._read("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1"):
            return None
        now = time.time()
        with self._writing() as table:
            row = table.execute("SELECT id FROM jobs WHERE state = 'queued' ORDER BY created, rowid LIMIT 1").fetchone()
            if row is None:
                return None
            table.execute(
                "UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = ?, leased_until = ?, "
                "started = coalesce(started, ?) WHERE id = ?",
                (worker, now + lease_seconds, now, row["id"]),
            )
            job = _job(table.execute("SELECT * FROM jobs WHERE id = ?", (row["id"],)).fetchone())
            _add_event(table, job.id, "started", {"attempt": job.attempt})
        return job

    def renew(self, job: Job, lease_seconds: float) -> bool:
        """Holds the job for longer; False where it is no longer held by this attempt."""
        with self._writing() as table:
            changed = table.execute(
                f"UPDATE jobs SET leased_until = ? WHERE {_HELD}", (time.time() + lease_seconds, job.id, job.attempt)
            )
        return changed.rowcount == 1

    def report(self, job: Job, kind: str, data: Mapping[str, Any]) -> bool:
        """Adds an event; False where the job is no longer held by this attempt."""
        with self._writing() as table:
            if not table.execute(f"SELECT 1 FROM jobs WHERE {_HELD}", (job.id, job.attempt)).fetchone():
                return False
            _add_event(table, job.id, kind, data)
        return True

    def finish(self, job: Job, state: Literal["done", "failed"], outcome: Mapping[str, Any]) -> bool:
        """Ends a job; False where it is no longer held by this attempt, and then nothing is changed."""
        with self._writing() as table:
            return self._end(table, job.id, job.attempt, state, outcome)

    def _end(self, table: sqlite3.Connection, id: str, attempt: int, state: State, outcome: Mapping[str, Any]) -> bool:
        now = time.time()
        changed = table.execute(
            "UPDATE jobs SET state = ?, outcome = ?, ended = ?, expires = ?, worker = NULL, leased_until = NULL "
            f"WHERE {_HELD}",
            (state, json.dumps(outcome), now, now + self.kept_seconds, id, attempt),
        )
        if changed.rowcount == 1:
            _add_event(table, id, state, outcome if state == "failed" else {})
        return changed.rowcount == 1

    def release(self, worker: str | None = None) -> int:
        """Queues again what a worker held that has died; without a name, what nobody renewed. Returns how many."""
        now = time.time()
        with self._writing() as table:
            rows = table.execute(
                "SELECT id, attempt FROM jobs WHERE state = 'running' AND "
                + ("leased_until < ?" if worker is None else "worker = ?"),
                (now if worker is None else worker,),
            ).fetchall()
            for row in rows:
                if row["attempt"] >= self.attempts:
                    died = f"the worker died {row['attempt']} times while it worked on this"
                    outcome = error_body("WorkerDied", died, "another file, or less of it")
                    self._end(table, row["id"], row["attempt"], "failed", outcome)
                else:
                    table.execute(
                        "UPDATE jobs SET state = 'queued', worker = NULL, leased_until = NULL WHERE id = ?",
                        (row["id"],),
                    )
                    _add_event(table, row["id"], "requeued", {"attempt": row["attempt"]})
        return len(rows)

    def remove(self, id: str, session: str | None = None) -> bool:
        """Forgets a job whatever its state; its worker notices. The caller removes its folder."""
        with self._writing() as table:
            removed = table.execute(
                "DELETE FROM jobs WHERE id = ? AND (? IS NULL OR session = ?)", (id, session, session)
            )
        return removed.rowcount == 1

    def expired(self) -> list[str]:
        """Jobs whose time to live is over."""
        return [row["id"] for row in self._read("SELECT id FROM jobs WHERE expires < ?", time.time())]

    def ids(self) -> set[str]:
        """The ids of all jobs."""
        return {row["id"] for row in self._read("SELECT id FROM jobs")}

    def events(self, id: str, after: int = 0) -> list[Event]:
        """The events of a job beyond a number, in order."""
        rows = self._read("SELECT * FROM events WHERE job = ? AND number > ? ORDER BY number", id, after)
        return [
            Event(number=row["number"], at=row["at"], kind=row["kind"], data=json.loads(row["data"])) for row in rows
        ]

    def counts(self, session: str | None = None) -> dict[State, int]:
        """State → number of jobs, of all sessions or of one."""
        counts: dict[State, int] = {"queued": 0, "running": 0, "done": 0, "failed": 0}
        rows = self._read(
            "SELECT state, count(*) AS number FROM jobs WHERE (? IS NULL OR session = ?) GROUP BY state",
            session,
            session,
        )
        return counts | {row["state"]: row["number"] for row in rows}

    def created_since(self, session: str, at: float) -> int:
        """Jobs that a session has submitted since then."""
        return int(self._read("SELECT count(*) FROM jobs WHERE session = ? AND created > ?", session, at)[0][0])


_HELD = "id = ? AND attempt = ? AND state = 'running'"


def new_id() -> str:
    """A name that cannot be guessed."""
    return secrets.token_hex(16)


def _add_event(table: sqlite3.Connection, job: str, kind: str, data: Mapping[str, Any]) -> None:
    table.execute(
        "INSERT INTO events SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ? FROM events WHERE job = ?",
        (job, time.time(), kind, json.dumps(data), job),
    )


def _job(row: sqlite3.Row) -> Job:
    fields = dict(zip(row.keys(), row, strict=True))
    del fields["leased_until"]
    fields["request"] = json.loads(fields["request"])
    fields["outcome"] = None if fields["outcome"] is None else json.loads(fields["outcome"])
    return Job(**fields)
