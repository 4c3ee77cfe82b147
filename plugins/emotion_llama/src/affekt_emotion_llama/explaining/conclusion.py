"""From what a model said of a clip to what is concluded, or to why nothing is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from affekt import Clue, EmotionPrediction, Evidence, Modality, Moment, why_unclaimed
from affekt_clues import phrasing
from affekt_clues.sounds import wordless
from jaxtyping import Float

from affekt_emotion_llama.explaining.explanation import Explanation
from affekt_emotion_llama.explaining.timeline import Stretch
from affekt_emotion_llama.opinions import modality
from affekt_emotion_llama.saved import ModelConfig

LEAST_EVIDENCE = 0.02
"""Nats by which the evidence must move what was expected, on average, to count as having told anything."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """What the model said of one clip."""

    scores: Mapping[str, float]
    views: tuple[Evidence, ...]
    """What it judged: the clip, or windows of it."""
    timeline: tuple[Moment, ...] = ()
    runs: tuple[Stretch, ...] = ()
    """The stretches of a clip in which the feeling changes."""
    parts: tuple[Explanation, ...] = ()
    """The explanation of every stretch, or of the clip."""
    generated: tuple[str, ...] = ()
    """What the model wrote of every stretch, or of the clip, before any check."""
    alone: Mapping[Modality, tuple[str, float]] = field(default_factory=dict)
    """Modality → what it makes likeliest by itself, and how likely, where its tokens are opinions."""
    reasons: tuple[tuple[Clue, ...], ...] = ()
    """What was measured and speaks for the label of every stretch, or of the clip, where tokens are opinions."""
    others: tuple[str, ...] = ()
    """Labels that it names there instead of the one that is scored highest."""


def abstention(read: Read, before: Float[np.ndarray, "label"], below: float) -> str | None:
    """Why nothing is claimed; None where the likeliest emotion has the score from which one is.

    Args:
        before: what was expected of the labels.
        below: scores below it are not claimed; 0 never abstains.
    """
    if not below:
        return None
    scores = [moment.scores for moment in read.timeline] or [read.scores]
    rows = np.array([list(own.values()) for own in scores])
    if (rows * np.log(np.maximum(rows, 1e-12) / before)).sum(axis=1).mean() < LEAST_EVIDENCE:
        return "what was observed hardly tells the emotions apart"
    return why_unclaimed(read.scores, below)


def absent(evidence: Evidence, config: ModelConfig) -> list[phrasing.Absent]:
    """The model's slots that have nothing to say, and why."""
    return [_absent(evidence, config, slot) for slot in config.dims if slot not in evidence.features]


def _absent(evidence: Evidence, config: ModelConfig, slot: str) -> phrasing.Absent:
    of = modality(slot, config.words, config.face)
    return phrasing.Absent(
        modality=of,
        reason=evidence.missing.get(slot, f'the pipeline has no encoder in the slot "{slot}"'),
        asked=slot in evidence.missing,
        instead=(wordless(evidence) or "") if of == "audio" else "",
    )


def nothing(evidence: Evidence, labels: Sequence[str], config: ModelConfig, below: float) -> EmotionPrediction:
    """An abstention: there was nothing that the model knows. A voice without words is something, though not judged."""
    wordless = False
    if config.opinions:
        gone = absent(evidence, config)
        why, reasons = phrasing.nothing(gone), f" {phrasing.silences(gone)}"
        wordless = any(gap.instead for gap in gone)
    else:
        why = "nothing was seen, heard or read that the model knows"
        missing = "; ".join(dict.fromkeys([*evidence.missing.values(), *evidence.clip.missing.values()]))
        reasons = f" Missing: {missing}." if missing else ""
    return EmotionPrediction(
        scores=dict.fromkeys(labels, 1 / len(labels)),
        abstained=why,
        nothing_to_judge=not wordless,
        claims_from=below or None,
        rationale=f"Nothing is claimed: {why}.{reasons}".strip(),
    )


def plane(
    scores: Mapping[str, float], coordinates: Mapping[str, tuple[float, float]]
) -> tuple[float | None, float | None]:
    """Expected valence and arousal, where the model says where its labels lie."""
    if not set(scores) <= set(coordinates):
        return None, None
    valence, arousal = np.array(list(scores.values())) @ np.array([coordinates[label] for label in scores])
    return float(valence), float(arousal)


def placed(moment: Moment, coordinates: Mapping[str, tuple[float, float]]) -> Moment:
    """The moment with its expected valence and arousal."""
    valence, arousal = plane(moment.scores, coordinates)
    return replace(moment, valence=valence, arousal=arousal)


def mean(timeline: Sequence[Moment]) -> dict[str, float]:
    """The mean of the moments, each weighing as long as it lasts."""
    lengths = np.array([moment.end - moment.start for moment in timeline])
    rows = np.array([list(moment.scores.values()) for moment in timeline])
    return dict(zip(timeline[0].scores, (lengths @ rows / lengths.sum()).tolist(), strict=True))
