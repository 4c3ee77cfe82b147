"""Parts of an analysis as plain data for JSON, with times in milliseconds and scores in hundredths of a percent."""

from collections.abc import Iterable, Mapping
from typing import Any

from affekt import Clue, Moment, SoundEvent, Translation, Word

from affekt_recordings.windows import Part


def plain_clue(clue: Clue) -> dict[str, Any]:
    """One reason."""
    return {
        "modality": clue.modality,
        "start": round(clue.start, 3),
        "end": round(clue.end, 3),
        "text": clue.text,
        "checked": clue.checked,
    }


def plain_event(event: SoundEvent) -> dict[str, Any]:
    """Something heard that is no word."""
    return {
        "start": round(event.start, 3),
        "end": round(event.end, 3),
        "name": event.name,
        "vocal": event.vocal,
        "probability": round(event.probability, 3),
    }


def plain_words(words: Iterable[Word]) -> list[list[Any]]:
    """Each spoken word as [start, end, text]."""
    return [[round(word.start, 3), round(word.end, 3), word.text.strip()] for word in words]


def plain_translation(translation: Translation | None) -> dict[str, Any] | None:
    """What is said in another language; None where nothing is."""
    if translation is None:
        return None
    return {
        "language": translation.language,
        "original": translation.original,
        "source": translation.source,
        "text": translation.text,
    }


def plain_moment(moment: Moment) -> dict[str, Any]:
    """What is felt during one stretch, with the axes that the reasoner has."""
    axes = {name: value for name in ("valence", "arousal") if (value := getattr(moment, name)) is not None}
    return {
        "start": round(moment.start, 3),
        "end": round(moment.end, 3),
        "scores": rounded_scores(moment.scores),
        **{name: round(value, 3) for name, value in axes.items()},
    }


def plain_window(part: Part) -> dict[str, Any]:
    """One window, by itself."""
    start, end = part.seconds
    clip, prediction = part.evidence.clip, part.prediction
    return {
        "start": round(start, 3),
        "end": round(end, 3),
        "label": part.claim,
        "abstained": prediction.abstained,
        "scores": rounded_scores(prediction.scores),
        "language": clip.language if clip.text else None,
        "text": clip.text,
        "missing": part.missing,
    }


def rounded(value: float | None) -> float | None:
    """A value of an axis, such as valence."""
    return None if value is None else round(value, 3)


def rounded_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """Emotion → probability."""
    return {emotion: round(score, 4) for emotion, score in scores.items()}
