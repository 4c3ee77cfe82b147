"""Trains LoRA on Whisper's lower blocks, on all voices at once, some people left out.

Sampling balances corpora by the square root of their size, and classes within a corpus likewise; the loss of a clip is
over the labels that its corpus has words for. A run that is stopped goes on from its last epoch.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from affekt_heads.emotions import EMOTIONS
from jaxtyping import Bool, Float64, Int64
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor, nn

from affekt_training.epochs import Epochs
from affekt_training.tuning.network import TunedVoice
from affekt_training.tuning.recordings import Recording, named
from affekt_training.tuning.spectrograms import COPIES, MELS, Spectrograms


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every number of a run; written beside its weights."""

    depth: int = 4
    rank: int = 16
    epochs: int = 8
    clips_an_epoch: int = 4800
    batch: int = 16
    rate: float = 1e-3
    """Of LoRA and head; it rises over a tenth of the steps and falls along a cosine."""
    weight_decay: float = 0.01
    dropout: float = 0.3
    label_smoothing: float = 0.05
    masks: int = 2
    """Stretches of time and of pitch that are hidden (Park et al. 2019), each."""
    weight: tuple[tuple[str, float], ...] = (("ravdess", 1.5), ("emodb", 1.3))
    """How much more often than by the square root of its size a corpus is drawn."""
    half: bool = False
    """Compute in bfloat16; it pays where the processor or the GPU has it, and costs much where it has not."""
    seed: int = 0


def train(
    encoder: nn.Module,
    recordings: Sequence[Recording],
    spectrograms: Spectrograms,
    held_out: Bool[np.ndarray, "clip"],
    settings: Settings,
    out: Path,
    device: str = "cpu",
) -> Float64[np.ndarray, "clip emotion"]:
    """Trains on those that are not held out; returns the logits of those that are (others: NaN).

    The folder gets `adapter.safetensors`, `tuned.safetensors` (the head too), `held_out.npy`, a line of `log.jsonl` an
    epoch and `state.pt`, from which a run goes on.
    """
    torch.manual_seed(settings.seed)
    words = named(list(recordings))
    network = TunedVoice(encoder, list(words), depth=settings.depth, rank=settings.rank, dropout=settings.dropout).to(
        device
    )
    steps = max(1, settings.clips_an_epoch // settings.batch)
    run = Epochs(
        network, network.trained(), out, epochs=settings.epochs, steps=steps, rate=settings.rate,
        weight_decay=settings.weight_decay, warmup=0.1, device=device,
    )  # fmt: skip
    material = Material(recordings, spectrograms, words, device, half=settings.half)
    logits = material.judge(network, np.flatnonzero(held_out))
    for epoch in range(run.first, settings.epochs):
        random = np.random.default_rng((settings.seed, epoch))
        run.begin(1000 * settings.seed + epoch)
        network.train()
        batches = material.drawn(~held_out, settings, random)
        for rows in track(batches, f"epoch {epoch + 1} of {settings.epochs}", steps):
            run.step(material.loss(network, rows, random, settings))
        logits = material.judge(network, np.flatnonzero(held_out))
        uar = {corpus: round(value, 4) for corpus, value in recalls(recordings, logits, words).items()}
        run.log(epoch + 1, uar=uar, mix=[round(value, 3) for value in network.mix.softmax(0).tolist()])
        _keep(network, epoch + 1, settings, out, logits)
        run.keep(epoch + 1)
    return logits


def _keep(network: TunedVoice, epoch: int, settings: Settings, out: Path, logits: np.ndarray) -> None:
    card = {"settings": json.dumps(asdict(settings)), "epoch": str(epoch), "scale": "2.0"}
    adapter = {name: value.cpu().half().contiguous() for name, value in network.adapter().items()}
    save_file(adapter, out / "adapter.safetensors", metadata=card)
    save_file(
        {name: value.detach().cpu() for name, value in network.trained().items()}, out / "tuned.safetensors", card
    )
    np.save(out / "held_out.npy", logits)


class Material:
    """Recordings as tensors."""

    def __init__(
        self,
        recordings: Sequence[Recording],
        spectrograms: Spectrograms,
        words: Mapping[str, list[int]],
        device: str,
        *,
        half: bool,
    ) -> None:
        self.spectrograms, self.device, self.half = spectrograms, device, half
        self.corpora = [recording.corpus for recording in recordings]
        self.emotions = np.array(
            [EMOTIONS.index(recording.emotion) if recording.emotion else -1 for recording in recordings]
        )
        self.mask = {
            corpus: torch.tensor([index in indices for index in range(len(EMOTIONS))], device=device)
            for corpus, indices in words.items()
        }

    def drawn(
        self, chosen: Bool[np.ndarray, "clip"], settings: Settings, random: np.random.Generator
    ) -> Iterator[Int64[np.ndarray, "clip"]]:
        """Batches of clips of about one length, drawn with replacement, balanced over corpora and classes."""
        share = np.zeros(len(self.emotions))
        corpora, usable = np.array(self.corpora), chosen & (self.emotions >= 0)
        for corpus in dict.fromkeys(self.corpora):
            rows = usable & (corpora == corpus)
            classes, counts = np.unique(self.emotions[rows], return_counts=True)
            roots = np.sqrt(counts)
            of_corpus = math.sqrt(rows.sum()) * dict(settings.weight).get(corpus, 1.0)
            for emotion, count, root in zip(classes, counts, roots, strict=True):
                share[rows & (self.emotions == emotion)] = of_corpus * root / roots.sum() / count
        count = max(1, settings.clips_an_epoch // settings.batch) * settings.batch
        clips = random.choice(len(share), count, p=share / share.sum())
        length = np.array([self.spectrograms.length(0, int(clip)) for clip in clips])
        batches = clips[np.argsort(length + random.uniform(-40, 40, count))].reshape(-1, settings.batch)
        yield from batches[random.permutation(len(batches))]

    def loss(
        self, network: TunedVoice, rows: Int64[np.ndarray, "clip"], random: np.random.Generator, settings: Settings
    ) -> Tensor:
        """Of one batch of randomly chosen copies, with stretches hidden."""
        mels = [self.spectrograms.of(int(random.integers(COPIES)), int(row)) for row in rows]
        for mel in mels:
            _hide(mel, random, settings.masks)
        logits = self._logits(network, mels, rows)
        mask = torch.stack([self.mask[self.corpora[row]] for row in rows])
        truth = torch.from_numpy(self.emotions[rows]).to(self.device)
        return masked_cross_entropy(logits, mask, truth, settings.label_smoothing)

    @torch.no_grad()
    def judge(self, network: TunedVoice, clips: Int64[np.ndarray, "clip"]) -> Float64[np.ndarray, "clip emotion"]:
        """Logits of these clips as recorded, with their corpus's lean; NaN for all others."""
        network.eval()
        logits = np.full((len(self.emotions), len(EMOTIONS)), np.nan)
        order = np.array(sorted(clips, key=lambda clip: self.spectrograms.length(0, int(clip))), dtype=np.int64)
        for begin in range(0, len(order), 16):
            rows = order[begin : begin + 16]
            mels = [self.spectrograms.of(0, int(row)) for row in rows]
            logits[rows] = self._logits(network, mels, rows).cpu().double().numpy()
        return logits

    def _logits(self, network: TunedVoice, mels: list[np.ndarray], rows: Int64[np.ndarray, "clip"]) -> Tensor:
        spectrograms, lengths = (tensor.to(self.device) for tensor in padded(mels))
        with torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=self.half):
            logits: Tensor = network(spectrograms, lengths)
        return logits.float() + torch.stack([network.shift[self.corpora[row]] for row in rows])


def masked_cross_entropy(logits: Tensor, mask: Tensor, truth: Tensor, smoothing: float) -> Tensor:
    """Over the labels that a clip's corpus has words for; the smoothed share is spread over these alone."""
    logp = logits.masked_fill(~mask, -1e4).log_softmax(1)
    right = logp.gather(1, truth[:, None])[:, 0]
    even = (logp * mask).sum(1) / mask.sum(1)
    return -((1 - smoothing) * right + smoothing * even).mean()


def _hide(mel: np.ndarray, random: np.random.Generator, count: int) -> None:
    level = mel.mean()
    for _ in range(count):
        length = random.integers(0, len(mel) // 8 + 1)
        begin = random.integers(0, len(mel) - length + 1)
        mel[begin : begin + length] = level
        bands = random.integers(0, 13)
        first = random.integers(0, MELS - bands + 1)
        mel[:, first : first + bands] = level


def padded(mels: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Spectrograms [clip, mel, row] filled up with zeros, and how many rows of each are its own."""
    rows = torch.tensor([len(mel) for mel in mels])
    batch = torch.zeros(len(mels), MELS, int(rows.max()))
    for index, mel in enumerate(mels):
        batch[index, :, : len(mel)] = torch.from_numpy(mel.T)
    return batch, rows


def recalls(
    recordings: Sequence[Recording], logits: Float64[np.ndarray, "clip emotion"], words: Mapping[str, list[int]]
) -> dict[str, float]:
    """Corpus → unweighted average recall over the words that it has, of the clips that were judged."""
    result = {}
    for corpus, indices in words.items():
        rows = [at for at, recording in enumerate(recordings) if recording.corpus == corpus and recording.emotion]
        rows = [at for at in rows if not np.isnan(logits[at, 0])]
        if rows:
            truth = np.array([EMOTIONS.index(str(recordings[at].emotion)) for at in rows])
            predicted = np.array(indices)[logits[np.ix_(rows, indices)].argmax(1)]
            result[corpus] = float(
                np.mean([(predicted[truth == emotion] == emotion).mean() for emotion in np.unique(truth)])
            )
    return result
