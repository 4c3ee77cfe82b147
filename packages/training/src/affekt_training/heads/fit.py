"""Fits a pipeline to its encoder of speech: trains the voice head anew on a data set, and writes a pipeline that runs.

    affekt fit --set speech=hubert --data ravdess -o mine.yaml
    affekt analyze clip.mp4 --pipeline mine.yaml

The head is that of `train_voice`: a softmax regression on mean and standard deviation of the encoder's rows over a
clip. Encoders other than Whisper have no loudness probe, so their pauses count as well, and no neutral prompts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from affekt import DataError, Encoder, Features, OptionsError, Pipeline, PipelineSpec, TrainedWith
from affekt.provenance import provenance
from affekt_datasets import Sample, default_folder, read
from affekt_datasets.vocabulary import vocabularies
from affekt_heads.emotions import EMOTIONS
from affekt_heads.voice import WHISPER, pooled

from affekt_training.heads import train_voice
from affekt_training.heads.scored import summary
from affekt_training.heads.voice_statistics import VoiceStatistics

TOGETHER = 8
"""Clips that are encoded at once."""
FEWEST = 2
"""Emotions that must be there to be told apart, and speakers that a held-out figure needs."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What was written, and how well it does on speakers that it was not trained on."""

    pipeline: Path
    head: Path
    clips: int
    left_out: int
    """Clips in which the encoder hears nothing, or whose label is none of the nine emotions."""
    held_out: dict[str, Any] | None
    """Measures with intervals; None where the data set tells of one speaker only."""


def fit(spec: PipelineSpec, data: str, folder: Path | None, out: Path) -> Fitted:
    """Trains the voice head of a pipeline of `heads` on its encoder, and writes head and pipeline.

    Args:
        data: a data set of affekt-datasets.
        folder: where it lies; None for `$AFFEKT_SHARED/data/NAME`.
        out: the pipeline file; the head is written beside it.

    Raises:
        OptionsError: the reasoner is not `heads`, or it listens to no voice.
        SpecError: the pipeline has problems.
        DatasetError: the data set cannot be read.
        DataError: fewer than two emotions are left in it.
    """
    running = spec.build()
    slot = _slot(spec, running)
    encoder = TrainedWith.of(provenance(running)[slot])
    material, left_out = _gather(running.encoders[slot], data, folder)
    make = train_voice.fit if WHISPER.difference(encoder) is None else partial(train_voice.fit_to, encoder)
    everyone = np.ones(len(material.emotions), dtype=bool)
    held_out, temperature = None, 1.0
    if len(set(material.speakers)) >= FEWEST:
        judged, temperature = train_voice.judge_held_out(material, make)
        held_out = dict(summary(train_voice.scored_on(material, judged, data)))
    head = out.with_suffix(".voice.safetensors").resolve()
    train_voice.write(train_voice.softened(make(material, everyone), temperature), head, data)
    fitted = spec.swap(**{"reasoner.voice_head": str(head)}).model_copy(update={"name": out.stem})
    fitted.save(out)
    return Fitted(pipeline=out, head=head, clips=len(everyone), left_out=left_out, held_out=held_out)


def _slot(spec: PipelineSpec, running: Pipeline) -> str:
    if spec.reasoner.use != "heads":
        raise OptionsError(
            f'fitting trains the heads of the reasoner "heads"; this pipeline has "{spec.reasoner.use}"',
            hint="--pipeline heads; `affekt train` trains Emotion-LLaMA",
        )
    slot: str | None = running.reasoner.voice  # type: ignore[attr-defined]
    if slot is None or slot not in running.encoders:
        raise OptionsError(
            f'the reasoner listens to the slot "{slot}", and the pipeline has {", ".join(running.encoders) or "none"}',
            hint="--set reasoner.voice=SLOT",
        )
    return slot


def _gather(encoder: Encoder, data: str, folder: Path | None) -> tuple[VoiceStatistics, int]:
    samples = [sample for sample in read(data, folder or default_folder(data)) if sample.media is not None]
    words = vocabularies()[data].common if data in vocabularies() else {}
    labels = [words.get(sample.label or "", sample.label) for sample in samples]
    usable = [(sample, label) for sample, label in zip(samples, labels, strict=True) if label in EMOTIONS]
    if len({label for _, label in usable}) < FEWEST:
        names = ", ".join(sorted({str(label) for label in labels})) or "none"
        raise DataError(
            f'"{data}" has too few emotions to tell apart; its labels are {names}',
            hint=f"labels among {', '.join(EMOTIONS)}",
        )
    rows, kept = [], []
    for sample, label, features in _encoded(encoder, usable):
        if isinstance(features, Features) and len(features.values):
            rows.append(pooled(features.values))
            kept.append((sample, label))
    if len({label for _, label in kept}) < FEWEST:
        raise DataError(f'the encoder hears too little of "{data}" to tell emotions apart', hint="recordings of speech")
    material = VoiceStatistics(
        copies=(np.stack(rows),),
        emotions=np.array([EMOTIONS.index(label) for _, label in kept], dtype=np.int64),
        corpora=(data,) * len(kept),
        speakers=tuple(sample.speaker or sample.id for sample, _ in kept),
        ids=tuple(sample.id for sample, _ in kept),
    )
    return material, len(samples) - len(kept)


def _encoded(encoder: Encoder, usable: list[tuple[Sample, str]]) -> Iterator[tuple[Sample, str, Any]]:
    waiting = iter(usable)
    while batch := list(islice(waiting, TOGETHER)):
        encoded = encoder.encode([sample.clip() for sample, _ in batch])
        yield from ((sample, label, each) for (sample, label), each in zip(batch, encoded, strict=True))
