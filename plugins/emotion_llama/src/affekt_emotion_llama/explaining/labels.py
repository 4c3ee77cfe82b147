"""Labels out of free text. What is not there, negated or ambiguous is None, never "neutral"; the rate is reported."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from affekt_clues.claims import NEGATION

FORMS: Mapping[str, tuple[str, ...]] = {
    "happy": ("happy", "happiness", "happily", "joy", "joyful", "joyous", "cheerful", "delighted", "pleased"),
    "sad": ("sad", "sadness", "sadly", "sorrow", "sorrowful", "grief", "unhappy", "unhappiness"),
    "angry": ("angry", "anger", "angrily", "furious", "fury", "rage", "enraged", "mad"),
    "fearful": ("fearful", "fear", "afraid", "scared", "frightened", "terrified", "terror"),
    "disgusted": ("disgusted", "disgust", "disgusting", "revolted", "repulsed"),
    "surprised": ("surprised", "surprise", "astonished", "astonishment", "amazed", "shocked", "startled"),
    "neutral": ("neutral", "neutrality", "emotionless", "unemotional"),
    "calm": ("calm", "calmly", "calmness", "relaxed", "serene", "peaceful"),
    "bored": ("bored", "boredom", "boring", "uninterested"),
    "worried": ("worried", "worry", "worries", "anxious", "anxiety", "concerned", "nervous"),
    "contempt": ("contempt", "contemptuous", "scorn", "scornful", "disdain", "disdainful"),
    "doubt": ("doubt", "doubtful", "doubting", "sceptical", "skeptical", "hesitant", "uncertain"),
    "excited": ("excited", "excitement", "enthusiastic", "thrilled"),
    "frustrated": ("frustrated", "frustration", "annoyed", "irritated"),
    "embarrassed": ("embarrassed", "embarrassment", "ashamed", "shame"),
    "proud": ("proud", "pride"),
    "grateful": ("grateful", "gratitude", "thankful"),
    "relieved": ("relieved", "relief"),
    "lonely": ("lonely", "loneliness"),
    "jealous": ("jealous", "jealousy", "envious", "envy"),
    "guilty": ("guilty", "guilt", "remorse", "regret", "regretful"),
    "hopeful": ("hopeful", "hope", "optimistic"),
    "disappointed": ("disappointed", "disappointment"),
    "confused": ("confused", "confusion", "puzzled"),
    "tired": ("tired", "weary", "exhausted"),
    "curious": ("curious", "curiosity", "interested"),
    "affectionate": ("affectionate", "loving", "love", "tender", "affection"),
}
"""Feeling → the words that name it, its own first. Emotion words of everyday English; ours."""


@dataclass(frozen=True)
class Parsed:
    """The labels that many texts name."""

    labels: tuple[str | None, ...]
    """One a text; None where the text names none, several, or only denies one."""

    @property
    def unparsed(self) -> float:
        """The share of texts without a label."""
        return sum(label is None for label in self.labels) / len(self.labels) if self.labels else 0.0


def parse(texts: Iterable[str], labels: Sequence[str]) -> Parsed:
    """The one label that each text names, out of a closed set."""
    return Parsed(tuple(constrained(text, labels) for text in texts))


def constrained(text: str, labels: Sequence[str]) -> str | None:
    """The label that the text names; None where it names none or several, or only says what is not felt."""
    labels_named = named(text, {label: forms_of(label) for label in labels})
    return labels_named[0] if len(labels_named) == 1 else None


def open_vocabulary(text: str) -> tuple[str, ...]:
    """Every feeling the text names and does not deny, in the order of the text."""
    return named(text, FORMS)


def upstream(text: str, labels: Sequence[str], fallback: str = "neutral") -> tuple[str, bool]:
    """The last word or the fallback, as upstream evaluates. Also whether it fell back, so that it can be counted."""
    last = text.split(" ")[-1]
    return (last, False) if last in labels else (fallback, True)


def disagreement(text: str, label: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that a text names where it does not name the one that was scored highest; none where it does.

    Words for other feelings than the labels do not disagree: somebody may be angry and tired.
    """
    labels_named = named(text, {candidate: forms_of(candidate) for candidate in labels})
    return () if label in labels_named else labels_named


def named(text: str, forms: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The labels of which a form stands in the text without a negation before it, in the order of the text."""
    lower = text.lower().replace("’", "'")
    positions: dict[str, int] = {}
    for label, words in forms.items():
        for match in re.finditer(rf"\b({'|'.join(map(re.escape, words))})\b", lower):
            if not NEGATION.search(lower[: match.start()]):
                positions.setdefault(label, match.start())
    return tuple(sorted(positions, key=lambda label: positions[label]))


def forms_of(label: str) -> tuple[str, ...]:
    """The words that name a label: itself, and those of the feeling it belongs to ("fear" → "afraid")."""
    own = next((words for words in FORMS.values() if label.lower() in words), ())
    return tuple(dict.fromkeys((label.lower(), *own)))
