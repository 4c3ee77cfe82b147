"""What a worker does with a job of each kind; files go into the folder of the attempt."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import affekt_media
from affekt import AffektError, Clip, Pipeline, SpeechRequest
from affekt.provenance import provenance
from affekt_recordings import Analysis
from affekt_recordings.windows import Part
from affekt_reply import answer, closed_loop, written

from affekt_studio import hume_predictions
from affekt_studio.errors import BadRequest, MediaRefused
from affekt_studio.results import SPOKEN, write_analysis

WINDOW = 30.0
"""Seconds of a window, as `affekt_media.windows` cuts them."""
FEWEST_BYTES = 500
"""The fewest bytes of a second of any recording in use, 4 kbit: a small file is not opened twice to know its length."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One attempt at a job."""

    id: str
    request: Mapping[str, Any]
    pipeline: Pipeline
    media: Path | None
    folder: Path
    """The folder of the files of this attempt."""
    media_seconds: float
    on_event: Callable[[str, Mapping[str, Any]], None]
    """Called with what happens; raises where the job was removed."""
    analysis: Analysis | None = None
    """What was found already: together with other recordings, or before the recording is answered."""


def run(kind: str, task: Task) -> dict[str, Any]:
    """Does the job, and returns what is said of it.

    Raises:
        AffektError: the job cannot be done.
    """
    task.folder.mkdir(parents=True, exist_ok=True)
    return {
        "analysis": analyze,
        "reply": reply,
        "speech": speak,
        "transcription": transcribe,
        "hume": predict_for_hume,
    }[kind](task)


def analyze_together(pipeline: Pipeline, tasks: Sequence[Task]) -> dict[str, Analysis]:
    """Task → the analysis of recordings that are one window each, through the pipeline as one batch.

    Those that are longer or cannot be read are left out, and so are all where a preparer links the windows of one
    recording.
    """
    if any(callable(getattr(preparer, "link", None)) for preparer in pipeline.prepare.values()):
        return {}
    clips: dict[str, Clip] = {}
    for task in tasks:
        with suppress(AffektError):
            assert task.media is not None
            windows = list(islice(affekt_media.windows(task.media, WINDOW), 2))
            if len(windows) == 1:
                clips[task.id] = windows[0]

    def on_progress(slot: str) -> None:
        for task in tasks:
            if task.id in clips:
                with suppress(Exception):  # one that was removed meanwhile ends when its own turn comes
                    task.on_event("step", {"name": slot, "seconds": 0, "together": len(clips)})

    pipeline.require_encoders()
    evidence = pipeline.gather(list(clips.values()), on_progress)
    on_progress("reasoner")
    predictions = pipeline.reasoner.reason(evidence)
    origin = provenance(pipeline)
    return {
        id: Analysis(source=id, parts=(Part(evidence=gathered, prediction=felt),), provenance=origin)
        for id, gathered, felt in zip(clips, evidence, predictions, strict=True)
    }


def analyze(task: Task) -> dict[str, Any]:
    """Analyses the recording, and writes the result, the page's view and the report."""
    return write_analysis(_analysis(task), task.request["name"], task.folder)


def reply(task: Task) -> dict[str, Any]:
    """Answers a recording aloud; where it is asked for, by attempts until the emotion is heard."""
    asked = task.request
    felt = _analysis(task)
    language = asked.get("language") or "en"
    text = asked.get("text") or written(task.pipeline, felt, language)
    request = answer(felt, text, asked.get("emotion"), asked.get("intensity", 0.6), asked.get("voice"), language)
    return _say(task, request, asked.get("attempts") or 0)


def speak(task: Task) -> dict[str, Any]:
    """Says a text."""
    fields = ("text", "emotion", "intensity", "voice", "language", "style")
    request = SpeechRequest(**{name: task.request[name] for name in fields if task.request.get(name) is not None})
    return _say(task, request, task.request.get("attempts") or 0)


def transcribe(task: Task) -> dict[str, Any]:
    """Writes down what is said, with the pipeline's preparer of the slot `transcript`."""
    preparer = task.pipeline.prepare.get("transcript")
    if preparer is None:
        raise BadRequest(f'the pipeline "{task.pipeline.name}" has no transcriber', hint="the pipeline default")
    texts, words, language, duration = [], [], None, 0.0
    for clip in _windows(task):
        task.on_event("step", {"name": "transcript", "seconds": clip.start})
        heard: Clip = preparer.prepare([clip])[0]
        texts.append(heard.text or "")
        language = language or heard.language
        duration = max(duration, clip.start + clip.duration)
        words += [
            {"word": word.text.strip(), "start": clip.start + word.start, "end": clip.start + word.end}
            for word in heard.words
        ]
    document = {"text": " ".join(filter(None, texts)), "language": language, "duration": duration, "words": words}
    (task.folder / "transcript.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return {"duration": duration}


def predict_for_hume(task: Task) -> dict[str, Any]:
    """Judges the recording, or the text, by each modality alone."""
    windows: Iterable[Clip]
    if task.media is None:
        windows = [Clip(id="text", text=task.request["text"])]
    else:
        task.on_event("step", {"name": "media"})
        windows = _windows(task)
    predictions = hume_predictions.predict(task.pipeline, windows, task.request["name"], task.request["models"])
    (task.folder / "predictions.json").write_text(json.dumps(predictions, ensure_ascii=False), encoding="utf-8")
    models = predictions["results"]["predictions"][0]["models"].values()
    groups = [group for model in models for group in model["grouped_predictions"]]
    return {"predictions": sum(len(group["predictions"]) for group in groups)}


def _analysis(task: Task) -> Analysis:
    assert task.media is not None
    _require_length(task)
    if task.analysis is not None:
        return task.analysis
    windows = 0

    def on_progress(slot: str) -> None:
        nonlocal windows
        windows += slot == "media"
        if (windows - 2) * WINDOW > task.media_seconds:  # a header may claim less than the file holds
            raise _too_long(task, (windows - 1) * WINDOW)
        task.on_event("step", {"name": slot, "seconds": max(0, windows - 1) * WINDOW})

    return task.pipeline.analyze(task.media, on_progress)


def _windows(task: Task) -> Iterator[Clip]:
    """The windows of the recording.

    Raises:
        MediaRefused: it lasts longer than what is taken.
    """
    assert task.media is not None
    _require_length(task)
    for clip in affekt_media.windows(task.media, WINDOW):
        if clip.start > task.media_seconds:
            raise _too_long(task, clip.start)
        yield clip


def _require_length(task: Task) -> None:
    """Refuses what is longer by its own header; what holds more than that is refused when it has come so far."""
    assert task.media is not None
    if task.media.stat().st_size < FEWEST_BYTES * task.media_seconds:
        return
    duration = affekt_media.probe(task.media).duration
    if duration is not None and duration > task.media_seconds:
        raise _too_long(task, duration)


def _too_long(task: Task, seconds: float) -> MediaRefused:
    return MediaRefused(
        f'"{task.request["name"]}" lasts {seconds:.0f} s and more; up to {task.media_seconds:.0f} s are taken',
        hint="a shorter recording, or `affekt analyze` on the command line",
    )


def _say(task: Task, request: SpeechRequest, attempts: int) -> dict[str, Any]:
    import affekt_voices  # takes half a second, which analyses need not wait for

    if attempts:
        spoken = closed_loop(
            task.pipeline, request, attempts, on_progress=lambda attempt: task.on_event("attempt", attempt.to_dict())
        )
        result, succeeded = spoken.result, spoken.succeeded
    else:
        task.on_event("step", {"name": "speaker"})
        result, succeeded = task.pipeline.speak(request), None
    task.on_event("step", {"name": "watermark"})
    file = f"{SPOKEN}.{task.request.get('format') or 'wav'}"
    affekt_voices.write_speech(result, task.folder / file)
    performed = result.request
    return {
        "text": performed.text, "emotion": performed.emotion, "intensity": performed.intensity,
        "heard_as_meant": succeeded, "duration": result.audio.duration, "sample_rate": result.audio.sample_rate,
        "file": file,
    }  # fmt: skip
