"""What a recording sounds like relative to a neutral one of the same voice.

A recogniser has an opinion of every voice, and of the words, before anything is felt: one that learnt from actors hears
"neutral" in a voice unlike theirs whatever it does. Divided by what it says of the same words said neutrally, what is
left is the change. People listen so too: to how a voice differs from how it usually is. Zhao et al. (2021, "Calibrate
before use") divide a language model's answers by those to an input without content for the same reason.
"""

from collections.abc import Collection

from affekt import DataError, EmotionPrediction

DOUBT = 0.001
"""How far a probability may be off. It keeps an emotion that goes from 0.01 to 0.1 % from having much weight. Chosen on
actors (RAVDESS, EmoDB), as they speak and with a third of their change from neutral: see decision 0081."""


def relative_to_neutral(
    heard: EmotionPrediction, neutral: EmotionPrediction, among: Collection[str] | None = None
) -> dict[str, float]:
    """Emotion → share, in proportion to its probability here over its probability when neutral; the shares sum to 1.

    Args:
        heard: what the recogniser says of the recording.
        neutral: what it says of the same voice, best with the same words, when nothing is felt.
        among: the emotions to choose from; None takes all that the recogniser knows.

    Raises:
        DataError: the recogniser knows none of them.
    """
    names = [name for name in heard.scores if among is None or name in among]
    if not names:
        raise DataError(
            f"none of {sorted(among or ())} is known to the recogniser", hint=f"among: {', '.join(heard.scores)}"
        )
    ratios = {name: (heard.scores[name] + DOUBT) / (neutral.scores.get(name, 0.0) + DOUBT) for name in names}
    return {name: ratio / sum(ratios.values()) for name, ratio in ratios.items()}
