"""From a pipeline's emotions to a data set's labels, without inventing any.

A data set's label gets the score of the pipeline's emotion for it; the rest is left out and the scores sum to 1 again.
A label for which the pipeline has no emotion is reported as out of reach: it can only be answered wrongly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from affekt import EmotionPrediction
from affekt_datasets import vocabularies, vocabulary


@dataclass(frozen=True, kw_only=True)
class Translation:
    """Which of the pipeline's emotions stands for which label."""

    labels: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    """Label → what a pipeline may call it, the label itself first."""
    near: tuple[str, ...] = ()
    """Labels that are answered by a neighbouring emotion: scores are comparable with nobody's."""

    @classmethod
    def of(cls, name: str, near: bool) -> "Translation":
        """The translation to a data set's vocabulary."""
        target = vocabulary(name)
        words = {label: (label, *filter(None, [target.common.get(label)])) for label in target.labels}
        neighbours = {label: target.near[label] for label in target.labels if label in target.near} if near else {}
        words |= {label: (*words[label], word) for label, word in neighbours.items()}
        return cls(labels=target.labels, words=words, near=tuple(neighbours))

    @classmethod
    def of_labels(cls, labels: Sequence[str]) -> "Translation":
        """The translation to one's own labels; what data sets call the same emotion stands for it ("joy", "happy")."""
        common_of = {label: common for words in vocabularies().values() for label, common in words.common.items()}
        common = {label: common_of.get(label.lower(), label.lower()) for label in labels}
        same = {label: tuple(word for word, meant in common_of.items() if meant == common[label]) for label in labels}
        return cls(
            labels=tuple(labels),
            words={label: tuple(dict.fromkeys((label, common[label], *same[label]))) for label in labels},
        )

    def reach(self, emotions: Sequence[str]) -> tuple[str, ...]:
        """The labels that these emotions can be translated to."""
        return tuple(label for label in self.labels if self._source(label, emotions) is not None)

    def _source(self, label: str, emotions: Sequence[str] | Mapping[str, float]) -> str | None:
        return next((word for word in self.words[label] if word in emotions), None)

    def __call__(self, prediction: EmotionPrediction) -> EmotionPrediction:
        """The same answer in the data set's labels. Labels share an emotion's score when it stands for several."""
        sources = {label: self._source(label, prediction.scores) for label in self.labels}
        sharing = [word for word in sources.values() if word is not None]
        scores = {
            label: prediction.scores[word] / sharing.count(word) if word is not None else 0.0
            for label, word in sources.items()
        }
        total = sum(scores.values())
        if total <= 0:
            why = prediction.abstained or f'"{prediction.label}" and all it gave a score have no label here'
            return replace(prediction, scores=dict.fromkeys(self.labels, 1 / len(self.labels)), abstained=why)
        scores = {label: score / total for label, score in scores.items()}
        best = max(scores, key=lambda label: scores[label])
        open_words = tuple(word for word in prediction.labels if word != prediction.label)
        return replace(prediction, scores=scores, labels=(best, *open_words))
