"""Is the emotion heard that was meant? By any recogniser's predictions."""

import numpy as np
from affekt import EmotionPrediction


def agrees(heard: EmotionPrediction, meant: str) -> bool:
    """The likeliest emotion is the one that was meant. Abstaining is not agreeing."""
    return heard.abstained is None and heard.label == meant


def emotion_similarity(heard: EmotionPrediction, reference: EmotionPrediction) -> float:
    """Cosine of the two distributions over all emotions that either knows, 0 to 1.

    Compare speech with the recording that it answers or imitates, both heard by one recogniser.
    """
    names = sorted({*heard.scores, *reference.scores})
    first, other = (np.array([prediction.scores.get(name, 0.0) for name in names]) for prediction in (heard, reference))
    return float(first @ other / (np.linalg.norm(first) * np.linalg.norm(other)))
