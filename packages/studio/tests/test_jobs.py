"""The queue by itself, in SQLite and in Redis: leases, attempts, ends, times to live."""

import threading
import time

import pytest
from affekt_studio.jobs import JobStore


@pytest.fixture(params=["sqlite", "redis"])
def open_again(request, tmp_path):
    """A function that opens the queue as another process does."""
    opened, limits = [], {"kept_seconds": 0.05, "attempts": 2}
    address = "" if request.param == "sqlite" else request.getfixturevalue("redis_address")

    def open_again():
        if address:
            from affekt_studio.redis_jobs import RedisJobStore

            opened.append(RedisJobStore(address, tmp_path / "data", **limits))
        else:
            opened.append(JobStore(tmp_path / "data", **limits))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again):
    return open_again()


def test_a_job_goes_from_queued_to_done_and_every_step_is_an_event(store):
    job = store.submit("ada", "analysis", {"name": "clip.mp4"})
    claimed = store.claim("worker", 10)
    assert (claimed.id, claimed.attempt, claimed.state) == (job.id, 1, "running")
    assert store.report(claimed, "step", {"name": "media"})
    assert store.finish(claimed, "done", {"label": "happy"})
    ended = store.get(job.id)
    assert ended.has_ended
    assert ended.outcome == {"label": "happy"}
    assert [event.kind for event in store.events(job.id)] == ["queued", "started", "step", "done"]
    assert [event.number for event in store.events(job.id, after=2)] == [3, 4]


def test_the_oldest_job_is_claimed_first_and_by_one_worker_alone(store, open_again):
    ids = [store.submit("ada", "analysis", {}).id for _ in range(40)]
    claimed = [store.claim("first", 10).id]
    assert claimed == ids[:1]

    def work(name):
        own = open_again()
        while (job := own.claim(name, 10)) is not None:
            claimed.append(job.id)

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(ids)


def test_what_a_worker_says_that_has_lost_its_job_does_not_count(store):
    job = store.submit("ada", "analysis", {})
    late = store.claim("late", 0.0)
    time.sleep(0.01)
    assert store.release() == 1
    other = store.claim("other", 10)
    assert not store.renew(late, 10)
    assert not store.report(late, "step", {})
    assert not store.finish(late, "done", {"label": "of the late one"})
    assert store.finish(other, "done", {"label": "of the other one"})
    assert not store.finish(other, "done", {"label": "a second time"})
    assert store.get(job.id).outcome == {"label": "of the other one"}
    assert [event.kind for event in store.events(job.id)].count("done") == 1


def test_a_job_whose_workers_die_as_often_as_it_may_be_begun_fails_and_says_so(store):
    job = store.submit("ada", "analysis", {})
    states = []
    for _ in range(2):
        store.claim("dies", 10)
        store.release("dies")
        states.append(store.get(job.id).state)
    ended = store.get(job.id)
    assert states == ["queued", "failed"]
    assert ended.outcome["error"]["kind"] == "WorkerDied"
    assert store.claim("other", 10) is None


def test_a_lease_that_is_renewed_is_not_released(store):
    store.submit("ada", "analysis", {})
    job = store.claim("worker", 0.05)
    assert store.renew(job, 10)
    time.sleep(0.06)
    assert store.release() == 0


def test_a_job_is_found_by_its_own_session_alone(store):
    job = store.submit("ada", "analysis", {})
    assert store.get(job.id, "ada").id == job.id
    with pytest.raises(KeyError):
        store.get(job.id, "eve")
    assert store.of_session("eve") == []
    assert not store.remove(job.id, "eve")
    assert store.remove(job.id, "ada")
    assert store.events(job.id) == []


def test_a_job_that_waits_does_not_expire_and_one_that_has_ended_does(store):
    store.submit("ada", "analysis", {})
    store.submit("ada", "analysis", {})
    store.finish(store.claim("worker", 10), "done", {})
    time.sleep(0.06)
    assert len(store.expired()) == 1


def test_what_was_submitted_is_there_for_the_next_process(store, open_again):
    job = store.submit("ada", "analysis", {"name": "clip.mp4"})
    again = open_again()
    assert again.get(job.id).request == {"name": "clip.mp4"}
    assert again.counts() == {"queued": 1, "running": 0, "done": 0, "failed": 0}
    before = store.version()
    again.submit("ada", "analysis", {})
    assert store.version() != before


def test_a_worker_that_dies_between_delivery_and_begin_loses_no_job(redis_address, tmp_path):
    """Redis has delivered the job, and nothing of it stands in the job's own fields yet."""
    import redis
    from affekt_studio.redis_jobs import GROUP, RedisJobStore, _key

    patient = RedisJobStore(redis_address, tmp_path, lease_seconds=600)
    store = RedisJobStore(redis_address, tmp_path, lease_seconds=0.01)
    job = store.submit("ada", "analysis", {})
    with redis.Redis.from_url(redis_address) as client:
        client.xreadgroup(GROUP, "dies", {_key("queue"): ">"}, count=1)
    assert store.claim("other", 10) is None
    assert patient.release() == 0
    time.sleep(0.02)
    assert store.release() == 1
    assert store.claim("other", 10).id == job.id
    store.close(), patient.close()


def test_a_removed_job_leaves_nothing_in_redis_but_a_number(redis_address, tmp_path):
    import redis
    from affekt_studio.redis_jobs import RedisJobStore, _key

    store = RedisJobStore(redis_address, tmp_path)
    for end in ("done", "failed", None):
        job = store.submit("ada", "analysis", {})
        claimed = store.claim("worker", 10)
        if end:
            store.finish(claimed, end, {})
        store.remove(job.id)
    store.release("worker")
    store.close()
    with redis.Redis.from_url(redis_address, decode_responses=True) as client:
        assert set(client.keys()) == {_key("queue"), _key("version")}
        assert client.xlen(_key("queue")) == 0


def test_an_address_without_redis_is_an_error(tmp_path, unused_port):
    pytest.importorskip("redis")
    from affekt_studio.errors import QueueUnreachable
    from affekt_studio.redis_jobs import RedisJobStore

    with pytest.raises(QueueUnreachable, match="no Redis answers"):
        RedisJobStore(f"redis://127.0.0.1:{unused_port}/0", tmp_path)
