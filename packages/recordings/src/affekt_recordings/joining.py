"""One prediction for a recording that was cut into windows, all times on the recording's clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from affekt import Clue, EmotionPrediction, Moment, why_unclaimed

from affekt_recordings.clock import clock, moved
from affekt_recordings.shares import Shares
from affekt_recordings.windows import Part

Timed = TypeVar("Timed", Clue, Moment)


def join(parts: Sequence[Part]) -> EmotionPrediction:
    """One prediction for a recording: the mean over all the time in which there was something to judge.

    Windows in which nothing is claimed count like all others. An emotion is claimed by the rule of the windows, from
    the same score on. Where they state no rule, emotions must be claimed for half of that time.
    """
    judged = [part for part in parts if not part.is_empty] or list(parts)
    scores = _mean_scores(judged)
    best = max(scores, key=lambda emotion: scores[emotion])
    rules = [part.prediction.claims_from for part in judged if part.prediction.claims_from is not None]
    claims_from = max(rules, default=None)
    abstained = _abstention(judged, scores, claims_from)
    return EmotionPrediction(
        scores=scores,
        labels=_labels(judged, best),
        valence=_mean((part.prediction.valence, part.duration) for part in judged),
        arousal=_mean((part.prediction.arousal, part.duration) for part in judged),
        rationale=_rationale(parts, _clearest(judged, None if abstained else best), abstained),
        generated=" ".join(part.prediction.generated for part in parts if part.prediction.generated),
        struck=tuple(text for part in parts for text in part.prediction.struck),
        clues=_moved(parts, lambda prediction: prediction.clues),
        abstained=abstained,
        nothing_to_judge=all(part.is_empty for part in parts),
        claims_from=claims_from,
        timeline=_moved(parts, lambda prediction: prediction.timeline),
    )


def _mean_scores(parts: Sequence[Part]) -> dict[str, float]:
    emotions = dict.fromkeys(emotion for part in parts for emotion in part.prediction.scores)
    total = sum(part.duration for part in parts)
    return {
        emotion: sum(part.prediction.scores.get(emotion, 0.0) * part.duration for part in parts) / total
        for emotion in emotions
    }


def _mean(values: Iterable[tuple[float | None, float]]) -> float | None:
    weighted = [(value, weight) for value, weight in values if value is not None]
    return (
        sum(value * weight for value, weight in weighted) / sum(weight for _, weight in weighted) if weighted else None
    )


def _abstention(judged: Sequence[Part], scores: dict[str, float], claims_from: float | None) -> str | None:
    """Why nothing is claimed for the recording; None where something is."""
    reasons = Counter(part.prediction.abstained for part in judged if part.prediction.abstained)
    if reasons.total() == len(judged):
        commonest = str(reasons.most_common(1)[0][0])
        return commonest if len(reasons) == 1 else f"nothing is claimed in any window, most often because {commonest}"
    if claims_from is not None:
        return why_unclaimed(scores, claims_from)
    time = Shares.of(judged)
    return "for most of the time no emotion is" if time.unclaimed > sum(time.claimed.values()) else None


def _labels(judged: Sequence[Part], best: str) -> tuple[str, ...]:
    """The likeliest emotion, then every word for what is felt, by the time of the windows that claim it."""
    time: dict[str, float] = {}
    for part in judged:
        for label in part.prediction.labels if part.claim is not None else ():
            time[label] = time.get(label, 0.0) + part.duration
    return tuple(dict.fromkeys([best, *sorted(time, key=lambda label: -time[label])]))


def _clearest(judged: Sequence[Part], emotion: str | None) -> Part:
    """The window that claims the emotion with the highest score; where none does, one that claims another."""

    def clarity(part: Part) -> tuple[bool, bool, float]:
        label = emotion or part.prediction.label
        return part.claim == label, part.claim is not None, part.prediction.scores.get(label, 0.0)

    return max(judged, key=clarity)


def _rationale(parts: Sequence[Part], clearest: Part, abstained: str | None) -> str:
    start, end = map(clock, clearest.seconds)
    sentences = [
        f"Of {clock(parts[-1].seconds[1])} in {len(parts)} windows, {Shares.of(parts).describe()}.",
        f"Nothing is claimed for the whole: {abstained}." if abstained else "",
        f"Clearest from {start} to {end}: {moved(clearest.prediction.rationale, clearest.seconds[0])}"
        if clearest.claim is not None and clearest.prediction.rationale
        else "",
    ]
    return " ".join(filter(None, sentences))


def _moved(parts: Sequence[Part], get: Callable[[EmotionPrediction], Sequence[Timed]]) -> tuple[Timed, ...]:
    return tuple(
        replace(each, start=each.start + part.evidence.clip.start, end=each.end + part.evidence.clip.start)
        for part in parts
        for each in get(part.prediction)
    )
