"""The style of a request as a hint for the prosody: "slower", "higher", or an explanation such as a rationale.

Words and phrases move the controls one step each, twice at most; what follows "not", "no" or "without" is passed over.
All other words are without effect. The clues of affekt's default pipeline are understood: "the voice is 6 dB louder
than this speaker's own average".
"""

import re
from dataclasses import replace

from affekt_kokoro.controls import Controls

PITCH, ENERGY, BRIGHTNESS, RATE, SPAN = 1.5, 3.0, 4.0, 1.1, 1.3
"""A step: semitones, decibels, decibels, factor, factor."""
MOST = 2
"""The most steps that hints move a control."""
_PHRASES = {
    "higher": r"higher|high-pitched|pitch is [^.;]*?\babove",
    "lower": r"lower|deeper|deep|pitch is [^.;]*?\bbelow",
    "louder": r"louder|loud|loudly|forceful",
    "softer": r"softer|soft|softly|quiet|quietly|gentle|gently|whispering",
    "faster": r"faster|fast|quick|quickly|hurried",
    "slower": r"slower|slow|slowly",
    "livelier": r"livelier|lively|animated|swings widely",
    "flatter": r"flatter|flat|monotone|hardly moves",
}
_HINT = re.compile(
    r"\b(?:(?P<denied>(?:not|no|without)\s+(?:\w+\s+)?)?(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _PHRASES.items())
    + r"))\b",
    re.IGNORECASE,
)


def hinted(controls: Controls, style: str) -> Controls:
    """The controls with what the style asks for on top."""
    counts = dict.fromkeys(_PHRASES, 0)
    for match in _HINT.finditer(style):
        if not match["denied"]:
            counts[next(name for name in _PHRASES if match[name])] += 1

    def steps(more: str, less: str) -> int:
        return max(-MOST, min(MOST, counts[more] - counts[less]))

    stronger = steps("louder", "softer")
    return replace(
        controls,
        pitch=controls.pitch + PITCH * steps("higher", "lower"),
        span=controls.span * SPAN ** steps("livelier", "flatter"),
        energy=controls.energy + ENERGY * stronger,
        brightness=controls.brightness + BRIGHTNESS * stronger,
        rate=controls.rate * RATE ** steps("faster", "slower"),
    )
