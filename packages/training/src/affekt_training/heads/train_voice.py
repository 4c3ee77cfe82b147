"""Trains the voice head: one softmax regression for seven corpora, on pooled statistics of Whisper's encoder.

    affekt heads train voice --out voice.safetensors
    affekt heads evaluate ravdess --cross-validate

The corpora name different emotions, so each clip's loss is over its own corpus's labels only: a calm German voice is
not taught to be "not calm". Within a corpus every class weighs the same, hence the posterior assumes no emotion to be
likelier than another. Nothing is fitted on the speakers it is measured on: scaling and weights are fitted without the
fold's speakers, and the loudness probe never heard any of them. One number is an exception: the temperature is that of
the smallest cross-entropy over all held-out clips, the corpora weighing what they weigh in training. Penalty and number
of steps were chosen among about twenty settings on RAVDESS and EmoDB, which flatters these two by perhaps a point.

Actors make everyday speech look bland: without a counterexample, a statesman's firm reading passes for anger or
disgust. Sixty prompts of five professional speakers in five languages are therefore added as neutral speech
(`asterisk_prompts`). They are in no measured corpus. Laughter, cries and screams are voices without words: EmoGator has
them.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from affekt import TrainedWith
from affekt_heads.emotions import EMOTIONS
from affekt_heads.opinion import normalise
from affekt_heads.voice import LoudnessProbe, VoiceHead
from jaxtyping import Bool, Float32, Float64, Int64
from safetensors.numpy import save_file

from affekt_training.heads import asterisk_prompts
from affekt_training.heads.corpora import SPEECH
from affekt_training.heads.scored import Scored, restrict, summary
from affekt_training.heads.voice_statistics import COPIES, VoiceStatistics, gather

FOLDS = 7
"""EmoDB's seven speakers are left out one by one; RAVDESS's eighteen actors in threes and twos."""
PENALTY = 2e-6
"""The penalty of the squared weights of standardised statistics, divided by the square root of their number."""
STEPS = 130
"""The steps of L-BFGS."""
CORPUS_WEIGHT = {
    "ravdess": 1.0,
    "emodb": 1.5,
    "nemo": 0.15,
    "ased": 0.1,
    "javanese_voice": 0.12,
    "urdu": 0.1,
    "emogator": 0.2,
}
"""The weight of all clips of a corpus together; the better of two sets that were compared on RAVDESS and EmoDB."""
TRAINED_ON = "RAVDESS, EmoDB, nEMO, ASED, Javanese, Urdu, EmoGator, Asterisk core sounds"
"""Written into the head, so that a benchmark can say whom it has heard before."""
PROMPTS_WEIGHT = 0.2
"""The weight of all of Asterisk's prompts together, with the corpora's as above."""
UNIT = 10.0
"""Statistics are scaled up for L-BFGS, whose first steps suit weights of about this size; the penalty is scaled too."""
TEMPERATURES = np.geomspace(0.5, 2.0, 57)
"""What logits are divided by; tried one after the other."""


def train(data: Path | None, out: Path) -> dict[str, object]:
    """Trains on all speakers, writes the head, and reports its cross-validated figures.

    Args:
        data: the folder of the corpora; None for `$AFFEKT_SHARED/data`.
    """
    material = gather(_folders(data))
    judged, temperature = judge_held_out(material, fit)
    everyone = np.ones(len(material.emotions), dtype=bool)
    write(softened(fit(material, everyone), temperature), out, TRAINED_ON)
    measures: dict[str, object] = {corpus: summary(scored_on(material, judged, corpus)) for corpus in SPEECH}
    return measures | {"temperature": temperature}


def cross_validate(data: Path | None, corpus: str) -> Scored:
    """What heads that never heard a clip's speaker say of a corpus; they are trained on all corpora.

    Args:
        data: the corpus's folder, with the others beside it; None for `$AFFEKT_SHARED/data/CORPUS`.
    """
    material = gather(_folders(data.parent if data else None) | {corpus: data})
    return scored_on(material, judge_held_out(material, fit)[0], corpus)


def shipped(data: Path | None, corpus: str) -> Scored:
    """What the shipped head says of a corpus. On speakers it was trained on that flatters it."""
    material = gather({corpus: data}, COPIES[:1])
    return scored_on(material, VoiceHead.load().judge(material.copies[0]), corpus)


def folds(material: VoiceStatistics, count: int = FOLDS) -> Int64[np.ndarray, "clip"]:
    """The fold of every clip: each corpus's speakers are dealt out in order, and nobody is in two folds."""
    speakers = np.array(material.speakers)
    fold_of = np.zeros(len(speakers), dtype=np.int64)
    for corpus in dict.fromkeys(material.corpora):
        names = sorted(set(speakers[material.of(corpus)]))
        for fold, group in enumerate(np.array_split(names, min(count, len(names)))):
            fold_of[np.isin(speakers, group)] = fold
    return fold_of


def fit(material: VoiceStatistics, chosen: Bool[np.ndarray, "clip"]) -> VoiceHead:
    """A head on Whisper, trained on the chosen clips in all their copies, and on Asterisk's prompts."""
    head = _fit(material, chosen, asterisk_prompts.statistics())
    return replace(head, probe=LoudnessProbe.shipped())


def fit_to(encoder: TrainedWith, material: VoiceStatistics, chosen: Bool[np.ndarray, "clip"]) -> VoiceHead:
    """A head on another encoder, trained on the chosen clips in all their copies and on nothing else."""
    none = np.zeros((0, material.copies[0].shape[1]), dtype=np.float32)
    return replace(_fit(material, chosen, none), encoder=encoder)


def _fit(
    material: VoiceStatistics, chosen: Bool[np.ndarray, "clip"], neutral: Float32[np.ndarray, "clip statistic"]
) -> VoiceHead:
    statistics = np.concatenate([*(copy[chosen] for copy in material.copies), neutral])
    centre, scale = statistics.mean(axis=0), statistics.std(axis=0) + 1e-5
    scale *= np.float32(np.sqrt(statistics.shape[1]) / UNIT)
    times = len(material.copies)
    named = np.concatenate([np.tile(_named_in_corpus(material)[chosen], (times, 1)), _not_calm(len(neutral))])
    importance = np.tile(_importance(material, chosen)[chosen], times)
    share = PROMPTS_WEIGHT / sum(CORPUS_WEIGHT.get(name, 1.0) for name in dict.fromkeys(material.corpora))
    weight, bias = softmax_regression(
        ((statistics - centre) / scale).astype(np.float32),
        np.concatenate([np.tile(material.emotions[chosen], times), np.zeros(len(neutral), dtype=np.int64)]),
        named,
        np.concatenate([importance, np.full(len(neutral), share * importance.sum() / max(1, len(neutral)))]),
    )
    return VoiceHead(
        probe=None,
        centre=centre,
        weight=(weight / scale[:, None]).astype(np.float32),
        bias=bias,
    )


def softmax_regression(
    statistics: Float32[np.ndarray, "clip statistic"],
    emotions: Int64[np.ndarray, "clip"],
    named: Bool[np.ndarray, "clip emotion"],
    importance: Float64[np.ndarray, "clip"],
) -> tuple[Float32[np.ndarray, "statistic emotion"], Float32[np.ndarray, "emotion"]]:
    """Weights and biases that minimise the weighted cross-entropy of every clip over the emotions named for it."""
    x, y, mask = torch.tensor(statistics), torch.tensor(emotions), torch.tensor(named)
    share = torch.tensor(importance, dtype=torch.float32)
    weight = torch.zeros(x.shape[1], len(EMOTIONS), requires_grad=True)
    bias = torch.zeros(len(EMOTIONS), requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias],
        max_iter=STEPS,
        history_size=20,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        line_search_fn="strong_wolfe",
    )

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        logits = (x @ weight + bias).masked_fill(~mask, -1e4)
        each = torch.nn.functional.cross_entropy(logits, y, reduction="none")
        total = (each * share).mean() + PENALTY * UNIT**2 * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach().numpy(), bias.detach().numpy()


def _named_in_corpus(material: VoiceStatistics) -> Bool[np.ndarray, "clip emotion"]:
    """Which emotions the clip's corpus has a name for."""
    named = np.zeros((len(material.emotions), len(EMOTIONS)), dtype=bool)
    for corpus in dict.fromkeys(material.corpora):
        rows = material.of(corpus)
        named[np.ix_(rows, np.unique(material.emotions[rows]))] = True
    return named


def _importance(material: VoiceStatistics, chosen: Bool[np.ndarray, "clip"]) -> Float64[np.ndarray, "clip"]:
    """The same for all classes of a corpus together, and `CORPUS_WEIGHT` for the corpus; 1 on average."""
    weights = np.zeros(len(material.emotions))
    for corpus in dict.fromkeys(material.corpora):
        classes = np.unique(material.emotions[material.of(corpus)])
        for emotion in classes:
            rows = chosen & material.of(corpus) & (material.emotions == emotion)
            weights[rows] = CORPUS_WEIGHT.get(corpus, 1.0) / len(classes) / max(1, rows.sum())
    importance: Float64[np.ndarray, "clip"] = weights / weights.sum() * chosen.sum()
    return importance


def judge_held_out(
    material: VoiceStatistics, fit: Callable[[VoiceStatistics, Bool[np.ndarray, "clip"]], VoiceHead]
) -> tuple[Float64[np.ndarray, "clip emotion"], float]:
    """What heads say of every clip that never heard its speaker, and the temperature that it was divided by."""
    judged = np.zeros((len(material.emotions), len(EMOTIONS)))
    fold = folds(material)
    for left_out in np.unique(fold):
        judged[fold == left_out] = fit(material, fold != left_out).judge(material.copies[0][fold == left_out])
    temperature = calibrate(judged, material)
    return normalise(np.log(np.maximum(judged, 1e-12)) / temperature), temperature


def softened(head: VoiceHead, temperature: float) -> VoiceHead:
    """The head with its logits divided by a temperature."""
    return replace(
        head,
        weight=(head.weight / temperature).astype(np.float32),
        bias=(head.bias / temperature).astype(np.float32),
    )


def calibrate(judged: Float64[np.ndarray, "clip emotion"], material: VoiceStatistics) -> float:
    """The temperature of the smallest cross-entropy over each corpus's own labels; corpora weigh as in training."""
    logits = np.where(_named_in_corpus(material), np.log(np.maximum(judged, 1e-12)), -np.inf)
    share = np.zeros(len(logits))
    for corpus in dict.fromkeys(material.corpora):
        share[material.of(corpus)] = CORPUS_WEIGHT.get(corpus, 1.0) / material.of(corpus).sum()
    rows = np.arange(len(logits))
    losses = [
        -(share * np.log(normalise(logits / temperature)[rows, material.emotions] + 1e-12)).sum()
        for temperature in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def scored_on(material: VoiceStatistics, judged: Float64[np.ndarray, "clip emotion"], corpus: str) -> Scored:
    """The clips of one corpus, judged among that corpus's emotions."""
    rows = material.of(corpus)
    labels = tuple(EMOTIONS[index] for index in np.unique(material.emotions[rows]))
    return Scored(
        labels=labels,
        probabilities=restrict(judged[rows], EMOTIONS, labels),
        truth=np.array([labels.index(EMOTIONS[index]) for index in material.emotions[rows]], dtype=np.int64),
        groups=tuple(name for name, kept in zip(material.speakers, rows, strict=True) if kept),
        ids=tuple(name for name, kept in zip(material.ids, rows, strict=True) if kept),
    )


def _folders(data: Path | None) -> dict[str, Path | None]:
    return {corpus: data / corpus if data else None for corpus in SPEECH}


def _not_calm(count: int) -> Bool[np.ndarray, "clip emotion"]:
    """Every emotion but calm, which nobody can tell from neutral in an announcement."""
    named = np.ones((count, len(EMOTIONS)), dtype=bool)
    named[:, EMOTIONS.index("calm")] = False
    return named


def write(head: VoiceHead, out: Path, trained_on: str) -> None:
    """Writes a head file, its weights in half precision; the file appears whole or not at all.

    Args:
        trained_on: the data sets, with commas between them.
    """
    encoder = head.encoder.model_dump(mode="json")
    card = {"kind": "voice", "labels": EMOTIONS, "encoder": encoder, "trained_on": trained_on}
    partial = out.with_name(f".{out.name}-{os.getpid()}")
    out.parent.mkdir(parents=True, exist_ok=True)
    probe = {}
    if head.probe is not None:
        probe = {"probe": head.probe.weight, "probe_bias": np.array([head.probe.bias], dtype=np.float32)}
    tensors = {"centre": head.centre, "weight": head.weight.astype(np.float16), "bias": head.bias}
    save_file(probe | tensors, partial, metadata={"head": json.dumps(card)})
    partial.chmod(0o644)
    partial.replace(out)
