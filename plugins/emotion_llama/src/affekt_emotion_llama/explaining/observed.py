"""What was observed in a clip, in words, as the prompt of an explanation shows it.

    Face: the lip corners rise (AU12) from 2.0 to 5.0 s. Voice: … Tone: happy. Expression: happy. Words: "…".

The same function writes it in training and in use.
"""

from collections.abc import Mapping, Sequence

from affekt import Modality

LONGEST = 40
"""Words of what is said that are shown: the last."""
OPINIONS: Mapping[Modality, str] = {"audio": "Tone", "face": "Expression"}
"""Modality → what its own recogniser makes likeliest is called."""


def sentences(
    face: Sequence[str], voice: Sequence[str], alone: Mapping[Modality, str], transcript: str | None = None
) -> str:
    """Words what was observed, one sentence a modality.

    Args:
        face: what the face does, each with its time where it is known.
        voice: the same of the voice.
        alone: modality → the label that it makes likeliest by itself.
        transcript: the words.
    """
    lines = [f"{title}: {', '.join(own)}." for title, own in (("Face", face), ("Voice", voice)) if own]
    lines += [f"{title}: {alone[of]}." for of, title in OPINIONS.items() if of in alone]
    words = (transcript or "").replace('"', "'").split()
    if words:
        lines.append(f'Words: "{" ".join(words[-LONGEST:])}".')
    return " ".join(lines)
