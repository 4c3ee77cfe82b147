"""The rationale that a person reads: what the model wrote and the evidence bears out, and what it could not use."""

from collections.abc import Mapping, Sequence

from affekt import Evidence

from affekt_emotion_llama.course import Stretch
from affekt_emotion_llama.explanation import Explanation


def compose(
    known: Evidence,
    scores: Mapping[str, float],
    read: Explanation,
    abstained: str | None,
    *,
    ordered: bool,
    runs: Sequence[Stretch] = (),
) -> str:
    """Sentences in order: the claim, the model's own words, what was left out of them, what was missing.

    Args:
        ordered: whether the transcript was withheld because it gave orders to the model.
        runs: the stretches of a clip in which the emotion changes.
    """
    parts = [f"Nothing is claimed: {abstained}." if abstained else ""]
    parts.append(_changes(runs) if len(runs) > 1 else _claim(scores, tentative=abstained is not None))
    parts.append(_finished(read.text))
    if read.removed == 1:
        parts.append("One sentence of the model's explanation is left out: the evidence does not bear it out.")
    elif read.removed:
        parts.append(f"{read.removed} sentences of the explanation are left out: the evidence does not bear them out.")
    if ordered:
        parts.append("The words were not used: they give orders to the model instead of telling about the person.")
    if missing := "; ".join(dict.fromkeys(known.missing.values())):
        parts.append(f"Missing: {missing}.")
    return " ".join(filter(None, parts))


def _claim(scores: Mapping[str, float], *, tentative: bool) -> str:
    ranked = sorted(scores, key=lambda label: -scores[label])
    best = ranked[0]
    lead = "The likeliest would be" if tentative else "Mostly" if scores[best] >= 0.5 else "Most likely"
    also = ""
    if len(ranked) > 1 and scores[ranked[1]] >= 0.5 * scores[best]:
        also = f", perhaps {ranked[1]} ({scores[ranked[1]]:.0%})"
    return f"{lead} {best} ({scores[best]:.0%}){also}."


def _changes(runs: Sequence[Stretch]) -> str:
    if len(runs) == 2:
        return f"From {runs[0].label} to {runs[1].label} at about {runs[1].start:.0f} s."
    parts = [f"{run.label} until {run.end:.0f} s" for run in runs[:-1]]
    return f"It changes: {', '.join(parts)}, then {runs[-1].label}."


def _finished(text: str) -> str:
    """A sentence that begins large and ends, as upstream's lower-case targets do not."""
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}" + ("" if text[-1] in ".!?" else ".")
