"""Suites on a local Ray cluster: the same answers, every clip once, also where workers die."""

import os
from pathlib import Path

import pytest
from affekt import PipelineSpec
from affekt_benchmark.material.suites import find
from affekt_benchmark.results import Result
from affekt_benchmark.runs import measuring, running
from affekt_features.on_ray import over_actors


@pytest.mark.slow
def test_ray_gives_the_same_answers_and_the_journal_has_every_clip_once(ray_cluster, corpus, pipeline, tmp_path):
    spec = PipelineSpec.read(pipeline)
    for engine in ("local", "ray"):
        asked = measuring.Request(spec=spec, data=corpus, engine=engine, workers=2)
        measuring.measure(find("ravdess"), asked, tmp_path / engine, lambda done, total: None)
    here, there = (Result.read(tmp_path / engine) for engine in ("local", "ray"))
    assert here.measures == there.measures
    assert [{**row, "seconds": 0} for row in here.clips] == [{**row, "seconds": 0} for row in there.clips]
    assert len((tmp_path / "ray" / "answers.jsonl").read_text().splitlines()) == 12


@pytest.mark.slow
def test_rows_of_a_worker_that_dies_go_to_another_one(ray_cluster, tmp_path):
    class Mortal:
        """Dies at its first row, once for each of two marks."""

        def __init__(self, folder):
            self.folder = Path(folder)

        def __call__(self, batch):
            for mark in ("first", "second"):
                try:
                    (self.folder / mark).touch(exist_ok=False)
                except FileExistsError:
                    continue
                os._exit(1)
            return {"id": batch["id"], "square": [int(number) ** 2 for number in batch["id"]]}

    rows = list(over_actors(Mortal, (str(tmp_path),), [{"id": number} for number in range(8)], workers=2))
    assert sorted((int(row["id"]), int(row["square"])) for row in rows) == [(n, n * n) for n in range(8)]
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second"}


def test_what_comes_twice_from_elsewhere_is_kept_once_and_what_never_comes_is_an_error(corpus, pipeline, tmp_path):
    from affekt_benchmark.material.cases import Choice, select
    from affekt_benchmark.material.suites import BenchmarkError

    cases = select(find("ravdess"), Choice(data=corpus, limit=4)).cases
    built = PipelineSpec.read(pipeline).build()
    counts = []

    def twice(left):
        for case in reversed(left):
            answer = running.ask(built, case)
            yield case.reference.id, answer
            yield case.reference.id, answer

    def show(done, total):
        counts.append(done)

    answers = running.answer_all(built, cases, tmp_path / "a.jsonl", "key", show, twice)
    assert [answer.prediction for answer in answers] == [running.ask(built, case).prediction for case in cases]
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 4
    assert counts[-1] == 4
    with pytest.raises(BenchmarkError, match="1 of 4 clips came back without an answer"):
        running.answer_all(built, cases, tmp_path / "b.jsonl", "key", show, lambda left: twice(left[1:]))
