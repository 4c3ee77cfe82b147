"""A recording judged by one modality at a time, in the form of Hume's v0: by the face, by the voice, by the words.

Everything is encoded once. For each model the fuser and the reasoner see the evidence of its modality alone. Only
emotions that are measured are named; none is filled up from a table. `happy` is called "Joy", as Hume's clients do.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from affekt import Clip, EmotionPrediction, Evidence, Modality, Pipeline, Word
from affekt_report.face_units import UNIT, unit_features
from affekt_report.spoken import LONG, PAUSE

MODELS: dict[str, Modality] = {"face": "face", "prosody": "audio", "language": "text"}
"""Model of Hume's → the modality that it is judged by here."""
NAMES = {
    "happy": "Joy", "sad": "Sadness", "angry": "Anger", "fearful": "Fear", "disgusted": "Disgust", "calm": "Calmness",
    "bored": "Boredom", "excited": "Excitement",
}  # fmt: skip
"""The same emotion under Hume's name; others keep ours, such as "Surprised", which Hume divides in two."""
FACS = {
    "AU1": "Inner Brow Raise", "AU2": "Outer Brow Raise", "AU4": "Brow Lowerer", "AU5": "Upper Lid Raise",
    "AU6": "Cheek Raise", "AU7": "Lids Tight", "AU9": "Nose Wrinkle", "AU10": "Upper Lip Raiser",
    "AU12": "Lip Corner Puller", "AU14": "Dimpler", "AU15": "Lip Corner Depressor", "AU17": "Chin Raiser",
    "AU20": "Lip Stretch", "AU23": "Lip Tightener", "AU24": "Lip Presser", "AU25": "Lips Part", "AU26": "Jaw Drop",
    "AU27": "Mouth Stretch", "AU28": "Lips Suck", "AU43": "Eye Closure",
}  # fmt: skip
ONLY = "left out: this is judged by another modality alone"
FRAME_SECONDS = 1 / 3
"""Time between two faces, as Hume's `fps_pred` of 3."""


def predict(pipeline: Pipeline, clips: Iterable[Clip], name: str, models: Sequence[str]) -> dict[str, Any]:
    """One source of Hume's predictions: what each model finds in a recording.

    Args:
        clips: the windows of the recording.
        models: of `MODELS`.
    """
    by_model: dict[str, list[dict[str, Any]]] = {model: [] for model in models}
    language, certain = None, list[float]()
    for clip in clips:
        evidence = pipeline.gather([clip])[0]
        language = language or (evidence.clip.language if evidence.clip.text else None)
        certain += [word.probability for word in evidence.clip.words if word.probability is not None]
        for model in models:
            alone = only(pipeline, evidence, MODELS[model])
            if alone is None:
                continue
            felt = pipeline.reasoner.reason([alone])[0]
            by_model[model] += {"face": _faces, "prosody": _utterances, "language": _sentences}[model](evidence, felt)
    heard = {"confidence": float(np.mean(certain)), "detected_language": language} if certain else None
    predictions = {
        model: {
            "metadata": None if model == "face" else heard,
            "grouped_predictions": [{"id": "unknown", "predictions": by_model[model]}] if by_model[model] else [],
        }
        for model in models
    }
    measured = sorted({emotion["name"] for each in by_model.values() for row in each for emotion in row["emotions"]})
    return {
        "source": {"type": "file", "filename": name, "content_type": None, "md5sum": ""},
        "results": {"predictions": [{"file": name, "file_type": "file", "models": predictions}], "errors": []},
        "x_affekt": {"pipeline": pipeline.name, "measured": measured},
    }


def as_message(source: Mapping[str, Any]) -> dict[str, Any]:
    """One source of predictions as the stream gives it: a model's predictions, or a warning where it has none."""
    (prediction,) = source["results"]["predictions"]
    message: dict[str, Any] = {"x_affekt": source["x_affekt"]}
    for model, output in prediction["models"].items():
        rows = [row for group in output["grouped_predictions"] for row in group["predictions"]]
        for row in rows:
            if "box" in row:
                row["bbox"], row["face_id"] = row.pop("box"), "unknown"
        nothing = {"warning": f"nothing was found that {model} is judged by", "code": "NothingFound"}
        message[model] = {"predictions": rows} if rows else nothing
    return message


def only(pipeline: Pipeline, evidence: Evidence, modality: Modality) -> Evidence | None:
    """The evidence of one modality, fused anew; None where there is none."""
    kept = {slot: each for slot, each in evidence.features.items() if pipeline.encoders[slot].modality == modality}
    if not kept:
        return None
    clip = evidence.clip
    if modality != "text":
        clip = replace(clip, text=None, words=(), translation=None, missing={**clip.missing, "text": ONLY})
    missing = {**evidence.missing, **{slot: ONLY for slot in evidence.features if slot not in kept}}
    alone = replace(evidence, clip=clip, features=kept, missing=missing, fused=None)
    if pipeline.fuser is not None:
        alone = replace(alone, fused=pipeline.fuser.fuse([alone])[0])
    return alone


def _emotions(scores: Mapping[str, float]) -> list[dict[str, Any]]:
    named = {NAMES.get(emotion, emotion.capitalize()): float(score) for emotion, score in scores.items()}
    return [{"name": emotion, "score": round(score, 6)} for emotion, score in sorted(named.items())]


def _scores(felt: EmotionPrediction, start: float, end: float) -> Mapping[str, float]:
    """The mean over the moments that overlap a span; of the whole window where none does."""
    own = [moment.scores for moment in felt.timeline if moment.start < end and moment.end > start]
    if not own:
        return felt.scores
    return {emotion: float(np.mean([scores.get(emotion, 0.0) for scores in own])) for emotion in felt.scores}


def _faces(evidence: Evidence, felt: EmotionPrediction) -> Iterator[dict[str, Any]]:
    track, clip = evidence.clip.faces, evidence.clip
    if track is None:
        return
    units, last = unit_features(evidence), -np.inf
    for time, box in zip(track.times, track.boxes, strict=True):
        if time - last < FRAME_SECONDS - 1e-6:
            continue
        last = time
        x, y, w, h = (float(value) for value in box)
        row = {
            "frame": round((clip.start + time) * (clip.video.fps if clip.video else 1)),
            "time": round(clip.start + float(time), 3), "prob": None, "box": {"x": x, "y": y, "w": w, "h": h},
            "emotions": _emotions(_scores(felt, float(time), float(time) + FRAME_SECONDS)),
        }  # fmt: skip
        if units is not None:
            nearest = int(np.abs(units.clock().mean(axis=1) - time).argmin())
            row["facs"] = [
                {"name": f"{key} {FACS[key]}", "score": round(float(units.values[nearest, index]), 4)}
                for index, column in enumerate(units.names or ())
                if (matched := UNIT.fullmatch(column)) and (key := f"AU{int(matched[1])}") in FACS
            ]
        yield row


def _lines(clip: Clip) -> list[list[Word]]:
    """Words in utterances that end at pauses, as reports show them."""
    lines: list[list[Word]] = []
    for word in clip.words:
        if lines and word.start - lines[-1][-1].end <= PAUSE and word.end - lines[-1][0].start <= LONG:
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def _utterances(evidence: Evidence, felt: EmotionPrediction) -> Iterator[dict[str, Any]]:
    clip = evidence.clip
    spans: list[tuple[float, float, str | None]] = [
        (line[0].start, line[-1].end, " ".join(word.text.strip() for word in line)) for line in _lines(clip)
    ]
    for start, end, text in spans or [(0.0, clip.duration, clip.text)]:
        yield {
            "text": text, "time": {"begin": round(clip.start + start, 3), "end": round(clip.start + end, 3)},
            "emotions": _emotions(_scores(felt, start, end)),
        }  # fmt: skip


def _sentences(evidence: Evidence, felt: EmotionPrediction) -> Iterator[dict[str, Any]]:
    clip = evidence.clip
    if clip.text:
        yield {
            "text": clip.text, "position": {"begin": 0, "end": len(clip.text)},
            "time": {"begin": round(clip.start, 3), "end": round(clip.start + clip.duration, 3)},
            "emotions": _emotions(felt.scores),
        }  # fmt: skip


def tables(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(file name, CSV) a model of one source: a row a prediction, a column a name."""
    for prediction in source["results"]["predictions"]:
        for model, output in prediction["models"].items():
            rows = [row for group in output["grouped_predictions"] for row in group["predictions"]]
            names = sorted({emotion["name"] for row in rows for emotion in row["emotions"]})
            heading = ["Begin", "End", *names]
            lines = [",".join(map(_cell, heading))]
            for row in rows:
                time = row["time"] if isinstance(row["time"], Mapping) else {"begin": row["time"], "end": row["time"]}
                scores = {emotion["name"]: emotion["score"] for emotion in row["emotions"]}
                cells = [time["begin"], time["end"], *(scores.get(name, "") for name in names)]
                lines.append(",".join(map(_cell, cells)))
            yield f"{model}.csv", "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    text = str(value)
    return json.dumps(text) if re.search(r'[",\n]', text) else text
