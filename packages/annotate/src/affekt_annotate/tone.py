"""The step `tone`: measured prosody in words, or what a model that describes sound says."""

import re
from collections.abc import Sequence
from typing import Any

from affekt import AffektError, Clip, Missing, OptionsError, Use, plugins
from affekt_clues.phrasing import listed

from affekt_annotate.annotation import Finding, Observation

AMOUNT = re.compile(r" \d+(?:\.\d+)? (?:semitones|dB|syllables a second)")
BRACKETS = re.compile(r"\s*\([^)]*\)")


def in_words(text: str) -> str:
    """A measured clue without its numbers and codes: "the pitch is above this speaker's own average"."""
    return BRACKETS.sub("", AMOUNT.sub("", text))


def measured_tone(findings: Sequence[Finding], missing: str) -> Observation:
    """What was measured in the voice, in words.

    Args:
        missing: why there is no voice, where there is none.
    """
    own = [in_words(finding.text) for finding in findings if finding.modality == "audio" and not finding.reported]
    detector = next(
        (finding.detector for finding in findings if finding.modality == "audio" and not finding.reported), ""
    )
    if missing:
        return Observation(state="absent", reason=missing)
    if not own:
        return Observation(state="measured", text="the voice keeps to this speaker's own average", detector=detector)
    return Observation(state="measured", text=listed(list(dict.fromkeys(own))), detector=detector)


def described(clip: Clip, use: Use, describer: Any) -> Observation:
    """What a describer says of a clip; "failed" with the reason where it raises."""
    try:
        (description,) = describer.describe([clip])
    except AffektError as error:
        return Observation(state="failed", reason=error.message, detector=detector_of(use))
    if isinstance(description, Missing):
        return Observation(state="absent", reason=description.reason, detector=detector_of(use))
    return Observation(state="measured", text=" ".join(description.split()), detector=detector_of(use))


def describer_of(use: Use, step: str) -> Any:
    """The preparer that describes.

    Raises:
        OptionsError: the preparer of this name only changes clips, and says nothing in words.
        ComponentNotFound: there is none of this name.
    """
    preparer = use.create("preparer", plugins())
    if not callable(getattr(preparer, "describe", None)):
        raise OptionsError(
            f'{step}: the preparer "{use.use}" describes nothing in words', hint="openai, qwen-audio, audio-flamingo"
        )
    return preparer


def detector_of(use: Use) -> str:
    """The component and its model, for findings."""
    endpoint = use.options.get("endpoint")
    model = endpoint.get("model") if isinstance(endpoint, dict) else use.options.get("model")
    return f"{use.use} ({model})" if model else use.use
