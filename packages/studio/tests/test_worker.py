"""What a worker does with what waits: recordings that go through a pipeline together, and who may ask for whom."""

import asyncio
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from affekt_studio import pipelines, tasks
from affekt_studio.changes import Changes
from affekt_studio.config import Limits, StudioConfig
from affekt_studio.errors import BadRequest
from affekt_studio.worker import Worker


@pytest.fixture
def worker(tmp_path, cheap):
    """A worker in this process that takes up to three recordings at a time."""
    made = Worker(StudioConfig(folder=tmp_path / "data", pipelines={"cheap": str(cheap)}, batch=3), "worker")
    yield made
    made.store.close()


def queue(worker, media, kind="analysis", **more):
    """A queued job with a file."""
    job = worker.store.submit("ada", kind, {"name": media.name, "pipeline": None, "settings": {}} | more)
    folder = worker.store.folder_of(job.id)
    folder.mkdir(parents=True)
    shutil.copy(media, folder / f"media{media.suffix}")
    return job.id


def result(worker, id):
    """The result of a job that is done, without what differs from job to job."""
    job = worker.store.get(id)
    assert job.state == "done", job.outcome
    return json.loads((worker.store.folder_of(id) / job.outcome["folder"] / "result.json").read_text(encoding="utf-8"))


def test_an_answer_takes_the_analysis_that_was_kept_unless_it_was_removed(worker, sound):
    answered = queue(worker, sound)
    worker.do(worker.take())
    answer = worker.store.get(queue(worker, sound, kind="reply", of=answered))
    kept, made = worker._kept(answer), worker.pipeline(None, {}).analyze(sound)
    assert (kept.source, kept.label, kept.rationale, kept.text) == ("tone.wav", made.label, made.rationale, made.text)
    assert kept.scores == made.scores
    assert kept.evidence.clip.audio is None  # its sound is in the recording
    shutil.rmtree(worker.store.folder_of(answered))
    assert worker._kept(answer) is None
    worker.store.remove(answered)
    assert worker._kept(answer) is None


def test_recordings_that_wait_for_one_pipeline_go_through_it_together_and_others_come_after(worker, sound, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound at all")
    together = [queue(worker, sound), queue(worker, broken), queue(worker, sound)]
    other = queue(worker, sound, settings={"prosody": None})
    batch = worker.take()
    assert [attempt.job.id for attempt in batch] == together
    worker.do(batch)
    (alone,) = worker.take()
    assert alone.job.id == other
    worker.do([alone])
    assert worker.take() == []
    events = [event for event in worker.store.events(together[0]) if event.kind == "step"]
    assert events[0].data["together"] == 2
    assert worker.store.get(together[1]).outcome["error"]["kind"] == "UnreadableMedia"
    single = queue(worker, sound)
    worker.do(worker.take())
    assert result(worker, together[0]) == result(worker, together[2]) == result(worker, single)
    assert all("together" not in event.data for event in worker.store.events(single))
    assert "prosody" not in result(worker, other)["provenance"]


def test_a_job_that_was_claimed_behind_a_batch_keeps_its_lease(worker, sound):
    queue(worker, sound)
    behind = queue(worker, sound, settings={"prosody": None})
    batch = worker.take()
    job = worker.store.get(behind)
    assert (job.state, job.worker) == ("running", "worker")
    worker.do(batch)
    (last,) = worker.take()
    assert last.job.id == behind
    worker.do([last])
    assert worker.store.get(behind).state == "done"


def test_who_speaks_may_be_asked_for_where_a_preparer_tells_people_apart(worker):
    pytest.importorskip("affekt_speakers")
    spec = pipelines.read(worker.config, None, {"people": "speaker-turns", "people.people": 2})
    assert spec.prepare["people"].use == "speaker-turns"
    assert dict(spec.prepare["people"])["people"] == 2
    config = replace(worker.config, pipelines={"default": "default"})
    assert pipelines.read(config, None, {"people": "speaker-turns"}).prepare["face"].options == {"everybody": True}
    for changes in ({"people": "loudness"}, {"people": "nobody"}, {"others": "speaker-turns"}):
        with pytest.raises(BadRequest, match="none that a request may make"):
            pipelines.read(worker.config, None, changes)


def test_a_small_file_that_lasts_longer_than_its_header_says_is_refused_when_it_has_come_so_far(
    worker, tmp_path, monkeypatch
):
    """Silence takes hardly any room in FLAC: what such a file claims is not asked, and what it holds counts."""
    import soundfile

    quiet = tmp_path / "quiet.flac"
    soundfile.write(quiet, np.zeros(16_000 * 95, np.int16), 16_000)
    monkeypatch.setattr(tasks.affekt_media, "probe", lambda *_: pytest.fail("a small file was opened twice"))
    limited = replace(worker.config, limits=Limits(media_seconds=40.0))
    assert quiet.stat().st_size < tasks.FEWEST_BYTES * limited.limits.media_seconds
    worker.config = limited
    analysis, transcription = queue(worker, quiet, settings={"prosody": None}), queue(worker, quiet, "transcription")
    for id in (analysis, transcription):
        worker.do(worker.take())
        job = worker.store.get(id)
        assert (job.state, job.outcome["error"]["kind"]) == ("failed", "MediaRefused"), job.outcome


def test_whoever_waits_is_woken_by_every_change_of_a_job(tmp_path, cheap, sound):
    changes = []
    config = StudioConfig(folder=tmp_path / "data", pipelines={"cheap": str(cheap)})
    worker = Worker(config, "worker", on_change=lambda: changes.append(worker.store.counts()))
    queue(worker, sound)
    worker.do(worker.take())
    worker.store.close()
    assert changes[0]["running"] == 1
    assert changes[-1]["done"] == 1
    assert len(changes) >= 3  # begun, at least a step, done


def test_a_waiting_request_goes_on_at_a_change_from_another_thread_and_not_before():
    async def waited(seconds, change):
        changes = Changes()
        future = changes.expect()
        if change:
            threading.Timer(0.01, changes.happened).start()
        return await changes.wait(future, seconds), changes._waiting

    with ThreadPoolExecutor(1) as apart:  # Playwright's loop runs in this thread, once a page was tested
        assert apart.submit(lambda: asyncio.run(waited(60, True))).result() == (True, set())
        assert apart.submit(lambda: asyncio.run(waited(0.02, False))).result() == (False, set())


def test_what_a_worker_prints_of_a_failure_holds_no_content(worker, sound, capfd, monkeypatch):
    def fail(kind, task):
        raise RuntimeError(f"what was said: {task.request['name']} is glad")

    monkeypatch.setattr(tasks, "run", fail)
    id = queue(worker, sound)
    worker.do(worker.take())
    printed = capfd.readouterr()
    assert f"job {id}: RuntimeError" in printed.err
    assert "glad" not in printed.err + printed.out + json.dumps(worker.store.get(id).outcome)
