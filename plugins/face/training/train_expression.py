"""Trains the facial expression network on FER2013 and RAF-DB and writes its weights as safetensors.

    python training/train_expression.py DIR --out coarse.safetensors
    python training/train_expression.py DIR --recipe polish --start coarse.safetensors --out first.safetensors
    python training/train_expression.py DIR --rafdb DIR --recipe both --start first.safetensors --out both.safetensors

DIR is FER2013's: `train.npz` and `public_test.npz` (images uint8 [n, 48, 48], labels, names); RAF-DB's holds
`train.zip` and `train.csv` (aligned faces of 100 pixels). A tenth of FER2013's training faces and a fifth of RAF-DB's
are held out, copies of one picture always on the same side: they set the temperature and show how training goes.
Training reads the public test split for its pixels alone, to leave their copies out (280 of its 3,589 faces occur in
the training split). A run that is stopped goes on from its last epoch. `python -m affekt_face.evaluate` measures.
MODEL_CARD.md lists the runs behind the weights.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from affekt_face import face_sets
from affekt_face.face_sets import FaceSet, at_side
from affekt_face.network import CLASSES, SIDE, ExpressionNetwork
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm


@dataclass(frozen=True)
class Settings:
    """Every number of a run; written into the weights' metadata."""

    widths: tuple[int, ...] = (32, 64, 128, 256)
    blocks: tuple[int, ...] = (1, 1, 2, 1)
    stages: tuple[tuple[int, int], ...] = ((14, 32), (14, 40), (8, 48))
    """Epochs and the side of their faces in pixels: small faces first, which cost half as much."""
    stop_after: int | None = None
    """Epochs after which the run ends, though its schedule goes on."""
    batch: int = 128
    peak_rate: float = 0.1
    weight_decay: float = 5e-4
    warm_up: float = 0.1
    """Share of the steps over which the rate rises; it then falls along a cosine."""
    label_smoothing: float = 0.1
    mixup: float = 0.2
    """Both parameters of the beta distribution that says how much of a second face is mixed in."""
    mixup_until: float = 0.85
    """Share of the run that mixes faces; the last part sees them as they are."""
    dropout: float = 0.2
    average_decay: float = 0.998
    """Of the exponential moving average of the weights, a step; the average is what is kept."""
    seed: int = 1
    """Of the weights and the augmentation; faces are held out by a seed of their own, the same for every network."""


HELD_OUT = 0.1
"""Share of the faces that is kept from training."""

RECIPES = {
    "coarse": Settings(stop_after=32),
    "polish": Settings(stages=((14, 48),), peak_rate=0.05, mixup=0.0),
    "both": Settings(stages=((8, 48),), peak_rate=0.03, mixup=0.0, average_decay=0.999),
    "tiny": Settings(widths=(8, 16), blocks=(1, 1), stages=((1, 32), (1, 48))),
}
"""`coarse` starts from nothing; `polish` and `both` go on from trained weights, at full size and without mixing, and
`both` is for two sets; `tiny` is for tests."""


def main(command: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of train.npz and public_test.npz")
    parser.add_argument("--rafdb", type=Path, help="folder of train.zip and train.csv, to learn from these faces too")
    parser.add_argument("--out", type=Path, default=Path("expression.safetensors"))
    parser.add_argument("--log", type=Path, default=Path("training.jsonl"), help="one JSON line an epoch")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="coarse")
    parser.add_argument("--start", type=Path, help="weights to go on from; their network is kept")
    parser.add_argument("--seed", type=int, help="in place of the recipe's own")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args(command)
    torch.set_num_threads(arguments.threads)
    settings = RECIPES[arguments.recipe]
    if arguments.seed is not None:
        settings = replace(settings, seed=arguments.seed)
    runs, weights = [], None
    if arguments.start is not None:
        with safe_open(arguments.start, framework="pt") as file:
            [shape], [runs] = (json.loads(file.metadata()[key]) for key in ("networks", "settings"))
            weights = {name.removeprefix("0."): file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        settings = replace(settings, **shape)
    sets = {"fer2013": tensors("FER2013", face_sets.fer2013(arguments.data))}
    if arguments.rafdb is not None:
        sets["rafdb"] = tensors("RAF-DB", face_sets.rafdb(arguments.rafdb))
    torch.manual_seed(settings.seed)
    network = ExpressionNetwork(settings.widths, settings.blocks, dropout=settings.dropout)
    if weights is not None:
        network.load_state_dict(weights)
    keep = partial(save, runs=[*runs, asdict(settings)], sets=list(sets), path=arguments.out)
    train(network, sets, settings, keep, arguments.log, arguments.out.with_suffix(".state.pt"))


@dataclass(frozen=True)
class Faces:
    """Labelled pictures of one set."""

    images: Tensor
    """uint8 [n, 1, 48, 48]"""
    labels: Tensor
    held_out: Tensor


def tensors(name: str, faces: FaceSet) -> Faces:
    """A set in memory, at the network's size."""
    seen = (~faces.held_out).sum()
    print(f"{name}: {seen} faces to train on, {faces.held_out.sum()} held out, {faces.left_out} left out", flush=True)
    return Faces(
        torch.from_numpy(at_side(faces.images))[:, None],
        torch.from_numpy(faces.labels),
        torch.from_numpy(faces.held_out),
    )


def train(
    network: ExpressionNetwork,
    sets: dict[str, Faces],
    settings: Settings,
    keep: Callable[..., None],
    log: Path,
    state: Path,
) -> None:
    """Trains through all stages; keeps the moving average of the weights and writes a line of the log every epoch."""
    images = torch.cat([faces.images[~faces.held_out] for faces in sets.values()])
    labels = torch.cat([faces.labels[~faces.held_out] for faces in sets.values()])
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own stubs forget it
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(settings.average_decay), use_buffers=True)
    optimizer = torch.optim.SGD(parameter_groups(network, settings), lr=0.0, momentum=0.9, nesterov=True)
    first = 0
    if state.is_file():
        kept = torch.load(state, weights_only=True)
        first = kept["epoch"]
        network.load_state_dict(kept["network"])
        average.load_state_dict(kept["average"])
        optimizer.load_state_dict(kept["optimizer"])
    steps_an_epoch = len(images) // settings.batch
    sides = [side for epochs, side in settings.stages for _ in range(epochs)]
    steps = steps_an_epoch * len(sides)
    for epoch, side in list(enumerate(sides[: settings.stop_after]))[first:]:
        started, total = time.monotonic(), 0.0
        torch.manual_seed(1000 * settings.seed + epoch)
        network.train()
        order = torch.randperm(len(images))
        for step in tqdm(range(steps_an_epoch), desc=f"epoch {epoch + 1} of {len(sides)}", mininterval=10):
            progress = (epoch * steps_an_epoch + step) / steps
            for group in optimizer.param_groups:
                group["lr"] = settings.peak_rate * rate(progress, settings.warm_up)
            rows = order[step * settings.batch : (step + 1) * settings.batch]
            faces = augment(images[rows].float(), side)
            loss = loss_of(network, faces, labels[rows], settings, mixing=progress < settings.mixup_until)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update_parameters(network)
            total += loss.item()
        judged = {
            name: (predict(average.module, one.images[one.held_out], side), one.labels[one.held_out])
            for name, one in sets.items()
        }
        line = {
            "epoch": epoch + 1,
            "side": side,
            "minutes": round((time.monotonic() - started) / 60, 2),
            "loss": round(total / steps_an_epoch, 4),
            "held_out_accuracy": {name: round(accuracy(*answers), 4) for name, answers in judged.items()},
        }
        with log.open("a") as lines:
            lines.write(json.dumps(line) + "\n")
        logits, truth = (torch.cat(parts) for parts in zip(*judged.values(), strict=True))
        keep(average.module, calibrate(logits, truth))
        states = {"network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({"epoch": epoch + 1, **states}, state)


def parameter_groups(network: nn.Module, settings: Settings) -> list[dict[str, object]]:
    """Matrices decay; the scales and shifts of normalisations do not."""
    parameters = list(network.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def rate(progress: float, warm_up: float) -> float:
    """Share of the peak learning rate after `progress` (0 to 1) of the run."""
    if progress < warm_up:
        return 0.05 + 0.95 * progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


def loss_of(network: nn.Module, faces: Tensor, labels: Tensor, settings: Settings, *, mixing: bool) -> Tensor:
    """Cross-entropy with smoothed labels, of faces mixed in pairs (Zhang et al., 2018) while `mixing`."""
    if not mixing or not settings.mixup:
        return functional.cross_entropy(network(faces), labels, label_smoothing=settings.label_smoothing)
    share = float(torch.distributions.Beta(settings.mixup, settings.mixup).sample())
    partner = torch.randperm(len(faces))
    logits = network(share * faces + (1 - share) * faces[partner])
    own = functional.cross_entropy(logits, labels, label_smoothing=settings.label_smoothing)
    other = functional.cross_entropy(logits, labels[partner], label_smoothing=settings.label_smoothing)
    return share * own + (1 - share) * other


def augment(faces: Tensor, side: int) -> Tensor:
    """Faces [batch, 1, 48, 48] flipped, turned, scaled, shifted, relit and partly hidden, at `side` pixels."""
    count = len(faces)
    turn = torch.empty(count).uniform_(-15, 15).deg2rad()
    scale = torch.empty(count, 2).uniform_(0.82, 1.08)
    flip = torch.randint(0, 2, (count,)) * 2.0 - 1
    shift = torch.empty(count, 2).uniform_(-0.12, 0.12)
    transform = torch.zeros(count, 2, 3)
    transform[:, 0, 0] = turn.cos() * scale[:, 0] * flip
    transform[:, 0, 1] = -turn.sin() * scale[:, 1]
    transform[:, 1, 0] = turn.sin() * scale[:, 0] * flip
    transform[:, 1, 1] = turn.cos() * scale[:, 1]
    transform[:, :, 2] = shift
    grid = functional.affine_grid(transform, [count, 1, side, side], align_corners=False)
    faces = functional.grid_sample(faces, grid, padding_mode="reflection", align_corners=False)
    gamma = torch.empty(count, 1, 1, 1).uniform_(-0.4, 0.4).exp()
    return erase((faces / 255).clamp(0, 1).pow(gamma))


def erase(faces: Tensor, chance: float = 0.35) -> Tensor:
    """Hides a rectangle of some faces behind their mean grey (Zhong et al., 2020)."""
    side = faces.shape[-1]
    height, width = (torch.empty(2, len(faces)).uniform_(0.15, 0.4) * side).long()
    top = (torch.rand(len(faces)) * (side - height)).long()
    left = (torch.rand(len(faces)) * (side - width)).long()
    line = torch.arange(side)
    rows = (line >= top[:, None]) & (line < (top + height)[:, None])
    columns = (line >= left[:, None]) & (line < (left + width)[:, None])
    hidden = rows[:, :, None] & columns[:, None, :] & (torch.rand(len(faces)) < chance)[:, None, None]
    return torch.where(hidden[:, None], faces.mean(dim=(2, 3), keepdim=True), faces)


@torch.inference_mode()
def predict(network: nn.Module, images: Tensor, side: int) -> Tensor:
    """Logits [n, 7] of faces uint8 [n, 1, 48, 48] at `side` pixels: the mean over each face and its mirror image."""
    network.eval()
    answers = []
    for faces in images.float().split(256):
        if side < SIDE:
            faces = functional.interpolate(faces, size=(side, side), mode="bilinear", antialias=True)
        answers.append(network(faces) + network(faces.flip(-1)))
    return torch.cat(answers) / 2


def accuracy(logits: Tensor, labels: Tensor) -> float:
    return float((logits.argmax(dim=1) == labels).float().mean())


def calibrate(logits: Tensor, labels: Tensor) -> float:
    """The temperature of the smallest cross-entropy (Guo et al., 2017)."""
    temperatures = torch.logspace(-1, 1, 401)
    losses = torch.stack([functional.cross_entropy(logits / t, labels) for t in temperatures])
    return float(temperatures[losses.argmin()])


DATA = {
    "fer2013": "FER2013 training split (Goodfellow et al., 2013)",
    "rafdb": "RAF-DB training faces (Li et al., 2017)",
}


def save(network: ExpressionNetwork, temperature: float, *, runs: list[object], sets: list[str], path: Path) -> None:
    """Half-precision weights as `affekt_face.classifier` reads them, with the settings of every run behind them."""
    tensors = {
        f"0.{name}": tensor.contiguous().half() if tensor.is_floating_point() else tensor
        for name, tensor in network.state_dict().items()
    }
    metadata = {
        "classes": json.dumps(CLASSES),
        "networks": json.dumps([network.shape]),
        "temperature": repr(temperature),
        "settings": json.dumps([runs]),
        "data": ", ".join(DATA[name] for name in sets),
    }
    save_file(tensors, path, metadata=metadata)


if __name__ == "__main__":
    main()
