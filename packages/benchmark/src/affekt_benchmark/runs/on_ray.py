"""A pipeline on many clips as a Ray Data job: one built pipeline a worker, the same answers as on this machine.

Ray gives the clips of a lost worker or node to another one. The journal stays with who asked, and has every clip once.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from affekt import PipelineSpec, Reference
from affekt_features.job import sample_from_json, sample_to_json
from affekt_features.on_ray import over_actors

from affekt_benchmark.material.cases import Case
from affekt_benchmark.runs import running
from affekt_benchmark.runs.running import Answer, Elsewhere


class Answerer:
    """An actor: the pipeline, built once and kept."""

    def __init__(self, spec: str) -> None:
        self._pipeline = PipelineSpec.model_validate_json(spec).build()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Answers to a batch of clips, each as a line of JSON."""
        samples = [sample_from_json(str(text)) for text in batch["sample"]]
        cases = [Case(sample=sample, reference=Reference(id=sample.id)) for sample in samples]
        answers = [running.plain(running.ask(self._pipeline, case)) for case in cases]
        return {"id": batch["id"], "answer": [json.dumps(fields, ensure_ascii=False) for fields in answers]}


def elsewhere(spec: PipelineSpec, workers: int, address: str | None) -> Elsewhere:
    """Asks a pipeline on Ray.

    Args:
        workers: actors.
        address: of a running cluster, whose machines see the media under the same paths; a local one when None.
    """

    def answers(cases: Sequence[Case]) -> Iterator[tuple[str, Answer]]:
        rows = [{"id": case.reference.id, "sample": sample_to_json(case.sample)} for case in cases]
        for row in over_actors(Answerer, (spec.model_dump_json(),), rows, workers, address):
            yield str(row["id"]), running.from_plain(json.loads(row["answer"]))

    return answers
