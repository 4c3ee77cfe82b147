"""Both networks from their weights, which are converted once to safetensors."""

from dataclasses import dataclass
from pathlib import Path

import torch
from affekt import WeightsError
from affekt_weights import derive, load_state
from safetensors.torch import save_file

from affekt_speakers import campplus, segmentation
from affekt_speakers.campplus import CamPlusPlus
from affekt_speakers.segmentation import SegmentationNetwork
from affekt_speakers.weights import EMBEDDING_FILE, SEGMENTATION_FILE

CONVERSION = "safetensors-1"
_SEGMENTATION, _EMBEDDING = "segmentation.safetensors", "campplus.safetensors"


@dataclass(frozen=True)
class Networks:
    """What hears who is active, and what hears whose voice it is."""

    segmentation: SegmentationNetwork
    embedding: CamPlusPlus


def load(weights: str) -> Networks:
    """The networks of an entry of `affekt weights list`, ready to run.

    Raises:
        WeightsError: the entry does not hold them.
    """
    folder = derive(weights, CONVERSION, convert)
    networks = Networks(SegmentationNetwork(), CamPlusPlus())
    networks.segmentation.load_state_dict(load_state(folder / _SEGMENTATION))
    networks.embedding.load_state_dict(load_state(folder / _EMBEDDING))
    networks.segmentation.eval()
    networks.embedding.eval()
    return networks


def convert(pulled: Path, target: Path) -> None:
    """Writes the tensors of both checkpoints, under our names, as safetensors."""
    checkpoint = torch.load(pulled / SEGMENTATION_FILE, map_location="cpu", weights_only=True)
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise WeightsError(
            f'"{pulled / SEGMENTATION_FILE}" holds no segmentation network',
            hint="affekt weights verify speaker-networks",
        )
    save_file(segmentation.renamed(checkpoint["state_dict"]), target / _SEGMENTATION)
    save_file(campplus.renamed(load_state(pulled / EMBEDDING_FILE)), target / _EMBEDDING)
