"""What a pipeline concludes and says: predictions with their clues, requests for speech and the speech itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from affekt.contracts import require_span, require_within
from affekt.data import AudioSignal, Modality
from affekt.errors import DataError
from affekt.shapes import Checked, counted, freeze, make_plain


@dataclass(frozen=True, kw_only=True)
class Clue:
    """One reason: something seen, heard or read, and when."""

    modality: Modality
    start: float
    """Seconds from the start of the clip."""
    end: float
    text: str
    checked: bool
    """True when what it names was looked up in the evidence and is there."""

    def __post_init__(self) -> None:
        make_plain(self)
        require_span(f"Clue {self.text!r}", self.start, self.end)


@dataclass(frozen=True, kw_only=True)
class Moment(Checked):
    """What is felt during one stretch of the clip."""

    start: float
    """Seconds from the start of the clip."""
    end: float
    scores: Mapping[str, float]
    """Emotion → probability; they sum to 1."""
    valence: float | None = None
    """−1 unpleasant to 1 pleasant; None where the reasoner has no such axis."""
    arousal: float | None = None
    """−1 calm to 1 excited."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_span("Moment", self.start, self.end)
        _check_scores("Moment", self.scores)
        _check_axes("Moment", self)
        freeze(self, "scores")


@dataclass(frozen=True, kw_only=True)
class EmotionPrediction(Checked):
    """What is felt, and why. Inferred by a machine; it may be wrong."""

    scores: Mapping[str, float]
    """Emotion → probability; they sum to 1."""
    labels: tuple[str, ...] = ()
    """Open-vocabulary words for what is felt; the best-scored emotion first."""
    valence: float | None = None
    """−1 unpleasant to 1 pleasant."""
    arousal: float | None = None
    """−1 calm to 1 excited."""
    rationale: str = ""
    """What is concluded and why, as a person reads it."""
    generated: str = ""
    """What the reasoner's language model wrote, whole, before any of it was checked; "" where none wrote."""
    struck: tuple[str, ...] = ()
    """The parts of it that the evidence does not bear out, and that the rationale therefore leaves out."""
    clues: tuple[Clue, ...] = ()
    abstained: str | None = None
    """Why no emotion is claimed; None when one is."""
    nothing_to_judge: bool = False
    """Whether no face, no speech and no words were there, so that the scores say nothing and count for no time."""
    claims_from: float | None = None
    """The score from which an emotion is claimed: below it the reasoner abstains. None where it has no such rule."""
    timeline: tuple[Moment, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_scores("EmotionPrediction", self.scores)
        _check_axes("EmotionPrediction", self)
        if self.claims_from is not None:
            require_within("EmotionPrediction.claims_from", self.claims_from, 0, 1)
        freeze(self, "scores")

    @property
    def label(self) -> str:
        """The emotion with the highest score, whether or not the reasoner abstained."""
        return max(self.scores, key=lambda emotion: self.scores[emotion])

    def __repr__(self) -> str:
        claim = f"abstained: {self.abstained}" if self.abstained else f"{self.label} {self.scores[self.label]:.0%}"
        clues = f", {counted(len(self.clues), 'clue')}" if self.clues else ""
        return f"<EmotionPrediction: {claim}{clues}>"


def why_unclaimed(scores: Mapping[str, float], claims_from: float) -> str | None:
    """Why nothing is claimed; None where the likeliest emotion reaches the score from which one is.

    Both are compared in whole percent, as a person reads them.
    """
    best = max(scores, key=lambda emotion: scores[emotion])
    if round(scores[best], 2) >= round(claims_from, 2):
        return None
    return f"no emotion reaches {claims_from:.0%}, from which on one is claimed"


def _check_axes(where: str, felt: "Moment | EmotionPrediction") -> None:
    for name, value in (("valence", felt.valence), ("arousal", felt.arousal)):
        if value is not None:
            require_within(f"{where}.{name}", value, -1, 1)


def _check_scores(where: str, scores: Mapping[str, float]) -> None:
    values = np.array(list(scores.values()), dtype=np.float64)
    if not len(values) or not np.isfinite(values).all() or (values < 0).any() or abs(values.sum() - 1) > 1e-3:
        raise DataError(
            f"{where}.scores should be probabilities that sum to 1; found {dict(scores)}",
            hint="each score over their sum",
        )


@dataclass(frozen=True, kw_only=True)
class SpeechRequest:
    """What to say, and how."""

    text: str
    emotion: str = "neutral"
    intensity: float = 0.6
    """0 is neutral, 1 the strongest the speaker can do."""
    voice: str | None = None
    """A voice of the speaker's; None takes its default."""
    language: str = "en"
    """ISO 639-1."""
    style: str = ""
    """Free text, such as a rationale."""

    def __post_init__(self) -> None:
        make_plain(self)
        require_within("SpeechRequest.intensity", self.intensity, 0, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class SpeechResult(Checked):
    """Synthetic speech, and how it was made."""

    audio: AudioSignal
    request: SpeechRequest
    provenance: Mapping[str, str | float | bool] = field(default_factory=dict)
    """Speaker, model, controls; always says that it is synthetic. `spoken_text`: the words, if the text has others."""

    def __post_init__(self) -> None:
        super().__post_init__()
        freeze(self, "provenance")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What a data set says of one clip. An evaluator names what it needs and does not find."""

    id: str = ""
    """The clip's name in the data set."""
    label: str | None = None
    """One of the data set's classes."""
    labels: tuple[str, ...] = ()
    """Open-vocabulary words for what is felt, in any order."""
    valence: float | None = None
    """On the data set's own scale."""
    description: str = ""
    """What is felt and why, in a human's words."""
    raters: tuple[str, ...] = ()
    """What each human rater said, in one order for all clips; "" where one said nothing."""
    group: str = ""
    """Who speaks, or the video the clip is cut from: clips of one group are not independent. "" stands alone."""
    fold: str = ""
    """The fold of a cross-validation that the clip is tested in."""


Truth = Sequence[str | Reference]
"""One reference a prediction; a label alone is short for `Reference(label=…)`."""
