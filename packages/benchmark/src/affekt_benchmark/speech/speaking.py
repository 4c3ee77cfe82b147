"""Speaks, listens and measures: a row an utterance, kept in a journal so that a killed run goes on where it stopped."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
from affekt import AudioSignal, DataError, Pipeline, PipelineSpec, SpeechRequest, SpeechResult
from affekt_reply import Attempt, Reply, closed_loop
from affekt_speech_metrics.contours import correlation
from affekt_speech_metrics.emotion import agrees
from affekt_speech_metrics.likeness import speaker_similarity
from affekt_speech_metrics.prosody import prosody
from affekt_speech_metrics.quality import quality
from affekt_speech_metrics.wording import character_error_rate, word_error_rate
from affekt_voices import write_speech

from affekt_benchmark.runs.running import OnCount
from affekt_benchmark.speech.material import FITTING, NEUTRAL
from affekt_benchmark.speech.memory import Remembering


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a run covers."""

    voices: tuple[str | None, ...]
    emotions: tuple[str, ...]
    intensities: tuple[float, ...]
    sentences: int
    """Neutral in content, for each cell of voice, emotion and intensity."""
    fitting: int
    """Sentences that fit each emotion."""
    attempts: int
    """The attempts of the closed loop, over the neutral sentences and the fitting ones."""

    @property
    def intensity(self) -> float:
        """The intensity at which the fitting sentences are first said: the middle one."""
        return self.intensities[len(self.intensities) // 2]

    @property
    def answers(self) -> tuple[str, ...]:
        """Emotions that the listener chooses from."""
        return tuple(dict.fromkeys(("neutral", *self.emotions)))


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One thing to be said and measured."""

    part: str
    """"prosody": the grid over neutral sentences; "loop": the closed loop over them; "felt": over fitting ones."""
    request: SpeechRequest
    sentence: int


def utterances(asked: Asked) -> Iterator[Utterance]:
    """Neutral ones first: the others are measured against them."""
    for voice in asked.voices:
        yield from _grid(asked, voice)
        for utterance in _grid(asked, voice) if asked.attempts > 1 else ():
            if utterance.request.emotion != "neutral":
                yield replace(utterance, part="loop")
        for emotion in asked.emotions:
            for number, text in enumerate(FITTING[emotion][: asked.fitting]):
                yield Utterance(part="felt", request=_request(text, emotion, asked.intensity, voice), sentence=number)


def _grid(asked: Asked, voice: str | None) -> Iterator[Utterance]:
    for number, text in enumerate(NEUTRAL[: asked.sentences]):
        yield Utterance(part="prosody", request=_request(text, "neutral", 0.0, voice), sentence=number)
        for emotion in asked.emotions:
            for intensity in asked.intensities if emotion != "neutral" else ():  # it has only one
                yield Utterance(part="prosody", request=_request(text, emotion, intensity, voice), sentence=number)


def _request(text: str, emotion: str, intensity: float, voice: str | None) -> SpeechRequest:
    return SpeechRequest(text=text, emotion=emotion, intensity=round(intensity, 4), voice=voice)


def run(spec: PipelineSpec, asked: Asked, folder: Path, on_progress: OnCount) -> list[dict[str, Any]]:
    """A row an utterance. The sound of the strongest and of the neutral ones is kept below `audio/`, with its mark.

    Raises:
        AffektError: something cannot be spoken, or the pipeline cannot listen.
    """
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    # It is asked for nothing but to speak and to analyse.
    pipeline, everything = cast(Pipeline, Remembering(spec.build())), list(utterances(asked))
    journal, rows = folder / "rows.jsonl", []
    journalled = dict(_read(journal))
    neutral: dict[tuple[str | None, int], AudioSignal] = {}
    with journal.open("a", encoding="utf-8") as file:
        for number, utterance in enumerate(everything):
            key = _key(spec, utterance, asked)
            if key not in journalled:
                at_once = journalled.get(_key(spec, replace(utterance, part="prosody"), asked), {})
                if utterance.part == "loop" and at_once.get("as_meant"):
                    journalled[key] = {**at_once, "part": "loop"}  # the loop ends where its first attempt succeeds
                else:
                    journalled[key] = _row(pipeline, utterance, asked, folder / "audio" / f"{key}.mp3", neutral)
                file.write(json.dumps({"key": key, **journalled[key]}, ensure_ascii=False) + "\n")
                file.flush()
            kept = folder / "audio" / f"{key}.mp3"
            rows.append({**journalled[key], "audio": f"audio/{key}.mp3" if kept.is_file() else None})
            on_progress(number + 1, len(everything))
    return rows


def _key(spec: PipelineSpec, utterance: Utterance, asked: Asked) -> str:
    loop = 0 if utterance.part == "prosody" else asked.attempts
    owner = version("affekt-speech-metrics")
    plain = json.dumps(
        [spec.model_dump(mode="json"), utterance.part, asdict(utterance.request), loop, asked.answers, owner],
        default=str,
    )
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _read(journal: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Whole lines only: a killed run may have left half a line."""
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.is_file() else []:
        try:
            row = json.loads(line)
            yield row.pop("key"), row
        except (ValueError, KeyError, AttributeError):
            continue


def _row(
    pipeline: Pipeline,
    utterance: Utterance,
    asked: Asked,
    path: Path,
    neutral: dict[tuple[str | None, int], AudioSignal],
) -> dict[str, Any]:
    reply = closed_loop(
        pipeline, utterance.request, 1 if utterance.part == "prosody" else asked.attempts, among=asked.answers
    )
    attempt = max(reply.attempts, key=lambda tried: (tried.succeeded, tried.request == reply.result.request))
    row = _measured(utterance, attempt, reply)
    if utterance.part == "prosody":
        row |= _against_neutral(pipeline, utterance, reply.result.audio, neutral)
    if utterance.part == "prosody" and utterance.request.intensity in (0.0, max(asked.intensities)):
        write_speech(reply.result, path)  # what the page to listen to is made of
    return row


def _measured(utterance: Utterance, attempt: Attempt, reply: Reply) -> dict[str, Any]:
    audio, text = reply.result.audio, utterance.request.text
    first = reply.attempts[0]
    return {
        "part": utterance.part, "voice": utterance.request.voice or "", "emotion": utterance.request.emotion,
        "intensity": utterance.request.intensity, "sentence": utterance.sentence, "text": text,
        "transcript": attempt.transcript, "word_error_rate": word_error_rate(text, attempt.transcript or ""),
        "character_error_rate": character_error_rate(text, attempt.transcript or ""),
        "heard": attempt.heard.label, "abstained": attempt.heard.abstained, "scores": dict(attempt.heard.scores),
        "shares": dict(attempt.shares), "felt_at_once": first.felt, "felt": attempt.felt,
        "felt_alone": agrees(attempt.heard, utterance.request.emotion),
        "as_meant_at_once": first.succeeded, "as_meant": attempt.succeeded,
        "score_at_once": first.score, "score": attempt.score, "attempts": len(reply.attempts),
        "spoken_intensity": attempt.request.intensity, "style": attempt.request.style,
        "dnsmos": quality(audio).overall, "seconds": audio.duration, "asked": _controls(reply.result),
        **{f"prosody_{name}": value for name, value in asdict(prosody(audio)).items()},
    }  # fmt: skip


def _controls(result: SpeechResult) -> dict[str, float]:
    """What the speaker says that it changed: its provenance's numbers."""
    return {
        name: float(value)
        for name, value in result.provenance.items()
        if isinstance(value, float | int) and not isinstance(value, bool)
    }


def _against_neutral(
    pipeline: Pipeline, utterance: Utterance, audio: AudioSignal, neutral: dict[tuple[str | None, int], AudioSignal]
) -> dict[str, Any]:
    """Beside the same sentence in the same voice without emotion."""
    key = utterance.request.voice, utterance.sentence
    if key not in neutral:
        plain = replace(utterance.request, emotion="neutral", intensity=0.0)
        neutral[key] = audio if utterance.request.emotion == "neutral" else pipeline.speak(plain).audio
    try:
        alike = correlation(audio, neutral[key])
        courses: dict[str, float | None] = {"pitch_correlation": alike.pitch, "energy_correlation": alike.energy}
    except DataError:
        courses = {"pitch_correlation": None, "energy_correlation": None}
    return {"speaker_similarity": speaker_similarity(audio, neutral[key]), **courses}


def write(folder: Path, document: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """`speech.json` and `speech.parquet`, a row an utterance; each appears whole or not at all."""
    plain = [
        {name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()} for row in rows
    ]
    names = list(dict.fromkeys(name for row in plain for name in row))
    table = pyarrow.Table.from_pylist([{name: row.get(name) for name in names} for row in plain])
    partial = folder / ".speech.parquet.part"
    pyarrow.parquet.write_table(table.replace_schema_metadata({"affekt": json.dumps(document["about"])}), partial)
    partial.replace(folder / "speech.parquet")
    partial = folder / ".speech.json.part"
    partial.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(folder / "speech.json")
