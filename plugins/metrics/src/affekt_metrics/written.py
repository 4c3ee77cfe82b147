"""What a language model wrote of a clip, as the measures of free text read it.

The text is what the model wrote and nothing that was added or struck afterwards. Officially a language model lists the
words for feelings in it; here the built-in wheel's words are looked up, but for those that also say what is seen or
heard ("a warm voice", "she is laughing"), and a word that is denied does not count. English only.
"""

import re
from collections.abc import Sequence
from functools import cache

from affekt import EmotionPrediction

from affekt_metrics.own_wheel import own_wheels

WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
DENIED = re.compile(r"\b(?:not|no|never|neither|nor|without|hardly|\w+n't|rather than|instead of)\b[^.,;!?]{0,24}$")
OBSERVED = frozenset(
    [
        *("smiling", "laughing", "crying", "positive", "negative", "lively", "energetic", "animated", "warm", "warmth"),
        *("gentle", "flat", "composed", "focused", "attentive", "concentrated", "serious", "seriousness", "thinking"),
        *("kind", "intimate", "touched", "moved", "patient", "content", "down", "blue", "bitter", "alone", "isolated"),
        *("abandoned", "drained", "defeated", "accomplished", "successful", "joking", "teasing", "funny", "dull"),
        *("tense", "tension", "monotonous", "distant", "detached", "numb", "wounded", "wronged", "unexpected"),
        *("questioning", "interest", "threatening", "blaming", "accusing", "complaining", "reflective", "downcast"),
        *("stress", "stressed", "disapproving", "speechless", "uncertain", "relaxed", "relaxing", "tender", "composed"),
    ]
)
"""Words of the wheel that describe a voice, a face or what is done as often as a feeling."""


def text_of(prediction: EmotionPrediction) -> str:
    """What the model wrote; the rationale where the reasoner is none that writes."""
    return (prediction.generated or prediction.rationale).strip()


def words_of(prediction: EmotionPrediction) -> Sequence[str]:
    """The words for feelings that the model wrote and did not deny; the answer's labels where it wrote nothing."""
    return named(prediction.generated) if prediction.generated.strip() else prediction.labels


def named(text: str) -> tuple[str, ...]:
    """Words for feelings in a text, each once, in its order."""
    lower = text.lower().replace("’", "'")
    matches = (match for match in WORD.finditer(lower) if match[0] in _vocabulary())
    return tuple(dict.fromkeys(match[0] for match in matches if not denied(lower, match.start())))


def denied(lower: str, position: int) -> bool:
    """Whether the word that begins at a place of a lower-case text is denied just before: "not angry"."""
    return bool(DENIED.search(lower[:position]))


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(own_wheels().rows) - OBSERVED
