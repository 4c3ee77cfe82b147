"""A plugin of the tests: a reasoner that goes by the words, and sees anger nearly everywhere."""

from collections.abc import Iterator, Sequence

from affekt import Component, ComponentInfo, EmotionPrediction, Evidence, hookimpl

SCORES = {"neutral": 0.2, "angry": 0.4, "sad": 0.1, "fearful": 0.1, "happy": 0.1, "disgusted": 0.05, "surprised": 0.05}


class WordRule(Component):
    """Somewhat angry unless the text names another emotion, which is then as likely as 2 to 1."""

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        return [self._one(known.clip.text or "") for known in evidence]

    def _one(self, text: str) -> EmotionPrediction:
        named = [emotion for emotion in SCORES if emotion in text]
        raised = {emotion: score + (2.0 if emotion in named else 0.0) for emotion, score in SCORES.items()}
        total = sum(raised.values())
        scores = {emotion: score / total for emotion, score in raised.items()}
        best = max(scores, key=lambda emotion: scores[emotion])
        return EmotionPrediction(scores=scores, labels=(best, "furious", "wobbly"))


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(role="reasoner", name="word-rule", target="word_rule:WordRule", summary="Goes by the words")
