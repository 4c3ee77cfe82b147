"""Fits what each emotion does to a voice: `python -m affekt_kokoro.fit --ravdess FOLDER --emodb FOLDER -o FILE`.

Every recording is compared with how the same speaker says the same sentence when neutral (with the speaker's neutral
mean where that is not recorded). The shifts are averaged for each speaker, then over speakers, so that a speaker counts
once; their standard error is kept. RAVDESS is played at normal and at strong intensity, EmoDB at one, which counts as
strong. `share` is how much of the strong shift there is at normal intensity: the projection of the one on the other, in
units of the spread over speakers. EmoDB's level is left out: its recordings were levelled one by one.

Corpora: RAVDESS (Livingstone & Russo 2018), EmoDB (Burkhardt et al. 2005). Neither is part of this package; what is
kept of them are these means.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from affekt import AudioSignal, DataError
from affekt_datasets import Sample, read
from affekt_speech_metrics.prosody import Prosody, prosody

MEASURES = ("pitch", "span", "rate", "energy", "brightness", "pauses")
"""Semitones; log ratio; log ratio; decibels; decibels; difference of the share of time."""
NAMES = {
    "anger": "angry", "disgust": "disgusted", "fear": "fearful", "happiness": "happy", "sadness": "sad",
    "boredom": "bored", "surprise": "surprised",
}  # fmt: skip
"""What the corpora call the emotions of `controls`, where it is another word."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One recording, measured."""

    speaker: str
    sentence: str
    emotion: str
    strong: bool
    corpus: str
    values: np.ndarray


def measured(corpus: str, samples: Sequence[Sample]) -> Iterator[Said]:
    """Every recording that has a voice."""
    for sample in samples:
        if sample.media is None or sample.label is None or sample.speaker is None:
            continue
        sound, rate = soundfile.read(sample.media, dtype="float32")
        try:
            values = _values(prosody(AudioSignal(samples=sound, sample_rate=rate)))
        except DataError:
            continue
        if corpus == "emodb":
            values[MEASURES.index("energy")] = np.nan
        yield Said(
            speaker=sample.speaker, sentence=str(sample.text or sample.notes.get("sentence")), values=values,
            emotion=NAMES.get(sample.label, sample.label), corpus=corpus,
            strong=corpus == "emodb" or sample.notes.get("intensity") == "strong",
        )  # fmt: skip


def _values(found: Prosody) -> np.ndarray:
    return np.array(
        [found.pitch, np.log(found.span), -np.log(found.seconds), found.energy, found.brightness, found.pauses]
    )


def shifts(said: Sequence[Said]) -> Mapping[tuple[str, bool], Mapping[str, np.ndarray]]:
    """(emotion, strong) → speaker → the mean shift against this speaker's neutral."""
    plain: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for one in said:
        if one.emotion == "neutral":
            plain[one.speaker, one.sentence].append(one.values)
            plain[one.speaker, ""].append(one.values)
    found: dict[tuple[str, bool], dict[str, list[np.ndarray]]] = defaultdict(lambda: defaultdict(list))
    for one in said:
        neutral = plain.get((one.speaker, one.sentence))
        if one.emotion == "neutral" or not plain.get((one.speaker, "")):
            continue
        shift = one.values - np.mean(neutral or plain[one.speaker, ""], axis=0)
        if not neutral:
            shift[MEASURES.index("rate")] = np.nan  # another sentence has another length
        found[one.emotion, one.strong][one.speaker].append(shift)
    return {key: {speaker: _mean(values) for speaker, values in people.items()} for key, people in found.items()}


def _mean(values: Sequence[np.ndarray]) -> np.ndarray:
    """Of what is known; NaN where nothing is."""
    table = np.array(values)
    counted = np.isfinite(table).sum(axis=0)
    return np.where(counted, np.nansum(table, axis=0) / np.maximum(counted, 1), np.nan)


def fitted(said: Sequence[Said]) -> dict[str, Any]:
    """Emotion → shifts at strong intensity, their standard errors, and the share of them at normal intensity."""
    by_speaker, table = shifts(said), {}
    for emotion in sorted({emotion for emotion, _ in by_speaker}):
        strong = np.array(list(by_speaker[emotion, True].values())) if (emotion, True) in by_speaker else None
        normal = np.array(list(by_speaker[emotion, False].values())) if (emotion, False) in by_speaker else None
        rows = strong if strong is not None else normal
        assert rows is not None
        mean, count = _mean(list(rows)), np.isfinite(rows).sum(axis=0)
        error = np.where(count > 1, np.nanstd(rows, axis=0) / np.sqrt(np.maximum(count - 1, 1)), np.nan)
        table[emotion] = {
            "shift": _named(mean), "standard_error": _named(error), "speakers": int(count.max()),
            "share": _share(rows, normal) if strong is not None and normal is not None else None,
        }  # fmt: skip
    return table


def _share(strong: np.ndarray, normal: np.ndarray) -> float:
    spread = np.nanstd(strong, axis=0)
    one, other = _mean(list(strong)) / spread, _mean(list(normal)) / spread
    known = np.isfinite(one) & np.isfinite(other)
    return round(float(one[known] @ other[known] / (one[known] @ one[known])), 3)


def _named(values: np.ndarray) -> dict[str, float | None]:
    """None where no recording tells."""
    return {
        name: round(float(value), 3) if np.isfinite(value) else None
        for name, value in zip(MEASURES, values, strict=True)
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_kokoro.fit", description=__doc__)
    parser.add_argument("--ravdess", type=Path, required=True)
    parser.add_argument("--emodb", type=Path, required=True)
    parser.add_argument("--out", "-o", type=Path, required=True)
    options = parser.parse_args()
    said: list[Said] = []
    for corpus in ("ravdess", "emodb"):
        said += measured(corpus, list(read(corpus, getattr(options, corpus))))
    about = {
        "measures": "pitch in semitones; span and rate as natural logarithms of a factor; energy and brightness in dB; "
        "pauses as a share of the time",
        "source": "RAVDESS (Livingstone & Russo 2018) and EmoDB (Burkhardt et al. 2005), python -m affekt_kokoro.fit",
        "recordings": {corpus: sum(one.corpus == corpus for one in said) for corpus in ("ravdess", "emodb")},
        "speakers": len({one.speaker for one in said}),
    }
    text = json.dumps({"about": about, "emotions": fitted(said)}, indent=2) + "\n"
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
