"""The step `evidence`: a clip is decoded, prepared, encoded and judged once; all other steps read what is kept of it.

What is kept: the transcript, the features whose columns have names (action units, prosody) in the feature store, the
faces, and the recogniser's prediction. Sound and pictures are not kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affekt import AffektError, Clip, ComponentError, Evidence, Features, Missing, Pipeline, Translation, Word
from affekt_clues.check import with_columns
from affekt_clues.claims import measured_reasons
from affekt_clues.prosody import PITCH, voiced
from affekt_clues.reason import Reason
from affekt_datasets import Sample
from affekt_features.keys import digest
from affekt_features.store import FeatureStore

from affekt_annotate.annotation import Finding, Recognised
from affekt_annotate.face import HEIGHT


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """What the other steps read of a clip."""

    evidence: Evidence
    """The evidence, without sound and pictures."""
    others: tuple[tuple[Features, str], ...]
    """Action units of the faces that were not chosen, and how each was found."""
    choice: str
    """Why the face that was chosen was; "" where there is none, or nobody chose."""
    words_given: bool
    """Whether the words came with the clip, as its text or its subtitles; else a preparer recognised them."""
    recognised: Recognised
    duration: float
    fps: float | None
    frames: int | None
    reasons: tuple[Reason, ...]

    @property
    def speech(self) -> float:
        """Seconds in which a voice is heard, or words are timed."""
        prosody = with_columns(self.evidence, lambda name: name == PITCH)
        if prosody is not None:
            clock = prosody.clock()[voiced(prosody)]
            return float((clock[:, 1] - clock[:, 0]).sum())
        return float(sum(word.end - word.start for word in self.evidence.clip.words))

    def findings(self) -> list[Finding]:
        """Every clue that was measured, with its detector, and the words as one."""
        clues = [_finding(reason, self.evidence) for reason in self.reasons]
        clip = self.evidence.clip
        if (clip.text or "").strip():
            words = clip.words
            clues.append(
                Finding(
                    modality="text",
                    start=words[0].start if words else 0.0,
                    end=words[-1].end if words else self.duration,
                    text=f"the words “{' '.join((clip.text or '').split())}”",
                    detector="transcript",
                )
            )
        return clues


def measure(sample: Sample, pipeline: Pipeline, decode: Mapping[str, Any], key: str, store: FeatureStore) -> Any:
    """Decodes and measures a clip, and returns the record that `recall` reads.

    Raises:
        MediaError: the clip cannot be decoded.
        ComponentError: a preparer or an encoder failed.
        StoreError: the features cannot be stored.
    """
    clip = sample.clip(**decode)
    fps, frames = _header(sample, clip)
    given = bool((clip.text or "").strip())
    clip, others = _faces(clip, pipeline)
    (evidence,) = pipeline.gather([clip])
    named = {slot: features for slot, features in evidence.features.items() if features.names and _is_read(features)}
    encoders = [
        encoder
        for slot, encoder in pipeline.encoders.items()
        if slot in named and any(HEIGHT.fullmatch(name) for name in named[slot].names or ())
    ]
    kept = {slot: _put(store, key, slot, features) for slot, features in named.items()}
    measured_clip = evidence.clip
    choice, units_of_others = _units_of_others(measured_clip, others, encoders[0]) if encoders else ("", [])
    faces = [
        {"why": why, "key": _put(store, key, f"face {number}", units)}
        for number, (units, why) in enumerate(units_of_others)
    ]
    return {
        "id": measured_clip.id,
        "text": measured_clip.text,
        "words_given": given,
        "language": measured_clip.language,
        "missing": dict(measured_clip.missing),
        "notes": list(measured_clip.notes),
        "translation": _plain_translation(measured_clip.translation),
        "words": [[word.start, word.end, word.text, word.probability] for word in measured_clip.words],
        "choice": choice,
        "duration": round(measured_clip.duration, 6),
        "fps": fps,
        "frames": frames,
        "features": kept,
        "faces": faces,
        "unencoded": dict(evidence.missing),
        "recognised": _recognise(pipeline, evidence).model_dump(mode="json"),
    }


def recall(record: Mapping[str, Any], store: FeatureStore) -> Measured | None:
    """What `measure` kept; None where the store has lost a part of it."""
    stored = {slot: store.get(key) for slot, key in record["features"].items()}
    features = {slot: part for slot, part in stored.items() if isinstance(part, Features)}
    face_features = [(store.get(face["key"]), str(face["why"])) for face in record["faces"]]
    others = tuple((face, why) for face, why in face_features if isinstance(face, Features))
    if len(features) < len(stored) or len(others) < len(face_features):
        return None
    clip = Clip(
        id=record["id"],
        text=record["text"],
        language=record["language"],
        missing=record["missing"],
        notes=tuple(record["notes"]),
        translation=Translation(**record["translation"]) if record["translation"] is not None else None,
        words=tuple(Word(start=s, end=e, text=t, probability=p) for s, e, t, p in record["words"]),
    )
    evidence = Evidence(clip=clip, features=features, missing=record["unencoded"])
    return Measured(
        evidence=evidence,
        others=others,
        choice=record["choice"],
        words_given=record["words_given"],
        recognised=Recognised.model_validate(record["recognised"]),
        duration=record["duration"],
        fps=record["fps"],
        frames=record["frames"],
        reasons=tuple(sorted(measured_reasons(evidence), key=_order)),
    )


def _order(reason: Reason) -> tuple[str, float, float, str]:
    """The same whether the evidence was just measured or is read back, where its slots are sorted by name."""
    return reason.clue.modality, reason.clue.start, -reason.strength, reason.clue.text


def _plain_translation(translation: Translation | None) -> dict[str, str] | None:
    """Without its words, whose times are rough."""
    if translation is None:
        return None
    return {field: getattr(translation, field) for field in ("language", "original", "text", "source")}


def _faces(clip: Clip, pipeline: Pipeline) -> tuple[Clip, list[Any]]:
    """The clip with the face that speaks, and the other faces, where a preparer follows several."""
    for preparer in pipeline.prepare.values():
        if callable(find := getattr(preparer, "tracks", None)) and clip.faces is None and clip.video is not None:
            chosen, *others = find(clip) or [None]
            return (replace(clip, faces=chosen), others) if chosen is not None else (clip, [])
    return clip, []


def _units_of_others(clip: Clip, tracks: Sequence[Any], encoder: Any) -> tuple[str, list[tuple[Features, str]]]:
    """Why the chosen face was, and the action units of the others with how each was found.

    An encoder that reads a table of several faces (OpenFace's) has its own; their numbers say nothing about the tracks
    that a preparer followed in the pictures.
    """
    if callable(faces := getattr(encoder, "faces", None)) and (own := faces(clip)):
        choice = f"of the {len(own)} faces in the table the one seen in most frames" if len(own) > 1 else ""
        return choice, [(units, "another face in the table") for units in own[1:]]
    encoded = [(encoder.encode([replace(clip, faces=track)])[0], track.choice) for track in tracks]
    others = [(units, why) for units, why in encoded if isinstance(units, Features) and len(units.values)]
    return clip.faces.choice if clip.faces is not None else "", others


def _recognise(pipeline: Pipeline, evidence: Evidence) -> Recognised:
    try:
        (prediction,) = pipeline.reasoner.reason([evidence])
    except AffektError as error:
        return Recognised(state="failed", reason=error.message, pipeline=pipeline.name)
    except Exception as error:  # whatever a reasoner raises must not lose what was measured
        return Recognised(state="failed", reason=f"{type(error).__name__}: {error}", pipeline=pipeline.name)
    scores = {label: round(float(score), 6) for label, score in prediction.scores.items()}
    return Recognised(
        state="measured",
        pipeline=pipeline.name,
        scores=scores,
        abstained=prediction.abstained,
        rationale=prediction.rationale,
        generated=prediction.generated,
    )


def _is_read(features: Features) -> bool:
    return any(HEIGHT.fullmatch(name) or name == PITCH for name in features.names or ())


def _put(store: FeatureStore, key: str, slot: str, features: Features | Missing) -> str:
    own = digest({"annotation": key, "slot": slot})
    store.put(own, features)
    return own


def _header(sample: Sample, clip: Clip) -> tuple[float | None, int | None]:
    """Frame rate and frames of the recording, as its header claims; of a folder of pictures as it was read."""
    if clip.video is None or not len(clip.video.frames):
        return None, None
    if sample.media is not None and sample.media.is_file() and sample.row is None:
        from affekt_media import probe

        track = probe(sample.media).track("video")
        if track is not None and track.fps:
            seconds = track.duration or float(clip.video.at()[-1]) + 1 / clip.video.fps
            return float(track.fps), max(1, round(float(track.fps) * seconds))
    return clip.video.fps, len(clip.video.frames)


def _finding(reason: Reason, evidence: Evidence) -> Finding:
    clue = reason.clue
    source = with_columns(
        evidence,
        (lambda name: bool(HEIGHT.fullmatch(name))) if clue.modality == "face" else (lambda name: name == PITCH),
    )
    return Finding(
        modality=clue.modality,
        start=round(clue.start, 3),
        end=round(clue.end, 3),
        text=clue.text,
        detector=source.source if source is not None else "",
        value=round(float(np.clip(reason.strength, 0, 1)), 4),
        supports=reason.supports,
    )


def make_pipeline(name: str, changes: Mapping[str, Any]) -> Pipeline:
    """The pipeline that measures.

    Raises:
        SpecError: it is unknown or has problems.
        ComponentError: it cannot be made.
    """
    import affekt

    try:
        return affekt.load(name, **changes)
    except (OSError, RuntimeError) as error:
        raise ComponentError(f'the pipeline "{name}" cannot be made: {error}', hint="affekt doctor") from error
