"""The queue in Redis, for servers and workers on several machines: the methods of `jobs.JobStore`.

Jobs are delivered by a stream with a consumer group: Redis remembers which worker holds an entry and since when, by its
own clock, until the entry is acknowledged. Beside it stand a hash and a list of events a job. Every change is one
transaction that fails and is tried again where the job was changed meanwhile.
"""

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from affekt import MissingDependency

from affekt_studio.errors import QueueUnreachable, error_body
from affekt_studio.jobs import ENDED, Event, Job, State, new_id

try:
    import redis
    from redis.backoff import ExponentialBackoff
    from redis.retry import Retry
except ImportError as error:
    raise MissingDependency(
        f"jobs in Redis need its client: {error}", hint="pip install 'affekt-studio[redis]'"
    ) from error

STATES: tuple[State, ...] = ("queued", "running", *ENDED)
GROUP = "workers"
MOST_HELD = 10_000
"""Entries that are looked at for one that nobody renews: more jobs than this do not run at a time."""


class RedisJobStore:
    """The jobs of one studio. Safe to use from several threads, processes and machines that share a folder."""

    def __init__(
        self,
        address: str,
        folder: Path,
        *,
        kept_seconds: float = 3600.0,
        attempts: int = 5,
        lease_seconds: float = 10.0,
    ) -> None:
        """Connects, and makes the stream where there is none.

        Args:
            address: "redis://host:6379/0"; "rediss://" for TLS.
            folder: of recordings and results, the same for every machine.
            lease_seconds: of an entry that was delivered to a worker which died before it could begin.

        Raises:
            QueueUnreachable: no Redis answers at the address.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.kept_seconds, self.attempts, self.lease_seconds = (
            folder,
            kept_seconds,
            attempts,
            lease_seconds,
        )
        patience = Retry(ExponentialBackoff(cap=1.0, base=0.05), 5)  # 1.5 s in all
        self._redis: Any = redis.Redis.from_url(  # its stubs know no `decode_responses`: answers are strings here
            address, decode_responses=True, protocol=2, health_check_interval=30, retry=patience
        )
        self._queue = _key("queue")
        try:
            self._redis.xgroup_create(self._queue, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another machine made it
                raise
        except redis.RedisError as error:
            raise QueueUnreachable(f"no Redis answers: {error}", hint="--redis redis://HOST:6379/0") from error

    def close(self) -> None:
        """Closes the connections of this process."""
        self._redis.close()

    def folder_of(self, job: str) -> Path:
        """Where the media and results of a job lie."""
        return self.folder / "jobs" / job

    def version(self) -> int:
        """A number that changes whenever anybody has written."""
        return int(self._redis.get(_key("version")) or 0)

    def submit(self, session: str, kind: str, request: Mapping[str, Any], *, id: str = "") -> Job:
        """Queues a job; when this returns, Redis has it.

        Args:
            id: of a job whose folder was filled beforehand; a fresh one when it is empty.
        """
        id, now = id or new_id(), time.time()
        fields = {
            "session": session, "kind": kind, "request": json.dumps(request), "state": "queued", "attempt": "0",
            "created": repr(now),
        }  # fmt: skip
        with self._redis.pipeline() as pipe:
            pipe.hset(_job_key(id), mapping=fields)
            pipe.zadd(_key("jobs"), {id: now})
            pipe.zadd(_session_key(session), {id: now})
            pipe.sadd(_key("queued"), id)
            pipe.xadd(self._queue, {"job": id})
            _add_event(pipe, id, "queued", {})
            pipe.execute()
        return self.get(id)

    def get(self, id: str, session: str | None = None) -> Job:
        """The job of this name, of this session where one is given.

        Raises:
            KeyError: there is none.
        """
        fields = self._redis.hgetall(_job_key(id))
        if not fields or session not in (None, fields["session"]):
            raise KeyError(id)
        return _job(id, fields)

    def of_session(self, session: str, kinds: tuple[str, ...] = (), limit: int = 1000) -> list[Job]:
        """The jobs of a session, the newest first."""
        ids = self._redis.zrevrange(_session_key(session), 0, limit - 1)
        with self._redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hgetall(_job_key(id))
            jobs = [_job(id, fields) for id, fields in zip(ids, pipe.execute(), strict=True) if fields]
        return [job for job in jobs if not kinds or job.kind in kinds]

    def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """The job that waits for longest, now held by this worker; None where none waits."""
        while delivered := self._redis.xreadgroup(GROUP, worker, {self._queue: ">"}, count=1):
            entry, fields = delivered[0][1][0]
            id = fields["job"]

            def begin(pipe: Any, id: str = id, entry: str = entry) -> bool:
                state, attempt, started = pipe.hmget(_job_key(id), "state", "attempt", "started")
                pipe.multi()
                if state != "queued":  # removed, or delivered twice
                    _let_go(pipe, self._queue, entry)
                    return False
                number = int(attempt) + 1
                own = {
                    "state": "running", "attempt": number, "worker": worker, "entry": entry, "lease": lease_seconds,
                    "started": started or repr(time.time()),
                }  # fmt: skip
                pipe.hset(_job_key(id), mapping=own)
                pipe.smove(_key("queued"), _key("running"), id)
                _add_event(pipe, id, "started", {"attempt": number})
                return True

            if self._change(id, begin):
                return self.get(id)
        return None

    def renew(self, job: Job, lease_seconds: float) -> bool:
        """Holds the job for longer; False where it is no longer held by this attempt."""

        def hold(pipe: Any) -> bool:
            entry = _entry_of(pipe, job)
            pipe.multi()
            if entry is not None:
                pipe.xclaim(self._queue, GROUP, job.worker, 0, [entry], justid=True)
                pipe.hset(_job_key(job.id), "lease", lease_seconds)
            return entry is not None

        return self._change(job.id, hold)

    def report(self, job: Job, kind: str, data: Mapping[str, Any]) -> bool:
        """Adds an event; False where the job is no longer held by this attempt."""

        def add(pipe: Any) -> bool:
            entry = _entry_of(pipe, job)
            pipe.multi()
            if entry is not None:
                _add_event(pipe, job.id, kind, data)
            return entry is not None

        return self._change(job.id, add)

    def finish(self, job: Job, state: Literal["done", "failed"], outcome: Mapping[str, Any]) -> bool:
        """Ends a job; False where it is no longer held by this attempt, and then nothing is changed."""

        def end(pipe: Any) -> bool:
            entry = _entry_of(pipe, job)
            pipe.multi()
            if entry is not None:
                self._end(pipe, job.id, entry, state, outcome)
            return entry is not None

        return self._change(job.id, end)

    def _end(self, pipe: Any, id: str, entry: str, state: State, outcome: Mapping[str, Any]) -> None:
        now = time.time()
        expires = now + self.kept_seconds
        ended = {"state": state, "outcome": json.dumps(outcome), "ended": repr(now), "expires": repr(expires)}
        pipe.hset(_job_key(id), mapping=ended)
        pipe.hdel(_job_key(id), "worker", "entry")
        pipe.smove(_key("running"), _key(state), id)
        pipe.zadd(_key("expires"), {id: expires})
        _let_go(pipe, self._queue, entry)
        _add_event(pipe, id, state, outcome if state == "failed" else {})

    def release(self, worker: str | None = None) -> int:
        """Queues again what a worker held that has died; without a name, what nobody renewed. Returns how many."""
        released = 0
        for held in self._redis.xpending_range(self._queue, GROUP, "-", "+", MOST_HELD, consumername=worker):
            entry, silent = held["message_id"], held["time_since_delivered"] / 1000
            content = self._redis.xrange(self._queue, entry, entry)
            id = content[0][1]["job"] if content else ""
            lease = float(self._redis.hget(_job_key(id), "lease") or self.lease_seconds)
            if worker is not None or silent > lease:
                released += self._change(id, partial(self._drop, id=id, entry=entry))
        if worker is not None:
            self._redis.xgroup_delconsumer(self._queue, GROUP, worker)
        return released

    def _drop(self, pipe: Any, id: str, entry: str) -> bool:
        """Takes an entry from whoever holds it, and queues its job again where it may be begun once more."""
        state, own, attempt = pipe.hmget(_job_key(id), "state", "entry", "attempt")
        pipe.multi()
        if state == "running" and own == entry and int(attempt) >= self.attempts:
            died = f"the worker died {attempt} times while it worked on this"
            self._end(pipe, id, entry, "failed", error_body("WorkerDied", died, "another file, or less of it"))
            return True
        _let_go(pipe, self._queue, entry)
        if state == "running" and own == entry:
            pipe.hset(_job_key(id), "state", "queued")
            pipe.hdel(_job_key(id), "worker", "entry")
            pipe.smove(_key("running"), _key("queued"), id)
            _add_event(pipe, id, "requeued", {"attempt": int(attempt)})
        elif state != "queued":
            return False
        pipe.xadd(self._queue, {"job": id})
        return True

    def remove(self, id: str, session: str | None = None) -> bool:
        """Forgets a job whatever its state; its worker notices. The caller removes its folder."""

        def forget(pipe: Any) -> bool:
            owner = pipe.hget(_job_key(id), "session")
            pipe.multi()
            if owner is None or session not in (None, owner):
                return False
            pipe.delete(_job_key(id), _events_key(id))
            for key in (_key("jobs"), _key("expires"), _session_key(owner)):
                pipe.zrem(key, id)
            for state in STATES:
                pipe.srem(_key(state), id)
            pipe.incr(_key("version"))
            return True

        return self._change(id, forget)

    def expired(self) -> list[str]:
        """Jobs whose time to live is over."""
        return list(self._redis.zrangebyscore(_key("expires"), "-inf", time.time()))

    def ids(self) -> set[str]:
        """The ids of all jobs."""
        return set(self._redis.zrange(_key("jobs"), 0, -1))

    def events(self, id: str, after: int = 0) -> list[Event]:
        """The events of a job beyond a number, in order."""
        lines = enumerate(self._redis.lrange(_events_key(id), after, -1), after + 1)
        return [Event(number=number, **json.loads(line)) for number, line in lines]

    def counts(self, session: str | None = None) -> dict[State, int]:
        """State → number of jobs, of all sessions or of one."""
        with self._redis.pipeline() as pipe:
            for state in STATES:
                pipe.smembers(_key(state)) if session else pipe.scard(_key(state))
            if not session:
                return dict(zip(STATES, pipe.execute(), strict=True))
            pipe.zrange(_session_key(session), 0, -1)
            *members, own = pipe.execute()
        return {state: len(ids.intersection(own)) for state, ids in zip(STATES, members, strict=True)}

    def created_since(self, session: str, at: float) -> int:
        """Jobs that a session has submitted since then."""
        return int(self._redis.zcount(_session_key(session), f"({at!r}", "+inf"))

    def _change(self, id: str, act: Callable[[Any], bool]) -> bool:
        """What `act` returns, once the commands that it gave were carried out with the job as `act` had read it."""
        return bool(self._redis.transaction(act, _job_key(id), value_from_callable=True))


def _key(name: str) -> str:
    # What stands in braces puts all keys on one node of a cluster.
    return f"{{affekt-studio}}:{name}"


def _job_key(id: str) -> str:
    return _key(f"job:{id}")


def _events_key(id: str) -> str:
    return _key(f"events:{id}")


def _session_key(session: str) -> str:
    return _key(f"session:{session}")


def _entry_of(pipe: Any, job: Job) -> str | None:
    """The entry of the stream by which this attempt holds the job; None where it no longer does."""
    state, attempt, entry = pipe.hmget(_job_key(job.id), "state", "attempt", "entry")
    return entry if (state, attempt) == ("running", str(job.attempt)) else None


def _let_go(pipe: Any, queue: str, entry: str) -> None:
    pipe.xack(queue, GROUP, entry)
    pipe.xdel(queue, entry)


def _add_event(pipe: Any, id: str, kind: str, data: Mapping[str, Any]) -> None:
    pipe.rpush(_events_key(id), json.dumps({"at": time.time(), "kind": kind, "data": dict(data)}))
    pipe.incr(_key("version"))


def _job(id: str, fields: Mapping[str, str]) -> Job:
    times = {name: float(fields[name]) if name in fields else None for name in ("started", "ended", "expires")}
    outcome = json.loads(fields["outcome"]) if "outcome" in fields else None
    return Job(
        id=id, session=fields["session"], kind=fields["kind"], request=json.loads(fields["request"]),
        state=fields["state"], attempt=int(fields["attempt"]), worker=fields.get("worker"),  # type: ignore[arg-type]
        created=float(fields["created"]), outcome=outcome, **times,
    )  # fmt: skip
