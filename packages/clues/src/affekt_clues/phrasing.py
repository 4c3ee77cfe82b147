"""How a conclusion and its reasons are told: the sentences that reasoners share."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from affekt import Clip, Clue, Modality

SAYS: Mapping[str, str] = {"audio": "the voice sounds", "face": "the face looks", "text": "the words read"}
BARE: Mapping[str, str] = {"audio": "the voice", "face": "the face", "text": "the words"}
SILENT: Mapping[str, str] = {
    "audio": "the voice was not judged",
    "face": "no face was seen",
    "text": "no words were read",
}
NOTHING: Mapping[str, str] = {
    "face": "no face was seen",
    "audio": "no speech was heard",
    "text": "no words were read",
}
UNASKED: Mapping[str, str] = {
    "audio": "the voice was not listened to",
    "face": "the face was not looked at",
    "text": "the words were not looked at",
}
"""Where the pipeline, not the recording, is the reason: there may well be a face."""
INSTANT = 0.1
"""Seconds: what ends here is of a still picture, whose times say nothing."""
CLEAR = 0.3
"""Probability from which a modality alone is said to hear, see or read something."""


def headline(scores: Mapping[str, float], *, tentative: bool = False) -> str:
    """The likeliest emotion, and the second where it is at least half as likely."""
    ranked = sorted(scores, key=lambda label: -scores[label])
    best = ranked[0]
    lead = "The likeliest would be" if tentative else "Mostly" if scores[best] >= 0.5 else "Most likely"
    also = ""
    if len(ranked) > 1 and scores[ranked[1]] >= 0.5 * scores[best]:
        also = f", perhaps {ranked[1]} ({scores[ranked[1]]:.0%})"
    return f"{lead} {best} ({scores[best]:.0%}){also}."


def changes(labels: Sequence[str], ends: Sequence[float]) -> str:
    """A feeling that changes, at least once: the label of every stretch and where it ends, in seconds."""
    if len(labels) == 2:
        return f"From {labels[0]} to {labels[1]} at about {ends[0]:.0f} s."
    parts = [f"{label} until {end:.0f} s" for label, end in zip(labels[:-1], ends, strict=False)]
    return f"It changes: {', '.join(parts)}, then {labels[-1]}."


def because(title: str, clues: Sequence[Clue]) -> str:
    """Clues after a title, those of one wording together; nothing where there are none."""
    if not clues:
        return ""
    wordings = [
        f"{text}{_when([clue for clue in clues if clue.text == text])}" for text in dict.fromkeys(c.text for c in clues)
    ]
    return f"{title}: {listed(wordings)}."


def alone(views: Mapping[Modality, tuple[str, float]]) -> str:
    """What each modality says by itself, and whether those that say something agree; nothing for a single one.

    Args:
        views: modality → its likeliest emotion and the probability of that.
    """
    if len(views) < 2:
        return ""
    clear = {modality: view for modality, view in views.items() if view[1] >= CLEAR}
    if not clear:
        return f"Alone, {listed([BARE[modality] for modality in views])} leave it open."
    views_in_words = [f"{SAYS[modality]} {label} ({share:.0%})" for modality, (label, share) in clear.items()]
    agree = len({label for label, _ in clear.values()}) == 1
    verdict = "" if len(clear) == 1 else "They agree: " if agree else "They differ: "
    vague = [BARE[modality] for modality in views if modality not in clear]
    verb = "leaves" if vague in ([BARE["audio"]], [BARE["face"]]) else "leave"
    undecided = f"; {listed(vague)} {verb} it open" if vague else ""
    sentence = f"{verdict}alone, {listed(views_in_words)}{undecided}."
    return sentence[0].upper() + sentence[1:]


def whose_face(clip: Clip) -> str:
    """Which of several faces was judged, and for how long, where that is less than half of the clip."""
    if clip.faces is None:
        return ""
    sentences = []
    if re.match(r"one in each |face \d+ of (?!1\b)", clip.faces.choice):
        sentences.append(f"The face judged is {clip.faces.choice.removesuffix('.')}.")
    if clip.faces.ends is not None:
        seconds = float((clip.faces.ends - clip.faces.times).sum())
        if seconds < 0.5 * clip.duration:
            sentences.append(f"{'It' if sentences else 'The face'} is seen for {seconds:.1f} of {clip.duration:.1f} s.")
    return " ".join(sentences)


def which_words(clip: Clip) -> str:
    """That the words that were judged are a translation; nothing where they are not."""
    if clip.translation is None or not clip.is_translated:
        return ""
    return f"The words judged are {clip.translation.source}'s translation from {clip.translation.original}."


@dataclass(frozen=True, kw_only=True)
class Absent:
    """A modality that says nothing, and why."""

    modality: Modality
    reason: str
    asked: bool = True
    """False where no encoder looked at it."""
    instead: str = ""
    """What there is in its place: "a voice without words is heard"."""


def silences(absent: Sequence[Absent]) -> str:
    """Which modalities are missing and why; those with the same reason together."""
    sentences = []
    for reason in dict.fromkeys(absence.reason.rstrip(".") for absence in absent):
        own = [absence for absence in absent if absence.reason.rstrip(".") == reason]
        what = listed([(SILENT if absence.asked else UNASKED)[absence.modality] for absence in own])
        sentences.append(f"{what[0].upper()}{what[1:]}: {reason}.")
    return " ".join(sentences)


def instead(absent: Sequence[Absent]) -> str:
    """What there is in place of a missing modality; nothing where there is nothing. `nothing` tells it, too."""
    return " ".join(f"{absence.instead[0].upper()}{absence.instead[1:]}." for absence in absent if absence.instead)


def nothing(absent: Sequence[Absent]) -> str:
    """Why there is nothing to go by: what was looked for and not found."""
    asked = {absence.modality for absence in absent if absence.asked}
    looked_for = [NOTHING[modality] for modality in NOTHING if modality in asked]
    there = [f"; {absence.instead}" for absence in absent if absence.instead]
    return listed(looked_for or ["nothing was looked at"]) + "".join(there)


def listed(parts: Sequence[str]) -> str:
    """One, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _when(clues: Sequence[Clue]) -> str:
    """The times of one clue, which may come back."""
    spans = [f"from {clue.start:.1f} to {clue.end:.1f} s" for clue in clues if clue.end > max(clue.start, INSTANT)]
    return f" {listed(spans)}" if spans else ""
