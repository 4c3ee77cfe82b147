"""Instructions in words → an emotion and its intensity, by rule: what is understood is applied and reported."""

import re

WORDS = {
    "happy": ("happy", "happily", "cheerful", "cheerfully", "joyful", "joy", "glad", "delighted", "upbeat"),
    "sad": ("sad", "sadly", "sorrowful", "melancholic", "melancholy", "mournful", "gloomy"),
    "angry": ("angry", "angrily", "furious", "furiously", "irritated", "annoyed"),
    "fearful": ("fearful", "afraid", "scared", "frightened", "anxious", "nervous", "terrified"),
    "disgusted": ("disgusted", "disgust", "revolted"),
    "surprised": ("surprised", "astonished", "amazed"),
    "calm": ("calm", "calmly", "soothing", "relaxed", "gentle", "gently", "serene"),
    "bored": ("bored", "boredom", "weary", "indifferent"),
    "excited": ("excited", "enthusiastic", "thrilled"),
    "neutral": ("neutral", "neutrally", "matter-of-fact", "flat"),
}
STRENGTHS = {
    0.3: ("slightly", "a little", "a bit", "mildly", "subtly", "somewhat"),
    0.9: ("very", "extremely", "deeply", "really", "strongly", "intensely"),
}
MIDDLE = 0.6
NEGATIONS = ("not", "no", "never", "without", "don't", "avoid")
NEAR = 3
"""Words before an emotion that may negate it."""


def understood(instructions: str) -> tuple[str, float] | None:
    """(emotion, intensity) of the first emotion that is named and not negated; None where none is."""
    words = re.findall(r"[a-z][a-z'-]*", instructions.lower())
    for index, word in enumerate(words):
        emotion = next((emotion for emotion, names in WORDS.items() if word in names), None)
        if emotion is None or set(words[max(0, index - NEAR) : index]) & set(NEGATIONS):
            continue
        before = " ".join(words[max(0, index - 2) : index])
        strengths = (
            strength for strength, modifiers in STRENGTHS.items() if any(modifier in before for modifier in modifiers)
        )
        return emotion, next(strengths, MIDDLE)
    return None
