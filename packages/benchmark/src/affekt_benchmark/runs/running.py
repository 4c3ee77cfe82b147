"""Asks a pipeline about every case, keeps every answer at once, and goes on where a killed run stopped."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from affekt import AffektError, Clue, EmotionPrediction, MediaError, Pipeline, PipelineSpec
from affekt_media.errors import MediaNotFound, MediaTooLong
from affekt_recordings import Analysis

from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a pipeline said of one case."""

    prediction: EmotionPrediction | None
    """The prediction; None when the clip could not be answered."""
    seconds: float
    """Seconds of the analysis, decoding included."""
    text: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    """What went wrong, in full; nothing where there is a prediction."""
    reason: str = ""
    """The kind of failure, one of few, so that clips can be counted by it."""


Elsewhere = Callable[[Sequence[Case]], Iterator[tuple[str, Answer]]]
"""Answers cases on other processes or machines: (id, answer), in whatever order they come."""
OnCount = Callable[[int, int], None]
"""Called with how many cases are answered, and how many there are."""
NOT_DECODED = "the recording cannot be decoded"
FAILED = "the pipeline failed"
REASONS: tuple[tuple[type[AffektError], str], ...] = (
    (MediaNotFound, "no such file"), (MediaTooLong, "the recording is too long"), (MediaError, NOT_DECODED),
)  # fmt: skip
"""Kind of error → reason, the first that fits; any other error of affekt is a failed pipeline."""


def fingerprint(spec: PipelineSpec, provenance: dict[str, Any]) -> str:
    """The hash of everything about a pipeline that can change an answer."""
    versions = {slot: [part["distribution"], part["version"], part["weights"]] for slot, part in provenance.items()}
    folders = [value for _, _, use in spec.slots() for value in use.options.values() if isinstance(value, str)]
    written = json.dumps(
        [spec.model_dump(mode="json"), versions, list(map(_state, folders))], sort_keys=True, default=str
    )
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _state(path: str) -> list[tuple[str, int, int]]:
    """Of a saved model's files: one that is trained anew in the same folder answers differently."""
    folder = Path(path)
    if not folder.is_dir():
        return []
    files = [(file, file.stat()) for file in sorted(folder.glob("*")) if file.is_file()]
    return [(file.name, state.st_size, state.st_mtime_ns) for file, state in files]


def answer_all(
    pipeline: Pipeline,
    cases: Sequence[Case],
    journal: Path,
    key: str,
    on_progress: OnCount,
    elsewhere: Elsewhere | None = None,
) -> list[Answer]:
    """An answer a case, from the journal where it has one. What cannot be read is an answer that says so.

    Args:
        elsewhere: asks about what the journal lacks; the pipeline here does when None.
    """
    answers = dict(_read(journal, key))
    journal.parent.mkdir(parents=True, exist_ok=True)
    names = [f"{key} {case.reference.id}" for case in cases]
    left = [case for name, case in zip(names, cases, strict=True) if name not in answers]
    done = len(cases) - len(left)
    on_progress(done, len(cases))
    with journal.open("a", encoding="utf-8") as file:
        for id, answer in elsewhere(left) if elsewhere is not None and left else _local(pipeline, left):
            name = f"{key} {id}"
            done += name not in answers  # a worker that was lost after it answered is asked again
            if name not in answers:
                answers[name] = answer
                file.write(json.dumps({"case": name, **plain(answer)}, ensure_ascii=False) + "\n")
                file.flush()
            on_progress(done, len(cases))
    if lost := [name for name in names if name not in answers]:
        raise BenchmarkError(
            f"{len(lost)} of {len(cases)} clips came back without an answer; the first: {lost[0]}",
            hint="the same command again: it goes on where this run stopped",
        )
    return [answers[name] for name in names]


def _local(pipeline: Pipeline, cases: Sequence[Case]) -> Iterator[tuple[str, Answer]]:
    for case in cases:
        yield case.reference.id, ask(pipeline, case)


def ask(pipeline: Pipeline, case: Case) -> Answer:
    """The answer of a pipeline to one case; what goes wrong is part of it."""
    begin = time.perf_counter()
    try:
        felt: Analysis = pipeline.analyze(case.clip())
    except AffektError as error:
        reason = next((reason for kind, reason in REASONS if isinstance(error, kind)), FAILED)
        seconds = time.perf_counter() - begin
        return Answer(prediction=None, seconds=seconds, failure=error.message, reason=reason)
    seconds = time.perf_counter() - begin
    return Answer(prediction=felt.prediction, seconds=seconds, text=felt.text, missing=felt.missing())


def plain(answer: Answer) -> dict[str, Any]:
    """The answer as plain data for a line of JSON."""
    prediction = answer.prediction
    fields: dict[str, Any] = {
        "seconds": round(answer.seconds, 4), "text": answer.text, "missing": answer.missing, "failure": answer.failure,
        "reason": answer.reason,
    }  # fmt: skip
    if prediction is not None:
        fields |= {
            "scores": dict(prediction.scores), "labels": prediction.labels, "valence": prediction.valence,
            "arousal": prediction.arousal, "rationale": prediction.rationale, "generated": prediction.generated,
            "abstained": prediction.abstained, "clues": list(map(plain_clue, prediction.clues)),
        }  # fmt: skip
    return fields


def from_plain(row: dict[str, Any]) -> Answer:
    """What `plain` made.

    Raises:
        KeyError: something is missing.
    """
    row = dict(row)
    scores = row.pop("scores", None)
    basics = {name: row.pop(name) for name in ("seconds", "text", "missing", "failure", "reason")}
    prediction = None
    if scores is not None:
        row["clues"] = tuple(Clue(**clue) for clue in row["clues"])
        prediction = EmotionPrediction(scores=scores, **row | {"labels": tuple(row["labels"])})
    return Answer(prediction=prediction, **basics)


def plain_clue(clue: Clue) -> dict[str, Any]:
    """The clue as plain data for JSON; components may have put NumPy's numbers in."""
    return {
        "modality": clue.modality, "start": float(clue.start), "end": float(clue.end), "text": clue.text,
        "checked": bool(clue.checked),
    }  # fmt: skip


def _read(journal: Path, key: str) -> Iterator[tuple[str, Answer]]:
    """Whole lines of this pipeline only: a killed run may have left half a line, which is asked again."""
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.is_file() else []
    for line in lines:
        try:
            row = json.loads(line)
            name = row.pop("case")
            answer = from_plain(row) if name.startswith(key) else None
        except (ValueError, KeyError, AttributeError):
            continue
        if answer is not None:
            yield name, answer
