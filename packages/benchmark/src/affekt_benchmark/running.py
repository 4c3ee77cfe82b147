"""Asks a pipeline about every case, keeps every answer at once, and goes on where a killed run stopped."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from affekt import AffektError, Analysis, Clue, EmotionPrediction, MediaError, Pipeline, PipelineSpec
from affekt_media.errors import MediaNotFound, MediaTooLong

from affekt_benchmark.cases import Case


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a pipeline said of one case."""

    prediction: EmotionPrediction | None
    """None when it failed."""
    seconds: float
    """Of the analysis, decoding included."""
    text: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    """What went wrong, in full; nothing where there is a prediction."""
    reason: str = ""
    """The kind of failure, one of few, so that clips can be counted by it."""


OnProgress = Callable[[int, int], None]
"""Called with how many cases are answered, and how many there are."""
NOT_DECODED = "the recording cannot be decoded"
FAILED = "the pipeline failed"
REASONS: tuple[tuple[type[AffektError], str], ...] = (
    (MediaNotFound, "no such file"), (MediaTooLong, "the recording is too long"), (MediaError, NOT_DECODED),
)  # fmt: skip
"""Kind of error → reason, the first that fits; any other error of affekt is a failed pipeline."""


def fingerprint(spec: PipelineSpec, provenance: dict[str, Any]) -> str:
    """Of everything about a pipeline that can change an answer."""
    versions = {slot: [part["distribution"], part["version"], part["weights"]] for slot, part in provenance.items()}
    folders = [value for _, _, use in spec.slots() for value in use.options.values() if isinstance(value, str)]
    plain = json.dumps(
        [spec.model_dump(mode="json"), versions, list(map(_state, folders))], sort_keys=True, default=str
    )
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _state(path: str) -> list[tuple[str, int, int]]:
    """Of a saved model's files: one that is trained anew in the same folder answers differently."""
    folder = Path(path)
    if not folder.is_dir():
        return []
    found = [(one, one.stat()) for one in sorted(folder.glob("*")) if one.is_file()]
    return [(one.name, state.st_size, state.st_mtime_ns) for one, state in found]


def answer_all(
    pipeline: Pipeline, cases: Sequence[Case], journal: Path, key: str, on_progress: OnProgress
) -> list[Answer]:
    """An answer a case, from the journal where it has one. What cannot be read is an answer that says so."""
    known = dict(_read(journal, key))
    journal.parent.mkdir(parents=True, exist_ok=True)
    answers = []
    with journal.open("a", encoding="utf-8") as file:
        for index, case in enumerate(cases):
            name = f"{key} {case.reference.id}"
            if name not in known:
                known[name] = _ask(pipeline, case)
                file.write(json.dumps({"case": name, **_plain(known[name])}, ensure_ascii=False) + "\n")
                file.flush()
            answers.append(known[name])
            on_progress(index + 1, len(cases))
    return answers


def _ask(pipeline: Pipeline, case: Case) -> Answer:
    begin = time.perf_counter()
    try:
        felt: Analysis = pipeline.analyze(case.clip())
    except AffektError as error:
        reason = next((reason for kind, reason in REASONS if isinstance(error, kind)), FAILED)
        seconds = time.perf_counter() - begin
        return Answer(prediction=None, seconds=seconds, failure=error.message, reason=reason)
    seconds = time.perf_counter() - begin
    return Answer(prediction=felt.prediction, seconds=seconds, text=felt.text, missing=felt.missing())


def _plain(answer: Answer) -> dict[str, Any]:
    said = answer.prediction
    plain: dict[str, Any] = {
        "seconds": round(answer.seconds, 4), "text": answer.text, "missing": answer.missing, "failure": answer.failure,
        "reason": answer.reason,
    }  # fmt: skip
    if said is not None:
        plain |= {
            "scores": dict(said.scores), "labels": said.labels, "valence": said.valence, "arousal": said.arousal,
            "rationale": said.rationale, "generated": said.generated, "abstained": said.abstained,
            "clues": list(map(plain_clue, said.clues)),
        }  # fmt: skip
    return plain


def plain_clue(clue: Clue) -> dict[str, Any]:
    """For JSON; components may have put NumPy's numbers in."""
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
            name, scores = row.pop("case"), row.pop("scores", None)
            basics = {name: row.pop(name) for name in ("seconds", "text", "missing", "failure", "reason")}
        except (ValueError, KeyError, AttributeError):
            continue
        if not name.startswith(key):
            continue
        said = None
        if scores is not None:
            row["clues"] = tuple(Clue(**clue) for clue in row["clues"])
            said = EmotionPrediction(scores=scores, **row | {"labels": tuple(row["labels"])})
        yield name, Answer(prediction=said, **basics)
