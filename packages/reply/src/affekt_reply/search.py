"""What is tried next: the intensity by bisection, then words that describe the style."""

from collections.abc import Generator
from dataclasses import replace

from affekt import SpeechRequest

from affekt_reply.attempts import Attempt

LEAST_STEP = 0.1
"""The least step of intensity; less is not tried."""
HINTS = (("faster", "slower"), ("livelier", "flatter"), ("higher", "lower"), ("louder", "softer"))
"""Words of `SpeechRequest.style` that are tried when intensity alone does not do: each, or else its opposite. Speakers
that read no style pay no attention to them, and are then not asked twice for the same sound."""
QUIET = frozenset({"sad", "calm", "bored", "disgusted"})
"""Emotions for which the second word of a pair is tried first: those of little arousal, and disgust, said slowly."""


def goodness(attempt: Attempt) -> tuple[bool, bool, float]:
    """What attempts are compared by: right words, then the emotion that was meant, then its share."""
    return attempt.clear, attempt.felt, attempt.score


def attempts_from(request: SpeechRequest) -> Generator[SpeechRequest, Attempt | None, None]:
    """Yields requests and is sent what came of each; None where the sound was the same as before."""
    best = yield request
    assert best is not None  # nothing was heard before
    last: Attempt | None = best
    intensity, good, lost = request.intensity, 0.0, None
    while last is not None:
        good, lost = (intensity, lost) if last.clear else (good, intensity)
        intensity = 1.0 if lost is None else round((good + lost) / 2, 3)
        if abs(intensity - last.request.intensity) < LEAST_STEP:
            break
        last = yield replace(request, intensity=intensity)
        if last is not None and goodness(last) >= goodness(best):
            best = last
    for pair in HINTS:
        for hint in reversed(pair) if request.emotion in QUIET else pair:
            asked = best.request
            attempt = yield replace(asked, style=f"{asked.style} {hint}".strip())
            if attempt is not None and goodness(attempt) > goodness(best):
                best = attempt
                break  # its opposite would undo it
