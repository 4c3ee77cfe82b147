"""What a text expresses: GoEmotions' 27 emotions and neutral, or their groups (Demszky et al. 2020)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from affekt import Clue, Component, EmotionPrediction, Evidence, Features, WeightsError
from affekt.trained_with import TrainedWith
from jaxtyping import Float64
from pydantic import Field
from safetensors import SafetensorError, safe_open

from affekt_text.adapters import adapter_file
from affekt_text.sentences import sentences

GROUPS: Mapping[str, Sequence[str]] = {
    "angry": ("anger", "annoyance", "disapproval"),
    "disgusted": ("disgust",),
    "fearful": ("fear", "nervousness"),
    "happy": (
        "admiration", "amusement", "approval", "caring", "desire", "excitement", "gratitude", "joy", "love", "optimism",
        "pride", "relief",
    ),
    "sad": ("disappointment", "embarrassment", "grief", "remorse", "sadness"),
    "surprised": ("confusion", "curiosity", "realization", "surprise"),
    "neutral": ("neutral",),
}  # fmt: skip
"""The grouping to Ekman's six emotions that the data set publishes, in the words of other pipelines."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GoEmotionsHead:
    """A logistic function of the sentence vector a label."""

    weight: Float64[np.ndarray, "dim label"]
    bias: Float64[np.ndarray, "label"]
    thresholds: Float64[np.ndarray, "label"]
    """The probability from which on each label is named; chosen on the development split."""
    labels: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> "GoEmotionsHead":
        """Reads the head that lies beside an adapter, in the same file.

        Raises:
            WeightsError: the file holds no such head.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                labels = tuple(json.loads((file.metadata() or {})["labels"]))
                named = [file.get_tensor(f"goemotions.{name}") for name in ("weight", "bias", "thresholds")]
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise WeightsError(
                f'"{path}" holds no head of GoEmotions: {error}',
                hint="a file written by `python -m affekt_training.texts`",
            ) from error
        weight, bias, thresholds = (each.astype(np.float64) for each in named)
        return cls(weight=weight, bias=bias, thresholds=thresholds, labels=labels)

    def probabilities(self, vectors: Float64[np.ndarray, "text dim"]) -> Float64[np.ndarray, "text label"]:
        """The probability of every label by itself: a sentence may express several, or none."""
        each: Float64[np.ndarray, "text label"] = 1 / (1 + np.exp(-(vectors @ self.weight + self.bias)))
        return each

    @staticmethod
    def of_all(rows: Float64[np.ndarray, "sentence label"]) -> Float64[np.ndarray, "label"]:
        """The probability that at least one sentence of a text expresses the label, each by itself (noisy or)."""
        any_sentence: Float64[np.ndarray, "label"] = 1 - np.exp(np.log1p(-rows).sum(axis=0))
        return any_sentence


class GoEmotionsReasoner(Component):
    """Names every emotion that the words express, as raters of Reddit's comments would; abstains without words.

    Scores are the labels' own probabilities over their sum. `labels` of the prediction are those that reach their
    threshold, the likeliest first: several, where a text expresses several.
    """

    slot: str = Field(default="words", description="The slot of the encoder `minilm-emotions`")
    labels: Literal["ekman", "goemotions"] = Field(
        default="ekman", description="Ekman's six and neutral, as the data set groups its labels, or all 28"
    )
    model: str = Field(default="minilm-emotions", description="A name of `affekt weights list`, or a file")

    @cached_property
    def head(self) -> GoEmotionsHead:
        """Reads the labels from vectors."""
        return GoEmotionsHead.load(adapter_file(self.model))

    def encoders(self) -> Mapping[str, TrainedWith]:
        """The encoder whose vectors the head reads."""
        return {self.slot: TrainedWith(use="minilm-emotions", options={"adapter": self.model})}

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """Judges the words of each clip."""
        return [self._conclude(clip_evidence) for clip_evidence in evidence]

    def _conclude(self, evidence: Evidence) -> EmotionPrediction:
        names = tuple(GROUPS) if self.labels == "ekman" else self.head.labels
        if self.slot not in evidence.features:
            why = evidence.missing.get(self.slot, f'the pipeline has no slot "{self.slot}"')
            even = dict.fromkeys(names, 1 / len(names))
            return EmotionPrediction(scores=even, abstained=f"no words: {why}", nothing_to_judge=True)
        features = evidence.features[self.slot]
        rows = self.head.probabilities(features.values.astype(np.float64))
        overall = self.head.of_all(rows)
        scores = _shares(self._grouped(overall), names)
        expressed = self._expressed(overall)
        return EmotionPrediction(
            scores=scores,
            labels=self._in_words(expressed) or (max(scores, key=lambda name: scores[name]),),
            rationale=f"The words express {_listed(expressed)}.",
            clues=tuple(self._clues(evidence, features, rows)),
        )

    def _grouped(self, probabilities: Float64[np.ndarray, "label"]) -> Float64[np.ndarray, "name"]:
        if self.labels == "goemotions":
            return probabilities
        of = dict(zip(self.head.labels, probabilities, strict=True))
        return np.array([sum(of[name] for name in names) for names in GROUPS.values()])

    def _expressed(self, probabilities: Float64[np.ndarray, "label"]) -> tuple[str, ...]:
        """The data set's labels that reach their threshold, the likeliest first."""
        order = np.argsort(-probabilities)
        return tuple(self.head.labels[at] for at in order if probabilities[at] >= self.head.thresholds[at])

    def _in_words(self, expressed: Sequence[str]) -> tuple[str, ...]:
        """The same in the vocabulary that is asked for."""
        group = {label: name for name, labels in GROUPS.items() for label in labels}
        return tuple(dict.fromkeys(expressed if self.labels == "goemotions" else (group[label] for label in expressed)))

    def _clues(self, evidence: Evidence, features: Features, rows: Float64[np.ndarray, "sentence label"]) -> list[Clue]:
        """What each sentence expresses; neutral ones are no reason for anything."""
        texts = [sentence.text for sentence in sentences(evidence.clip.in_language(("en",)))]
        if len(texts) != len(rows):
            return []
        clues = []
        for text, (start, end), row in zip(texts, features.clock(), rows, strict=True):
            if felt := [name for name in self._expressed(row) if name != "neutral"]:
                reason = f'"{text}" expresses {_listed(felt)}'
                clues.append(Clue(modality="text", start=float(start), end=float(end), text=reason, checked=True))
        return clues


def _shares(values: Float64[np.ndarray, "name"], names: Sequence[str]) -> dict[str, float]:
    return dict(zip(names, (values / values.sum()).tolist(), strict=True))


def _listed(expressed: Sequence[str]) -> str:
    """Names of emotions as a person lists them: anger, disgust and grief."""
    emotions = [name for name in expressed if name != "neutral"]
    return " and ".join(filter(None, [", ".join(emotions[:-1]), *emotions[-1:]])) or "no emotion"
