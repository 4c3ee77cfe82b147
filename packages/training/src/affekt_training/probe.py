"""A linear start for projections: a softmax regression whose logits become a mixture of the labels' own embeddings.

The token of a projection that starts so is the labels' mean embedding plus, for each label, its logit times the
direction in which its embedding differs from that mean. It is linear in the features, hence a projection like any
other, and what it says is read from it again (`affekt_emotion_llama.opinions`). The regression is fitted on the
training samples alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.opinions import directions
from affekt_emotion_llama.projections import Projection
from affekt_emotion_llama.streams import pad
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from affekt_training.config import Probe, StageConfig
from affekt_training.featured import FeaturedSample
from affekt_training.features import Lazy, arrays_of

STEPS = 130
"""The steps of L-BFGS."""
TOGETHER = 64
"""Samples whose rows are in memory at once."""
UNNAMED = 0.05
"""Nats by which the label that has a name comes before its family's others."""
UNIT = 10.0
"""Vectors are scaled to about this length, which suits L-BFGS's first steps; the penalty is scaled too."""


def start(model: EmotionLlama, config: StageConfig, groups: Sequence[Sequence[FeaturedSample]]) -> dict[str, float]:
    """Sets the chosen projections of the model; returns the accuracy of each regression on its own training samples."""
    assert config.probe is not None
    away, middle = directions(model)
    accuracies = {}
    for projection in model.fusion.projections:  # type: ignore[union-attr]
        if projection.name not in config.probe.projections:
            continue
        vectors, labels, named, weights, mixture = _material(model, config, groups, projection)
        if not len(labels):
            continue
        penalty = config.probe.penalties.get(projection.name, config.probe.penalty)
        weight, bias = regress(vectors, labels, named, weights, penalty, mixture)
        right = (vectors @ weight + bias + mixture).masked_fill(~named, -torch.inf).argmax(dim=1) == labels
        accuracies[projection.name] = float(right.float().mean())
        weight, bias = _with_families(weight, bias, named.any(dim=0), config)
        temperature = config.probe.temperatures.get(projection.name, 1.0)
        layer = model.fusion.get_submodule(projection.name)
        _set(layer, weight / temperature @ away, middle + bias / temperature @ away)
    return accuracies


def _with_families(weight: Tensor, bias: Tensor, has_name: Tensor, config: StageConfig) -> tuple[Tensor, Tensor]:
    """Labels that no data set of the projection has a name for take what the label of their family has, a little less.

    The logits are centred then, as they are when they are read from tokens.
    """
    weight, bias = weight.clone(), bias.clone()
    for member, family in config.families.items():
        own, other = config.labels.index(member), config.labels.index(family)
        if not has_name[own]:
            weight[:, own], bias[own] = weight[:, other], bias[other] - UNNAMED
    return weight - weight.mean(dim=1, keepdim=True), bias - bias.mean()


@torch.no_grad()
def soften(model: EmotionLlama, config: StageConfig, temperatures: Mapping[str, float]) -> None:
    """Divides the opinions of probed projections by temperatures, so that each alone, and hence their sum, is sober."""
    assert config.probe is not None
    _, middle = directions(model)
    for name, temperature in temperatures.items():
        layer = model.fusion.get_submodule(name)
        layer.weight.div_(temperature)  # type: ignore[operator]
        layer.bias.copy_(middle + (layer.bias - middle) / temperature)  # type: ignore[operator]


def regress(
    vectors: Tensor, labels: Tensor, named: Tensor, weights: Tensor, penalty: float, mixture: Tensor | float = 0.0
) -> tuple[Tensor, Tensor]:
    """Weights [dim, label] and biases; a sample's loss is over the labels that its data set has a name for.

    Args:
        mixture: logarithms of the shares of labels in each sample's data set, where they are to be told apart from it.
    """
    scale = vectors.shape[1] ** 0.5 / UNIT
    scaled = vectors / scale
    weight = torch.zeros(vectors.shape[1], named.shape[1], requires_grad=True)
    bias = torch.zeros(named.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, history_size=20, tolerance_grad=1e-7, tolerance_change=1e-9,
        line_search_fn="strong_wolfe",
    )  # fmt: skip

    def loss() -> Tensor:
        optimiser.zero_grad()
        each = cross_entropy((scaled @ weight + bias + mixture).masked_fill(~named, -1e4), labels, reduction="none")
        total = (each * weights).mean() + penalty * UNIT**2 * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach() / scale, bias.detach()


def _material(
    model: EmotionLlama,
    config: StageConfig,
    groups: Sequence[Sequence[FeaturedSample]],
    projection: Projection,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Vectors, labels, which labels are named, weights, and the logarithms of the set's shares where they count."""
    chosen: list[Lazy] = []
    labels, named, weights, mixture = [], [], [], []
    for use, samples in zip(config.data, groups, strict=True):
        asked = any(task.answer == "label" for task in use.tasks)
        own = [
            featured
            for featured in samples
            if asked and featured.label is not None and projection.slot in featured.copies[0]
        ]
        counts = {
            label: sum(featured.label == label for featured in own) for label in {featured.label for featured in own}
        }
        mixed = [np.log(max(counts.get(label, 0), 0.5) / max(1, len(own))) for label in config.labels]
        shares = mixed if use.adjusted else [0.0] * len(config.labels)
        for featured in own:
            for copy, part in zip(featured.copies, _parts(config.probe, len(featured.copies)), strict=True):
                chosen.append(copy[projection.slot])
                labels.append(config.labels.index(str(featured.label)))
                named.append([label in featured.named for label in config.labels])
                mixture.append(shares)
                # Every sample of a set the same, or every label, and the set's weight for the set.
                alike = len(counts) * counts[featured.label] if use.balanced else len(own)
                weights.append(use.weight / alike * part)
    if not chosen:
        empty = torch.zeros(0)
        return empty, empty, empty, empty, empty
    vectors = _vectors(model, projection, chosen)
    share = torch.tensor(weights)
    return vectors, torch.tensor(labels), torch.tensor(named), share / share.mean(), torch.tensor(mixture).float()


def _vectors(model: EmotionLlama, projection: Projection, features: Sequence[Lazy]) -> Tensor:
    """What the projection reads [sample, width], standardised; few samples are in memory at once."""
    slot, read = projection.slot, []
    for begin in range(0, len(features), TOGETHER):
        arrays = [arrays_of({slot: lazy}) for lazy in features[begin : begin + TOGETHER]]
        rows, masks = pad(arrays, {slot: model.config.dims[slot]})
        vectors, _ = projection.vectors(rows[slot], masks[slot])
        read.append(model.fusion._standardised(projection, vectors)[:, 0])  # type: ignore[operator]
    return torch.cat(read)


def _parts(probe: Probe | None, copies: int) -> list[float]:
    """How a sample's weight is shared out among its copies."""
    if probe is None or probe.as_recorded is None or copies == 1:
        return [1 / copies] * copies
    return [probe.as_recorded, *[(1 - probe.as_recorded) / (copies - 1)] * (copies - 1)]


@torch.no_grad()
def _set(layer: nn.Module, weight: Tensor, bias: Tensor) -> None:
    """`weight` is [dim, hidden]."""
    assert isinstance(layer, nn.Linear)
    layer.weight.copy_(weight.T)
    layer.bias.copy_(bias)
