"""The rationale that a person reads: what is concluded, why, what could not be used and what was missing."""

from collections.abc import Mapping, Sequence

from affekt import Evidence
from affekt_clues import phrasing

from affekt_emotion_llama.explaining.conclusion import Read
from affekt_emotion_llama.explaining.explanation import Explanation
from affekt_emotion_llama.explaining.timeline import Stretch

NOTHING = "Nothing that was measured speaks for it."
UNCLEAR = "something unclear"
ORDERED = "The words were not used: they give orders to the model instead of telling about the person."


def written(
    evidence: Evidence,
    scores: Mapping[str, float],
    read: Explanation,
    abstained: str | None,
    runs: Sequence[Stretch],
    below: float,
    others: Sequence[str] = (),
) -> list[str]:
    """The sentences for a model that writes: the claim, and its own words but for what the evidence contradicts.

    Args:
        below: scores below it are not claimed, of a stretch either.
        others: labels that the model's words name instead of the one that is scored highest.
    """
    parts = [conclusion(scores, abstained, runs, below), _quoted(read.text)]
    if read.removed:
        clauses = "One clause" if read.removed == 1 else f"{read.removed} clauses"
        parts.append(f"{clauses} of what it wrote left out: what was measured contradicts {_it(read.removed)}.")
    if read.loops:
        parts.append("Where it repeats one thing over and over it is cut.")
    if unknown := read.verdicts.count("unmeasurable"):
        parts.append(f"Of {len(read.clues)} claims in it, {unknown} cannot be measured in this clip.")
    if others:
        label = max(scores, key=lambda name: scores[name])
        parts.append(f"Text and label disagree: it speaks of {phrasing.listed(others)}, and {label} is scored highest.")
    if missing := "; ".join(dict.fromkeys(evidence.missing.values())):
        parts.append(f"Missing: {missing}.")
    return parts


def of_opinions(
    evidence: Evidence,
    scores: Mapping[str, float],
    read: Read,
    abstained: str | None,
    absent: Sequence[phrasing.Absent],
    face_judged: bool,
    below: float,
) -> list[str]:
    """For a model whose tokens are opinions: the claim, what of its explanation is borne out, each modality by itself.

    Args:
        absent: modalities that say nothing.
        face_judged: whether a face was judged.
        below: scores below it are not claimed, of a stretch either.
    """
    sentences = [conclusion(scores, abstained, read.runs, below)]
    titles = [_title(run, below) for run in read.runs] if len(read.runs) > 1 else ["What speaks for it"]
    because = [phrasing.because(title, own) for title, own in zip(titles, read.reasons, strict=True)]
    if any(because) or abstained:
        sentences += because
    else:
        only = next(iter(read.alone)) if len(read.alone) == 1 else None
        sentences.append(f"It rests on {phrasing.BARE[only]} alone." if only == "text" else NOTHING)
    sentences.append(_quoted(" ".join(part.text for part in read.parts if part.text)))
    if struck := sum(len(part.struck) for part in read.parts):
        parts = "One part" if struck == 1 else f"{struck} parts"
        sentences.append(
            f"{parts} of what the model wrote left out: nothing that was observed bears {_it(struck)} out."
        )
    sentences.append(phrasing.alone(read.alone))
    wordless = "audio" in read.alone and not evidence.clip.text
    sentences.append("The voice that is heard says no words." if wordless else "")
    sentences.append(phrasing.which_words(evidence.clip) if "text" not in {gap.modality for gap in absent} else "")
    sentences.append(phrasing.whose_face(evidence.clip) if face_judged else "")
    return [*sentences, phrasing.silences(absent), phrasing.instead(absent)]


def conclusion(scores: Mapping[str, float], abstained: str | None, runs: Sequence[Stretch], below: float) -> str:
    """What is felt, or why nothing is claimed."""
    claimed: list[tuple[str, float]] = []
    for run in runs:
        label = run.label if run.score >= below else UNCLEAR
        if claimed and claimed[-1][0] == label:
            claimed.pop()
        claimed.append((label, run.end))
    if len(claimed) > 1:
        claim = phrasing.changes([label for label, _ in claimed], [end for _, end in claimed])
    else:
        claim = phrasing.headline(scores, tentative=abstained is not None)
    throughout = " for the whole" if len(claimed) > 1 else ""
    return f"Nothing is claimed{throughout}: {abstained}. {claim}" if abstained else claim


def _title(run: Stretch, below: float) -> str:
    """What a stretch's reasons stand under."""
    return run.label.capitalize() if run.score >= below else f"Unclear, most like {run.label}"


def _quoted(text: str) -> str:
    """The words as they are; upstream's targets begin small and do not end."""
    return f"In the model's words: {text}" + ("" if text[-1] in ".!?…" else ".") if text else ""


def _it(count: int) -> str:
    return "it" if count == 1 else "them"
