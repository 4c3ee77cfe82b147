"""The explanation in sentences: templates over what was found, not a language model, so nothing else can be said."""

import re
from collections.abc import Sequence

import numpy as np
from affekt import Clue
from jaxtyping import Float64

from affekt_heads.course import Stretch
from affekt_heads.emotions import EMOTIONS
from affekt_heads.hearing import Hearing
from affekt_heads.opinion import Unheard

SAYS = {"audio": "the voice sounds", "face": "the face looks", "text": "the words read"}
BARE = {"audio": "the voice", "face": "the face", "text": "the words"}
SILENT = {"audio": "the voice was not heard", "face": "no face was seen", "text": "no words were read"}
NOTHING = {"face": "no face was seen", "audio": "no voice was heard", "text": "no words were read"}
UNASKED = {
    "audio": "the voice was not listened to",
    "face": "the face was not looked at",
    "text": "the words were not looked at",
}
"""Where the pipeline, not the recording, is the reason: there may well be a face."""

CLEAR = 0.3
"""Probability from which a modality alone is said to hear, see or read something."""


def compose(
    hearing: Hearing,
    scores: Float64[np.ndarray, "emotion"],
    stretches: Sequence[Stretch],
    clues: Sequence[Clue],
    abstained: str | None,
) -> str:
    """What is felt, why, what disagrees and what was missing."""
    sentences = [f"Nothing is claimed: {abstained}."] if abstained else []
    sentences.append(_headline(scores, stretches, tentative=abstained is not None))
    told: set[Clue] = set()
    for stretch in stretches:
        sentences.append(_because(stretch, [c for c in clues if _belongs(c, stretch)], len(stretches) > 1, told))
    sentences += [_sources(hearing), _whose_face(hearing), silence(hearing.unheard)]
    return " ".join(sentence for sentence in sentences if sentence)


def _headline(scores: Float64[np.ndarray, "emotion"], stretches: Sequence[Stretch], tentative: bool) -> str:
    order = np.argsort(-scores)
    best, second = EMOTIONS[order[0]], EMOTIONS[order[1]]
    if len(stretches) == 2:
        return f"From {stretches[0].emotion} to {stretches[1].emotion} at about {stretches[1].start:.0f} s."
    if len(stretches) > 2:
        parts = [f"{stretch.emotion} until {stretch.end:.0f} s" for stretch in stretches[:-1]]
        return f"It changes: {', '.join(parts)}, then {stretches[-1].emotion}."
    lead = "The likeliest would be" if tentative else "Mostly" if scores[order[0]] >= 0.5 else "Most likely"
    also = f", perhaps {second} ({scores[order[1]]:.0%})" if scores[order[1]] >= 0.5 * scores[order[0]] else ""
    return f"{lead} {best} ({scores[order[0]]:.0%}){also}."


def _belongs(clue: Clue, stretch: Stretch) -> bool:
    shared = min(clue.end, stretch.end) - max(clue.start, stretch.start)
    return shared >= 0.5 * (clue.end - clue.start)


def _because(stretch: Stretch, clues: Sequence[Clue], several: bool, told: set[Clue]) -> str:
    """The checked clues of one stretch, those of one time together."""
    fresh = [clue for clue in clues if clue.checked and clue not in told]
    told.update(fresh)
    if not fresh:
        return ""
    texts = list(dict.fromkeys(clue.text for clue in fresh))
    what = _listed([f"{text}{_when([clue for clue in fresh if clue.text == text])}" for text in texts])
    return f"{stretch.emotion.capitalize() if several else 'What speaks for it'}: {what}."


def _when(clues: Sequence[Clue]) -> str:
    """The times of one clue, which may come back."""
    spans = [f"from {clue.start:.1f} to {clue.end:.1f} s" for clue in clues if clue.end > clue.start]
    return f" {_listed(spans)}" if spans else ""


def _sources(hearing: Hearing) -> str:
    """What each modality says by itself, and whether those that say something agree."""
    if len(hearing.opinions) < 2:
        return ""
    alone = {said.modality: said.shares(hearing.prior) for said in hearing.opinions}
    clear = {modality: shares for modality, shares in alone.items() if shares.max() >= CLEAR}
    if not clear:
        return f"Alone, {_listed([BARE[modality] for modality in alone])} leave it open."
    views = [f"{SAYS[m]} {EMOTIONS[int(shares.argmax())]} ({shares.max():.0%})" for m, shares in clear.items()]
    agree = len({int(shares.argmax()) for shares in clear.values()}) == 1
    verdict = "" if len(clear) == 1 else "They agree: " if agree else "They differ: "
    vague = [BARE[modality] for modality in alone if modality not in clear]
    verb = "leaves" if vague == [BARE["audio"]] or vague == [BARE["face"]] else "leave"
    rest = f"; {_listed(vague)} {verb} it open" if vague else ""
    told = f"{verdict}alone, {_listed(views)}{rest}."
    return told[0].upper() + told[1:]


def _whose_face(hearing: Hearing) -> str:
    """Which of several faces was judged."""
    faces = hearing.evidence.clip.faces
    several = faces is not None and re.search(r"face \d+ of (\d+)", faces.choice)
    if faces is None or not several or several[1] == "1" or "face" not in {said.modality for said in hearing.opinions}:
        return ""
    return f"The face judged is {faces.choice.removesuffix('.')}."


def silence(unheard: Sequence[Unheard]) -> str:
    """Which modalities are missing and why; those with the same reason together."""
    reasons = list(dict.fromkeys(silent.reason.rstrip(".") for silent in unheard))
    told = []
    for reason in reasons:
        what = _listed([_told(silent) for silent in unheard if silent.reason.rstrip(".") == reason])
        told.append(f"{what[0].upper()}{what[1:]}: {reason}.")
    return " ".join(told)


def nothing(unheard: Sequence[Unheard]) -> str:
    """Why there is nothing to go by: what was looked for and not found."""
    asked = {silent.modality for silent in unheard if silent.asked}
    return _listed([told for modality, told in NOTHING.items() if modality in asked] or ["nothing was looked at"])


def _told(silent: Unheard) -> str:
    return (SILENT if silent.asked else UNASKED)[silent.modality]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
