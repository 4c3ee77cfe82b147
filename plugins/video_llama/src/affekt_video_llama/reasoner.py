"""Frames and words in, a distribution over emotions and an explanation out."""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np
from affekt import Clip, Component, EmotionPrediction, Evidence
from affekt_encoding.torch_builds import matching_builds
from pydantic import Field

with matching_builds():
    from affekt_video_llama.model import VideoModel

LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")
QUESTION = "Which one of these emotions does the person feel: {labels}? Answer with one word."
LEAD = "The person feels {label}."
EXPLAIN = LEAD + " In one or two sentences, which clues in the video show it?"


class VideoLlamaReasoner(Component):
    """Scores each label by the probability of its words as the answer, so that no answer has to be parsed.

    It hears nothing, and like all models of its kind it tends to explain whatever it is told. One forward pass a label.
    """

    model: str = Field(
        default="LanguageBind/Video-LLaVA-7B-hf", description="Video-LLaVA or Qwen2.5-VL: a hub name or a local folder"
    )
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    labels: tuple[str, ...] = Field(default=LABELS, min_length=2, description="The emotions to choose from")
    frames: int = Field(default=8, ge=1, description="Frames of a clip that are shown, evenly spaced")
    words: bool = Field(default=True, description="Show what is said, too")
    most_tokens: int = Field(default=80, ge=0, description="Longest explanation; 0 gives none, and is faster")
    device: str = Field(default="cpu", description='Anything torch.device takes, e.g. "cuda:0"')
    dtype: Literal["float32", "bfloat16", "float16"] = Field(default="bfloat16", description="Precision of the weights")

    @cached_property
    def _model(self) -> VideoModel:
        return VideoModel.load(self.model, self.revision, self.device, self.dtype)

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """One prediction a clip; a clip without video is an abstention.

        Raises:
            WeightsError: the model cannot be had, or is of another kind.
        """
        return [self._one(clip_evidence.clip) for clip_evidence in evidence]

    def _one(self, clip: Clip) -> EmotionPrediction:
        if clip.video is None or not len(clip.video.frames):
            even = dict.fromkeys(self.labels, 1 / len(self.labels))
            return EmotionPrediction(scores=even, abstained=clip.why_missing("video"))
        count = min(self.frames, len(clip.video.frames))
        middles = ((np.arange(count) + 0.5) * len(clip.video.frames) / count).astype(int)
        # Fewer frames than asked for are shown more than once: the models want a fixed number.
        frames = np.resize(clip.video.frames[middles], (self.frames, *clip.video.frames.shape[1:]))
        words = f'The person says: "{clip.text}". ' if self.words and clip.text else ""
        log_probabilities = self._model.answers(
            frames, words + QUESTION.format(labels=", ".join(self.labels)), self.labels
        )
        shares = np.exp(log_probabilities - log_probabilities.max())
        shares /= shares.sum()
        best = self.labels[int(shares.argmax())]
        why = (
            self._model.write(frames, words + EXPLAIN.format(label=best), self.most_tokens) if self.most_tokens else ""
        )
        scores = dict(zip(self.labels, map(float, shares), strict=True))
        written = f"{LEAD.format(label=best)} {why}" if why else ""
        return EmotionPrediction(scores=scores, labels=(best,), rationale=why, generated=written)
