"""The measures of the score card that need a model: CLIP's and CLAP's similarity, and natural language inference.

Models are the user's own: a folder that transformers reads, or a repository of the hub. None is a default, and without
one its columns are absent. The scales are those of the authors' tool, so that its results can be compared: a cosine c
is written as (c + 1) / 2, and a clue counts as entailed or contradicted from a probability of one half.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from affekt import Clip, MissingDependency, OptionsError
from affekt_clues.facs import PHRASES
from affekt_clues.phrasing import listed

from affekt_annotate.annotation import Annotation

SURE = 0.5
"""Probability from which the text entails or contradicts a clue."""
LONGEST = 512
"""Tokens of a pair of texts that the inference model reads."""
RATE = 16_000
"""The sample rate of sound that is decoded with the picture and not heard."""


class Absent(Exception):
    """Why a measure cannot be computed."""


@dataclass(frozen=True, kw_only=True)
class ScoreModels:
    """The models that a user has; each loads with the first measure that needs it.

    Attributes:
        clip: CLIP, for the picture at the peak against the description of the scene, else the whole description.
        clap: CLAP, for the sound against the description of the tone.
        nli: a classifier of natural language inference, for the description against each clue it joins.
    """

    clip: str | None = None
    clap: str | None = None
    nli: str | None = None

    @cached_property
    def _picture_and_text(self) -> tuple[Any, Any]:
        from transformers import CLIPModel

        return _load(CLIPModel, str(self.clip))

    @cached_property
    def _sound_and_text(self) -> tuple[Any, Any]:
        from transformers import ClapModel

        return _load(ClapModel, str(self.clap))

    @cached_property
    def _inference(self) -> tuple[Any, Any]:
        from transformers import AutoModelForSequenceClassification

        return _load(AutoModelForSequenceClassification, str(self.nli))

    def picture(self, annotation: Annotation, recording: "Recording") -> dict[str, float]:
        """Computes `clip_image_score`."""
        peak = next((peak for peak in reversed(annotation.face.peaks) if peak.time is not None), None)
        if peak is None or peak.time is None:
            raise Absent("there is no peak frame")
        video = recording.clip(RATE).video
        if video is None or not len(video.frames):
            raise Absent("the recording has no picture")
        frame = video.frames[int(np.abs(video.at() - peak.time).argmin())]
        text = annotation.scene.text if annotation.scene.state == "measured" else annotation.blind.text
        if not text:
            raise Absent("nothing is left of the description")
        network, processor = self._picture_and_text
        most = network.config.text_config.max_position_embeddings
        read = processor(
            text=[text], images=[frame], return_tensors="pt", padding=True, truncation=True, max_length=most
        )
        return {"clip_image_score": _similarity(network, read, "image_embeds")}

    def sound(self, annotation: Annotation, recording: "Recording") -> dict[str, float]:
        """`clap_audio_score`, the mean over pieces as long as the model hears at once."""
        if annotation.tone.state != "measured":
            raise Absent(f"no tone: {annotation.tone.reason}")
        network, processor = self._sound_and_text
        hears = processor.feature_extractor
        audio = recording.clip(hears.sampling_rate).audio
        if audio is None or not len(audio.samples):
            raise Absent("the recording has no sound")
        # Of a longer sound the feature extractor would take a piece at random.
        starts = range(0, len(audio.samples), hears.nb_max_samples)
        pieces = [audio.samples[start : start + hears.nb_max_samples] for start in starts]
        long_pieces = [piece for piece in pieces if len(piece) >= hears.sampling_rate] or pieces[:1]
        shared = {"text": [annotation.tone.text], "sampling_rate": hears.sampling_rate, "return_tensors": "pt"}
        read = [processor(audio=[piece], padding=True, **shared) for piece in long_pieces]
        return {"clap_audio_score": float(np.mean([_similarity(network, piece, "audio_embeds") for piece in read]))}

    def inference(self, annotation: Annotation) -> dict[str, float]:
        """`nli_entail` and `nli_contra`, shares of the clues; `nli_consistency`, their difference but at least 0."""
        clues = clues_of(annotation)
        if not annotation.blind.text or not clues:
            raise Absent("there is no clue to compare the description with")
        network, tokenizer = self._inference
        entails, contradicts = (_label(network, begins) for begins in ("entail", "contra"))
        chances = np.stack([_chances(network, tokenizer, annotation.blind.text, clue) for clue in clues])
        entailed = float((chances[:, entails] >= SURE).mean())
        contradicted = float((chances[:, contradicts] >= SURE).mean())
        return {
            "nli_consistency": max(0.0, entailed - contradicted),
            "nli_entail": entailed,
            "nli_contra": contradicted,
        }


class Recording:
    """The media of an annotation, decoded for the measures that look or listen."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._clips: dict[int, Clip] = {}

    def clip(self, sample_rate: int) -> Clip:
        """The clip with its sound at a rate.

        Raises:
            Absent: the folder has no media of it.
            MediaError: they cannot be decoded.
        """
        if self._path is None or not self._path.exists():
            raise Absent("its media are not in the folder video, which holds those of the exported items")
        from affekt_media import load

        if sample_rate not in self._clips:
            self._clips[sample_rate] = load(self._path.resolve(), sample_rate=sample_rate, subtitles=False)
        return self._clips[sample_rate]


def clues_of(annotation: Annotation) -> list[str]:
    """What the description joins: scene, tone and face, each in words where it was measured."""
    texts = [step.text for step in (annotation.scene, annotation.tone) if step.state == "measured"]
    peak = next((peak for peak in reversed(annotation.face.peaks) if peak.units), None)
    face = [PHRASES[unit] for unit in peak.units if unit in PHRASES] if peak is not None else []
    return [*texts, *([listed(face)] if face else [])]


def _load(kind: Any, model: str) -> tuple[Any, Any]:
    """The network and what prepares its input.

    Raises:
        MissingDependency: transformers is not installed.
        WeightsError: the model is none of this kind.
    """
    try:
        from affekt_encoding.checkpoints import load_pretrained, pretrained_folder
        from transformers import AutoProcessor
    except ImportError as error:
        raise MissingDependency(
            f"a score by a model needs transformers: {error}", hint='pip install "affekt-annotate[score]"'
        ) from error
    processor: Any = AutoProcessor
    return load_pretrained(kind, model), processor.from_pretrained(pretrained_folder(model))


def _similarity(network: Any, read: Mapping[str, Any], other: str) -> float:
    import torch

    with torch.inference_mode():
        embeddings = network(**read)
    texts, others = embeddings["text_embeds"][0], embeddings[other][0]
    cosine = float(torch.nn.functional.cosine_similarity(texts, others, dim=0))
    return (cosine + 1) / 2


def _label(network: Any, begins: str) -> int:
    """The class of this name, whatever its place: models order them differently."""
    labels = {int(index): str(label).lower() for index, label in network.config.id2label.items()}
    matching = [index for index, label in labels.items() if label.startswith(begins)]
    if len(matching) != 1:
        raise OptionsError(
            f'no class of the inference model begins with "{begins}"; found {sorted(labels.values())}',
            hint="a model trained on MNLI whose config.json names its classes",
        )
    return matching[0]


def _chances(network: Any, tokenizer: Any, premise: str, hypothesis: str) -> Any:
    import torch

    longest = min(LONGEST, tokenizer.model_max_length)
    read = tokenizer(premise, hypothesis, return_tensors="pt", truncation="only_first", max_length=longest)
    with torch.inference_mode():
        return network(**read).logits[0].softmax(dim=-1).numpy()
