"""Words for emotions in English text, by the emotion of affekt's own vocabulary that they name."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "happy": r"happy|happiness|joy\w*|cheerful\w*|delight\w*|glad|pleased|elat\w+|amus\w+",
        "sad": r"sad|sadness|sorrow\w*|griev\w+|grief|unhapp\w+|depress\w+|melanchol\w+|despair\w*",
        "angry": r"angry|anger|angrily|furious|rage|irritat\w+|annoy\w+|frustrat\w+|mad",
        "fearful": r"fear\w*|afraid|scared|terrif\w+|anxious|anxiety|worr(?:y|ied|ies)|nervous\w*|panic\w*",
        "disgusted": r"disgust\w*|revuls\w+|contempt\w*",
        "surprised": r"surpris\w+|astonish\w+|amaz\w+|shock\w*|startl\w+",
        "neutral": r"neutral|no (?:strong |particular )?emotion|indifferen\w+",
        "calm": r"calm\w*|serene|serenity",
        "bored": r"bored|boredom",
    }
)
"""Emotion → a pattern of the words that name it, the nearest where the vocabulary has no word of its own."""
_PATTERNS = {emotion: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for emotion, words in WORDS.items()}
_DENIED = re.compile(
    r"\b(?:not|no|never|nor|without|hardly|\w+n't|rather than|nothing)\b[^.,;!?]{0,40}$", re.IGNORECASE
)


def named(text: str) -> Iterator[tuple[str, re.Match[str], bool]]:
    """(emotion, where it is named, whether it is denied) for every word for an emotion; quotations do not count."""
    bare = re.sub(r"[“\"][^”\"]*[”\"]", lambda match: " " * len(match[0]), text)
    for emotion, pattern in _PATTERNS.items():
        for match in pattern.finditer(bare):
            yield emotion, match, bool(_DENIED.search(bare[: match.start()]))


def affirmed(text: str) -> set[str]:
    """The emotions that a text names and does not deny."""
    return {emotion for emotion, _, denied in named(text) if not denied}
