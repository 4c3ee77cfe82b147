"""The steps in their order, what the key of each holds, and `Annotator`, which takes a clip through them.

A key holds the hash of the media, the step and its version, its options, the hash of its prompt, its model, and the
keys of the steps it reads. So a new threshold repeats the steps that read the face and nothing else. A failed step is
kept under no key: the next run tries it again.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from affekt import AffektError, Clip, Modality, plugins
from affekt_datasets import Sample
from affekt_features.errors import StoreError
from affekt_features.keys import describe, digest
from affekt_features.store import FeatureStore

from affekt_annotate import filters
from affekt_annotate.annotation import Annotation, Description, Face, Finding, Observation, Spoken
from affekt_annotate.cache import StepCache, changes
from affekt_annotate.checking import check
from affekt_annotate.config import AnnotateConfig
from affekt_annotate.face import look
from affekt_annotate.measuring import Measured, make_pipeline, measure, recall
from affekt_annotate.merr_labels import in_merr
from affekt_annotate.tone import described, describer_of, detector_of, measured_tone
from affekt_annotate.words import spoken
from affekt_annotate.writing import Clues, check_writer, coarse, difference, prompt_hash, write

VERSIONS: Mapping[str, int] = {
    "evidence": 2,
    "face": 1,
    "tone": 1,
    "scene": 1,
    "words": 2,
    "label": 1,
    "blind": 4,
    "aware": 4,
}
"""Step → the version of its code; raised whenever the same input gives another result."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    "evidence": (),
    "face": ("evidence",),
    "tone": ("evidence",),
    "scene": ("evidence",),
    "words": ("evidence",),
    "label": ("evidence", "face"),
    "blind": ("evidence", "face", "tone", "scene", "words"),
    "aware": ("evidence", "face", "tone", "scene", "words", "label"),
}
"""Step → the steps it reads. "label" is chosen anew each time and only counts as a part of what reads it."""
NOT_LOOKED_AT = Observation(state="not looked at", reason="no describer of pictures was asked")


class Annotator:
    """Components made once; weights load with the first clip that needs them."""

    def __init__(self, config: AnnotateConfig, out: Path) -> None:
        """Looks for wrong names and options before anything runs.

        Raises:
            SpecError, OptionsError, ComponentNotFound, MissingDependency: the configuration cannot run here.
            StoreError: the folder cannot be written.
        """
        self.config = config
        self.cache = StepCache(out / "work")
        try:
            self.store = FeatureStore(out / "work" / "features")
        except StoreError as error:
            raise StoreError(error.message, hint=f'another folder than "{out}", or its permissions') from error
        check_writer(config.fine)
        self._tone = None if config.tone.use == "rules" else describer_of(config.tone, "tone")
        self._scene = None if config.scene is None else describer_of(config.scene, "scene")
        self._pipeline = make_pipeline(config.pipeline, config.changes)

    @cached_property
    def _measuring(self) -> dict[str, Any]:
        """What the evidence depends on: every component with its version, options and the hashes of its weights."""
        registry = plugins()
        pipeline = self._pipeline
        parts = {**pipeline.prepare, **pipeline.encoders, "fuser": pipeline.fuser, "reasoner": pipeline.reasoner}
        return {slot: _described(part, registry) for slot, part in parts.items() if part is not None}

    def keys(self, sample: Sample) -> dict[str, dict[str, Any]]:
        """Step → the parts of its key."""
        config = self.config
        options: dict[str, Any] = {
            "evidence": {
                "decode": config.decode,
                "components": self._measuring,
                "given": [sample.text, sample.language],
            },
            "face": config.face.model_dump(mode="json"),
            "tone": _use(config.tone),
            "scene": _use(config.scene),
            "words": None,
            "label": {"from": list(config.label_from), "given": sample.label},
            "blind": {"fine": _use(config.fine), "check": config.check.model_dump(mode="json")},
            "aware": {"fine": _use(config.fine), "check": config.check.model_dump(mode="json")},
        }
        prompts = {step: prompt_hash(config.fine) for step in ("blind", "aware")}
        media = media_hash(sample)
        keys: dict[str, dict[str, Any]] = {}
        for step, version in VERSIONS.items():
            keys[step] = {
                "media": media,
                "step": step,
                "version": version,
                "options": options[step],
                "prompt": prompts.get(step, ""),
                "needs": {need: digest(keys[need]) for need in NEEDS[step]},
            }
        return keys

    def plan(self, sample: Sample, name: str) -> dict[str, str]:
        """Step → why it would be done anew, of the steps that would."""
        before = self.cache.last(name)
        return {
            step: changes(before.get(step, {}), parts)
            for step, parts in self.keys(sample).items()
            if step != "label" and not self.cache.has(digest(parts))
        }

    def annotate(self, sample: Sample, name: str) -> Annotation:
        """Takes a clip through all steps.

        Raises:
            AffektError: its media cannot be read or measured; whatever else fails is a state of its step.
        """
        keys = self.keys(sample)
        measured = self._measured(sample, keys["evidence"])
        clip = _Lazily(sample, self.config.decode)
        face = self._through(
            Face,
            keys["face"],
            lambda: look(
                measured.evidence, measured.others, self.config.face, fps=measured.fps, choice=measured.choice
            ),
        )
        findings = measured.findings()
        tone = self._through(Observation, keys["tone"], lambda: self._tone_of(clip, measured, findings))
        scene = self._through(Observation, keys["scene"], lambda: self._scene_of(clip))
        words = self._through(Spoken, keys["words"], lambda: spoken(measured.evidence.clip, given=measured.words_given))
        findings += _reported(tone if self._tone is not None else None, scene, measured.duration)
        emotion, source, why = self._label(sample, face, measured)
        absent = face.reason if face.state != "measured" else ""
        clues = Clues(
            findings=findings, tone=tone, scene=scene, words=words, face_absent=absent, recognised=measured.recognised
        )
        blind = self._through(Description, keys["blind"], lambda: self._written(clues, measured, None))
        aware = self._through(
            Description,
            keys["aware"],
            lambda: (
                Description(state="not looked at", reason=why)
                if emotion is None
                else self._written(clues, measured, emotion)
            ),
        )
        clip_missing = measured.evidence.clip.missing
        annotation = Annotation(
            name=name,
            source=sample.id,
            sha256=keys["face"]["media"],
            duration=measured.duration,
            frames=measured.frames,
            speaker=sample.speaker,
            label=sample.label,
            transcript=" ".join(str(sample.notes.get("transcript") or "").split()),
            emotion=emotion,
            label_from=source,
            licence=str(sample.notes.get("licence") or self.config.media.licence),
            consent=str(sample.notes.get("consent") or self.config.media.consent),
            label_reason=why,
            missing={**{str(slot): why for slot, why in clip_missing.items()}, **measured.evidence.missing},
            findings=tuple(findings),
            face=face,
            recognised=measured.recognised,
            tone=tone,
            scene=scene,
            words=words,
            coarse=coarse(clues),
            blind=blind,
            aware=aware,
            difference=difference(blind.text, aware.text) if aware.state == "measured" else (),
        )
        self.cache.note(name, keys)
        return annotation.model_copy(update={"filters": filters.of_clip(annotation, measured, self.config)})

    def close(self) -> None:
        """Ends what components hold beyond memory."""
        self._pipeline.close()

    def _measured(self, sample: Sample, parts: dict[str, Any]) -> Measured:
        key = digest(parts)
        record = self.cache.get(key)
        measured = recall(record, self.store) if record is not None else None
        if measured is None:
            record = measure(sample, self._pipeline, self.config.decode, key, self.store)
            if record["recognised"]["state"] != "failed":
                self.cache.put(key, parts, record)
            measured = recall(record, self.store)
        if measured is None:
            raise AffektError(f'the features of "{sample.id}" cannot be read back', hint="affekt features verify")
        return measured

    def _through(self, kind: Any, parts: dict[str, Any], compute: Callable[[], Any]) -> Any:
        """The stored result of a step, or the one that is computed now; failures are not stored."""
        key = digest(parts)
        stored = self.cache.get(key)
        if stored is not None:
            return kind.model_validate(stored)
        result = compute()
        if result.state != "failed":
            self.cache.put(key, parts, result.model_dump(mode="json"))
        return kind.model_validate(result.model_dump(mode="json"))

    def _tone_of(self, clip: "_Lazily", measured: Measured, findings: list[Finding]) -> Observation:
        if self._tone is not None:
            return described(clip.get(), self.config.tone, self._tone)
        missing = measured.evidence.clip.missing.get("audio", "")
        slot = next((reason for slot, reason in measured.evidence.missing.items() if "prosody" in slot), "")
        return measured_tone(findings, missing or slot or ("" if measured.speech else "no voice is heard"))

    def _scene_of(self, clip: "_Lazily") -> Observation:
        if self._scene is None or self.config.scene is None:
            return NOT_LOOKED_AT
        return described(clip.get(), self.config.scene, self._scene)

    def _label(self, sample: Sample, face: Face, measured: Measured) -> tuple[str | None, str, str]:
        """The label in MERR's words, where it comes from, and why there is none.

        Without a face nothing is neutral unless somebody said so.
        """
        reasons = []
        for source in self.config.label_from:
            if source == "given" and sample.label:
                if (word := in_merr(sample.label)) is not None:
                    return word, source, ""
                return None, "", f'MERR has no word for "{sample.label}"'
            if source == "rule" and face.label is not None:
                return face.label, source, ""
            if source == "rule":
                reasons.append(face.reason or "no emotion's action units are present at the peak")
            if source == "recogniser" and (heard := measured.recognised.label) is not None:
                word = in_merr(heard)
                if word is not None and not (word == "neutral" and face.state != "measured"):
                    return word, source, ""
                reasons.append(f"the recogniser says {heard}, which is no label here")
        return None, "", "; ".join(reasons) or "no label was given"

    def _written(self, clues: Clues, measured: Measured, label: str | None) -> Description:
        draft = write(clues, self.config.fine, label)
        if draft.state != "measured":
            return draft
        sentences = check(draft.draft, measured.evidence, clues.findings, measured.reasons, self.config.check)
        return draft.model_copy(update={"sentences": sentences})


class _Lazily:
    """The decoded clip, for the steps that look or listen themselves."""

    def __init__(self, sample: Sample, decode: Mapping[str, Any]) -> None:
        self._sample, self._decode = sample, decode
        self._clip: Clip | None = None

    def get(self) -> Clip:
        """Decoded once."""
        if self._clip is None:
            self._clip = self._sample.clip(**self._decode)
        return self._clip


def _reported(tone: Observation | None, scene: Observation, duration: float) -> list[Finding]:
    steps: tuple[tuple[Modality, Observation | None], ...] = (("audio", tone), ("video", scene))
    return [
        Finding(
            modality=modality,
            start=0.0,
            end=duration,
            text=observation.text,
            detector=observation.detector,
            reported=True,
        )
        for modality, observation in steps
        if observation is not None and observation.state == "measured"
    ]


def _described(part: Any, registry: Any) -> dict[str, Any]:
    return dict(describe(part, registry))


def _use(use: Any) -> Any:
    """Of a component, what its answers depend on: not where it is reached, nor how patiently."""
    if use is None:
        return None
    plain = use.model_dump(mode="json", exclude_none=True)
    if isinstance(plain.get("endpoint"), dict):
        kept = ("model", "temperature", "max_tokens")
        plain["endpoint"] = {key: value for key, value in plain["endpoint"].items() if key in kept}
    return {"model": detector_of(use), **plain}


_hashes: dict[tuple[str, int, int], str] = {}


def media_hash(sample: Sample) -> str:
    """SHA-256 of the media: of a file its bytes, of a folder of pictures names and bytes; remembered by its times."""
    state = hashlib.sha256()
    if sample.media is None:
        return state.hexdigest()
    paths = (
        sorted(path for path in sample.media.rglob("*") if path.is_file()) if sample.media.is_dir() else [sample.media]
    )
    beside = [path for path in (sample.media.with_suffix(".srt"),) if path.is_file()]
    for path in [*paths, *beside]:
        facts = path.stat()
        identity = (str(path), facts.st_mtime_ns, facts.st_size)
        if identity not in _hashes:
            with path.open("rb") as file:
                _hashes[identity] = hashlib.file_digest(file, "sha256").hexdigest()
        if len(paths) == 1 and not beside and sample.row is None:
            return _hashes[identity]
        name = path.relative_to(sample.media) if sample.media.is_dir() else path.suffix
        state.update(f"{name} {_hashes[identity]};".encode())
    state.update(f"row {sample.row}".encode())
    return state.hexdigest()
